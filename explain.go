package akin

import (
	"context"
	"fmt"
	"math"

	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/insight"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/resample"
	"github.com/akin-search/akin/internal/vector"
)

// How an Explanation was found.
const (
	// ByPlaces divides the cosine exactly: the embedding is the mean of the last feature map,
	// so each place adds its share, and the shares sum to the score.
	ByPlaces = "places"
	// ByTokens matches the patches of a transformer: how like what is at a place is to the
	// best match anywhere in the other picture. It does not divide the score.
	ByTokens = "tokens"
	// ByOcclusion covers one place after the other: how much the score falls. It works with
	// every model, and does not divide the score exactly.
	ByOcclusion = "occlusion"
)

// Explanation tells which regions of two pictures make them alike to a model.
type Explanation struct {
	Model  string  `json:"model"`
	Score  float64 `json:"score"` // cosine
	Method string  `json:"method"`
	Exact  bool    `json:"exact"` // the values of each map sum to the score
	A      HeatMap `json:"a"`
	B      HeatMap `json:"b"`
}

// HeatMap tells of each place of a picture what it does for the likeness.
type HeatMap struct {
	Source        string      `json:"source"`
	PictureWidth  int         `json:"picture_width"`
	PictureHeight int         `json:"picture_height"`
	Rows          int         `json:"rows"`
	Columns       int         `json:"columns"`
	Values        [][]float64 `json:"values"` // (rows, columns)
	Sum           float64     `json:"sum"`
	Seen          [4]float64  `json:"seen"` // of the picture: x, y, width and height, in shares; the model sees nothing else

	pixels []byte
	heat   insight.Heat
}

// Overlay is the picture with its heat over it, (height, width, 3): the lighter, the more a
// region makes the two alike. What the model does not see is hatched.
func (h HeatMap) Overlay() []byte { return h.heat.Overlay(h.PictureWidth, h.PictureHeight, h.pixels) }

// Heat is the heat alone, (height, width, 4), RGBA that is not premultiplied.
func (h HeatMap) Heat() []byte { return h.heat.Paint(h.PictureWidth, h.PictureHeight) }

// Pixels is the picture, (height, width, 3).
func (h HeatMap) Pixels() []byte { return h.pixels }

// Small gives picture and heat in a size of at most most pixels a side: as Pixels and Heat
// do, of that width and height.
func (h HeatMap) Small(most int) (width, height int, pixels, heat []byte) {
	ratio := min(1, float64(most)/float64(max(h.PictureWidth, h.PictureHeight)))
	width, height = max(1, int(math.Round(float64(h.PictureWidth)*ratio))), max(1, int(math.Round(float64(h.PictureHeight)*ratio)))
	small := resample.Resize(&picture.Picture{Width: h.PictureWidth, Height: h.PictureHeight, Pix: h.pixels}, width, height, resample.Bicubic)
	return width, height, small.Pix, h.heat.Paint(width, height)
}

// occlusionGrid is how many places a side has where places are covered one by one.
const occlusionGrid = 10

// Explain tells which regions of two pictures, files or addresses, make them alike. progress
// may be nil; it hears of models that are asked many times.
func (m *Model) Explain(ctx context.Context, a, b string, progress func(done, total int)) (Explanation, error) {
	x := explainer{m: m, progress: progress, sources: [2]string{a, b}}
	for i, from := range x.sources {
		data, err := read(ctx, m.client, from)
		if err == nil {
			x.pictures[i], _, err = picture.Decode(ctx, data, m.engine.limits())
		}
		if err != nil {
			return Explanation{}, nameError(from, err)
		}
	}
	return x.explain(ctx)
}

// ExplainOptions say which model is to explain; "" is the collection's own.
type ExplainOptions struct {
	Model    string
	Progress func(done, total int) // hears of models that are asked many times; may be nil
}

