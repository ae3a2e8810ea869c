package render

import (
	"context"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/page"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

// Map writes the clusters, the largest first.
func (o *Output) Map(m api.Map) error {
	between := 0
	for _, p := range m.Pictures {
		if p.Cluster == 0 {
			between++
		}
	}
	how := ""
	switch {
	case m.Placed > 0:
		how = fmt.Sprintf("; %s added, the others keep their positions", Count(m.Placed, "picture was", "pictures were"))
	case !m.Fresh:
		how = "; all positions are unchanged"
	}
	if err := o.sentences(fmt.Sprintf("%s by %s: %s, %s in none%s",
		Count(len(m.Pictures), "picture"), strings.Join(m.Models, " + "), Count(len(m.Clusters), "cluster"), Count(between, "picture"), how)); err != nil || len(m.Clusters) == 0 {
		return err
	}
	columns := []term.Column{
		{Header: "cluster", Right: true}, {Header: "pictures", Right: true, Whole: true}, {Header: "most central"}, {Header: "words"}, {Header: "source", Spare: true},
	}
	labelled := slices.ContainsFunc(m.Clusters, func(c api.MapCluster) bool { return c.Words != "" })
	if !labelled {
		columns = slices.Delete(columns, 3, 4)
	}
	t := term.Table{Columns: columns}
	for _, c := range m.Clusters[:min(shownClusters, len(m.Clusters))] {
		cells := []term.Cell{{Text: fmt.Sprint(c.Cluster)}, {Text: fmt.Sprint(c.Size)}, {Text: c.Center.Name}, {Text: c.Words}, {Text: Place(c.Center.Source), Style: term.Faint}}
		if !labelled {
			cells = slices.Delete(cells, 3, 4)
		}
		t.AddCells(cells...)
	}
	if err := t.Write(o.Screen); err != nil {
		return err
	}
	if more := len(m.Clusters) - shownClusters; more > 0 {
		fmt.Fprintf(o.Text, "and %s; --json lists all\n", Count(more, "smaller cluster"))
	}
	return nil
}

// shownClusters is how many clusters a table lists.
const shownClusters = 20

// MapPage writes the map as a page to pan and zoom.
func MapPage(w io.Writer, m api.Map, tiles *page.Tiles) error { return page.Map(w, mapData(m, tiles)) }

// mapFormats are the formats that MapFile writes.
var mapFormats = map[string]func(o *Output, w io.Writer, m api.Map, tiles *page.Tiles) error{
	".csv": func(o *Output, w io.Writer, m api.Map, _ *page.Tiles) error { return o.mapCSV(w, m) },
	".json": func(_ *Output, w io.Writer, m api.Map, _ *page.Tiles) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(m)
	},
	".png": func(_ *Output, w io.Writer, m api.Map, tiles *page.Tiles) error {
		p, err := page.MapImage(mapData(m, tiles))
		if err != nil {
			return err
		}
		return png.Encode(w, p)
	},
	".svg": func(_ *Output, w io.Writer, m api.Map, tiles *page.Tiles) error {
		return page.MapSVG(w, mapData(m, tiles))
	},
}

// IsMapFile reports whether MapFile can write a file of this name.
func IsMapFile(path string) bool { return mapFormats[mapFormat(path)] != nil }

// ShowsPictures reports whether MapFile draws pictures into a file of this name.
func ShowsPictures(path string) bool {
	return slices.Contains([]string{".png", ".svg"}, mapFormat(path))
}

func mapFormat(path string) string { return strings.ToLower(filepath.Ext(path)) }

// MapFile writes the map in the format of the file's name.
func (o *Output) MapFile(w io.Writer, path string, m api.Map, tiles *page.Tiles) error {
	return mapFormats[mapFormat(path)](o, w, m, tiles)
}

func (o *Output) mapCSV(w io.Writer, m api.Map) error {
	c := o.sheet(w)
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
}

func mapData(m api.Map, tiles *page.Tiles) page.MapData {
	d := page.MapData{
		Title: "Map", Tiles: tiles,
		Lead: fmt.Sprintf("%s in %s by %s: similar pictures are near each other.", Count(len(m.Pictures), "picture"), Count(len(m.Clusters), "cluster"), strings.Join(m.Models, " + ")),
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

// clusterName is the label of a cluster on a map.
func clusterName(c api.MapCluster) string {
	if c.Words == "" {
		return c.Center.Name
	}
	return c.Center.Name + ", " + c.Words
}

// Tiles reads the pictures of a map, several at a time; nil where none can be read.
func (p *Pictures) Tiles(ctx context.Context, m api.Map, threads int, progress *term.Progress) (*page.Tiles, error) {
	t := page.NewTiles(len(m.Pictures))
	var mu sync.Mutex
	done, read := 0, 0
	var group errgroup.Group
	group.SetLimit(max(2, threads))
	for i, at := range m.Pictures {
		if !t.Has(i) || ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			x, err := p.Read(ctx, at.Source)
			if err == nil {
				t.Set(i, x.Width, x.Height, x.RGB)
			}
			mu.Lock()
			defer mu.Unlock()
			if done++; err == nil {
				read++
			}
			progress.Update(term.State{Done: done, Total: len(m.Pictures), Note: "thumbnails"})
			return nil
		})
	}
	_ = group.Wait() // they return no errors
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if done > read {
		progress.Printf("akin: %d of %d pictures have no file, or it cannot be read: shown as points", done-read, len(m.Pictures))
	}
	if read == 0 {
		return nil, nil
	}
	return t, nil
}
