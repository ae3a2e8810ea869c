// Command parts measures how well parts of pictures are found and proven, beside OpenCV's SIFT and ORB with RANSAC.
//
//	bench-parts -pictures DIR [-distractors N]
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/akin-search/akin/internal/insight/geometry"
	"github.com/akin-search/akin/internal/picture"
)

// answer is what a method says of a pair.
type answer struct {
	kind, query, original string
	score                 float64 // more is surer; 0 is no match
	milliseconds          float64
}

func main() {
	pictures := flag.String("pictures", "", "folder of photographs and drawings")
	work := flag.String("work", "bench/.work/parts", "folder for what is made")
	python := flag.String("python", "bench/.venv/bin/python", "Python with bench/parts/requirements.txt installed")
	queries, others := flag.Int("queries", 240, "parts to look for"), flag.Int("others", 30, "pictures beside the right one that each is compared with")
	peers := flag.String("peers", "sift,orb", "what it is measured beside; \"\" is nothing")
	distractors := flag.Int("distractors", 10_000, "pieces of other pictures that an index of parts is measured among; 0: it is not")
	flag.Parse()
	if err := run(*pictures, *work, *python, *peers, *queries, *others, *distractors); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(pictures, work, python, peers string, queries, others, distractors int) error {
	if pictures == "" {
		return errors.New("name a folder of pictures with -pictures")
	}
	make := exec.Command(python, "bench/parts/make.py", pictures, work, strconv.Itoa(queries), strconv.Itoa(others))
	make.Stderr = os.Stderr
	if err := make.Run(); err != nil {
		return fmt.Errorf("make pictures: %w", err)
	}
	pairs := filepath.Join(work, "pairs.tsv")
	own, err := ours(pairs)
	if err != nil {
		return err
	}
	methods := []string{"akin"}
	all := map[string][]answer{"akin": own}
	for _, peer := range strings.FieldsFunc(peers, func(r rune) bool { return r == ',' }) {
		out := filepath.Join(work, peer+".tsv")
		cmd := exec.Command(python, "bench/parts/peer.py", peer, pairs, out)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w", peer, err)
		}
		if all[peer], err = readAnswers(out); err != nil {
			return err
		}
		methods = append(methods, peer)
	}
	if err := tell(methods, all); err != nil {
		return err
	}
	if distractors == 0 {
		return nil
	}
	return measureIndex(work, pairs, distractors)
}

// ours asks akin about each pair.
func ours(pairs string) ([]answer, error) {
	answers, err := readAnswers(pairs)
	if err != nil {
		return nil, err
	}
	known, made := map[string]*geometry.Picture{}, time.Duration(0)
	open := func(path string) (*geometry.Picture, error) {
		if p := known[path]; p != nil {
			return p, nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		p, _, err := picture.Decode(context.Background(), data, picture.Limits{})
		if err != nil {
			return nil, err
		}
		begun := time.Now()
		known[path] = geometry.New(p)
		made += time.Since(begun)
		return known[path], nil
	}
	for i, x := range answers {
		a, err := open(x.query)
		if err != nil {
			return nil, err
		}
		b, err := open(x.original)
		if err != nil {
			return nil, err
		}
		begun := time.Now()
		matches := geometry.Compare(a, b, geometry.Options{MaxFalse: 1})
		answers[i].milliseconds = time.Since(begun).Seconds() * 1000
		if len(matches) > 0 {
			answers[i].score = 1 - math.Log10(matches[0].ExpectedFalse)
		}
	}
	fmt.Fprintf(os.Stderr, "akin: %.0f ms for the keypoints of a picture\n", made.Seconds()*1000/float64(len(known)))
	return answers, nil
}

func readAnswers(path string) (out []answer, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Split(lines.Text(), "\t")
		a := answer{kind: fields[0], query: fields[1], original: fields[2]}
		if len(fields) == 5 {
			if a.score, err = strconv.ParseFloat(fields[3], 64); err != nil {
				return nil, err
			}
			if a.milliseconds, err = strconv.ParseFloat(fields[4], 64); err != nil {
				return nil, err
			}
		}
		out = append(out, a)
	}
	return out, nil
}

// tell prints recall at the first rank, and at a score that no wrong pair has.
func tell(methods []string, all map[string][]answer) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "kind\tqueries")
	for _, m := range methods {
		fmt.Fprintf(w, "\t%s first\t%s proven", m, m)
	}
	fmt.Fprintln(w)
	type count struct{ n, first, proven int }
	counts := map[string]map[string]*count{}
	var kinds []string
	for _, m := range methods {
		wrong := map[string]float64{} // the best wrong score of each query
		most := 0.
		for _, a := range all[m] {
			if a.kind == "none" {
				wrong[a.query], most = max(wrong[a.query], a.score), max(most, a.score)
			}
		}
		limit := most
		counts[m] = map[string]*count{"all": {}}
		for _, a := range all[m] {
			if a.kind == "none" {
				continue
			}
			if !slices.Contains(kinds, a.kind) {
				kinds = append(kinds, a.kind)
			}
			if counts[m][a.kind] == nil {
				counts[m][a.kind] = &count{}
			}
			for _, c := range []*count{counts[m][a.kind], counts[m]["all"]} {
				c.n++
				if a.score > wrong[a.query] {
					c.first++
				}
				if a.score > limit {
					c.proven++
				}
			}
		}
	}
	for _, kind := range append(kinds, "all") {
		fmt.Fprintf(w, "%s\t%d", kind, counts[methods[0]][kind].n)
		for _, m := range methods {
			c := counts[m][kind]
			fmt.Fprintf(w, "\t%.1f %%\t%.1f %%", 100*float64(c.first)/float64(c.n), 100*float64(c.proven)/float64(c.n))
		}
		fmt.Fprintln(w)
	}
	for _, m := range methods {
		var right, none []float64
		wrong := 0
		for _, a := range all[m] {
			if a.kind == "none" {
				none = append(none, a.milliseconds)
				if a.score > 0 {
					wrong++
				}
			} else {
				right = append(right, a.milliseconds)
			}
		}
		slices.Sort(right)
		slices.Sort(none)
		fmt.Fprintf(w, "%s: ms a pair, median\t\t%.1f where there is a part, %.1f of %d where there is none; of these %d have a score above 0\n", m, right[len(right)/2], none[len(none)/2], len(none), wrong)
	}
	return w.Flush()
}
