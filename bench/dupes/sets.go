package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/akin-search/akin/internal/insight/copies/made"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/resample"
)

// set is a folder of pictures that is being made, with its truth.
type set struct {
	dir string
	truth
}

func newSet(dir string) (*set, error) {
	for _, sub := range []string{"pictures", "received"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o777); err != nil {
			return nil, err
		}
	}
	return &set{dir, truth{map[string]string{}, map[string]string{}}}, nil
}

// original adds a picture that is a copy of none.
func (s *set) original(name string, p *picture.Picture, asJPEG bool) (file string, err error) {
	file = filepath.Join("pictures", name+".png")
	encode := func(b *bytes.Buffer) error { return png.Encode(b, asImage(p)) }
	if asJPEG {
		file = filepath.Join("pictures", name+".jpg")
		encode = func(b *bytes.Buffer) error { return jpeg.Encode(b, asImage(p), &jpeg.Options{Quality: 92}) }
	}
	s.origin[file], s.kind[file] = file, ""
	return file, s.save(file, encode)
}

func (s *set) save(file string, encode func(*bytes.Buffer) error) error {
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.dir, file), b.Bytes(), 0o666)
}

// asImage keeps transparency.
func asImage(p *picture.Picture) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, p.Width, p.Height))
	for i := range p.Width * p.Height {
		alpha := byte(255)
		if p.Alpha != nil {
			alpha = p.Alpha[i]
		}
		m.SetNRGBA(i%p.Width, i/p.Width, color.NRGBA{p.Pix[3*i], p.Pix[3*i+1], p.Pix[3*i+2], alpha})
	}
	return m
}

// copies adds copies of a picture that is in the set, as messengers, mail programs and editors make them.
func (s *set) copies(of string, p *picture.Picture) error {
	name := strings.TrimSuffix(filepath.Base(of), filepath.Ext(of))
	seen, _ := p.On(picture.Auto)
	shown := asImage(seen)
	for _, c := range made.Copies {
		file := filepath.Join("received", name+"-"+c.Name)
		data, err := c.Make(shown)
		if err == nil {
			err = os.WriteFile(filepath.Join(s.dir, file), data, 0o666)
		}
		if err != nil {
			return err
		}
		s.origin[file], s.kind[file] = of, c.Name
	}
	return nil
}

// every returns the places, evenly spread, of n of all.
func every(n, all int) map[int]bool {
	chosen := map[int]bool{}
	for i := range min(n, all) {
		chosen[i*all/min(n, all)] = true
	}
	return chosen
}

func decode(path string) (*picture.Picture, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	p, _, err := picture.Decode(context.Background(), data, picture.Limits{})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return p, nil
}

func picturesBelow(dir string) (paths []string, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && slices.Contains([]string{".png", ".jpg", ".jpeg", ".webp"}, strings.ToLower(filepath.Ext(path))) {
			paths = append(paths, path)
		}
		return err
	})
	return paths, err
}

// makeFlags is 195 flags, many of them nearly alike, and copies of 20.
func makeFlags(dir, from string) error {
	s, err := newSet(dir)
	if err != nil {
		return err
	}
	paths, err := picturesBelow(from)
	if err != nil {
		return err
	}
	chosen := every(20, len(paths))
	for i, path := range paths {
		p, err := decode(path)
		if err != nil {
			return err
		}
		file, err := s.original(strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), p, false)
		if err == nil && chosen[i] {
			err = s.copies(file, p)
		}
		if err != nil {
			return err
		}
	}
	return s.write(dir)
}

