package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

type initOptions struct{ yes bool }

func (a *app) initCommand() *cobra.Command {
	var o initOptions
	cmd := &cobra.Command{
		Use:   "init [FOLDER]",
		Short: "Begin: choose a folder and a model, index, and search once",
		Long: `Asks for a folder of pictures and a model, indexes the folder, and shows the first search.
Press Enter to accept the suggested answer: FOLDER, or else your folder for pictures;
--model, or else the default model; for pictures that are mostly transparent,
--background auto. With --yes, or at the end of standard input, it asks nothing.`,
		Example: `  akin init
  akin init ~/Pictures/2024 --model efficientnet-lite0
  akin init ~/Pictures --yes`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, args) },
	}
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "ask nothing")
	return cmd
}

func (o *initOptions) run(ctx context.Context, a *app, args []string) error {
	answers := bufio.NewReader(a.in)
	ask := func(question, answer string) (string, error) {
		if o.yes {
			return answer, nil
		}
		fmt.Fprintf(a.Errors, "%s [%s] ", question, term.Clean(answer))
		line, err := answers.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		if !a.asksPerson() {
			fmt.Fprintln(a.Errors) // nobody has pressed Enter
		}
		return cmp.Or(strings.TrimSpace(line), answer), nil
	}
	folder, err := o.chooseFolder(a, args, ask)
	if err != nil {
		return err
	}
	if len(a.models) == 0 {
		if err := o.chooseModel(a, ask); err != nil {
			return err
		}
	}
	if a.background == "" && mostlyTransparent(ctx, folder, a.options()) {
		answer, err := ask("These pictures are partly transparent. Index them as people see them?", "yes")
		if err != nil {
			return err
		}
		if strings.HasPrefix("yes", strings.ToLower(answer)) {
			a.background = "auto"
			a.Notef("transparent pictures are indexed as people see them (--background auto)")
		}
	}
	index := indexOptions{}
	if err := index.run(ctx, a, []string{folder}); err != nil && !errors.Is(err, errPartial) {
		return err
	}
	return o.searchOnce(ctx, a)
}

// chooseFolder returns the folder to index. A person who mistyped it is asked again.
func (o *initOptions) chooseFolder(a *app, args []string, ask func(question, answer string) (string, error)) (string, error) {
	if len(args) > 0 {
		return args[0], isFolder(args[0])
	}
	for {
		given, err := ask("Which folder of pictures?", picturesFolder())
		if err != nil {
			return "", err
		}
		folder := withHome(given)
		wrong := isFolder(folder)
		if wrong == nil || o.yes || !a.asksPerson() {
			return folder, wrong
		}
		a.Warnf("%v", wrong)
	}
}

func isFolder(path string) error {
	if info, err := os.Stat(path); err != nil {
		return fmt.Errorf("read %s: %w", path, withoutPath(err))
	} else if !info.IsDir() {
		return usagef("%s is no folder", path)
	}
	return nil
}

// mostlyTransparent reports whether most of the first pictures in a folder are transparent to a good part.
func mostlyTransparent(ctx context.Context, folder string, o akin.Options) bool {
	const tried, looked, share = 100, 16, 0.1
	files, pictures, transparent := 0, 0, 0
	_ = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error { // indexing tells what cannot be read
		if files == tried || pictures == looked || ctx.Err() != nil {
			return fs.SkipAll
		}
		if err != nil || !d.Type().IsRegular() {
			return nil
		}
		files++
		if i, _, err := akin.Inspect(ctx, path, o); err == nil {
			pictures++
			if i.SeeThrough >= share {
				transparent++
			}
		}
		return nil
	})
	return 2*transparent > pictures
}

// chooseModel lets a person choose among the installed models.
func (o *initOptions) chooseModel(a *app, ask func(question, answer string) (string, error)) error {
	var installed []api.ModelInfo
	chosen := 0
	for _, m := range akin.Models(a.options()) {
		if m.Present {
			installed = append(installed, m)
			if m.Name == akin.DefaultModel {
				chosen = len(installed)
			}
		}
	}
	if o.yes || len(installed) < 2 || chosen == 0 {
		return nil // the default one, or what is said about its absence
	}
	for i, m := range installed {
		fmt.Fprintf(a.Errors, "  %d  %s: %s\n", i+1, term.Clean(m.Name), term.Clean(m.About))
	}
	for {
		given, err := ask("Which model? Others are fetched with `akin pull`.", strconv.Itoa(chosen))
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(given)
		if err != nil {
			a.models = []string{given}
			return nil
		}
		if n >= 1 && n <= len(installed) {
			a.models = []string{installed[n-1].Name}
			return nil
		}
		wrong := usagef("model %d: choose 1 to %d", n, len(installed))
		if !a.asksPerson() {
			return wrong
		}
		a.Warnf("%v", wrong)
	}
}

// searchOnce shows the answer for the picture whose nearest is nearest, and what can be done next.
func (o *initOptions) searchOnce(ctx context.Context, a *app) error {
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	list, err := c.Pictures(ctx, api.ListOptions{Limit: 50})
	if err != nil {
		return err
	}
	if list.Total < 2 {
		return a.lines([]string{"", "A search needs two pictures or more. akin index FOLDER adds some."})
	}
	name, r, err := tellingSearch(ctx, c, list.Pictures)
	if err != nil {
		return err
	}
	if a.JSON {
		return a.Document(r)
	}
	fmt.Fprintf(a.Text, "\n$ akin search%s %s --top 5\n", term.Clean(a.flagged()), term.Clean(shellWord(name)))
	if err := a.SearchTable(ctx, a.pictures(c), r, term.Auto); err != nil {
		return err
	}
	info, err := c.Info(ctx)
	if err != nil {
		return err
	}
	return a.lines(append([]string{""}, a.greetFilled(info, name)...))
}

// tellingSearch returns the search for the picture whose nearest is nearest, of some pictures: one that finds nothing tells
// a newcomer nothing.
func tellingSearch(ctx context.Context, c *akin.Collection, among []api.PictureInfo) (name string, best api.Result, err error) {
	score := func(r api.Result) float64 {
		if len(r.Hits) == 0 {
			return -2
		}
		if r.Hits[0].Grade == api.Same {
			return -1 // the same picture once more is no surprise
		}
		return r.Hits[0].Score
	}
	for i, p := range among {
		r, err := c.Search(ctx, akin.Indexed(p.Name), api.SearchOptions{Top: 5})
		if err != nil {
			return "", best, err
		}
		if i == 0 || score(r) > score(best) {
			name, best = p.Name, r
		}
	}
	return name, best, nil
}

// withHome replaces a leading ~, which a shell would have replaced.
func withHome(path string) string {
	if rest, ok := strings.CutPrefix(path, "~"); ok && (rest == "" || rest[0] == '/' || rest[0] == filepath.Separator) {
		if home, err := os.UserHomeDir(); err == nil {
			return home + rest
		}
	}
	return path
}
