package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/page"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

const barWidth = 12 // cells

// searchTable shows hits for people: pictures where the terminal can, then a table.
func (a *app) searchTable(ctx context.Context, r api.Result, preview term.Mode) error {
	if r.NoGoodMatch || len(r.Hits) == 0 {
		if _, err := fmt.Fprintln(a.out, noGoodMatch(r.Hits)); err != nil || len(r.Hits) == 0 {
			return err
		}
	}
	fmt.Fprintf(a.screen.W, "%s  %s\n", a.screen.Paint(term.Clean(describe(r.Query)), term.Bold),
		a.screen.Paint(term.Clean(r.Model), term.Faint))
	if a.screen.Mode(preview) != term.None {
		if err := a.strip(ctx, r, preview); err != nil {
			return err
		}
	}
	t := term.Table{Columns: []term.Column{
		{Header: "#", Right: true}, {Header: "name"}, {Header: "score", Right: true, Whole: true},
		{Header: "", Screen: true, Whole: true}, {Header: "by luck", Right: true, Whole: true}, {Header: "", Whole: true}, {Header: "source"},
	}}
	for _, h := range r.Hits {
		style := term.GradeStyle(string(h.Grade))
		t.AddCells(term.Cell{Text: fmt.Sprint(h.Rank)}, term.Cell{Text: h.Name}, term.Cell{Text: fmt.Sprintf("%.4f", h.Score)},
			term.Cell{Text: a.screen.Bar(closeness(h.Chance), barWidth), Style: style}, term.Cell{Text: page.LuckText(h.ByLuck)},
			term.Cell{Text: string(h.Grade), Style: style}, term.Cell{Text: place(h.Source), Style: term.Faint})
		for _, f := range h.Folded {
			t.AddCells(term.Cell{}, term.Cell{Text: "  = " + f.Name, Style: term.Faint}, term.Cell{Text: fmt.Sprintf("%.4f", f.Score)},
				term.Cell{}, term.Cell{}, term.Cell{Text: string(f.Grade)}, term.Cell{Text: place(f.Source), Style: term.Faint})
		}
	}
	return t.Write(a.screen)
}

// noGoodMatch is the first line of an answer in which nothing is beyond luck.
func noGoodMatch(hits []api.Hit) string {
	if len(hits) == 0 || hits[0].ByLuck == nil {
		return "no good match"
	}
	return "no good match: " + page.LuckWords(*hits[0].ByLuck) + " by luck"
}

// place is a source as tables show it: from the working folder on where it lies below that.
func place(source string) string {
	wd, err := os.Getwd()
	if err != nil || wd == filepath.Dir(wd) || !filepath.IsAbs(source) {
		return source
	}
	if rel, err := filepath.Rel(wd, source); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return source
}

// count is a number with its noun, in the singular or the plural.
func count(n int, one string, many ...string) string {
	return fmt.Sprintf("%d %s", n, plural(n, one, many...))
}

// plural is a noun as so many of it are called: with an s, where no plural is given.
func plural(n int, one string, many ...string) string {
	switch {
	case n == 1:
		return one
	case len(many) > 0:
		return many[0]
	}
	return one + "s"
}

// failureText says what could not be read, and why.
func failureText(f api.Failure) string {
	if strings.Contains(f.Error, f.Source) {
		return term.Clean(f.Error)
	}
	return term.Clean(f.Source + ": " + f.Error)
}

// bare is an error without the system's words for what was tried on which file: ours are before it.
func bare(err error) error {
	var at *os.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// closeness is a chance as a bar shows it: full where one random pair in ten
// thousand or fewer is as close, empty where the chance is not known.
func closeness(chance *float64) float64 {
	if chance == nil {
		return 0
	}
	return min(1, -math.Log10(max(*chance, 1e-4))/4)
}

const stripTiles = 8

func (a *app) strip(ctx context.Context, r api.Result, mode term.Mode) error {
	s := term.Strip{}
	for _, h := range r.Hits[:min(stripTiles, len(r.Hits))] {
		s.Tiles = append(s.Tiles, term.Tile{Picture: a.picture(ctx, h.Source), Caption: []term.Cell{
			{Text: h.Name}, {Text: fmt.Sprintf("%.3f %s", h.Score, h.Grade), Style: term.GradeStyle(string(h.Grade))},
		}})
	}
	return s.Write(a.screen, mode)
}

// picture reads a picture to show; nil where it cannot be.
func (a *app) picture(ctx context.Context, source string) image.Image {
	i, pixels, err := akin.Inspect(ctx, source, a.shown())
	if err != nil {
		return nil
	}
	return term.RGB(i.Width, i.Height, pixels)
}

// thumbs makes thumbnails for a page, each picture once.
type thumbs struct {
	a    *app
	made map[string]page.Thumb
}

func (a *app) thumbs() *thumbs { return &thumbs{a: a, made: map[string]page.Thumb{}} }

// of is the picture at source, without a thumbnail where it cannot be read.
func (t *thumbs) of(ctx context.Context, name, source string) page.Picture {
	thumb, ok := t.made[source]
	if !ok {
		if i, pixels, err := akin.Inspect(ctx, source, t.a.shown()); err == nil {
			thumb, _ = page.Thumbnail(i.Width, i.Height, pixels, 0)
		}
		t.made[source] = thumb
	}
	return page.Picture{Name: name, Source: source, Thumb: thumb}
}

func (t *thumbs) hits(ctx context.Context, hits []api.Hit) []page.Hit {
	out := make([]page.Hit, len(hits))
	for i, h := range hits {
		out[i] = page.Hit{Picture: t.of(ctx, h.Name, h.Source), Rank: h.Rank, Score: h.Score, Chance: -1, Luck: h.ByLuck, Grade: string(h.Grade)}
		if h.Chance != nil {
			out[i].Chance = *h.Chance
		}
		for _, f := range h.Folded {
			out[i].Folded = append(out[i].Folded, f.Name)
		}
	}
	return out
}
