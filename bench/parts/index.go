package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/akin-search/akin/internal/features"
	"github.com/akin-search/akin/internal/insight/geometry"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/resample"
)

// The index of parts is measured among distractors: pieces of the other pictures of the folder, a tenth to two thirds of each, so that all
// of their pixels are real. The largest index is made of these by changing eight bits of each code, as often as it takes: it measures time
// and bytes, and not what is found.

const verified = 30 // candidates of a query, as akin search does

func hashOf(i int) record.Hash {
	return sha256.Sum256(binary.LittleEndian.AppendUint64(nil, uint64(i)))
}

// decode reads a picture.
func decode(path string) (*picture.Picture, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	p, _, err := picture.Decode(context.Background(), data, picture.Limits{})
	return p, err
}

// sought is the queries that have an original, and the originals.
type sought struct {
	kind, query string
	original    int
}

// measureIndex measures an index of the originals and so many distractors, and of the sizes below and above.
func measureIndex(work, pairs string, distractors int) error {
	answers, err := readAnswers(pairs)
	if err != nil {
		return err
	}
	var queries []sought
	var originals []string
	for i, a := range answers {
		if i > 0 && answers[i-1].query == a.query {
			continue // a wrong pair: the right one comes first
		}
		at := slices.Index(originals, a.original)
		if at < 0 {
			at = len(originals)
			originals = append(originals, a.original)
		}
		queries = append(queries, sought{a.kind, a.query, at})
	}
	list, err := os.ReadFile(filepath.Join(work, "others.txt"))
	if err != nil {
		return err
	}
	others := strings.Split(strings.TrimSpace(string(list)), "\n")
	all := make([]*features.Features, len(originals)+distractors)
	began := time.Now()
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, path := range originals {
		g.Go(func() error {
			p, err := decode(path)
			if err == nil {
				all[i] = features.Of(p)
				p.Release()
			}
			return err
		})
	}
	for o, path := range others {
		g.Go(func() error {
			p, err := decode(path)
			if err != nil {
				return err
			}
			defer p.Release()
			for i := o; i < distractors; i += len(others) {
				piece := pieceOf(p, i)
				all[len(originals)+i] = features.Of(piece)
				piece.Release()
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	fmt.Printf("\n%d originals and %d distractors out of %d pictures: %.1f ms a picture for the features, decoding included, on %d threads\n",
		len(originals), distractors, len(others), time.Since(began).Seconds()*1000/float64(len(all)), runtime.GOMAXPROCS(0))
	fmt.Println("pictures  bytes a picture  s to write  ms to open  ms a search: median, most")
	for _, n := range []int{1000, 10_000, 100_000} {
		dir, err := os.MkdirTemp(work, "index-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		if err := (&sized{dir, all, originals, others, queries, n}).measure(); err != nil {
			return err
		}
	}
	return nil
}

// pieceOf is a distractor, out of a picture.
func pieceOf(p *picture.Picture, i int) *picture.Picture {
	r := rand.New(rand.NewPCG(uint64(i), 1))
	w, h := max(1, int(float64(p.Width)*(0.3+0.5*r.Float64()))), max(1, int(float64(p.Height)*(0.3+0.5*r.Float64())))
	return resample.Crop(p, r.IntN(p.Width-w+1), r.IntN(p.Height-h+1), w, h)
}

// sized is an index of some size.
type sized struct {
	dir               string
	all               []*features.Features
	originals, others []string
	queries           []sought
	n                 int
}

// whole reports whether the index is that of the originals and distractors, and no more.
func (s *sized) whole() bool { return s.n <= len(s.all) && s.n >= len(s.all)-len(s.originals) }

// write makes the index.
func (s *sized) write() (contents []record.Hash, err error) {
	w, err := features.OpenWriter(s.dir, func(record.Hash) bool { return true })
	if err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(uint64(s.n), 2))
	for i := range s.n {
		f := s.all[i%len(s.all)]
		if i >= len(s.all) {
			f = changed(f, r)
		}
		contents = append(contents, hashOf(i))
		if err := w.Put(contents[i], f); err != nil {
			return nil, err
		}
	}
	return contents, w.Close()
}

// score is what was found of the queries of a kind.
type score struct{ queries, candidate, first, wrong int }

func (s *sized) measure() error {
	began := time.Now()
	contents, err := s.write()
	if err != nil {
		return err
	}
	wrote := time.Since(began)
	info, err := os.Stat(filepath.Join(s.dir, features.FileName))
	if err != nil {
		return err
	}
	x := features.Open(s.dir)
	defer x.Close()
	began = time.Now()
	if _, err := x.Len(); err != nil {
		return err
	}
	opened := time.Since(began)
	var took, proof []time.Duration
	found := map[string]*score{"all": {}}
	for _, q := range s.queries {
		p, err := decode(q.query)
		if err != nil {
			return err
		}
		asked := geometry.New(p)
		f := features.OfSet(asked.Keypoints())
		began := time.Now()
		candidates, err := x.Search(f, contents)
		if err != nil {
			return err
		}
		took = append(took, time.Since(began))
		if !s.whole() {
			continue
		}
		began = time.Now()
		if found[q.kind] == nil {
			found[q.kind] = &score{}
		}
		if err := s.verify(q, asked, candidates[:min(verified, len(candidates))], found["all"], found[q.kind]); err != nil {
			return err
		}
		proof = append(proof, time.Since(began))
	}
	slices.Sort(took)
	fmt.Printf("%8d  %15d  %10.1f  %10.1f  %.1f, %.1f\n", s.n, info.Size()/int64(s.n), wrote.Seconds(), opened.Seconds()*1000,
		took[len(took)/2].Seconds()*1000, took[len(took)-1].Seconds()*1000)
	if s.whole() {
		slices.Sort(proof)
		fmt.Printf("verifying the %d likeliest, decoding included: %.0f ms a search, median; %.0f most\n", verified, proof[len(proof)/2].Seconds()*1000, proof[len(proof)-1].Seconds()*1000)
		for _, kind := range slices.Sorted(maps.Keys(found)) {
			c := found[kind]
			fmt.Printf("  %-24s %3d queries: the original is a candidate of %d, proven first of %d; distractors are proven %d times\n", kind, c.queries, c.candidate, c.first, c.wrong)
		}
	}
	return nil
}

// verify compares a query with its candidates.
func (s *sized) verify(q sought, asked *geometry.Picture, candidates []features.Candidate, scores ...*score) error {
	best, expected, candidate, wrong := -1, math.Inf(1), 0, 0
	for _, c := range candidates {
		var p *picture.Picture
		var err error
		if c.Content < len(s.originals) {
			p, err = decode(s.originals[c.Content])
		} else if p, err = decode(s.others[(c.Content-len(s.originals))%len(s.others)]); err == nil {
			whole := p
			p = pieceOf(whole, c.Content-len(s.originals))
			whole.Release()
		}
		if err != nil {
			return err
		}
		matches := geometry.Compare(asked, geometry.New(p), geometry.Options{Pairs: float64(s.n)})
		p.Release()
		if c.Content == q.original {
			candidate++
		}
		if len(matches) == 0 {
			continue
		}
		if matches[0].ExpectedFalse < expected {
			best, expected = c.Content, matches[0].ExpectedFalse
		}
		if c.Content >= len(s.originals) { // another original may be what the part was pasted into
			wrong++
			fmt.Fprintf(os.Stderr, "%s shows a part of a piece of %s: %.2g are expected by chance\n", q.query, s.others[(c.Content-len(s.originals))%len(s.others)], matches[0].ExpectedFalse)
		}
	}
	for _, to := range scores {
		to.queries++
		to.candidate += candidate
		to.wrong += wrong
		if best == q.original {
			to.first++
		}
	}
	return nil
}

// changed is features with eight bits of each code changed.
func changed(f *features.Features, r *rand.Rand) *features.Features {
	out := &features.Features{Places: f.Places, Codes: slices.Clone(f.Codes)}
	for i := range out.Codes {
		for range 8 {
			b := r.IntN(128)
			out.Codes[i][b/64] ^= 1 << (b % 64)
		}
	}
	return out
}
