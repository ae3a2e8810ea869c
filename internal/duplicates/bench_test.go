package duplicates

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
)

// BenchmarkDuplicates looks for copies among 100 000 pictures (AKIN_PICTURES: as many), of which each
// tenth is a smaller copy of the one before, by a model that is not here, so that the nearest of
// each are all compared: first as it comes, then again, then turned ones too.
func BenchmarkDuplicates(b *testing.B) {
	pictures := 100_000
	if n, err := strconv.Atoi(os.Getenv("AKIN_PICTURES")); err == nil {
		pictures = n
	}
	c, err := space.Open(b.Context(), filepath.Join(b.TempDir(), "c.akin"), models.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	if err := madePictures(b, c, b.TempDir(), pictures); err != nil {
		b.Fatal(err)
	}
	for _, o := range []struct {
		name    string
		options api.DuplicateOptions
	}{{"first", api.DuplicateOptions{}}, {"again", api.DuplicateOptions{}}, {"turned", api.DuplicateOptions{Mirrored: true, Rotated: true}}} {
		b.Run(o.name, func(b *testing.B) {
			began := time.Now()
			d, err := Duplicates(b.Context(), c, o.options)
			if err != nil {
				b.Fatal(err)
			}
			wrong := 0
			for _, g := range d.Groups {
				if len(g.Copies) != 2 || g.Copies[1].Name != g.Copies[0].Name+"x" {
					wrong++
				}
			}
			b.ReportMetric(time.Since(began).Seconds(), "s")
			b.ReportMetric(float64(len(d.Groups)-wrong)/float64(pictures/10), "found")
			b.ReportMetric(float64(wrong), "wrong")
			b.Logf("%+v", *d.Calibration)
		})
	}
}

// BenchmarkExactDuplicates looks for files with equal bytes among 100 000 (AKIN_PICTURES: as many), of which each tenth
// holds what the one before holds. Nothing is decoded, so they hold no pictures.
func BenchmarkExactDuplicates(b *testing.B) {
	files := 100_000
	if n, err := strconv.Atoi(os.Getenv("AKIN_PICTURES")); err == nil {
		files = n
	}
	c, err := space.Open(b.Context(), filepath.Join(b.TempDir(), "c.akin"), models.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	dir := b.TempDir()
	w, err := c.Folder.Writer()
	must(b, err)
	s, err := w.Space(b.Context(), "absent", "f", 2)
	must(b, err)
	var batch record.Batch
	for i := range files {
		if i%1000 == 0 {
			must(b, os.Mkdir(filepath.Join(dir, fmt.Sprint(i/1000)), 0o777))
		}
		holds := []byte(fmt.Sprint(i - i%10/9)) // 9 is 8
		path := filepath.Join(dir, fmt.Sprint(i/1000), fmt.Sprintf("p%06d.png", i))
		must(b, os.WriteFile(path, holds, 0o666))
		info, err := os.Stat(path)
		must(b, err)
		hash := embed.HashOf(holds)
		batch.Puts = append(batch.Puts, record.Put{Source: path, Root: dir, Size: info.Size(), Mtime: info.ModTime().UnixNano(), Hash: hash, Format: "png", Width: 1, Height: 1})
		batch.Embeddings = append(batch.Embeddings, record.Embedding{Space: s.ID, Hash: hash, Vector: []float32{1, float32(i)}})
	}
	must(b, errors.Join(w.Commit(b.Context(), batch), w.Prepare(b.Context(), nil), w.Close()))
	for b.Loop() {
		d, err := Duplicates(b.Context(), c, api.DuplicateOptions{Exact: true})
		must(b, err)
		if len(d.Groups) != files/10 || d.Remove != files/10 {
			b.Fatalf("%d groups, %d can be removed", len(d.Groups), d.Remove)
		}
	}
}

func madePictures(b *testing.B, c *space.Collection, dir string, n int) error {
	const dim = 256
	r := rand.New(rand.NewPCG(1, 2))
	w, err := c.Folder.Writer()
	if err != nil {
		return err
	}
	space, err := w.Space(b.Context(), "absent", "f", dim)
	if err != nil {
		return errors.Join(err, w.Close())
	}
	centers := make([][dim]float32, 500)
	for i := range centers {
		for k := range centers[i] {
			centers[i][k] = float32(r.NormFloat64())
		}
	}
	var batch record.Batch
	var scene image.Image
	var vector []float32
	for i := range n {
		name := fmt.Sprintf("p%06d", i)
		var p image.Image
		if i%10 == 9 { // a copy of the one before
			name = fmt.Sprintf("p%06dx", i-1)
			p = halved(scene)
			copied := make([]float32, dim)
			for k, v := range vector {
				copied[k] = v + 0.05*float32(r.NormFloat64())
			}
			vector = copied
		} else {
			scene = madeScene(r)
			p = scene
			vector = make([]float32, dim)
			for k, v := range centers[r.IntN(len(centers))] {
				vector[k] = v + 0.7*float32(r.NormFloat64())
			}
		}
		var file bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&file, p); err != nil {
			return err
		}
		path := filepath.Join(dir, fmt.Sprint(i/1000), name+".png")
		if i%1000 == 0 {
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				return err
			}
		}
		if err := os.WriteFile(path, file.Bytes(), 0o666); err != nil {
			return err
		}
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		hash := embed.HashOf(file.Bytes())
		batch.Puts = append(batch.Puts, record.Put{Name: name, Source: path, Root: dir, Size: info.Size(), Mtime: info.ModTime().UnixNano(),
			Hash: hash, Format: "png", Width: p.Bounds().Dx(), Height: p.Bounds().Dy()})
		batch.Embeddings = append(batch.Embeddings, record.Embedding{Space: space.ID, Hash: hash, Vector: vector})
		if len(batch.Puts) == 10_000 || i == n-1 {
			if err := w.Commit(b.Context(), batch); err != nil {
				return err
			}
			batch = record.Batch{}
		}
	}
	return errors.Join(w.Prepare(b.Context(), nil), w.Close())
}