// makeIcons is 3000 logos and emoji, drawn at 256 pixels with their transparency. Drawings with the same
// pixels come once: packages have many aliases.
func makeIcons(dir, from string, part int) error {
	s, err := newSet(dir)
	if err != nil {
		return err
	}
	drawings, err := readIcons(from)
	if err != nil {
		return err
	}
	seen := map[[32]byte]bool{}
	chosen := every(3300/part, len(drawings))
	var kept []string
	pictures := map[string]*picture.Picture{}
	for i, d := range drawings {
		if !chosen[i] || len(kept) == 3000/part {
			continue
		}
		p, _, err := picture.Decode(context.Background(), d.svg, picture.Limits{})
		if err != nil {
			fmt.Fprintf(os.Stderr, "bench: left out %s: %v\n", d.name, err)
			continue
		}
		small := drawn(p, 256)
		if key := sha256.Sum256(slices.Concat(small.Pix, small.Alpha)); seen[key] {
			continue
		} else {
			seen[key] = true
		}
		file, err := s.original(d.name, small, false)
		if err != nil {
			return err
		}
		kept = append(kept, file)
		pictures[file] = small
	}
	for i := range every(40/part, len(kept)) {
		if err := s.copies(kept[i], pictures[kept[i]]); err != nil {
			return err
		}
	}
	return s.write(dir)
}

// drawn is a drawing at a size, with its transparency: colours and alpha are made smaller apart, colours
// weighed by alpha.
func drawn(p *picture.Picture, side int) *picture.Picture {
	width, height := max(1, side*p.Width/max(p.Width, p.Height)), max(1, side*p.Height/max(p.Width, p.Height))
	if p.Alpha == nil {
		return resample.Resize(p, width, height, resample.Lanczos)
	}
	black, alpha := picture.New(p.Width, p.Height), picture.New(p.Width, p.Height)
	copy(black.Pix, p.Pix)
	black.Alpha, black.OnWhite = p.Alpha, p.OnWhite
	black.Flatten(picture.Black) // each colour times its alpha
	for i, a := range p.Alpha {
		alpha.Pix[3*i], alpha.Pix[3*i+1], alpha.Pix[3*i+2] = a, a, a
	}
	colours, shape := resample.Resize(black, width, height, resample.Bilinear), resample.Resize(alpha, width, height, resample.Bilinear)
	colours.Alpha = make([]byte, width*height)
	for i := range colours.Alpha {
		a := int(shape.Pix[3*i])
		colours.Alpha[i] = byte(a)
		for c := range 3 {
			if a > 0 {
				colours.Pix[3*i+c] = byte(min(255, (255*int(colours.Pix[3*i+c])+a/2)/a))
			}
		}
	}
	return colours
}

// photographs returns pictures of 1200 x 900 that share no pixel: tiles of large ones.
func photographs(from string, most int) ([]*picture.Picture, error) {
	const width, height = 1200, 900
	paths, err := picturesBelow(from)
	if err != nil {
		return nil, err
	}
	var tiles []*picture.Picture
	seen := map[string]bool{} // wallpapers come in several sizes: the largest of a folder
	largest := map[string]string{}
	for _, path := range paths {
		dir := filepath.Dir(path)
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !strings.Contains(path, "contents/images") { // of others each is a picture of its own
			dir = path
		}
		if best, ok := largest[dir]; ok {
			if other, err := os.Stat(best); err == nil && other.Size() >= info.Size() {
				continue
			}
		}
		largest[dir] = path
	}
	for _, path := range paths {
		if !slices.Contains(valuesOf(largest), path) || seen[filepath.Base(filepath.Dir(path))+filepath.Base(path)] {
			continue
		}
		seen[filepath.Base(filepath.Dir(path))+filepath.Base(path)] = true
		p, err := decode(path)
		if err != nil {
			fmt.Fprintf(os.Stderr, "bench: left out %v\n", err)
			continue
		}
		for y := 0; y+height <= p.Height && len(tiles) < most; y += height {
			for x := 0; x+width <= p.Width && len(tiles) < most; x += width {
				tile := resample.Crop(p, x, y, width, height)
				tile.Alpha = nil
				if hasDetail(tile) {
					tiles = append(tiles, tile)
				}
			}
		}
		p.Release()
	}
	return tiles, nil
}

func valuesOf(m map[string]string) []string {
	var all []string
	for _, v := range m {
		all = append(all, v)
	}
	return all
}

