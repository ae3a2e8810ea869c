package page

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math"

	"golang.org/x/image/draw"

	"github.com/akin-search/akin/internal/thumbnail"
)

// MapData is what Map shows.
type MapData struct {
	Title    string
	Lead     string
	Points   []MapPoint
	Clusters []MapCluster
	Tiles    *Tiles // nil: no pictures, points alone
	Footer   string
}

// MapPoint is a picture and its place.
type MapPoint struct {
	Name    string
	Source  string
	Folder  string // "" without one
	X, Y    float64
	Cluster int // from 1; 0 is none
}

// MapCluster is a dense part of the map.
type MapCluster struct {
	Number int // from 1
	Size   int
	Name   string
	X, Y   float64
}

const (
	// tilePixels is the size of all tiles of a page together: about 4 MB of JPEG.
	tilePixels = 12 << 20
	// mostTiles is the largest number of tiles of a page.
	mostTiles = 100_000
	leastTile = 16
	// sheetSide is the side of a sheet; browsers are slow with larger ones.
	sheetSide = 2048
)

// Tiles are small pictures, on sheets that a page holds. Set may be called by several
// goroutines, for different pictures.
type Tiles struct {
	Side   int // of the square that a tile has at most
	sheets []*image.RGBA
	sizes  []image.Point // of each tile; zero where there is none
}

// NewTiles returns room for n pictures; the more, the smaller they are.
func NewTiles(n int) *Tiles {
	n = min(n, mostTiles)
	t := &Tiles{Side: min(128, max(leastTile, int(math.Sqrt(float64(tilePixels)/float64(max(1, n)))))), sizes: make([]image.Point, n)}
	per := t.across() * t.across()
	for first := 0; first < n; first += per {
		rows := (min(per, n-first) + t.across() - 1) / t.across()
		sheet := image.NewRGBA(image.Rect(0, 0, t.across()*t.Side, rows*t.Side))
		draw.Draw(sheet, sheet.Rect, image.White, image.Point{}, draw.Src)
		t.sheets = append(t.sheets, sheet)
	}
	return t
}

func (t *Tiles) across() int { return sheetSide / t.Side }

// Has reports whether there is room for picture i.
func (t *Tiles) Has(i int) bool { return i < len(t.sizes) }

// Set puts picture i in its place: pix is (height, width, 3) bytes.
func (t *Tiles) Set(i, width, height int, pix []byte) {
	if !t.Has(i) || width <= 0 || height <= 0 || len(pix)/3/width < height {
		return
	}
	ratio := float64(t.Side) / float64(max(width, height))
	size := image.Pt(max(1, int(float64(width)*ratio)), max(1, int(float64(height)*ratio)))
	sheet, at := t.place(i)
	thumbnail.Draw(t.sheets[sheet], image.Rectangle{at, at.Add(size)}, width, height, pix)
	t.sizes[i] = size
}

func (t *Tiles) place(i int) (sheet int, at image.Point) {
	across := t.across()
	per := across * across
	return i / per, image.Pt(i%per%across*t.Side, i%per/across*t.Side)
}

// At returns the tile of picture i, nil where it has none.
func (t *Tiles) At(i int) image.Image {
	if t == nil || !t.Has(i) || t.sizes[i] == (image.Point{}) {
		return nil
	}
	sheet, at := t.place(i)
	return t.sheets[sheet].SubImage(image.Rectangle{at, at.Add(t.sizes[i])})
}

// mapView is the page's data: names of one letter, for there may be many points.
type mapView struct {
	head
	Lead, Footer string
	Sheets       []template.URL
	Points       int
	Named        []MapCluster
	Data         struct {
		Side     int          `json:"side"`
		Across   int          `json:"across"`
		Names    []string     `json:"names"`
		Sources  []string     `json:"sources"`
		Places   [][2]float32 `json:"places"`
		Clusters []int        `json:"clusters"`
		Folders  []string     `json:"folders"`
		Folder   []int        `json:"folder"` // of each point, of Folders
		Sizes    [][2]int     `json:"sizes"`  // of each tile
		Labels   []mapLabel   `json:"labels"`
	}
}

type mapLabel struct {
	X      float32 `json:"x"`
	Y      float32 `json:"y"`
	Name   string  `json:"name"`
	Size   int     `json:"size"`
	Number int     `json:"number"`
}

// Map writes a page with all pictures at their positions, to pan and zoom.
func Map(w io.Writer, d MapData) error {
	v := &mapView{head: newHead(cmp.Or(d.Title, "Map"), mapScript), Lead: d.Lead, Footer: d.Footer, Points: len(d.Points), Named: d.Clusters}
	v.Style += template.CSS(mapStyle)
	folders := map[string]int{}
	data := &v.Data
	data.Places, data.Folders, data.Sizes, data.Labels = [][2]float32{}, []string{}, [][2]int{}, []mapLabel{}
	data.Names, data.Sources, data.Clusters, data.Folder = []string{}, []string{}, []int{}, []int{}
	for _, p := range d.Points {
		at, ok := folders[p.Folder]
		if !ok {
			at = len(data.Folders)
			folders[p.Folder] = at
			data.Folders = append(data.Folders, p.Folder)
		}
		data.Names, data.Sources = append(data.Names, p.Name), append(data.Sources, p.Source)
		data.Places = append(data.Places, [2]float32{float32(p.X), float32(p.Y)})
		data.Clusters, data.Folder = append(data.Clusters, p.Cluster), append(data.Folder, at)
	}
	for _, c := range d.Clusters {
		data.Labels = append(data.Labels, mapLabel{float32(c.X), float32(c.Y), c.Name, c.Size, c.Number})
	}
	if t := d.Tiles; t != nil {
		data.Side, data.Across = t.Side, t.across()
		for _, s := range t.sizes {
			data.Sizes = append(data.Sizes, [2]int{s.X, s.Y})
		}
		for _, sheet := range t.sheets {
			var b bytes.Buffer
			if err := jpeg.Encode(&b, sheet, &jpeg.Options{Quality: 82}); err != nil {
				return fmt.Errorf("make the map page: %w", err)
			}
			v.Sheets = append(v.Sheets, template.URL("data:image/jpeg;base64,"+base64.StdEncoding.EncodeToString(b.Bytes())))
		}
	}
	return write(w, "map", v)
}

var (
	mapScript = asset("map.js")
	mapStyle  = asset("map.css")
)

// mapColours distinguish clusters on light and dark backgrounds. Neighbours in the list differ much in
// hue, because clusters of similar size are often next to each other. The web page has the same.
var mapColours = []color.RGBA{
	{0x0a, 0x8f, 0x88, 255}, {0xd9, 0x5f, 0x02, 255}, {0x6a, 0x5a, 0xcd, 255}, {0xd1, 0x2f, 0x7f, 255},
	{0x4c, 0x9a, 0x2a, 255}, {0x1f, 0x78, 0xb4, 255}, {0xb8, 0x86, 0x0b, 255}, {0xb0, 0x4a, 0x3a, 255},
	{0x7b, 0x3f, 0x9e, 255}, {0x3f, 0x7f, 0x5f, 255}, {0xc2, 0x6a, 0x9a, 255}, {0x5f, 0x7d, 0x95, 255},
}