// Explain tells which regions of two pictures make them alike. Each of a and b is a query
// of one picture: Indexed, LikeBytes, Address or Like, which may be cropped.
func (c *Collection) Explain(ctx context.Context, a, b Query, o ExplainOptions) (Explanation, error) {
	v, err := c.view(ctx, o.Model)
	if err != nil {
		return Explanation{}, err
	}
	defer v.Close()
	n, err := c.modelOf(v.Space)
	if err != nil {
		return Explanation{}, fmt.Errorf("explain: %w", err)
	}
	x := explainer{m: &Model{engine: c.engine, network: n, client: c.client}, progress: o.Progress}
	for i, q := range [2]Query{a, b} {
		if len(q) != 1 || q[0].Text != "" {
			return Explanation{}, invalidf("explain: two pictures are explained, and nothing else")
		}
		if x.pictures[i], x.sources[i], err = c.picture(ctx, v, q[0]); err != nil {
			return Explanation{}, fmt.Errorf("explain: %w", err)
		}
	}
	return x.explain(ctx)
}

// picture gives the pixels of a term's picture.
func (c *Collection) picture(ctx context.Context, v *view, t Term) (*picture.Picture, string, error) {
	data, from := t.data, t.Picture
	var err error
	if p, missing := v.Find(t.Picture); data == nil && t.only != fromAddress && (t.only == fromCollection || missing == nil) {
		if missing != nil {
			return nil, from, missing
		}
		var f indexedFile
		if f, err = c.file(ctx, p.Name); err == nil {
			from = f.Source
			data, err = f.read(ctx, c.client)
		}
	} else if data == nil {
		if t.only == fromAddress && !isAddress(from) {
			return nil, from, invalidf("%q is no http or https address", from)
		}
		data, err = read(ctx, c.client, from)
	}
	if err != nil {
		return nil, from, err
	}
	pic, _, err := picture.Decode(ctx, data, c.engine.limits())
	if err == nil && t.Crop != nil {
		whole := pic
		pic, err = cropped(whole, *t.Crop)
		whole.Release()
	}
	return pic, from, nameError(from, err)
}

type explainer struct {
	m        *Model
	pictures [2]*picture.Picture
	sources  [2]string
	inputs   [2][]float32
	progress func(done, total int)
}

func (x *explainer) explain(ctx context.Context) (Explanation, error) {
	out, err := x.maps(ctx)
	if err != nil {
		return out, fmt.Errorf("explain by %s: %w", x.m.network.Name, err)
	}
	return out, nil
}

func (x *explainer) maps(ctx context.Context) (Explanation, error) {
	n := x.m.network
	stage := n.stage()
	for i, p := range x.pictures {
		p.Flatten(n.background)
		x.inputs[i] = make([]float32, stage.Input)
		stage.Prepare(p, x.inputs[i])
	}
	out := Explanation{Model: n.Name}
	var values [2][]float64
	rows, columns := occlusionGrid, occlusionGrid
	var err error
	if p := n.Places; p != nil {
		rows, columns = p.Rows, p.Columns
		out.Score, values, err = x.byPlaces(ctx)
		out.Method, out.Exact = ByTokens, p.Mean
		if p.Mean {
			out.Method = ByPlaces
		}
	} else {
		out.Method = ByOcclusion
		out.Score, values, err = x.byOcclusion(ctx, stage)
	}
	if err != nil {
		return out, err
	}
	low, high := insight.Span(values[0], values[1])
	for i, to := range []*HeatMap{&out.A, &out.B} {
		p := x.pictures[i]
		seen := n.Preprocess.Region(p.Width, p.Height)
		*to = HeatMap{
			Source: x.sources[i], PictureWidth: p.Width, PictureHeight: p.Height, Rows: rows, Columns: columns,
			Seen: [4]float64{seen.X, seen.Y, seen.Width, seen.Height}, pixels: p.Pix,
			heat: insight.Heat{Rows: rows, Columns: columns, Values: values[i], X: seen.X, Y: seen.Y, Width: seen.Width, Height: seen.Height, Low: low, High: high},
		}
		for r := range rows {
			to.Values = append(to.Values, values[i][r*columns:(r+1)*columns])
		}
		for _, v := range values[i] {
			to.Sum += v
		}
	}
	return out, nil
}