// madeScene is a gradient with some boxes.
func madeScene(r *rand.Rand) image.Image {
	p := image.NewRGBA(image.Rect(0, 0, 160, 120))
	from, to := [3]float64{r.Float64(), r.Float64(), r.Float64()}, [3]float64{r.Float64(), r.Float64(), r.Float64()}
	for y := range 120 {
		for x := range 160 {
			share := float64(x+y) / 280
			v := func(k int) uint8 { return uint8(255 * (from[k] + share*(to[k]-from[k]))) }
			p.SetRGBA(x, y, color.RGBA{v(0), v(1), v(2), 255})
		}
	}
	for range 12 {
		x, y := r.IntN(160), r.IntN(120)
		box := image.Rect(x, y, x+5+r.IntN(60), y+5+r.IntN(60)).Intersect(p.Rect)
		c := color.RGBA{uint8(r.UintN(256)), uint8(r.UintN(256)), uint8(r.UintN(256)), 255}
		for y := box.Min.Y; y < box.Max.Y; y++ {
			for x := box.Min.X; x < box.Max.X; x++ {
				p.SetRGBA(x, y, c)
			}
		}
	}
	return p
}

// halved is the mean of each two by two.
func halved(p image.Image) image.Image {
	b := p.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx()/2, b.Dy()/2))
	for y := range b.Dy() / 2 {
		for x := range b.Dx() / 2 {
			var sum [3]uint32
			for k := range 4 {
				r, g, b, _ := p.At(2*x+k%2, 2*y+k/2).RGBA()
				sum[0], sum[1], sum[2] = sum[0]+r>>8, sum[1]+g>>8, sum[2]+b>>8
			}
			out.SetRGBA(x, y, color.RGBA{uint8(sum[0] / 4), uint8(sum[1] / 4), uint8(sum[2] / 4), 255})
		}
	}
	return out
}
