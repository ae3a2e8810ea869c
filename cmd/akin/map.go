package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/page"
	"github.com/akin-search/akin/cmd/akin/internal/term"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

func (a *app) mapCommand() *cobra.Command {
	var o api.MapOptions
	var html string
	var outs []string
	var words string
	cmd := &cobra.Command{
		Use:   "map",
		Short: "Lay all pictures out in two dimensions, those that look alike together",
		Long: `Lays all pictures out in two dimensions by likeness (UMAP over each picture's
exact nearest), finds the clusters, and names each by its most central picture, and
where a model reads text (CLIP, SigLIP) by the words that suit it more than others:
some hundred common ones, or those of --words.
All models of the collection are fused; --model chooses one, or several.

Places are kept: pictures that were indexed since are put among those that look
like them, and the others stay where they are. --fresh lays all out anew.`,
		Example: `  akin map --html map.html
  akin map -m clip-vit-base-patch32 --out map.png
  akin map --out map.csv --out map.svg
  akin map -m clip-vit-base-patch32 --words animals.txt
  akin map --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case o.Neighbors < 2:
				return usagef("--neighbors %d: want at least 2", o.Neighbors)
			case !(o.MinDist > 0 && o.MinDist < 1):
				return usagef("--min-dist %g: want more than 0 and less than 1", o.MinDist)
			case o.MinCluster < 0 || o.MinCluster == 1:
				return usagef("--min-cluster %d: want at least 2, or 0 for what suits the number of pictures", o.MinCluster)
			}
			for _, out := range outs {
				switch strings.ToLower(filepath.Ext(out)) {
				case ".json", ".csv", ".png", ".svg":
				default:
					return usagef("--out %s: want a name that ends in .json, .csv, .png or .svg", out)
				}
			}
			if words != "" {
				file, err := os.Open(words)
				if err != nil {
					return fmt.Errorf("read --words: %w", err)
				}
				o.Words, err = readList(file)
				if err = errors.Join(err, file.Close()); err != nil {
					return fmt.Errorf("read --words %s: %w", words, err)
				}
				if len(o.Words) == 0 {
					return fmt.Errorf("read --words %s: it is empty", words)
				}
			}
			c, err := a.open(cmd.Context(), false)
			if err != nil {
				return err
			}
			defer c.Close()
			o.Models = a.models
			progress := term.NewProgress(a.console, a.quiet)
			defer progress.Close()
			o.Progress = func(p api.Progress) {
				unit := ""
				if p.Step == "layout" {
					unit = "rounds"
				}
				progress.Update(term.State{Done: p.Done, Total: p.Total, Note: p.Step, Unit: unit})
			}
			m, err := c.Map(cmd.Context(), o)
			if err != nil {
				return err
			}
			var tiles *page.Tiles
			if html != "" || drawn(outs) {
				if tiles, err = a.tiles(cmd.Context(), m, progress); err != nil {
					return err
				}
			}
			progress.Close()
			for _, name := range m.Missing {
				fmt.Fprintf(a.err, "akin: %q has no embedding of %s, and is not on the map\n", term.Clean(name), term.Clean(strings.Join(m.Models, " or ")))
			}
			if !m.Kept {
				a.notef("akin: the places could not be kept in %s: the next map may differ", c.Path())
			}
			d := mapData(m, tiles)
			for _, out := range outs {
				if err := a.writeMapFile(out, m, d); err != nil {
					return err
				}
				a.notef("akin: wrote %s", out)
			}
			if html != "" {
				if err := writeFile(html, func(w *bufio.Writer) error { return page.Map(w, d) }); err != nil {
					return err
				}
				a.notef("akin: wrote %s", html)
			}
			if a.json {
				return a.writeJSON(m)
			}
			return a.mapTable(m)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&html, "html", "", "write a page to pan and zoom, with the pictures, to `FILE`")
	f.StringArrayVar(&outs, "out", nil, "write the map to `FILE`: .json, .csv, .png or .svg; may be given again")
	a.sheetFlag(cmd)
	f.BoolVar(&o.Fresh, "fresh", false, "lay all pictures out anew")
	f.IntVar(&o.Neighbors, "neighbors", 15, "how many neighbours make a place: few show detail, many the whole")
	f.Float64Var(&o.MinDist, "min-dist", 0.1, "how near pictures may come")
	f.IntVar(&o.MinCluster, "min-cluster", 0, "pictures of a cluster at least (0: as suits their number)")
	f.StringVar(&words, "words", "", "name clusters by the words of `FILE`, a word or several a line")
	f.Uint64Var(&o.Seed, "seed", 0, "another number lays them out another way")
	return cmd
}

func drawn(outs []string) bool {
	for _, out := range outs {
		if e := strings.ToLower(filepath.Ext(out)); e == ".png" || e == ".svg" {
			return true
		}
	}
	return false
}

// tiles reads the pictures of a map; nil when none can be read.
func (a *app) tiles(ctx context.Context, m api.Map, progress *term.Progress) (*page.Tiles, error) {
	t := page.NewTiles(len(m.Pictures))
	var mu sync.Mutex
	done, read, without := 0, 0, 0
	var group errgroup.Group
	group.SetLimit(max(2, a.threads))
	for i, p := range m.Pictures {
		if !t.Has(i) || ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			in, pixels, err := akin.Inspect(ctx, p.Source, a.shown())
			if err == nil {
				t.Set(i, in.Width, in.Height, pixels)
			}
			mu.Lock()
			defer mu.Unlock()
			if done++; err == nil {
				read++
			} else {
				without++
			}
			progress.Update(term.State{Done: done, Total: len(m.Pictures), Note: "thumbnails"})
			return nil
		})
	}
	_ = group.Wait() // they have no errors
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if without > 0 {
		progress.Printf("akin: %d of %d pictures came without a file, or it cannot be read: shown as points", without, len(m.Pictures))
	}
	if read == 0 {
		return nil, nil
	}
	return t, nil
}

func mapData(m api.Map, tiles *page.Tiles) page.MapData {
	d := page.MapData{
		Title: "Map", Tiles: tiles,
		Lead: fmt.Sprintf("%s in %s by %s: what looks alike lies together.", count(len(m.Pictures), "picture"), count(len(m.Clusters), "cluster"), strings.Join(m.Models, " + ")),
	}
	for _, p := range m.Pictures {
		folder := ""
		if filepath.IsAbs(p.Source) {
			folder = filepath.Dir(p.Source)
		}
		d.Points = append(d.Points, page.MapPoint{Name: p.Name, Source: p.Source, Folder: folder, X: p.X, Y: p.Y, Cluster: p.Cluster})
	}
	for _, c := range m.Clusters {
		d.Clusters = append(d.Clusters, page.MapCluster{Number: c.Cluster, Size: c.Size, Name: clusterName(c), X: c.X, Y: c.Y})
	}
	return d
}

// clusterName is what a cluster is called on a map.
func clusterName(c api.MapCluster) string {
	if c.Words == "" {
		return c.Center.Name
	}
	return c.Center.Name + ", " + c.Words
}

// writeMapFile writes a map in the format that the file's name asks for.
func (a *app) writeMapFile(path string, m api.Map, d page.MapData) error {
	return writeFile(path, func(w *bufio.Writer) error {
		switch strings.ToLower(filepath.Ext(path)) {
		case ".csv":
			c := a.sheet(w)
			if err := c.Write([]string{"name", "source", "x", "y", "cluster"}); err != nil {
				return err
			}
			for _, p := range m.Pictures {
				row := []string{p.Name, p.Source, strconv.FormatFloat(p.X, 'g', 7, 64), strconv.FormatFloat(p.Y, 'g', 7, 64), strconv.Itoa(p.Cluster)}
				if err := c.Write(row); err != nil {
					return err
				}
			}
			c.Flush()
			return c.Error()
		case ".png":
			p, err := page.MapImage(d)
			if err != nil {
				return err
			}
			return png.Encode(w, p)
		case ".svg":
			return page.MapSVG(w, d)
		}
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(m)
	})
}

// shownClusters is how many a table has.
const shownClusters = 20

func (a *app) mapTable(m api.Map) error {
	between := 0
	for _, p := range m.Pictures {
		if p.Cluster == 0 {
			between++
		}
	}
	how := ""
	switch {
	case m.Placed > 0:
		how = fmt.Sprintf("; %s placed, the others stay where they were", count(m.Placed, "new one was", "new ones were"))
	case !m.Fresh:
		how = "; all where they were"
	}
	fmt.Fprintf(a.out, "%s by %s: %s, %s between them%s\n",
		count(len(m.Pictures), "picture"), term.Clean(strings.Join(m.Models, " + ")), count(len(m.Clusters), "cluster"), count(between, "picture"), how)
	if len(m.Clusters) == 0 {
		return nil
	}
	columns := []term.Column{
		{Header: "cluster", Right: true}, {Header: "pictures", Right: true, Whole: true}, {Header: "most central"}, {Header: "called"}, {Header: "source"},
	}
	called := slices.ContainsFunc(m.Clusters, func(c api.MapCluster) bool { return c.Words != "" })
	if !called {
		columns = slices.Delete(columns, 3, 4)
	}
	t := term.Table{Columns: columns}
	for _, c := range m.Clusters[:min(shownClusters, len(m.Clusters))] {
		cells := []term.Cell{{Text: fmt.Sprint(c.Cluster)}, {Text: fmt.Sprint(c.Size)}, {Text: c.Center.Name}, {Text: c.Words}, {Text: place(c.Center.Source), Style: term.Faint}}
		if !called {
			cells = slices.Delete(cells, 3, 4)
		}
		t.AddCells(cells...)
	}
	if err := t.Write(a.screen); err != nil {
		return err
	}
	if more := len(m.Clusters) - shownClusters; more > 0 {
		fmt.Fprintf(a.out, "and %s: --json has all\n", count(more, "smaller one"))
	}
	return nil
}
