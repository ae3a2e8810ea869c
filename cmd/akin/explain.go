package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/page"
	"github.com/akin-search/akin/cmd/akin/internal/term"
	"github.com/spf13/cobra"
)

func (a *app) explainCommand() *cobra.Command {
	var html, out, preview string
	cmd := &cobra.Command{
		Use:   "explain A B",
		Short: "Which regions make two pictures alike?",
		Long: `Shows on both pictures which regions make them alike, to each model: names of indexed
pictures, files or addresses. The lighter, the more; what the model does not see is hatched.

For EfficientNets the score is divided exactly into places, and the parts sum to it. For
ViT, DINOv2 and CLIP the patches of one picture are matched with those of the other. Every other
model is asked again with one place after the other covered.`,
		Example: `  akin explain Chad Romania
  akin explain Chad Romania -m efficientnet-lite0,dinov2-base --html why.html
  akin explain a.jpg b.jpg --out maps/`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			mode, err := term.ParseMode(preview)
			if err != nil {
				return usagef("--preview: %w", err)
			}
			names, sources, err := a.explained(cmd.Context(), args)
			if err != nil {
				return err
			}
			models, err := a.explainers(cmd.Context())
			if err != nil {
				return err
			}
			var all []api.Explanation
			progress := term.NewProgress(a.console, a.quiet)
			defer progress.Close()
			for _, name := range models {
				m, err := akin.OpenModel(name, a.options())
				if err != nil {
					return err
				}
				x, err := m.Explain(cmd.Context(), sources[0], sources[1], func(done, total int) {
					progress.Update(term.State{Done: done, Total: total, Unit: "places", Note: name})
				})
				if err = errors.Join(err, m.Close()); err != nil {
					return err
				}
				all = append(all, x)
			}
			progress.Close()
			if html != "" {
				if err := explainPage(html, names, all); err != nil {
					return err
				}
				a.notef("akin: wrote %s", html)
			}
			if out != "" {
				if err := a.explainFiles(out, names, all); err != nil {
					return err
				}
			}
			if a.json {
				return a.writeJSON(all)
			}
			return a.explainScreen(names, all, mode)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&html, "html", "", "also write a page with the maps to `FILE`")
	f.StringVar(&out, "out", "", "also write the pictures with their heat as PNG files into `DIR`")
	f.StringVar(&preview, "preview", "auto", "pictures in the terminal: auto, kitty, iterm, sixel, blocks or none")
	return cmd
}

// explained finds the files of two pictures; a collection is only needed for names.
func (a *app) explained(ctx context.Context, args []string) (names, sources [2]string, err error) {
	for i, arg := range args {
		names[i], sources[i] = strings.TrimSuffix(filepath.Base(arg), filepath.Ext(arg)), arg
		if info, err := os.Stat(arg); err == nil && !info.IsDir() || strings.Contains(arg, "://") {
			continue
		}
		c, err := a.open(ctx, false)
		if err != nil {
			return names, sources, fmt.Errorf("%s is no file, and %w", arg, err)
		}
		p, err := c.Picture(ctx, arg)
		if err = errors.Join(err, c.Close()); err != nil {
			return names, sources, err
		}
		if strings.HasPrefix(p.Source, "import:") {
			return names, sources, fmt.Errorf("explain: %s came with embeddings and without a picture; name its file instead", p.Name)
		}
		names[i], sources[i] = p.Name, p.Source
	}
	return names, sources, nil
}

// explainers are the models to ask: those of --model, else those of the collection that are
// here, else the default.
func (a *app) explainers(ctx context.Context) ([]string, error) {
	if len(a.models) > 0 {
		return a.models, nil
	}
	c, err := a.open(ctx, false)
	if err != nil {
		return []string{akin.DefaultModel}, nil
	}
	info, err := c.Info(ctx)
	if err = errors.Join(err, c.Close()); err != nil {
		return nil, err
	}
	present := map[string]bool{}
	for _, m := range akin.Models(a.options()) {
		present[m.Name] = m.Present
	}
	var names []string
	for _, s := range info.Spaces {
		if s.Active && present[s.Model] {
			names = append(names, s.Model)
		}
	}
	if len(names) == 0 {
		names = []string{akin.DefaultModel}
	}
	return names, nil
}

