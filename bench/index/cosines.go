package main

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/vector"
)

// near is how near a photo's embedding at a reduced size is to that of the whole picture.
type near struct {
	file          string
	width, height int
	scale         int
	ratio         float64 // of the decoded picture's sides to the network's input, the smaller one
	cosine        float64
	pixels        float64 // the root of the mean square of what the network's inputs differ by
}

// compare prints how near the embeddings of the photos in a folder are, by how much larger than the network's input
// the photos were decoded.
func compare(folder, name string) error {
	e := models.NewEngine(models.Options{ModelDirs: []string{".deps/models"}, Library: os.Getenv("AKIN_ONNXRUNTIME")})
	defer e.Close()
	n, err := e.Open(name, models.View{})
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var all []near
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		g.Go(func() error {
			found, err := nearness(n, path)
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, found...)
			return nil
		})
		return nil
	})
	if err := g.Wait(); err != nil {
		return err
	}
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b near) int { return cmp.Compare(a.cosine, b.cosine) })
	fmt.Printf("%s\n%-12s %-8s %8s %10s %10s %10s %10s %12s\n", name, "decoded", "by", "photos", "least", "1 of 1000", "1 of 100", "median", "inputs' RMS")
	for _, ratio := range [][2]float64{{2, 2.5}, {2.5, 3}, {3, 4}, {4, 6}, {6, 1e9}} {
		for _, scale := range []int{2, 4, 8, 0} {
			of := slices.DeleteFunc(slices.Clone(all), func(n near) bool {
				return n.ratio < ratio[0] || n.ratio >= ratio[1] || scale > 0 && n.scale != scale
			})
			if len(of) == 0 {
				continue
			}
			rms := 0.
			for _, n := range of {
				rms += n.pixels / float64(len(of))
			}
			fmt.Printf("%-12s %-8d %8d %10.5f %10.5f %10.5f %10.5f %12.4f\n", fmt.Sprintf("from %gx", ratio[0]), scale, len(of),
				of[0].cosine, of[len(of)/1000].cosine, of[len(of)/100].cosine, of[len(of)/2].cosine, rms)
		}
	}
	for _, n := range all[:min(8, len(all))] {
		fmt.Printf("far: %.5f 1/%d, %.2fx, of %d x %d %s\n", n.cosine, n.scale, n.ratio, n.width, n.height, n.file)
	}
	return nil
}

// nearness decodes a photo at each scale that leaves twice what the network sees.
func nearness(n *models.Network, path string) ([]near, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	info, err := picture.Inspect(data, picture.Limits{})
	if err != nil {
		return nil, err
	}
	m := n.Stage()
	seen := func(width, height int) (input, unit []float32, err error) {
		pic, _, err := picture.DecodeReduced(context.Background(), data, picture.Limits{}, width, height)
		if err != nil {
			return nil, nil, err
		}
		input, unit = make([]float32, m.Input), make([]float32, m.Dim)
		m.Flatten(pic, input)
		pic.Release()
		if err := m.Run(context.Background(), input, 1, unit); err != nil {
			return nil, nil, err
		}
		if !vector.Normalize(unit) {
			return nil, nil, fmt.Errorf("its embedding has no direction")
		}
		return input, unit, nil
	}
	whole, unit, err := seen(info.Width, info.Height)
	if err != nil {
		return nil, err
	}
	var out []near
	for scale := 2; scale <= 8; scale *= 2 {
		width, height := info.Width/scale, info.Height/scale
		ratio := min(float64(width)/float64(n.Preprocess.Width), float64(height)/float64(n.Preprocess.Height))
		if ratio < 2 {
			break
		}
		input, other, err := seen(width, height)
		if err != nil {
			return nil, err
		}
		square, cosine := 0., 0.
		for i, v := range whole {
			d := float64(v - input[i])
			square += d * d
		}
		for i, v := range unit {
			cosine += float64(v) * float64(other[i])
		}
		out = append(out, near{path, info.Width, info.Height, scale, ratio, cosine, math.Sqrt(square / float64(m.Input))})
	}
	return out, nil
}
