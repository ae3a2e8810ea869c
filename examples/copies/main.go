// Command copies makes copies of some pictures of a folder, as people come by them, to try
// `akin dupes` on:
//
//	go run ./examples/copies FLAGS/ COPIES/ Bhutan Brazil Chad
package main

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"

	"golang.org/x/image/draw"
)

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: copies FOLDER TO NAME…")
		os.Exit(2)
	}
	for _, name := range os.Args[3:] {
		if err := makeCopies(filepath.Join(os.Args[1], name+".png"), filepath.Join(os.Args[2], name)); err != nil {
			fmt.Fprintln(os.Stderr, "copies:", err)
			os.Exit(1)
		}
	}
}

func makeCopies(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	p, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	w, h := p.Bounds().Dx(), p.Bounds().Dy()
	small := scaled(p, w/2, h/2)
	for _, c := range []struct {
		name    string
		picture image.Image
	}{
		{"_half.png", small},
		{"_enlarged.png", scaled(small, 2*w, 2*h)},
		{"_trimmed.png", turned(p, w-w/60, h-h/60, func(x, y int) (int, int) { return x + w/60, y + h/60 })},
		{"_mirrored.png", turned(p, w, h, func(x, y int) (int, int) { return w - 1 - x, y })},
		{"_turned.png", turned(p, h, w, func(x, y int) (int, int) { return y, h - 1 - x })},
	} {
		var file bytes.Buffer
		if err := png.Encode(&file, c.picture); err != nil {
			return err
		}
		if err := os.WriteFile(to+c.name, file.Bytes(), 0o666); err != nil {
			return err
		}
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, p, &jpeg.Options{Quality: 60}); err != nil {
		return err
	}
	if err := os.WriteFile(to+"_60.jpg", file.Bytes(), 0o666); err != nil {
		return err
	}
	return os.WriteFile(to+"_again.png", data, 0o666)
}

func scaled(p image.Image, width, height int) image.Image {
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.CatmullRom.Scale(out, out.Rect, p, p.Bounds(), draw.Src, nil)
	return out
}

// turned makes a picture of the pixels of another.
func turned(p image.Image, width, height int, from func(x, y int) (int, int)) image.Image {
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			fx, fy := from(x, y)
			out.Set(x, y, p.At(p.Bounds().Min.X+fx, p.Bounds().Min.Y+fy))
		}
	}
	return out
}
