package embed_test

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/embed"
)

// Files are slow and quick, some have the same bytes, some are none: what is emitted is the
// same whatever core was first.
func TestResultsComeInTheOrderOfTheJobs(t *testing.T) {
	t.Parallel()
	const n = 400
	files := make([][]byte, n)
	for i := range files {
		files[i] = encode(t, color.RGBA{byte(i % 150), byte(i % 150 >> 4), 3, 255}) // each content two or three times
		switch i % 50 {
		case 7:
			files[i] = files[i][:len(files[i])/2]
		case 8, 9: // two that cannot be decoded, of the same bytes
			files[i] = files[i-i%50+7]
		}
	}
	var want []string
	for _, o := range []embed.Options{{Workers: 1, Networks: 1}, {Workers: 2, Networks: 3}, {Workers: 8, Networks: 2}, {Workers: 8, Networks: 8, Window: 3}} {
		for seed := range uint64(5) {
			r := rand.New(rand.NewPCG(seed, 1))
			delays := make([]time.Duration, n)
			for i := range delays {
				if r.IntN(10) == 0 {
					delays[i] = time.Duration(r.IntN(4000)) * time.Microsecond
				}
			}
			var calls atomic.Int64
			had := map[embed.Hash]bool{} // as a collection remembers what it has, or is on its way
			o.Need = func(h embed.Hash) []bool {
				defer func() { had[h] = true }()
				return []bool{!had[h]}
			}
			var got []string
			err := embed.Run(t.Context(), queue(t, n, func(i int) ([]byte, error) { time.Sleep(delays[i]); return files[i], nil }),
				[]embed.Model{corner(5, &calls)}, o, func(r embed.Result) error {
					got = append(got, fmt.Sprint(r.ID, r.Vectors, r.Err))
					return nil
				})
			if err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = got
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%d workers, seed %d: what was emitted differs from what one worker gives", o.Workers, seed)
			}
		}
	}
	for i, line := range want { // and one worker goes from one to the next
		var id int
		if _, err := fmt.Sscan(line, &id); err != nil || id != i {
			t.Fatalf("place %d has %q", i, line)
		}
	}
}

// A disk that does not answer holds one worker, and no more than a window of others.
func TestAPictureThatNeverComesIsLetPass(t *testing.T) {
	t.Parallel()
	file := encode(t, color.RGBA{1, 2, 3, 255})
	var calls atomic.Int64
	answers := make(chan struct{})
	var ids []int
	err := embed.Run(t.Context(), queue(t, 100, func(i int) ([]byte, error) {
		if i == 20 {
			<-answers
		}
		return file, nil
	}), []embed.Model{corner(2, &calls)}, embed.Options{Workers: 2, Window: 10, Patience: 20 * time.Millisecond}, func(r embed.Result) error {
		if ids = append(ids, r.ID); len(ids) == 99 {
			close(answers) // all others are here
		}
		return nil
	})
	if err != nil || len(ids) != 100 || ids[99] != 20 || !slices.IsSorted(ids[:99]) {
		t.Errorf("%v, %v", ids, err)
	}
}

// What is done when someone stops the run is emitted, though one before it is missing.
func TestStoppingGivesWhatIsDone(t *testing.T) {
	t.Parallel()
	file := encode(t, color.RGBA{1, 2, 3, 255})
	var calls atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	var read atomic.Int64
	var ids []int
	err := embed.Run(ctx, queue(t, 40, func(i int) ([]byte, error) {
		if i == 3 {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		if read.Add(1) == 39 { // all but that one
			time.AfterFunc(100*time.Millisecond, cancel)
		}
		return file, nil
	}), []embed.Model{corner(2, &calls)}, embed.Options{Workers: 2}, func(r embed.Result) error {
		ids = append(ids, r.ID)
		return nil
	})
	if !errors.Is(err, context.Canceled) || len(ids) != 39 || !slices.IsSorted(ids) || slices.Contains(ids, 3) {
		t.Errorf("%v, %v", ids, err)
	}
}
