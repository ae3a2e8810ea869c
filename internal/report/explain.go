package report

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/insight"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/resample"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/vector"
)

// heatOf converts a map for painting.
func heatOf(h api.HeatMap) insight.Heat {
	return insight.Heat{
		Rows: h.Rows, Columns: h.Columns, Values: slices.Concat(h.Values...),
		X: h.Seen[0], Y: h.Seen[1], Width: h.Seen[2], Height: h.Seen[3], Low: h.Low, High: h.High,
	}
}

// Overlay returns the picture with its heat map over it, (height, width, 3). The lighter a region, the
// more it contributes to the score. What the model does not see is hatched.
func Overlay(h api.HeatMap) []byte { return heatOf(h).Overlay(h.PictureWidth, h.PictureHeight, h.RGB) }

// SmallHeat returns picture and heat map at a size of at most most pixels a side: RGB and RGBA of that
// width and height.
func SmallHeat(h api.HeatMap, most int) (width, height int, pixels, heat []byte) {
	ratio := min(1, float64(most)/float64(max(h.PictureWidth, h.PictureHeight)))
	width, height = max(1, int(math.Round(float64(h.PictureWidth)*ratio))), max(1, int(math.Round(float64(h.PictureHeight)*ratio)))
	small := resample.Resize(&picture.Picture{Width: h.PictureWidth, Height: h.PictureHeight, Pix: h.RGB}, width, height, resample.Bicubic)
	return width, height, small.Pix, heatOf(h).Paint(width, height)
}

// occlusionGrid is how many cells a side of the picture is divided into for occlusion.
const occlusionGrid = 10

// ExplainFiles returns the regions of two pictures, files or addresses, that contribute to their
// score. progress may be nil; it is called for models that take many runs.
func ExplainFiles(ctx context.Context, m *models.Model, a, b string, progress func(done, total int)) (api.Explanation, error) {
	x := explainer{m: m, progress: progress, sources: [2]string{a, b}}
	for i, from := range x.sources {
		data, err := source.Bytes(ctx, m.Client, from)
		if err == nil {
			x.pictures[i], _, err = picture.Decode(ctx, data, m.Engine.Limits())
		}
		if err != nil {
			return api.Explanation{}, source.NameError(from, err)
		}
	}
	return x.explain(ctx)
}

// Explain returns the regions of two pictures that contribute to their score. Each of a and b is a
// query of one picture: Indexed, LikeBytes, Address or Like, which may be cropped.
func Explain(ctx context.Context, c *space.Collection, a, b api.Query, o api.ExplainOptions) (api.Explanation, error) {
	v, err := c.OpenSpace(ctx, o.Model)
	if err != nil {
		return api.Explanation{}, err
	}
	defer v.Close()
	n, err := c.NetworkOf(v.Space)
	if err != nil {
		return api.Explanation{}, fmt.Errorf("explain: %w", err)
	}
	x := explainer{m: &models.Model{Engine: c.Engine, Network: n, Client: c.Client}, progress: o.Progress}
	for i, q := range [2]api.Query{a, b} {
		if len(q) != 1 || q[0].Text != "" {
			return api.Explanation{}, api.Invalidf("explain: each side must be one picture")
		}
		if x.pictures[i], x.sources[i], err = c.PixelsOf(ctx, v, q[0]); err != nil {
			return api.Explanation{}, fmt.Errorf("explain: %w", err)
		}
	}
	return x.explain(ctx)
}

type explainer struct {
	m        *models.Model
	pictures [2]*picture.Picture
	sources  [2]string
	inputs   [2][]float32
	progress func(done, total int)
}

func (x *explainer) explain(ctx context.Context) (api.Explanation, error) {
	out, err := x.maps(ctx)
	if err != nil {
		return out, fmt.Errorf("explain by %s: %w", x.m.Network.Name, err)
	}
	return out, nil
}

func (x *explainer) maps(ctx context.Context) (api.Explanation, error) {
	n := x.m.Network
	stage := n.Stage()
	for i, p := range x.pictures {
		p.Flatten(n.View.Background)
		x.inputs[i] = make([]float32, stage.Input)
		stage.Prepare(p, x.inputs[i])
	}
	out := api.Explanation{Model: n.Name}
	var values [2][]float64
	rows, columns := occlusionGrid, occlusionGrid
	var err error
	if p := n.Patches; p != nil {
		rows, columns = p.Rows, p.Columns
		out.Score, values, err = x.byPlaces(ctx)
		out.Method, out.Exact = api.ByTokens, p.Mean
		if p.Mean {
			out.Method = api.ByPlaces
		}
	} else {
		out.Method = api.ByOcclusion
		out.Score, values, err = x.byOcclusion(ctx, stage)
	}
	if err != nil {
		return out, err
	}
	low, high := insight.Span(values[0], values[1])
	for i, to := range []*api.HeatMap{&out.A, &out.B} {
		p := x.pictures[i]
		seen := n.Preprocess.Region(p.Width, p.Height)
		*to = api.HeatMap{
			Source: x.sources[i], PictureWidth: p.Width, PictureHeight: p.Height, Rows: rows, Columns: columns,
			Seen: [4]float64{seen.X, seen.Y, seen.Width, seen.Height}, RGB: p.Pix, Low: low, High: high,
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

// byPlaces computes the embedding of each place: a cell of a feature map, or a token.
func (x *explainer) byPlaces(ctx context.Context) (score float64, values [2][]float64, err error) {
	n, p := x.m.Network, x.m.Network.Patches
	run := x.m.Engine.PatchesOf(n)
	var vectors, places [2][]float32
	for i, input := range x.inputs {
		vectors[i] = make([]float32, p.Model.Dim)
		if err := run(ctx, input, 1, vectors[i]); err != nil {
			return 0, values, err
		}
		places[i] = vectors[i][p.Prefix*n.Dim:]
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

// byOcclusion covers each cell of one picture, and half of the cells around it, with the picture's
// mean, and measures how far the score falls (Zeiler and Fergus, "Visualizing and Understanding
// Convolutional Networks", ECCV 2014).
func (x *explainer) byOcclusion(ctx context.Context, stage embed.Model) (score float64, values [2][]float64, err error) {
	n := x.m.Network
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
			cover(covered, n.Preprocess.Values(covered), place%occlusionGrid, place/occlusionGrid)
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

// cover paints each channel's mean over a cell of the occlusion grid and half of the cells around it.
func cover(input []float32, v model.Values, column, row int) {
	from := func(cell, side int) int { return max(0, (2*cell-1)*side/(2*occlusionGrid)) }
	to := func(cell, side int) int { return min(side, (2*cell+3)*side/(2*occlusionGrid)) }
	for c := range 3 {
		sum := 0.
		for y := range v.Height {
			for x := range v.Width {
				sum += float64(input[v.At(c, x, y)])
			}
		}
		mean := float32(sum / float64(v.Width*v.Height))
		for y := from(row, v.Height); y < to(row, v.Height); y++ {
			for x := from(column, v.Width); x < to(column, v.Width); x++ {
				input[v.At(c, x, y)] = mean
			}
		}
	}
}
