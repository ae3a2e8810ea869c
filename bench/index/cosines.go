package main

import (
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

	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/vector"
)

// near is how near a photo's embedding at a reduced size is to that of the whole picture.
type near struct {
	file          string
	width, height int
	scale         int
	cosine        float64
	pixels        float64 // the root of the mean square of what the network's inputs differ by
}

// compare prints how near the embeddings of the photos in a folder are, by how much the photos were reduced.
// Photos that --decode fast decodes whole are left out.
func compare(folder, name string) error {
	e := models.NewEngine(models.Options{ModelDirs: []string{".deps/models"}, Library: os.Getenv("AKIN_ONNXRUNTIME")})
	defer e.Close()
	n, err := e.Open(name, models.View{Decode: models.DecodeFast})
	if err != nil {
		return err
	}
	stage := n.Stage()
	var mu sync.Mutex
	var all []near
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		g.Go(func() error {
			found, ok, err := nearness(stage, path)
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			if ok {
				mu.Lock()
				all = append(all, found)
				mu.Unlock()
			}
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
	fmt.Printf("%s\n%-10s %8s %10s %10s %10s %10s %12s\n", name, "decoded at", "photos", "least", "1 of 100", "1 of 10", "median", "inputs' RMS")
	for _, scale := range []int{0, 2, 4, 8} {
		of := all
		title := "all"
		if scale > 0 {
			title = fmt.Sprint("1/", scale)
			of = slices.DeleteFunc(slices.Clone(all), func(n near) bool { return n.scale != scale })
		}
		if len(of) == 0 {
			continue
		}
		slices.SortFunc(of, func(a, b near) int { return int(math.Copysign(1, a.cosine-b.cosine)) })
		rms := 0.
		for _, n := range of {
			rms += n.pixels / float64(len(of))
		}
		fmt.Printf("%-10s %8d %10.5f %10.5f %10.5f %10.5f %12.4f\n", title, len(of), of[0].cosine, of[len(of)/100].cosine, of[len(of)/10].cosine, of[len(of)/2].cosine, rms)
	}
	for _, n := range all[:min(5, len(all))] {
		fmt.Printf("far: %.5f 1/%d of %d x %d %s\n", n.cosine, n.scale, n.width, n.height, n.file)
	}
	return nil
}

func nearness(m embed.Model, path string) (near, bool, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return near{}, false, err
	}
	ctx := context.Background()
	info, err := picture.Inspect(data, picture.Limits{})
	if err != nil {
		return near{}, false, err
	}
	width, height := m.EnoughOf(info)
	if width == info.Width && height == info.Height {
		return near{}, false, nil
	}
	var inputs, units [2][]float32
	for i, size := range [2][2]int{{info.Width, info.Height}, {width, height}} {
		pic, _, err := picture.DecodeReduced(ctx, data, picture.Limits{}, size[0], size[1])
		if err != nil {
			return near{}, false, err
		}
		inputs[i], units[i] = make([]float32, m.Input), make([]float32, m.Dim)
		m.Flatten(pic, inputs[i])
		pic.Release()
		if err := m.Run(ctx, inputs[i], 1, units[i]); err != nil {
			return near{}, false, err
		}
		if !vector.Normalize(units[i]) {
			return near{}, false, fmt.Errorf("its embedding has no direction")
		}
	}
	square, cosine := 0., 0.
	for i, v := range inputs[0] {
		d := float64(v - inputs[1][i])
		square += d * d
	}
	for i, v := range units[0] {
		cosine += float64(v) * float64(units[1][i])
	}
	return near{path, info.Width, info.Height, info.Width / width, cosine, math.Sqrt(square / float64(m.Input))}, true, nil
}
