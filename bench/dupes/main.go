// Command dupes measures what akin and others call copies, on pictures of which it is known.
//
//	go run ./bench/dupes -work DIR -flags DIR [-photos DIR] [-icons DIR] [-python PATH] [-czkawka PATH] [-sscd FILE.onnx]
//
// It makes up to four sets below DIR: flags, templates of ten kinds, photographs with bursts, and logos and
// emoji, each with copies of some (sets.go). Then every method says which files are copies of one
// another, as it comes, by its own defaults. Found are the made copies that it pairs with their original or
// another copy of it; wrong are files that it pairs with a file of another original.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/akin-search/akin/bench/internal/result"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench-dupes:", err)
		os.Exit(1)
	}
}

type options struct {
	work, akin, flags, photos, icons, python, czkawka, sscd, only string
	part                                                          int
}

func run(ctx context.Context) error {
	var o options
	flag.StringVar(&o.work, "work", "bench/.work/dupes", "where the sets and collections are kept")
	flag.StringVar(&o.akin, "akin", "bin/akin", "akin")
	flag.StringVar(&o.flags, "flags", ".deps/flags", "a folder of flags")
	flag.StringVar(&o.photos, "photos", "", "a folder of large photographs; without it that set is left out")
	flag.StringVar(&o.icons, "icons", "", "a folder of packages of icons (@iconify-json/*.tgz); without it that set is left out")
	flag.StringVar(&o.python, "python", "", "a Python that has what requirements.txt names; without it the peers are left out")
	flag.StringVar(&o.czkawka, "czkawka", "", "czkawka_cli; without it its method is asked for in Python")
	flag.StringVar(&o.sscd, "sscd", "", "an ONNX file of SSCD")
	flag.StringVar(&o.only, "only", "", "sets to measure, with commas")
	flag.IntVar(&o.part, "part", 1, "of templates, photographs and icons one in so many: minutes instead of an hour, to see how a change goes")
	file := flag.String("result", "", "write the rows to this file")
	flag.Parse()
	if o.part < 1 {
		return fmt.Errorf("-part %d: one in how many?", o.part)
	}

	sets := map[string]func(dir string) error{
		"flags":     func(dir string) error { return makeFlags(dir, o.flags) },
		"templates": func(dir string) error { return makeTemplates(dir, o.part) },
	}
	if o.photos != "" {
		sets["photographs"] = func(dir string) error { return makePhotographs(dir, o.photos, o.part) }
	}
	if o.icons != "" {
		sets["icons"] = func(dir string) error { return makeIcons(dir, o.icons, o.part) }
	}
	var part result.Part
	fmt.Printf("%-12s %-22s %9s %9s %8s %8s %9s\n", "set", "method", "pictures", "copies", "found", "wrong", "seconds")
	for _, name := range slices.Sorted(maps.Keys(sets)) {
		if o.only != "" && !slices.Contains(strings.Split(o.only, ","), name) {
			continue
		}
		dir := filepath.Join(o.work, name)
		if _, err := os.Stat(filepath.Join(dir, "truth.csv")); errors.Is(err, os.ErrNotExist) {
			if err := sets[name](dir); err != nil {
				return fmt.Errorf("make the set of %s: %w", name, err)
			}
		}
		t, err := readTruth(dir)
		if err != nil {
			return err
		}
		quality, seconds := newRows(name, o.part)
		for _, m := range o.methods() {
			began := time.Now()
			pairs, err := m.ask(ctx, dir)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				fmt.Printf("%-12s %-22s left out: %.200v\n", name, m.name, err)
				continue
			}
			r, took := t.judge(pairs), time.Since(began).Seconds()
			found := 100 * float64(r.Found) / float64(max(1, r.Made))
			quality.add(m.name, found, fmt.Sprintf("wrong: %d", r.Wrong))
			seconds.add(m.name, took, "")
			fmt.Printf("%-12s %-22s %9d %9d %6.1f %% %8d %9.1f\n", name, m.name, len(t.origin), r.Made, found, r.Wrong, took)
			for _, kind := range slices.Sorted(maps.Keys(r.Missed)) {
				if m.name == "akin" {
					fmt.Printf("%-12s   missed %d: %s\n", "", r.Missed[kind], kind)
				}
			}
		}
		part.Add(quality.Row)
		part.Add(seconds.Row)
	}
	return part.Write(*file)
}

