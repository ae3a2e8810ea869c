package space

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/store/local"
	"github.com/akin-search/akin/internal/vector"
)

// view is one space as a search sees it.
type Space struct {
	*local.Snapshot
	Model string
}

// ownModel is the model that answers where none is named: the one that the collection was first
// indexed with, so that no other changes it; of imported ones the first, where there are no others.
func (c *Collection) OwnModel(active []record.Space) string {
	if len(c.Options.Models) > 0 {
		return c.Options.Models[0]
	}
	for _, ours := range []bool{true, false} {
		for _, s := range active {
			if s.Covered > 0 && s.Imported() != ours {
				return s.Model
			}
		}
	}
	return ""
}

// view opens the space that answers for a model; "" is the collection's own.
func (c *Collection) OpenSpace(ctx context.Context, model string) (*Space, error) {
	s, err := c.SpaceOf(ctx, model)
	if err != nil {
		return nil, err
	}
	return c.openView(ctx, s)
}

// spaceOf finds the space that answers for a model.
func (c *Collection) SpaceOf(ctx context.Context, model string) (record.Space, error) {
	active, err := c.Active(ctx)
	if err != nil {
		return record.Space{}, err
	}
	var have []string
	for _, s := range active {
		if s.Covered > 0 {
			have = append(have, s.Model)
		}
	}
	if model == "" {
		model = c.OwnModel(active)
	}
	for _, s := range active {
		if s.Model == model && len(have) > 0 {
			return s, nil
		}
	}
	return record.Space{}, errSpace(model, have)
}

// views opens the spaces of several models; none means all the collection has.
func (c *Collection) OpenSpaces(ctx context.Context, models []string) (views []*Space, err error) {
	if len(models) == 0 {
		models = c.Options.Models
	}
	if len(models) == 0 {
		active, err := c.Active(ctx)
		if err != nil {
			return nil, err
		}
		for _, s := range active {
			models = append(models, s.Model)
		}
		if len(models) == 0 {
			return nil, errSpace("", nil)
		}
	}
	for _, m := range models {
		v, err := c.OpenSpace(ctx, m)
		if err != nil {
			CloseSpaces(views)
			return nil, err
		}
		views = append(views, v)
	}
	return views, nil
}

func CloseSpaces(views []*Space) {
	for _, v := range views {
		_ = v.Close()
	}
}

func (c *Collection) Active(ctx context.Context) ([]record.Space, error) {
	spaces, err := c.Store.Spaces(ctx)
	if err != nil {
		return nil, err
	}
	return record.Active(spaces), nil
}

func (c *Collection) openView(ctx context.Context, s record.Space) (*Space, error) {
	snapshot, err := c.snapshot(ctx, s)
	if err != nil {
		return nil, err
	}
	return &Space{Snapshot: snapshot, Model: s.Model}, nil
}

// Picture finds an indexed picture by its name.
func (c *Collection) Picture(ctx context.Context, name string) (api.Picture, error) {
	p, err := c.find(ctx, name)
	return api.Picture{Name: p.Name, Source: p.Source}, err
}

// rowOf gives the row of a picture's embedding.
func (v *Space) RowOf(id int64) (int, bool) {
	p, ok := v.Picture(id)
	return p.Row, ok && p.Row >= 0
}

// target is a query as one vector of one space.
type Target struct {
	Vector  []float32
	Self    map[int64]bool // pictures that the query is, not like
	Text    bool           // a part of it is text, whose scores are on a scale of their own
	Picture *QueryPicture  // what is seen of it; nil where it is not one whole picture
}

// target turns a query into a vector: the sum of its terms' unit vectors, each
// times its weight.
func (c *Collection) Target(ctx context.Context, v *Space, q api.Query) (Target, error) {
	if len(q) == 0 {
		return Target{}, api.Invalidf("the query is empty")
	}
	t := Target{Vector: make([]float32, v.Space.Dim), Self: map[int64]bool{}}
	for k, term := range q {
		q[k].Ground, q[k].Blank = "", false
		found, err := c.resolve(ctx, v, &q[k])
		if err != nil {
			return Target{}, err
		}
		q[k].Source = term.Picture
		t.Text = t.Text || term.Text != ""
		if p, ok := v.Picture(found.id); ok {
			t.Self[found.id] = true
			q[k].Source = p.Source
		}
		if len(q) == 1 && term.Text == "" && term.Crop == nil && term.Weight > 0 {
			t.Picture = &found.QueryPicture
		}
		for i, x := range found.unit {
			t.Vector[i] += float32(term.Weight) * x
		}
	}
	if !vector.Normalize(t.Vector) {
		return Target{}, api.Invalidf("the query's terms cancel each other out")
	}
	return t, nil
}

