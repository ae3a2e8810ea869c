// Command dupes writes pictures whose truth is known, to try searches for copies on: pages of ten kinds, photographs
// with copies as messengers make them, bursts, and icons of alpha alone. DIR/truth.csv tells what is a copy of what.
//
//	go run ./bench/dupes -pages 50 -photos 40 -bursts 8 DIR
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"image/color"
	"image/png"
	"os"

	"github.com/akin-search/akin/internal/insight/copies/made"
)

func main() {
	pages := flag.Int("pages", 10, "pages of each kind")
	photos := flag.Int("photos", 20, "photographs")
	copies := flag.Int("copies", len(made.Copies), "copies of each photograph, at most")
	bursts := flag.Int("bursts", 3, "bursts")
	frames := flag.Int("frames", 8, "frames of each burst")
	icons := flag.Bool("icons", true, "also icons of alpha alone, in black and in white")
	width := flag.Int("width", 1600, "of photographs, in pixels")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: dupes [-pages N] [-photos N] [-copies N] [-bursts N] [-frames N] [-icons=false] DIR")
		os.Exit(2)
	}
	if err := write(flag.Arg(0), *pages, *photos, *copies, *bursts, *frames, *width, *icons); err != nil {
		fmt.Fprintln(os.Stderr, "dupes:", err)
		os.Exit(1)
	}
}

func write(dir string, pages, photos, copies, bursts, frames, width int, icons bool) error {
	set, err := made.NewSet(dir)
	if err != nil {
		return err
	}
	height := width * 3 / 4
	err = errors.Join(set.Pages(pages), set.Photos(photos, width, height, copies), set.Bursts(bursts, frames, width, height))
	if icons {
		for n := range made.Icons {
			for _, c := range []struct {
				name string
				c    color.NRGBA
			}{{"black", color.NRGBA{0, 0, 0, 255}}, {"white", color.NRGBA{255, 255, 255, 255}}} {
				var file bytes.Buffer
				err = errors.Join(err, png.Encode(&file, made.Icon(n, 128, c.c)))
				err = errors.Join(err, set.Put(fmt.Sprintf("icons/%02d_%s.png", n, c.name), "", "icons "+c.name, file.Bytes()))
			}
		}
	}
	return errors.Join(err, set.Close())
}