// method is a program, or a way of one, that finds copies.
type method struct {
	name string
	ask  func(ctx context.Context, dir string) ([]pair, error)
}

func (o options) methods() []method {
	all := []method{{"akin", o.askAkin}}
	if o.czkawka != "" {
		all = append(all, method{"czkawka", o.askCzkawka})
	}
	if o.python == "" {
		return all
	}
	peer := func(name string, args ...string) method {
		return method{name, func(ctx context.Context, dir string) ([]pair, error) {
			out, err := output(ctx, o.python, append([]string{"bench/dupes/peer.py", args[0], dir}, args[1:]...)...)
			if err != nil {
				return nil, err
			}
			var pairs []pair
			return pairs, json.Unmarshal(out, &pairs)
		}}
	}
	all = append(all, peer("imagededup PHash", "phash"), peer("imagededup CNN", "cnn"))
	if o.czkawka == "" {
		all = append(all, peer("czkawka's method", "gradient"))
	}
	if o.sscd != "" {
		all = append(all, peer("SSCD, cosine 0.75", "sscd", o.sscd))
	}
	return all
}

func output(ctx context.Context, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	var problem strings.Builder
	cmd.Stderr = &problem
	out, err := cmd.Output()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(problem.String()), "\n")
		return nil, fmt.Errorf("%w: %s", err, lines[len(lines)-1])
	}
	return out, nil
}

// askAkin indexes a set anew, and takes what "akin dupes" calls a copy and would remove, or keep because it is sharper
// than the best.
func (o options) askAkin(ctx context.Context, dir string) ([]pair, error) {
	where := filepath.Join(o.work, filepath.Base(dir)+".akin")
	if err := os.RemoveAll(where); err != nil {
		return nil, err
	}
	if _, err := output(ctx, o.akin, "index", "-q", "-c", where, dir); err != nil {
		return nil, err
	}
	out, err := output(ctx, o.akin, "dupes", "-q", "--json", "-c", where)
	if err != nil {
		return nil, err
	}
	var found struct {
		Groups []struct {
			Unsure bool `json:"unsure"`
			Copies []struct {
				Source string `json:"source"`
				Best   bool   `json:"best"`
				Remove bool   `json:"remove"`
				Better bool   `json:"better"`
			} `json:"copies"`
		} `json:"groups"`
	}
	if err := json.Unmarshal(out, &found); err != nil {
		return nil, err
	}
	whole, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	var pairs []pair
	for _, g := range found.Groups {
		best := ""
		for _, c := range g.Copies {
			file, err := filepath.Rel(whole, c.Source)
			if err != nil {
				return nil, err
			}
			if c.Best {
				best = file
			} else if c.Remove || c.Better && !g.Unsure {
				pairs = append(pairs, pair{best, file})
			}
		}
	}
	return pairs, nil
}

// askCzkawka takes the groups of similar images that czkawka_cli gives by its defaults.
func (o options) askCzkawka(ctx context.Context, dir string) ([]pair, error) {
	whole, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(o.work, "czkawka.json")
	_ = os.Remove(file)
	cmd := exec.CommandContext(ctx, o.czkawka, "image", "--directories", whole, "--compact-file-to-save", file)
	text, err := cmd.CombinedOutput() // its status is 11 where it found something
	data, missing := os.ReadFile(file)
	if missing != nil {
		return nil, fmt.Errorf("%w: %.200s", errors.Join(err, missing), text)
	}
	var groups [][]struct {
		Path string `json:"path"`
	}
	if err := json.Unmarshal(data, &groups); err != nil {
		return nil, err
	}
	var pairs []pair
	for _, g := range groups {
		for i := range g {
			for j := range i {
				a, errA := filepath.Rel(whole, g[i].Path)
				b, errB := filepath.Rel(whole, g[j].Path)
				if err := errors.Join(errA, errB); err != nil {
					return nil, err
				}
				pairs = append(pairs, pair{a, b})
			}
		}
	}
	return pairs, nil
}
