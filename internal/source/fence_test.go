package source_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/source"
)

// Behind a fence only what really lies in the folder is found, by whatever it is reached.
func TestNothingLeadsOutOfAFence(t *testing.T) {
	t.Parallel()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	for _, folder := range []string{filepath.Join(in, "deep"), out, in + "side"} {
		if err := os.MkdirAll(folder, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	write := func(path, text string) string {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	link := func(to, path string) {
		t.Helper()
		if err := os.Symlink(to, path); err != nil {
			t.Skip(err) // Windows asks for a right
		}
	}
	inner, deep := write(filepath.Join(in, "a.png"), "a"), write(filepath.Join(in, "deep", "b.png"), "b")
	secret := write(filepath.Join(out, "secret.png"), "s")
	beside := write(filepath.Join(in+"side", "c.png"), "c")
	link(inner, filepath.Join(in, "deep", "link-in.png"))
	link(secret, filepath.Join(in, "deep", "link-out.png"))
	link("../../out/secret.png", filepath.Join(in, "deep", "relative.png"))
	link(out, filepath.Join(in, "folder"))
	list := write(filepath.Join(in, "list.txt"), strings.Join([]string{
		"a.png", "deep/b.png", "../out/secret.png", secret, beside, "folder/secret.png", "deep/link-out.png",
		"/root/is-there-such-a-file", "root:x:0:0:root:/root:/bin/sh", filepath.Join(out, "absent.png"), "https://pictures.example.org/d.png",
	}, "\n"))
	for _, x := range []struct {
		why    string
		root   string
		within []string
		found  []string
	}{
		{"a folder", in, []string{in}, []string{inner, deep, filepath.Join(in, "deep", "link-in.png")}},
		{"no fence", filepath.Join(in, "deep"), nil, []string{deep, filepath.Join(in, "deep", "link-in.png"), filepath.Join(in, "deep", "link-out.png"), filepath.Join(in, "deep", "relative.png")}},
		{"a list", list, []string{in}, []string{inner, deep, "https://pictures.example.org/d.png"}},
		{"two folders", list, []string{in, out}, []string{inner, deep, secret, secret, filepath.Join(in, "folder", "secret.png"), filepath.Join(in, "deep", "link-out.png"), "https://pictures.example.org/d.png"}},
		{"no folder", list, []string{}, nil},
		{"a file outside", secret, []string{in}, nil},
		{"a folder outside", out, []string{in}, nil},
		{"a linked folder outside", filepath.Join(in, "folder"), []string{in}, nil},
	} {
		var found, problems []string
		err := source.Walk(t.Context(), []string{x.root}, source.Options{
			Within: x.within, Problem: func(path string, err error) { problems = append(problems, fmt.Sprintf("%s: %v", path, err)) },
		}, func(it source.Item) error {
			found = append(found, it.Source)
			if it.Address {
				return nil
			}
			data, err := source.Read(t.Context(), it, nil, 0)
			if x.within != nil && !slices.Contains(x.within, out) && string(data) == "s" {
				t.Errorf("%s: %s was read: %q", x.why, it.Source, data)
			}
			return err
		})
		slices.Sort(found)
		slices.Sort(x.found)
		if !slices.Equal(found, x.found) {
			t.Errorf("%s: found %q, want %q (%v)", x.why, found, x.found, err)
		}
		if outside := len(x.found) == 0; outside != errors.Is(err, source.ErrOutside) {
			t.Errorf("%s: %v", x.why, err)
		}
		if x.root == list && x.within != nil && !slices.Contains(x.within, out) && len(x.within) > 0 {
			told := map[string]bool{}
			for _, p := range problems {
				_, what, _ := strings.Cut(p, "row ")
				_, what, _ = strings.Cut(what, ":")
				told[what] = true
				if strings.Contains(p, "root") || strings.Contains(p, "secret") || strings.Contains(p, "absent") {
					t.Errorf("a row is told: %s", p)
				}
			}
			if len(problems) != 8 || len(told) != 1 {
				t.Errorf("rows are told apart: %q", problems)
			}
		}
	}
}

// What was found is replaced before it is read.
func TestAFenceHoldsWhenAFileIsOpened(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	if err := os.MkdirAll(in, 0o777); err != nil {
		t.Fatal(err)
	}
	picture, secret := filepath.Join(in, "a.png"), filepath.Join(dir, "secret.png")
	for _, path := range []string{picture, secret} {
		if err := os.WriteFile(path, []byte(filepath.Base(path)), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	err := source.Walk(t.Context(), []string{in}, source.Options{Within: []string{in}}, func(it source.Item) error {
		if err := os.Remove(picture); err != nil {
			return err
		}
		if err := os.Symlink(secret, picture); err != nil {
			t.Skip(err)
		}
		data, err := source.Read(t.Context(), it, nil, 0)
		if !errors.Is(err, source.ErrOutside) || len(data) > 0 {
			t.Errorf("%q, %v", data, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
