package page

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// The size of a map as a picture, in pixels.
const (
	mapWidth  = 2000
	mapHeight = 1500
	mapMargin = 90
	labelSize = 24
)

// plot is a map on a sheet of paper: pictures where they have room, points elsewhere.
type plot struct {
	at       []image.Point
	pictures map[int]image.Rectangle
	labels   []plotLabel
}

type plotLabel struct {
	text string
	at   image.Point // the middle of the baseline
}

func newPlot(d MapData, width func(text string) int) plot {
	p := plot{pictures: map[int]image.Rectangle{}}
	low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, q := range d.Points {
		low = [2]float64{min(low[0], q.X), min(low[1], q.Y)}
		high = [2]float64{max(high[0], q.X), max(high[1], q.Y)}
	}
	scale := min((mapWidth-2*mapMargin)/max(high[0]-low[0], 1e-3), (mapHeight-2*mapMargin)/max(high[1]-low[1], 1e-3))
	on := func(x, y float64) image.Point {
		return image.Pt(int(mapWidth/2+scale*(x-(low[0]+high[0])/2)), int(mapHeight/2+scale*(y-(low[1]+high[1])/2)))
	}
	box := min(110, max(28, 0.45*math.Sqrt(mapWidth*mapHeight/float64(max(1, len(d.Points))))))
	taken := map[image.Point][]image.Rectangle{} // by cells as large as a picture
	cell := func(v int) int { return int(math.Floor(float64(v) / box)) }
	for i, q := range d.Points {
		at := on(q.X, q.Y)
		p.at = append(p.at, at)
		tile := d.Tiles.At(i)
		if tile == nil {
			continue
		}
		k := box / float64(d.Tiles.Side)
		w, h := max(1, int(k*float64(tile.Bounds().Dx()))), max(1, int(k*float64(tile.Bounds().Dy())))
		r := image.Rect(at.X-w/2, at.Y-h/2, at.X-w/2+w, at.Y-h/2+h)
		free, c := true, image.Pt(cell(at.X), cell(at.Y))
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				for _, other := range taken[c.Add(image.Pt(dx, dy))] {
					free = free && !other.Overlaps(r.Inset(-2))
				}
			}
		}
		if free {
			taken[c] = append(taken[c], r)
			p.pictures[i] = r
		}
	}
	var used []image.Rectangle
	for _, c := range d.Clusters {
		text := fmt.Sprintf("%s · %d", c.Name, c.Size)
		l := plotLabel{text, on(c.X, c.Y)}
		half := width(text) / 2
		r := image.Rect(l.at.X-half-6, l.at.Y-labelSize, l.at.X+half+6, l.at.Y+labelSize/3)
		clear := true
		for _, u := range used {
			clear = clear && !u.Overlaps(r)
		}
		if clear {
			used = append(used, r)
			p.labels = append(p.labels, l)
		}
	}
	return p
}

func clusterColour(number int) color.RGBA {
	if number < 1 {
		return color.RGBA{0x8a, 0x85, 0x7c, 255}
	}
	return mapColours[(number-1)%len(mapColours)]
}

func labelFace() (font.Face, error) {
	f, err := opentype.Parse(gomedium.TTF)
	if err != nil {
		return nil, err
	}
	return opentype.NewFace(f, &opentype.FaceOptions{Size: labelSize, DPI: 72})
}

// MapImage draws the map on white, for publishing.
func MapImage(d MapData) (image.Image, error) {
	face, err := labelFace()
	if err != nil {
		return nil, fmt.Errorf("draw the map: %w", err)
	}
	defer face.Close()
	p := newPlot(d, func(text string) int { return font.MeasureString(face, text).Ceil() })
	out := image.NewRGBA(image.Rect(0, 0, mapWidth, mapHeight))
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	for i, at := range p.at {
		if _, ok := p.pictures[i]; !ok {
			disc(out, at, 5, clusterColour(d.Points[i].Cluster))
		}
	}
	for i := range p.at {
		r, ok := p.pictures[i]
		if !ok {
			continue
		}
		draw.Draw(out, r.Inset(-3), image.NewUniform(clusterColour(d.Points[i].Cluster)), image.Point{}, draw.Src)
		tile := d.Tiles.At(i)
		draw.CatmullRom.Scale(out, r, tile, tile.Bounds(), draw.Src, nil)
	}
	for _, l := range p.labels {
		at := fixed.P(l.at.X, l.at.Y).Sub(fixed.Point26_6{X: font.MeasureString(face, l.text) / 2})
		drawer := font.Drawer{Dst: out, Src: image.White, Face: face}
		for dy := -3; dy <= 3; dy++ { // a white edge, so that it is read on pictures
			for dx := -3; dx <= 3; dx++ {
				drawer.Dot = at.Add(fixed.P(dx, dy))
				drawer.DrawString(l.text)
			}
		}
		drawer.Src, drawer.Dot = image.Black, at
		drawer.DrawString(l.text)
	}
	return out, nil
}

func disc(out *image.RGBA, at image.Point, radius int, c color.RGBA) {
	for y := -radius; y <= radius; y++ {
		for x := -radius; x <= radius; x++ {
			if x*x+y*y <= radius*radius {
				out.SetRGBA(at.X+x, at.Y+y, c)
			}
		}
	}
}

// MapSVG draws the map as MapImage does, with names as text.
func MapSVG(to io.Writer, d MapData) error {
	face, err := labelFace()
	if err != nil {
		return fmt.Errorf("draw the map: %w", err)
	}
	defer face.Close()
	p := newPlot(d, func(text string) int { return font.MeasureString(face, text).Ceil() })
	w := bufio.NewWriter(to)
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-weight="600" font-size="%d" text-anchor="middle">`+"\n", mapWidth, mapHeight, labelSize)
	fmt.Fprintf(w, `<title>%s</title><rect width="100%%" height="100%%" fill="#fff"/>`+"\n", html.EscapeString(cmp.Or(d.Title, "Map")))
	for i, at := range p.at {
		c := clusterColour(d.Points[i].Cluster)
		name := html.EscapeString(d.Points[i].Name)
		r, ok := p.pictures[i]
		if !ok {
			fmt.Fprintf(w, `<circle cx="%d" cy="%d" r="5" fill="#%02x%02x%02x"><title>%s</title></circle>`+"\n", at.X, at.Y, c.R, c.G, c.B, name)
			continue
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, d.Tiles.At(i), &jpeg.Options{Quality: 85}); err != nil {
			return fmt.Errorf("draw the map: %w", err)
		}
		fmt.Fprintf(w, `<g><title>%s</title><rect x="%d" y="%d" width="%d" height="%d" fill="#%02x%02x%02x"/><image x="%d" y="%d" width="%d" height="%d" preserveAspectRatio="none" href="data:image/jpeg;base64,%s"/></g>`+"\n",
			name, r.Min.X-3, r.Min.Y-3, r.Dx()+6, r.Dy()+6, c.R, c.G, c.B, r.Min.X, r.Min.Y, r.Dx(), r.Dy(), base64.StdEncoding.EncodeToString(b.Bytes()))
	}
	for _, l := range p.labels {
		fmt.Fprintf(w, `<text x="%d" y="%d" stroke="#fff" stroke-width="7" stroke-linejoin="round" paint-order="stroke">%s</text>`+"\n", l.at.X, l.at.Y, html.EscapeString(l.text))
	}
	fmt.Fprintln(w, "</svg>")
	return w.Flush()
}
