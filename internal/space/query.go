package space

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/ftfy"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/vector"
)

// QueryVector is a query as one unit vector of one space.
type QueryVector struct {
	Unit    []float32
	Self    map[int64]bool // pictures that are terms of the query
	Mean    []int          // pictures whose mean is a term, by their index
	HasText bool           // a term is a text, whose scores are on another scale
	Picture *queryPicture  // for comparing pixels; nil unless the query is one whole picture
}

// EmbedQuery turns a query into a vector: the sum of its terms' unit vectors, each times its
// weight. It sets Source, Ground and Blank of q's terms.
func (c *Collection) EmbedQuery(ctx context.Context, v *Space, q api.Query) (QueryVector, error) {
	if len(q) == 0 {
		return QueryVector{}, api.Invalidf("the query is empty")
	}
	t := QueryVector{Unit: make([]float32, v.Space.Dim), Self: map[int64]bool{}}
	for k, term := range q {
		q[k].Ground, q[k].Blank = "", false
		embedded, err := c.embedTerm(ctx, v, &q[k])
		if err != nil {
			return QueryVector{}, err
		}
		q[k].Source = term.Picture
		t.Mean = append(t.Mean, embedded.of...)
		q[k].Mean = len(embedded.of)
		t.HasText = t.HasText || term.Text != ""
		if p, ok := v.Picture(embedded.id); ok {
			t.Self[embedded.id] = true
			q[k].Source = p.Source
		}
		if len(q) == 1 && len(term.Of) == 0 && term.Text == "" && term.Crop == nil && term.Weight > 0 {
			t.Picture = &embedded.queryPicture
		}
		for i, x := range embedded.unit {
			t.Unit[i] += float32(term.Weight) * x
		}
	}
	if !vector.Normalize(t.Unit) {
		return QueryVector{}, api.Invalidf("the query's terms cancel each other out")
	}
	return t, nil
}

// embeddedTerm is a term as a unit vector, and its picture.
type embeddedTerm struct {
	unit []float32
	of   []int // pictures whose mean it is
	queryPicture
}

// embedTerm returns a term's unit vector, and the indexed picture that it is. The vector is the
// stored one where the collection has it.
func (c *Collection) embedTerm(ctx context.Context, v *Space, t *api.Term) (embeddedTerm, error) {
	if t.Text != "" {
		unit, err := c.embedText(ctx, v, t.Text)
		return embeddedTerm{unit: unit}, err
	}
	if len(t.Of) > 0 {
		if t.Crop != nil {
			return embeddedTerm{}, api.Invalidf("the mean of several pictures has no regions")
		}
		unit, of, err := v.meanOf(t.Of)
		return embeddedTerm{unit: unit, of: of}, err
	}
	if t.Crop != nil {
		if err := t.Crop.Check(); err != nil {
			return embeddedTerm{}, fmt.Errorf("query %q: %w", t.Picture, err)
		}
	}
	r, err := v.resolve(*t)
	if err != nil {
		return embeddedTerm{}, err
	}
	var embedded embeddedTerm
	switch p := r.picture; {
	case r.indexed && t.Crop == nil && p.Row >= 0:
		return embeddedTerm{unit: v.Matrix.Row(p.Row), queryPicture: queryPicture{id: p.ID, row: p.Row}}, nil
	case r.indexed && p.Source == record.ImportedSource(p.Name) && t.Crop != nil:
		return embeddedTerm{}, api.Invalidf("query %q: it was imported without a picture, so it has no regions", t.Picture)
	case r.indexed && p.Source == record.ImportedSource(p.Name):
		return embeddedTerm{}, fmt.Errorf("query %q: %w %s, and it was imported without a picture", t.Picture, api.ErrNoSpace, v.Model)
	case r.indexed:
		embedded, err = c.embedSource(ctx, v, t, p.Source)
		if errors.Is(err, os.ErrNotExist) {
			err = fmt.Errorf("query %q: its file must be read again, and is gone: %w", t.Picture, err)
		}
	default:
		embedded, err = c.embedSource(ctx, v, t, r.from)
	}
	embedded.id = r.picture.ID
	return embedded, err
}

