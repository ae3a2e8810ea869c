package embed_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/picture"
)

// corner is a model whose embedding is the first pixel: what a picture's result
// must hold is then known by hand.
func corner(batch int, calls *atomic.Int64) embed.Model {
	return embed.Model{
		Dim: 3, Input: 3, Batch: batch,
		Prepare: func(pic *picture.Picture, dst []float32) {
			for c := range 3 {
				dst[c] = float32(pic.Pix[c])
			}
		},
		Run: func(_ context.Context, pixels []float32, n int, out []float32) error {
			if n < 1 || n > batch || len(pixels) != 3*n || len(out) != 3*n {
				return fmt.Errorf("batch of %d with %d values", n, len(pixels))
			}
			calls.Add(1)
			copy(out, pixels)
			return nil
		},
	}
}

func encode(t *testing.T, c color.RGBA) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 4, 3))
	for i := range 12 {
		img.SetRGBA(i%4, i/4, c)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func queue(t *testing.T, n int, read func(i int) ([]byte, error)) <-chan embed.Job {
	t.Helper()
	jobs := make(chan embed.Job, n)
	for i := range n {
		jobs <- embed.Job{ID: i, Read: func(context.Context) ([]byte, error) { return read(i) }}
	}
	close(jobs)
	return jobs
}

func TestEveryPictureGetsItsOwnEmbeddingFromEveryModel(t *testing.T) {
	t.Parallel()
	const n = 300
	files := make([][]byte, n)
	for i := range files {
		files[i] = encode(t, color.RGBA{byte(i), byte(i >> 4), 7, 255})
	}
	for _, batch := range []int{1, 7, 64} {
		var calls, reads atomic.Int64
		seen := make([]bool, n)
		err := embed.Run(t.Context(), queue(t, n, func(i int) ([]byte, error) { reads.Add(1); return files[i], nil }),
			[]embed.Model{corner(batch, &calls), corner(batch, &calls)}, embed.Options{Workers: 3, Networks: 2},
			func(r embed.Result) error {
				want := [3]float32{float32(byte(r.ID)), float32(byte(r.ID >> 4)), 7}
				for m, v := range r.Vectors {
					if [3]float32(v) != want {
						t.Errorf("batch %d, picture %d, model %d: %v, want %v", batch, r.ID, m, v, want)
					}
				}
				if r.Err != nil || seen[r.ID] {
					t.Errorf("picture %d: seen %v, error %v", r.ID, seen[r.ID], r.Err)
				}
				seen[r.ID] = true
				return nil
			})
		if err != nil || reads.Load() != n {
			t.Fatalf("%d reads of %d files, %v", reads.Load(), n, err)
		}
		for i, s := range seen {
			if !s {
				t.Errorf("batch %d: picture %d was lost", batch, i)
			}
		}
	}
}

func TestAContentThatNoModelNeedsIsNotDecoded(t *testing.T) {
	t.Parallel()
	file := encode(t, color.RGBA{1, 2, 3, 255})
	var calls atomic.Int64
	for _, c := range []struct {
		why     string
		need    []bool
		decoded bool
	}{
		{"both models have it", []bool{false, false}, false},
		{"the second lacks it", []bool{false, true}, true},
	} {
		err := embed.Run(t.Context(), queue(t, 1, func(int) ([]byte, error) { return file, nil }),
			[]embed.Model{corner(1, &calls), corner(1, &calls)},
			embed.Options{Need: func(embed.Hash) []bool { return c.need }},
			func(r embed.Result) error {
				if r.Err != nil || r.Decoded != c.decoded {
					t.Errorf("%s: decoded %v, error %v", c.why, r.Decoded, r.Err)
				}
				for i, v := range r.Vectors {
					if (v != nil) != c.need[i] {
						t.Errorf("%s: model %d gave %v", c.why, i, v)
					}
				}
				if r.Info.Width != 4 || r.Info.Height != 3 || r.Hash == (embed.Hash{}) {
					t.Errorf("%s: info %+v, hash %x", c.why, r.Info, r.Hash)
				}
				return nil
			})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestOneBadPictureStopsNothing(t *testing.T) {
	t.Parallel()
	good := encode(t, color.RGBA{9, 9, 9, 255})
	unreadable := errors.New("no such file")
	var calls atomic.Int64
	bad := 0
	err := embed.Run(t.Context(), queue(t, 90, func(i int) ([]byte, error) {
		switch i % 3 {
		case 0:
			return nil, unreadable
		case 1:
			return good[:len(good)/2], nil
		}
		return good, nil
	}), []embed.Model{corner(4, &calls)}, embed.Options{}, func(r embed.Result) error {
		if r.Err != nil {
			bad++
		}
		if (r.Err == nil) != (r.ID%3 == 2) {
			t.Errorf("picture %d: %v", r.ID, r.Err)
		}
		return nil
	})
	if err != nil || bad != 60 {
		t.Errorf("%d bad pictures, error %v", bad, err)
	}
}

func TestTheFirstFatalErrorEndsTheRun(t *testing.T) {
	t.Parallel()
	file := encode(t, color.RGBA{1, 2, 3, 255})
	broken := errors.New("broken")
	var calls atomic.Int64
	failing := corner(2, &calls)
	run := failing.Run
	failing.Run = func(ctx context.Context, pixels []float32, n int, out []float32) error {
		if calls.Load() > 3 {
			return broken
		}
		return run(ctx, pixels, n, out)
	}
	read := func(int) ([]byte, error) { return file, nil }
	for _, c := range []struct {
		why   string
		model embed.Model
		emit  func(embed.Result) error
	}{
		{"the network fails", failing, func(embed.Result) error { return nil }},
		{"the store fails", corner(2, &calls), func(embed.Result) error { return broken }},
	} {
		jobs := make(chan embed.Job) // never closed: only the error can end the run
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for i := 0; ; i++ {
				select {
				case jobs <- embed.Job{ID: i, Read: func(context.Context) ([]byte, error) { return read(i) }}:
				case <-ctx.Done():
					return
				}
			}
		}()
		if err := embed.Run(ctx, jobs, []embed.Model{c.model}, embed.Options{}, c.emit); !errors.Is(err, broken) {
			t.Errorf("%s: %v", c.why, err)
		}
		cancel()
	}
}

func TestCancellingEndsTheRun(t *testing.T) {
	t.Parallel()
	file := encode(t, color.RGBA{1, 2, 3, 255})
	ctx, cancel := context.WithCancel(t.Context())
	var calls atomic.Int64
	jobs := make(chan embed.Job)
	go func() {
		for i := range 1000 {
			select {
			case jobs <- embed.Job{ID: i, Read: func(context.Context) ([]byte, error) { return file, nil }}:
			case <-ctx.Done():
				return
			}
		}
	}()
	emitted := 0
	err := embed.Run(ctx, jobs, []embed.Model{corner(2, &calls)}, embed.Options{}, func(embed.Result) error {
		if emitted++; emitted == 10 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v after %d pictures", err, emitted)
	}
}

// While one file is decoded the next ones are read, as far as a quarter of the memory goes.
func TestSlowDisksAreReadAhead(t *testing.T) {
	t.Parallel()
	file := encode(t, color.RGBA{1, 2, 3, 255})
	const memory = 1 << 20
	for _, c := range []struct {
		why  string
		size int64
		want int64 // reads at once
	}{
		{"small files: by all readers", 1000, 4},
		{"of a size that is not known", 0, 4},
		{"two of them fill the memory", memory / 8, 2},
		{"one of them fills the memory", memory, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			var reading, most, calls atomic.Int64
			jobs := make(chan embed.Job, 20)
			for i := range cap(jobs) {
				jobs <- embed.Job{ID: i, Size: c.size, Read: func(context.Context) ([]byte, error) {
					now := reading.Add(1)
					defer reading.Add(-1)
					for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
					}
					time.Sleep(time.Second)
					return file, nil
				}}
			}
			close(jobs)
			n := 0
			err := embed.Run(t.Context(), jobs, []embed.Model{corner(4, &calls)}, embed.Options{Workers: 1, Networks: 1, Memory: memory},
				func(r embed.Result) error {
					if n++; r.Err != nil || r.ID != n-1 {
						t.Errorf("%s: result %d is of job %d: %v", c.why, n-1, r.ID, r.Err)
					}
					return nil
				})
			if err != nil || n != cap(jobs) || most.Load() != c.want {
				t.Errorf("%s: %d results, %d reads at once, want %d; %v", c.why, n, most.Load(), c.want, err)
			}
		})
	}
}

// A model sees the same picture whatever other models see.
func TestAPictureIsDecodedAtTheSizeOfEachModel(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../picture/testdata/draft/67x45_420.jpg")
	if err != nil {
		t.Fatal(err)
	}
	sized := func(enough func(width, height int) (int, int)) embed.Model {
		return embed.Model{
			Dim: 2, Input: 2, Batch: 1, Enough: enough,
			Prepare: func(pic *picture.Picture, dst []float32) { dst[0], dst[1] = float32(pic.Width), float32(pic.Height) },
			Run:     func(_ context.Context, pixels []float32, _ int, out []float32) error { copy(out, pixels); return nil },
		}
	}
	at := func(width, height int) func(int, int) (int, int) {
		return func(int, int) (int, int) { return width, height }
	}
	models := []embed.Model{sized(at(16, 11)), sized(nil), sized(at(15, 10)), sized(at(30, 20)), sized(at(100, 100)), sized(at(1, 1))}
	want := [][2]float32{{17, 12}, {67, 45}, {17, 12}, {34, 23}, {67, 45}, {9, 6}}
	jobs := make(chan embed.Job, 1)
	jobs <- embed.Job{Read: func(context.Context) ([]byte, error) { return data, nil }}
	close(jobs)
	err = embed.Run(t.Context(), jobs, models, embed.Options{}, func(r embed.Result) error {
		for i, v := range r.Vectors {
			if [2]float32(v) != want[i] {
				t.Errorf("model %d sees %v, want %v", i, v, want[i])
			}
		}
		if r.Err != nil || !r.Reduced || r.Info.Width != 67 || r.Info.Height != 45 {
			t.Errorf("%+v", r)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
