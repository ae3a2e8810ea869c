// Package photo makes photographs for programs of bench/.
package photo

import (
	"bufio"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// Folder fills dir with n synthetic photos that cost a decoder what real
// ones do: 4000x3000, 4:2:0, quality 90, smooth light, edges and sensor noise,
// 3 to 5 MB each. Photos that are there already are kept.
func Folder(dir string, n int) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		path := filepath.Join(dir, fmt.Sprintf("photo%04d.jpg", i))
		if _, err := os.Stat(path); err == nil {
			continue
		}
		g.Go(func() error { return Make(path, uint64(i)) })
	}
	return g.Wait()
}

// Make makes one; another seed makes another photo.
func Make(path string, seed uint64) error {
	const width, height = 4000, 3000
	r := rand.New(rand.NewPCG(seed, 7))
	img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	var wave [6][3]float64 // two frequencies and a phase each
	for i := range wave {
		wave[i] = [3]float64{r.Float64() * 20, r.Float64() * 20, r.Float64() * 6}
	}
	light := func(w [3]float64, x, y int) float64 {
		return math.Sin(w[0]*float64(x)/width + w[1]*float64(y)/height + w[2])
	}
	for y := range height {
		for x := 0; x < width; x += 8 {
			base := 128 + 40*light(wave[0], x, y) + 30*light(wave[1], x, y)
			if light(wave[2], x, y)+light(wave[3], x, y) > 0.3 { // an edge between two objects
				base -= 45
			}
			noise := r.Uint64()
			for dx := range 8 {
				v := base + float64(byte(noise>>(8*dx))%13) - 6
				img.Y[y*img.YStride+x+dx] = byte(max(0, min(255, v)))
			}
		}
	}
	for y := range height / 2 {
		for x := range width / 2 {
			img.Cb[y*img.CStride+x] = byte(128 + 50*light(wave[4], 2*x, 2*y))
			img.Cr[y*img.CStride+x] = byte(128 + 50*light(wave[5], 2*x, 2*y))
		}
	}
	partial := path + ".partial"
	f, err := os.Create(partial)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	if err := jpeg.Encode(w, img, &jpeg.Options{Quality: 90}); err != nil {
		f.Close()
		return err
	}
	if err := w.Flush(); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(partial, path)
}