// embedSource embeds a term's picture out of its bytes, a file or an address. Where the collection has
// an embedding of the same content, it is used. It sets what the term's picture was flattened on.
func (c *Collection) embedSource(ctx context.Context, v *Space, t *api.Term, from string) (embeddedTerm, error) {
	data := t.Data
	if data == nil {
		var err error
		if data, err = source.Bytes(ctx, c.Client, from); err != nil {
			return embeddedTerm{}, err
		}
	}
	background, err := c.queryBackground(v.Space)
	if err != nil {
		return embeddedTerm{}, err
	}
	if t.Crop == nil && background == models.ViewOf(v.Space.Fingerprint).Background {
		places, err := c.Store.Places(ctx, embed.HashOf(data))
		if err != nil {
			return embeddedTerm{}, err
		}
		for _, p := range places {
			if row, ok := v.RowOf(p.ID); ok {
				return embeddedTerm{unit: v.Matrix.Row(row), queryPicture: queryPicture{row: row, data: data}}, nil
			}
		}
	}
	n, err := c.NetworkOf(v.Space)
	if err != nil {
		return embeddedTerm{}, fmt.Errorf("query %s: %w", from, err)
	}
	n.Preload() // while the picture is decoded
	stage := n.QueryStage()
	stage.Background = background
	unit := make([]float32, n.Dim)
	pic, err := c.decodeFor(ctx, stage, data, t.Crop)
	if err != nil {
		return embeddedTerm{}, source.NameError(from, err)
	}
	ground, err := embedPicture(ctx, stage, pic, unit)
	if err != nil {
		return embeddedTerm{}, err // no picture is to blame
	}
	if ground.Transparent {
		t.Ground, t.Blank = ground.String(), ground.Blank
	}
	if !vector.Normalize(unit) {
		return embeddedTerm{}, api.Invalidf("query %s: its embedding has no direction", from)
	}
	return embeddedTerm{unit: unit, queryPicture: queryPicture{row: -1, data: data}}, nil
}

// decodeFor decodes a picture as it would be for the model's space, or a region of it.
func (c *Collection) decodeFor(ctx context.Context, m embed.Model, data []byte, crop *api.Crop) (*picture.Picture, error) {
	if m.Enough == nil || crop != nil {
		return c.decode(ctx, data, crop)
	}
	info, err := picture.InspectContext(ctx, data, c.Engine.Limits())
	if err != nil {
		return nil, err
	}
	width, height := m.EnoughOf(info)
	pic, _, err := picture.DecodeReduced(ctx, data, c.Engine.Limits(), width, height)
	return pic, err
}

// embedPicture embeds a decoded picture and releases it. It returns what the picture was flattened on.
func embedPicture(ctx context.Context, m embed.Model, pic *picture.Picture, out []float32) (picture.Ground, error) {
	pixels := make([]float32, m.Input)
	ground := m.Flatten(pic, pixels)
	pic.Release()
	return ground, m.Run(ctx, pixels, 1, out)
}

// embedText returns the unit vector of a text.
func (c *Collection) embedText(ctx context.Context, v *Space, text string) ([]float32, error) {
	n, err := c.NetworkOf(v.Space)
	if err != nil {
		return nil, fmt.Errorf("query %.40q: %w", text, err)
	}
	if n.Text == nil {
		others, _ := c.TextModels(ctx) // none is no other error
		return nil, fmt.Errorf("query %.40q: %w", text, &model.NoTextError{Model: v.Model, Others: others})
	}
	unit := make([]float32, n.Dim)
	err = n.EmbedText(ctx, text, unit)
	if errors.Is(err, ftfy.ErrTangled) {
		return nil, api.Invalidf("query %.40q: %w", text, err)
	}
	if err != nil {
		return nil, fmt.Errorf("query %.40q: %w", text, err)
	}
	if !vector.Normalize(unit) {
		return nil, api.Invalidf("query %.40q: its embedding has no direction", text)
	}
	return unit, nil
}