// byPlaces asks the network what it makes of each place.
func (x *explainer) byPlaces(ctx context.Context) (score float64, values [2][]float64, err error) {
	n, p := x.m.network, x.m.network.Places
	run := x.m.engine.placesOf(n)
	var vectors, places [2][]float32
	for i, input := range x.inputs {
		vectors[i] = make([]float32, p.Model.Dim)
		if err := run(ctx, input, 1, vectors[i]); err != nil {
			return 0, values, err
		}
		places[i] = vectors[i][p.Front*n.Dim:]
	}
	if !p.Mean {
		a, b := vectors[0][:n.Dim], vectors[1][:n.Dim] // the class tokens
		values[0], values[1] = insight.Counterparts(places[0], places[1], n.Dim), insight.Counterparts(places[1], places[0], n.Dim)
		return cosine(a, b), values, nil
	}
	var units [2][]float32
	for i := range units {
		units[i] = meanOf(places[i], n.Dim)
		if !vector.Normalize(units[i]) {
			return 0, values, fmt.Errorf("the embedding of %s has no direction", x.sources[i])
		}
	}
	values[0], values[1] = insight.MeanParts(places[0], units[1]), insight.MeanParts(places[1], units[0])
	return float64(vector.Dot(units[0], units[1])), values, nil
}

func meanOf(places []float32, dim int) []float32 {
	sum := make([]float64, dim)
	for i, v := range places {
		sum[i%dim] += float64(v)
	}
	mean := make([]float32, dim)
	for i, v := range sum {
		mean[i] = float32(v / float64(len(places)/dim))
	}
	return mean
}

func cosine(a, b []float32) float64 {
	dot, aa, bb := 0., 0., 0.
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return dot / math.Sqrt(aa*bb)
}

// byOcclusion covers each place of one picture, and half of those around it, with the picture's
// own mean, and tells how much less it is like the other (Zeiler and Fergus, "Visualizing and
// Understanding Convolutional Networks", ECCV 2014).
func (x *explainer) byOcclusion(ctx context.Context, stage embed.Model) (score float64, values [2][]float64, err error) {
	n := x.m.network
	embedded := func(input []float32) ([]float32, error) {
		out := make([]float32, stage.Dim)
		return out, stage.Run(ctx, input, 1, out)
	}
	var whole [2][]float32
	for i, input := range x.inputs {
		if whole[i], err = embedded(input); err != nil {
			return 0, values, err
		}
	}
	score = cosine(whole[0], whole[1])
	done := 0
	for i, input := range x.inputs {
		covered := make([]float32, len(input))
		for place := range occlusionGrid * occlusionGrid {
			copy(covered, input)
			cover(covered, n.InputWidth, n.InputHeight, place%occlusionGrid, place/occlusionGrid)
			v, err := embedded(covered)
			if err != nil {
				return 0, values, err
			}
			values[i] = append(values[i], score-cosine(v, whole[1-i]))
			if done++; x.progress != nil {
				x.progress(done, 2*occlusionGrid*occlusionGrid)
			}
		}
	}
	return score, values, nil
}

// cover puts each channel's mean over a cell of the occlusion grid and half of those around.
func cover(input []float32, width, height, column, row int) {
	from := func(cell, side int) int { return max(0, (2*cell-1)*side/(2*occlusionGrid)) }
	to := func(cell, side int) int { return min(side, (2*cell+3)*side/(2*occlusionGrid)) }
	plane := width * height
	for c := range 3 {
		channel := input[c*plane : (c+1)*plane]
		sum := 0.
		for _, v := range channel {
			sum += float64(v)
		}
		mean := float32(sum / float64(plane))
		for y := from(row, height); y < to(row, height); y++ {
			for x := from(column, width); x < to(column, width); x++ {
				channel[y*width+x] = mean
			}
		}
	}
}