// resolved is a term as a unit vector, and what is known of its picture.
type resolved struct {
	unit []float32
	QueryPicture
}

// stored is the term that an indexed picture with an embedding is.
func (v *Space) stored(p record.Picture) resolved {
	return resolved{v.Matrix.Row(p.Row), QueryPicture{id: p.ID, row: p.Row}}
}

// resolve gives a term's unit vector, and the indexed picture it is.
func (c *Collection) resolve(ctx context.Context, v *Space, t *api.Term) (resolved, error) {
	if t.Text != "" {
		unit, err := c.embedWords(ctx, v, t.Text)
		return resolved{unit: unit}, err
	}
	if t.Crop != nil {
		if err := t.Crop.Check(); err != nil {
			return resolved{}, fmt.Errorf("query %q: %w", t.Picture, err)
		}
	}
	switch t.From {
	case api.FromCollection:
		p, err := v.Find(t.Picture)
		switch {
		case err != nil:
			return resolved{}, fmt.Errorf("query %q: it is %w", t.Picture, err)
		case t.Crop == nil && p.Row >= 0:
			return v.stored(p), nil
		}
		return c.embedIndexed(ctx, v, t, p)
	case api.FromAddress:
		if !source.IsAddress(t.Picture) {
			return resolved{}, api.Invalidf("query %q: it is no http or https address", t.Picture)
		}
	}
	looksLikePath := strings.ContainsAny(t.Picture, `/\`) || filepath.Ext(t.Picture) != ""
	address := source.IsAddress(t.Picture)
	var notFound error
	if t.Data == nil && !address {
		p, err := v.Find(t.Picture)
		_, missing := os.Stat(t.Picture)
		switch {
		case err == nil && (!looksLikePath || missing != nil):
			if t.Crop == nil && p.Row >= 0 {
				return v.stored(p), nil
			}
			return c.embedIndexed(ctx, v, t, p)
		case missing != nil:
			if byPath, ok := v.bySource(t.Picture); ok {
				if byPath.Row >= 0 && t.Crop == nil {
					return v.stored(byPath), nil
				}
				return c.embedIndexed(ctx, v, t, byPath)
			}
			notFound = err
			if errors.Is(err, record.ErrNotIndexed) {
				notFound = fmt.Errorf("query %q: there is no such file, and it is %w", t.Picture, err)
			}
			return resolved{}, notFound
		}
	}
	id := int64(0)
	if p, ok := v.bySource(t.Picture); ok && t.Data == nil {
		id = p.ID
	}
	found, err := c.embedTerm(ctx, v, t, t.Picture)
	found.id = id
	return found, err
}

// embedIndexed embeds an indexed picture, or a region of it, out of its file.
func (c *Collection) embedIndexed(ctx context.Context, v *Space, t *api.Term, p record.Picture) (resolved, error) {
	switch imported := p.Source == record.ImportedSource(p.Name); {
	case imported && t.Crop != nil:
		return resolved{}, api.Invalidf("query %q: a region is cut out of a picture, and it came without one", t.Picture)
	case imported:
		return resolved{}, fmt.Errorf("query %q: %w %s, and it came without a picture", t.Picture, api.ErrNoSpace, v.Model)
	}
	found, err := c.embedTerm(ctx, v, t, p.Source)
	found.id = p.ID
	if errors.Is(err, os.ErrNotExist) {
		err = fmt.Errorf("query %q: its file must be read again, and is gone: %w", t.Picture, err)
	}
	return found, err
}

// bySource finds the indexed picture of a file or address.
func (v *Space) bySource(from string) (record.Picture, bool) {
	if !source.IsAddress(from) {
		if abs, err := filepath.Abs(from); err == nil {
			from = abs
		}
	}
	return v.BySource(from)
}

// embedTerm gives the unit vector of a picture's bytes: the stored one where the
// collection knows the content, else what the model makes of them. It tells the term what its picture was
// seen on.
func (c *Collection) embedTerm(ctx context.Context, v *Space, t *api.Term, from string) (resolved, error) {
	data := t.Data
	if data == nil {
		var err error
		if data, err = source.Bytes(ctx, c.Client, from); err != nil {
			return resolved{}, err
		}
	}
	background, err := c.queryBackground(v.Space)
	if err != nil {
		return resolved{}, err
	}
	if t.Crop == nil && background == models.BackgroundOf(v.Space.Fingerprint) {
		places, err := c.Store.Places(ctx, embed.HashOf(data))
		if err != nil {
			return resolved{}, err
		}
		for _, p := range places {
			if row, ok := v.RowOf(p.ID); ok {
				return resolved{v.Matrix.Row(row), QueryPicture{row: row, data: data}}, nil
			}
		}
	}
	n, err := c.NetworkOf(v.Space)
	if err != nil {
		return resolved{}, fmt.Errorf("query %s: %w", from, err)
	}
	unit := make([]float32, n.Dim)
	stage := n.QueryStage()
	stage.Background = background
	ground, err := c.embedOne(ctx, stage, data, t.Crop, unit)
	if err != nil {
		return resolved{}, source.NameError(from, err)
	}
	if ground.Transparent {
		t.Ground, t.Blank = ground.String(), ground.Blank
	}
	if !vector.Normalize(unit) {
		return resolved{}, api.Invalidf("query %s: its embedding has no direction", from)
	}
	return resolved{unit, QueryPicture{row: -1, data: data}}, nil
}

// Answers tells which models answer.
func (c *Collection) Answers(ctx context.Context) (api.Answers, error) {
	out := api.Answers{Models: []string{}, Text: []string{}}
	active, err := c.Active(ctx)
	if err != nil {
		return out, err
	}
	for _, s := range active {
		out.Models = append(out.Models, s.Model)
	}
	out.DefaultModel = c.OwnModel(active)
	readers, err := c.Readers(ctx)
	if err == nil {
		out.Text = readers
	} else if !errors.Is(err, model.ErrMissing) {
		return out, err
	}
	return out, nil
}

// modelOf gives the model that made a space, in the precision that it was made in.
func (c *Collection) NetworkOf(s record.Space) (*models.Network, error) {
	if s.Imported() {
		return nil, model.Missingf("the embeddings of %s were imported, and akin cannot make more of them: use another model (--model), or the names of pictures that have one", s.Model)
	}
	var have []string
	var failed error
	for _, p := range []model.Precision{model.Precision(c.Options.Precision), model.Float32, model.Int8, model.Float16} {
		n, err := c.Engine.OpenIn(s.Model, p, models.BackgroundOf(s.Fingerprint))
		switch {
		case err != nil && failed == nil:
			failed = err
		case err != nil:
		case n.Fingerprint == s.Fingerprint:
			return n, nil
		default:
			have = append(have, fmt.Sprintf("%.12s", n.Fingerprint))
		}
	}
	if len(have) == 0 {
		return nil, failed
	}
	return nil, model.Missingf("the embeddings of %s in this collection come from elsewhere (fingerprint %.12s, here it is %s): ask by the name of a picture that has one, or index with this model",
		s.Model, s.Fingerprint, have[0])
}

// readers gives the models of the collection that read text; ErrNoModel when there
// is none.
func (c *Collection) Readers(ctx context.Context) ([]string, error) {
	active, err := c.Active(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range active {
		if n, err := c.NetworkOf(s); err == nil && n.Text != nil {
			names = append(names, s.Model)
		}
	}
	if len(names) == 0 {
		return nil, model.Missingf("no model of this collection reads text: index it with one that does, as clip-vit-base-patch32")
	}
	return names, nil
}

// embedWords gives the unit vector of a text.
func (c *Collection) embedWords(ctx context.Context, v *Space, text string) ([]float32, error) {
	n, err := c.NetworkOf(v.Space)
	if err != nil {
		return nil, fmt.Errorf("query %.40q: %w", text, err)
	}
	if n.Text == nil {
		return nil, model.Missingf("query %.40q: %s does not read text; clip-vit-base-patch32 does", text, v.Model)
	}
	unit := make([]float32, n.Dim)
	if err := n.EmbedText(ctx, text, unit); err != nil {
		return nil, fmt.Errorf("query %.40q: %w", text, err)
	}
	if !vector.Normalize(unit) {
		return nil, api.Invalidf("query %.40q: its embedding has no direction", text)
	}
	return unit, nil
}