// hasDetail leaves out skies and plain grounds, of which any two tiles are alike: a person would not
// call these photographs.
func hasDetail(p *picture.Picture) bool {
	small := resample.Resize(p, 64, 48, resample.Bilinear)
	defer small.Release()
	low, high := 255, 0
	edges := 0
	for i := 3; i < len(small.Pix); i += 3 {
		v := int(small.Pix[i+1])
		low, high = min(low, v), max(high, v)
		if d := v - int(small.Pix[i-2]); d > 8 || d < -8 {
			edges++
		}
	}
	return high-low > 80 && edges > 200
}

// makeTemplates is 50 pages of each of ten kinds, which differ in what is written on them, and copies of 20.
func makeTemplates(dir string, part int) error {
	s, err := newSet(dir)
	if err != nil {
		return err
	}
	for _, kind := range made.Kinds {
		for i := range 50 / part {
			p, err := fromImage(made.Page(kind, i))
			if err != nil {
				return err
			}
			file, err := s.original(fmt.Sprintf("%s-%02d", kind, i), p, false)
			if err == nil && i%25 == 0 { // of a part the first
				err = s.copies(file, p)
			}
			if err != nil {
				return err
			}
		}
	}
	return s.write(dir)
}

// Of 300 photographs, so many are the first frames of bursts of five, and so many come back as copies.
const (
	bursts       = 6
	frames       = 5
	comeBack     = 30
	photographed = 300
)

// makePhotographs is 300 photographs, six of them in bursts of five frames, and copies of 30, one frame of
// every burst among them.
func makePhotographs(dir, from string, part int) error {
	bursts, comeBack, photographed := max(1, bursts/part), comeBack/part, photographed/part
	s, err := newSet(dir)
	if err != nil {
		return err
	}
	tiles, err := photographs(from, photographed-bursts*(frames-1))
	if err != nil {
		return err
	}
	if len(tiles) < photographed/2 {
		return fmt.Errorf("%s gives %d photographs, and %d are wanted", from, len(tiles), photographed)
	}
	chosen := every(comeBack-bursts, len(tiles)-bursts)
	for i, tile := range tiles {
		all := []*picture.Picture{tile}
		if burst := i >= len(tiles)-bursts; burst {
			all = burstOf(tile, tiles[i-bursts], uint64(i))
			chosen[i] = true
		}
		for n, p := range all {
			file, err := s.original(fmt.Sprintf("IMG_%04d", 10*i+n), p, true)
			if err == nil && chosen[i] && n == 0 {
				err = s.copies(file, p)
			}
			if err != nil {
				return err
			}
		}
	}
	return s.write(dir)
}

// burstOf is frames of one scene out of the hand: each some pixels on, with more or less light, noise of its
// own, and something of another picture that moves through.
func burstOf(scene, other *picture.Picture, seed uint64) []*picture.Picture {
	r := rand.New(rand.NewPCG(seed, 5))
	const margin = 40
	object := resample.Resize(resample.Crop(other, other.Width/3, other.Height/3, other.Width/4, other.Height/4), 130, 100, resample.Bilinear)
	var all []*picture.Picture
	for n := range frames {
		x, y := margin+r.IntN(2*margin)-margin, margin+r.IntN(2*margin)-margin
		p := resample.Crop(scene, x, y, scene.Width-2*margin, scene.Height-2*margin)
		light := 0.96 + 0.08*r.Float64()
		for i, v := range p.Pix {
			p.Pix[i] = byte(min(255, max(0, light*float64(v)+2.5*r.NormFloat64()+0.5)))
		}
		ox, oy := 300+110*n+r.IntN(20), 500+r.IntN(20)
		for row := range object.Height {
			copy(p.Pix[3*((oy+row)*p.Width+ox):], object.Pix[3*row*object.Width:][:3*object.Width])
		}
		all = append(all, p)
	}
	return all
}

func fromImage(m *image.RGBA) (*picture.Picture, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		return nil, err
	}
	p, _, err := picture.Decode(context.Background(), b.Bytes(), picture.Limits{})
	return p, err
}
