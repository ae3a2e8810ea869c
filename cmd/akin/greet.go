package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/render"
)

// greet is `akin` alone: what is there, and what can be done next.
func (a *app) greet(ctx context.Context) error {
	lines := []string{"akin finds pictures that look alike.", ""}
	switch c, err := a.open(ctx); {
	case err == nil:
		defer c.Close()
		names, err := c.Pictures(ctx, api.ListOptions{Limit: 1})
		if err != nil {
			return err
		}
		if len(names.Pictures) > 0 {
			info, err := c.Info(ctx)
			if err != nil {
				return err
			}
			lines = append(lines, a.greetFilled(info, names.Pictures[0].Name)...)
			return a.lines(append(lines, "", "akin --help lists all commands."))
		}
	case !errors.Is(err, akin.ErrNoCollection):
		return err
	}
	if others, err := a.env.home.Collections(); err == nil && len(others) > 0 && a.collection == "" && !slices.Contains(others, "default") {
		lines = append(lines, fmt.Sprintf("There is no collection called default. Name one of yours with -c: %s.", strings.Join(others[:min(5, len(others))], ", ")), "")
	} else {
		lines = append(lines, "There are no pictures yet. Begin with a folder:", "")
	}
	folder := "FOLDER"
	if f := picturesFolder(); f != "." {
		folder = shellPath(f)
	}
	return a.lines(append(lines,
		"  akin init                 asks for the folder and the model, and searches once",
		"  akin index "+pad(folder, 14)+" the same in one line",
		"", "akin --help lists all commands."))
}

// greetFilled are the next steps with a collection, which has a picture of that name.
func (a *app) greetFilled(info api.Info, name string) []string {
	var models []string
	for _, s := range info.Spaces {
		if s.Active && !slices.Contains(models, s.Model) {
			models = append(models, s.Model)
		}
	}
	of := filepath.Base(info.Collection)
	c := a.flagged()
	steps := [][2]string{
		{"akin search" + c + " " + shellWord(name), "find what looks like a picture"},
		{"akin open" + c, "look at all of it in a browser"},
		{"akin dupes" + c, "find duplicates"},
	}
	if len(models) > 1 {
		steps = append(steps, [2]string{"akin compare" + c + " " + shellWord(name), "see what each model finds"})
	}
	width := 0
	for _, s := range steps {
		width = max(width, len([]rune(s[0])))
	}
	lines := []string{fmt.Sprintf("%s: %s, by %s", of, render.Count(info.Pictures, "picture"), strings.Join(models, ", ")), ""}
	for _, s := range steps {
		lines = append(lines, "  "+pad(s[0], width)+"  "+s[1])
	}
	return lines
}

// flagged is what a command says to use the same collection as this one.
func (a *app) flagged() string {
	if a.collection == "" || a.collection == a.env.collection {
		return ""
	}
	return " -c " + shellWord(a.collection)
}

// lines writes lines of the answer.
func (a *app) lines(lines []string) error {
	for _, l := range lines {
		if err := a.Linef("%s", l); err != nil {
			return err
		}
	}
	return nil
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-len([]rune(s))))
}

// shellWord returns a word as a shell takes it for one.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r > 0x7f || strings.ContainsRune("-_./,:@%+=", r)
	}
	if s != "" && !strings.HasPrefix(s, "-") && !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// picturesFolder is where this user's pictures probably are.
func picturesFolder() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return "."
	}
	folders := []string{filepath.Join(home, "Pictures"), filepath.Join(home, "Bilder"), filepath.Join(home, "Images")}
	if data, err := os.ReadFile(filepath.Join(home, ".config", "user-dirs.dirs")); err == nil { // of xdg-user-dirs
		for line := range strings.Lines(string(data)) {
			if value, ok := strings.CutPrefix(strings.TrimSpace(line), "XDG_PICTURES_DIR="); ok {
				folders = slices.Insert(folders, 0, strings.Replace(strings.Trim(value, `"`), "$HOME", home, 1))
			}
		}
	}
	for _, f := range folders {
		if info, err := os.Stat(f); err == nil && info.IsDir() {
			return f
		}
	}
	return "."
}

// shellPath returns a path as a person types it.
func shellPath(path string) string {
	if home, err := os.UserHomeDir(); err == nil {
		if rest, ok := strings.CutPrefix(path, home+string(filepath.Separator)); ok && !strings.ContainsAny(rest, " '\"$") {
			return "~/" + filepath.ToSlash(rest)
		}
	}
	return shellWord(path)
}
