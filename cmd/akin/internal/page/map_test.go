package page

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

const hostileName = `</script><img src=x onerror=alert(1)>"'` + "\u2028"

func mapOf(name string) MapData {
	tiles := NewTiles(3)
	tiles.Set(0, 4, 2, bytes.Repeat([]byte{200, 10, 10}, 8))
	tiles.Set(1, 2, 4, bytes.Repeat([]byte{10, 10, 200}, 8))
	return MapData{
		Title: name, Lead: name, Tiles: tiles,
		Points:   []MapPoint{{name, name, name, 0, 0, 1}, {"Mali", "mali.png", "", 5, 1, 1}, {"Fiji", "import:Fiji", "", 5, 1, 0}},
		Clusters: []MapCluster{{1, 2, name, 2.5, 0.5}},
	}
}

func TestMapPageHoldsHostileNamesAsText(t *testing.T) {
	t.Parallel()
	doc, source := render(t, func(w io.Writer) error { return Map(w, mapOf(hostileName)) })
	scripts := 0
	for e := range doc.Descendants() {
		switch {
		case e.Type != html.ElementNode:
		case e.Data == "script":
			scripts++
			if kind, _ := attr(e, "type"); kind == "application/json" {
				var data struct {
					Names  []string
					Places [][2]float32
					Sizes  [][2]int
				}
				if err := json.Unmarshal([]byte(text(e)), &data); err != nil {
					t.Fatal(err)
				}
				if data.Names[0] != hostileName || data.Places[1] != [2]float32{5, 1} || data.Sizes[0] != [2]int{128, 64} || data.Sizes[2] != [2]int{} {
					t.Errorf("%+v", data)
				}
			}
		case e.Data == "img":
			if src, _ := attr(e, "src"); !strings.HasPrefix(src, "data:image/jpeg;base64,") {
				t.Errorf("<img src=%q>", src)
			}
		}
	}
	if scripts != 2 {
		t.Errorf("%d scripts, want the data and the page's own", scripts)
	}
	for _, address := range []string{"http:", "https:", "url(", "ZgotmplZ"} {
		if strings.Contains(source, address) {
			t.Errorf("the page contains %s", address)
		}
	}
}

func TestMapPagesOfNothing(t *testing.T) {
	t.Parallel()
	for _, d := range []MapData{{}, {Points: []MapPoint{{Name: "one"}}}, {Points: []MapPoint{{Name: "one"}}, Tiles: NewTiles(1)}} {
		_, source := render(t, func(w io.Writer) error { return Map(w, d) })
		if strings.Contains(source, ":null") {
			t.Error("the page's script finds no list where there is null")
		}
		if _, err := MapImage(d); err != nil {
			t.Error(err)
		}
		var svg bytes.Buffer
		if err := MapSVG(&svg, d); err != nil || strings.Contains(svg.String(), "NaN") || !strings.HasSuffix(svg.String(), "</svg>\n") {
			t.Error(err, svg.String())
		}
	}
}

func TestMapImageShowsPicturesAtTheirPlaces(t *testing.T) {
	t.Parallel()
	d := mapOf("Chad")
	d.Clusters = nil
	p, err := MapImage(d)
	if err != nil {
		t.Fatal(err)
	}
	// The three points span the width: the first lies at the left margin, the others at
	// the right.
	if r, _, b, _ := p.At(mapMargin, mapHeight/2+int(-0.5*(mapWidth-2*mapMargin)/5)).RGBA(); r>>8 < 180 || b>>8 > 40 {
		t.Errorf("no red picture at its place: %d %d", r>>8, b>>8)
	}
	if r, _, b, _ := p.At(mapWidth-mapMargin, mapHeight/2+int(0.5*(mapWidth-2*mapMargin)/5)).RGBA(); r>>8 > 40 || b>>8 < 180 {
		t.Errorf("no blue picture at its place: %d %d", r>>8, b>>8)
	}
	var svg bytes.Buffer
	if err := MapSVG(&svg, mapOf(hostileName)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(svg.String(), "<img") || strings.Count(svg.String(), "<image") != 2 {
		t.Error(svg.String())
	}
}

func TestTilesOfManyPicturesStaySmall(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 1000, 50_000, 250_000} {
		tiles := NewTiles(n)
		pixels := 0
		for _, s := range tiles.sheets {
			if s.Rect.Dx() > sheetSide || s.Rect.Dy() > sheetSide {
				t.Errorf("%d pictures: a sheet of %v", n, s.Rect)
			}
			pixels += s.Rect.Dx() * s.Rect.Dy()
		}
		if pixels > max(tilePixels, mostTiles*leastTile*leastTile)*5/4 {
			t.Errorf("%d pictures have %d pixels", n, pixels)
		}
		if tiles.Has(n) || n > 0 && !tiles.Has(min(n, mostTiles)-1) {
			t.Errorf("%d pictures: room for others, or too little", n)
		}
		if n == 1000 {
			tiles.Set(999, 100, 50, make([]byte, 3*100*50))
			if got := tiles.At(999).Bounds().Size(); math.Abs(float64(got.X)/float64(got.Y)-2) > 0.05 || tiles.At(998) != nil {
				t.Error(got)
			}
			tiles.Set(0, 3, 3, nil) // no picture
			if tiles.At(0) != nil {
				t.Error("a tile of nothing")
			}
		}
	}
}