// explainNote says what the values of a map are.
func explainNote(x api.Explanation) string {
	switch x.Method {
	case api.ByPlaces:
		return fmt.Sprintf("cosine %.4f, divided exactly among %d places of each picture: the parts sum to %.4f and %.4f", x.Score, x.A.Rows*x.A.Columns, x.A.Sum, x.B.Sum)
	case api.ByTokens:
		return fmt.Sprintf("cosine %.4f; each of %d patches is matched with its best counterpart in the other picture, which does not divide the score", x.Score, x.A.Rows*x.A.Columns)
	}
	return fmt.Sprintf("cosine %.4f; how much it falls when one of %d places is covered, which does not divide it exactly", x.Score, x.A.Rows*x.A.Columns)
}

func (a *app) explainScreen(names [2]string, all []api.Explanation, mode term.Mode) error {
	for _, x := range all {
		fmt.Fprintf(a.screen.W, "%s\n%s\n", a.screen.Paint(term.Clean(x.Model), term.Bold), term.Clean(explainNote(x)))
		s := term.Strip{Cols: 36, Rows: 14}
		for i, h := range []api.HeatMap{x.A, x.B} {
			s.Tiles = append(s.Tiles, term.Tile{Picture: term.RGB(h.PictureWidth, h.PictureHeight, akin.HeatOverlay(h)), Caption: []term.Cell{{Text: names[i]}}})
		}
		if a.screen.Mode(mode) != term.None {
			if err := s.Write(a.screen, mode); err != nil {
				return err
			}
			continue
		}
		for i, h := range []api.HeatMap{x.A, x.B} {
			if _, err := fmt.Fprintf(a.out, "  %s: %s\n", term.Clean(names[i]), strongest(h)); err != nil {
				return err
			}
		}
	}
	return nil
}

// strongest says in words where a map is highest, for where pictures cannot be shown.
func strongest(h api.HeatMap) string {
	row, column := 0, 0
	for r, values := range h.Values {
		for c, v := range values {
			if v > h.Values[row][column] {
				row, column = r, c
			}
		}
	}
	down, across := (float64(row)+0.5)/float64(h.Rows), (float64(column)+0.5)/float64(h.Columns)
	return fmt.Sprintf("most at %.0f %% from the left, %.0f %% from the top (--html or --out DIR shows the maps)",
		100*(h.Seen[0]+across*h.Seen[2]), 100*(h.Seen[1]+down*h.Seen[3]))
}

func (a *app) explainFiles(dir string, names [2]string, all []api.Explanation) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, x := range all {
		for i, h := range []api.HeatMap{x.A, x.B} {
			path := filepath.Join(dir, fmt.Sprintf("%s-%s-%s.png", x.Model, string("ab"[i]), fileName(names[i])))
			err := writeFile(path, func(w *bufio.Writer) error {
				return png.Encode(w, term.RGB(h.PictureWidth, h.PictureHeight, akin.HeatOverlay(h)))
			})
			if err != nil {
				return err
			}
			a.notef("akin: wrote %s", path)
		}
	}
	return nil
}

// fileName is a name as a part of a file's.
func fileName(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return '_'
		}
		return r
	}, name)
}

func explainPage(path string, names [2]string, all []api.Explanation) error {
	d := page.ExplainData{Title: names[0] + " · " + names[1], Lead: "Which regions make the two alike."}
	const box = 440
	side := func(name string, h api.HeatMap) (page.ExplainPicture, error) {
		plain, err := page.Thumbnail(h.PictureWidth, h.PictureHeight, h.RGB, box)
		if err != nil {
			return page.ExplainPicture{}, err
		}
		heat, err := page.Thumbnail(h.PictureWidth, h.PictureHeight, akin.HeatOverlay(h), box)
		return page.ExplainPicture{Name: name, Plain: plain, Heat: heat}, err
	}
	for _, x := range all {
		m := page.ExplainModel{Name: x.Model, Score: x.Score, Note: explainNote(x)}
		var err error
		if m.A, err = side(names[0], x.A); err != nil {
			return err
		}
		if m.B, err = side(names[1], x.B); err != nil {
			return err
		}
		d.Models = append(d.Models, m)
	}
	return writeFile(path, func(w *bufio.Writer) error { return page.Explain(w, d) })
}
