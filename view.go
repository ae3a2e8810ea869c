package akin

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/akin-search/akin/internal/collection"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/vector"
)

// view is one space as a search sees it.
type view struct {
	*collection.Snapshot
	model string
}

// ownModel is the model that answers where none is named: the one that the collection was first
// indexed with, so that no other changes it; of imported ones the first, where there are no others.
func (c *Collection) ownModel(active []collection.Space) string {
	if len(c.options.Models) > 0 {
		return c.options.Models[0]
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
func (c *Collection) view(ctx context.Context, model string) (*view, error) {
	s, err := c.spaceOf(ctx, model)
	if err != nil {
		return nil, err
	}
	return c.openView(ctx, s)
}

// spaceOf finds the space that answers for a model.
func (c *Collection) spaceOf(ctx context.Context, model string) (collection.Space, error) {
	active, err := c.active(ctx)
	if err != nil {
		return collection.Space{}, err
	}
	var have []string
	for _, s := range active {
		if s.Covered > 0 {
			have = append(have, s.Model)
		}
	}
	if model == "" {
		model = c.ownModel(active)
	}
	for _, s := range active {
		if s.Model == model && len(have) > 0 {
			return s, nil
		}
	}
	return collection.Space{}, errSpace(model, have)
}

// views opens the spaces of several models; none means all the collection has.
func (c *Collection) views(ctx context.Context, models []string) (views []*view, err error) {
	if len(models) == 0 {
		models = c.options.Models
	}
	if len(models) == 0 {
		active, err := c.active(ctx)
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
		v, err := c.view(ctx, m)
		if err != nil {
			closeViews(views)
			return nil, err
		}
		views = append(views, v)
	}
	return views, nil
}

func closeViews(views []*view) {
	for _, v := range views {
		_ = v.Close()
	}
}

func (c *Collection) active(ctx context.Context) ([]collection.Space, error) {
	spaces, err := c.store.Spaces(ctx)
	if err != nil {
		return nil, err
	}
	return collection.Active(spaces), nil
}

func (c *Collection) openView(ctx context.Context, s collection.Space) (*view, error) {
	snapshot, err := c.snapshot(ctx, s)
	if err != nil {
		return nil, err
	}
	return &view{Snapshot: snapshot, model: s.Model}, nil
}

// Picture finds an indexed picture by its name.
func (c *Collection) Picture(ctx context.Context, name string) (Picture, error) {
	p, err := c.find(ctx, name)
	return Picture{Name: p.Name, Source: p.Source}, err
}

// rowOf gives the row of a picture's embedding.
func (v *view) rowOf(id int64) (int, bool) {
	p, ok := v.Picture(id)
	return p.Row, ok && p.Row >= 0
}

// target is a query as one vector of one space.
type target struct {
	vector []float32
	self   map[int64]bool // pictures that the query is, not like
	words  bool           // a part of it is text, whose scores are on a scale of their own
	shows  *shown         // what is seen of it; nil where it is not one whole picture
}

// target turns a query into a vector: the sum of its terms' unit vectors, each
// times its weight.
func (c *Collection) target(ctx context.Context, v *view, q Query) (target, error) {
	if len(q) == 0 {
		return target{}, invalidf("the query is empty")
	}
	t := target{vector: make([]float32, v.Space.Dim), self: map[int64]bool{}}
	for k, term := range q {
		q[k].Ground, q[k].Blank = "", false
		found, err := c.resolve(ctx, v, &q[k])
		if err != nil {
			return target{}, err
		}
		q[k].source = term.Picture
		t.words = t.words || term.Text != ""
		if p, ok := v.Picture(found.id); ok {
			t.self[found.id] = true
			q[k].source = p.Source
		}
		if len(q) == 1 && term.Text == "" && term.Crop == nil && term.Weight > 0 {
			t.shows = &found.shown
		}
		for i, x := range found.unit {
			t.vector[i] += float32(term.Weight) * x
		}
	}
	if !vector.Normalize(t.vector) {
		return target{}, invalidf("the query's terms cancel each other out")
	}
	return t, nil
}

// resolved is a term as a unit vector, and what is known of its picture.
type resolved struct {
	unit []float32
	shown
}

// stored is the term that an indexed picture with an embedding is.
func (v *view) stored(p collection.Picture) resolved {
	return resolved{v.Matrix.Row(p.Row), shown{id: p.ID, row: p.Row}}
}

// resolve gives a term's unit vector, and the indexed picture it is.
func (c *Collection) resolve(ctx context.Context, v *view, t *Term) (resolved, error) {
	if t.Text != "" {
		unit, err := c.embedWords(ctx, v, t.Text)
		return resolved{unit: unit}, err
	}
	if t.Crop != nil {
		if err := t.Crop.Check(); err != nil {
			return resolved{}, fmt.Errorf("query %q: %w", t.Picture, err)
		}
	}
	switch t.only {
	case fromCollection:
		p, err := v.Find(t.Picture)
		switch {
		case err != nil:
			return resolved{}, fmt.Errorf("query %q: it is %w", t.Picture, err)
		case t.Crop == nil && p.Row >= 0:
			return v.stored(p), nil
		}
		return c.embedIndexed(ctx, v, t, p)
	case fromAddress:
		if !isAddress(t.Picture) {
			return resolved{}, invalidf("query %q: it is no http or https address", t.Picture)
		}
	}
	looksLikePath := strings.ContainsAny(t.Picture, `/\`) || filepath.Ext(t.Picture) != ""
	address := isAddress(t.Picture)
	var notFound error
	if t.data == nil && !address {
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
			if errors.Is(err, ErrNotIndexed) {
				notFound = fmt.Errorf("query %q: there is no such file, and it is %w", t.Picture, err)
			}
			return resolved{}, notFound
		}
	}
	id := int64(0)
	if p, ok := v.bySource(t.Picture); ok && t.data == nil {
		id = p.ID
	}
	found, err := c.embedTerm(ctx, v, t, t.Picture)
	found.id = id
	return found, err
}

// embedIndexed embeds an indexed picture, or a region of it, out of its file.
func (c *Collection) embedIndexed(ctx context.Context, v *view, t *Term, p collection.Picture) (resolved, error) {
	switch imported := p.Source == collection.ImportedSource(p.Name); {
	case imported && t.Crop != nil:
		return resolved{}, invalidf("query %q: a region is cut out of a picture, and it came without one", t.Picture)
	case imported:
		return resolved{}, fmt.Errorf("query %q: %w %s, and it came without a picture", t.Picture, ErrNoSpace, v.model)
	}
	found, err := c.embedTerm(ctx, v, t, p.Source)
	found.id = p.ID
	if errors.Is(err, os.ErrNotExist) {
		err = fmt.Errorf("query %q: its file must be read again, and is gone: %w", t.Picture, err)
	}
	return found, err
}

// bySource finds the indexed picture of a file or address.
func (v *view) bySource(source string) (collection.Picture, bool) {
	if !isAddress(source) {
		if abs, err := filepath.Abs(source); err == nil {
			source = abs
		}
	}
	return v.BySource(source)
}

// embedTerm gives the unit vector of a picture's bytes: the stored one where the
// collection knows the content, else what the model makes of them. It tells the term what its picture was
// seen on.
func (c *Collection) embedTerm(ctx context.Context, v *view, t *Term, from string) (resolved, error) {
	data := t.data
	if data == nil {
		var err error
		if data, err = read(ctx, c.client, from); err != nil {
			return resolved{}, err
		}
	}
	background, err := c.queryBackground(v.Space)
	if err != nil {
		return resolved{}, err
	}
	if t.Crop == nil && background == backgroundOf(v.Space.Fingerprint) {
		places, err := c.store.Places(ctx, hashOf(data))
		if err != nil {
			return resolved{}, err
		}
		for _, p := range places {
			if row, ok := v.rowOf(p.ID); ok {
				return resolved{v.Matrix.Row(row), shown{row: row, data: data}}, nil
			}
		}
	}
	n, err := c.modelOf(v.Space)
	if err != nil {
		return resolved{}, fmt.Errorf("query %s: %w", from, err)
	}
	unit := make([]float32, n.Dim)
	stage := n.query()
	stage.Background = background
	ground, err := c.embedOne(ctx, stage, data, t.Crop, unit)
	if err != nil {
		return resolved{}, nameError(from, err)
	}
	if ground.Transparent {
		t.Ground, t.Blank = ground.String(), ground.Blank
	}
	if !vector.Normalize(unit) {
		return resolved{}, invalidf("query %s: its embedding has no direction", from)
	}
	return resolved{unit, shown{row: -1, data: data}}, nil
}

// Answers tells which models answer queries here: those that have embeddings, the one
// among them that answers where none is named, and those that read text, whose weights
// are on this machine.
type Answers struct {
	Models []string `json:"models"`
	Own    string   `json:"default_model"`
	Text   []string `json:"text_models"`
}

// Answers tells which models answer.
func (c *Collection) Answers(ctx context.Context) (Answers, error) {
	out := Answers{Models: []string{}, Text: []string{}}
	active, err := c.active(ctx)
	if err != nil {
		return out, err
	}
	for _, s := range active {
		out.Models = append(out.Models, s.Model)
	}
	out.Own = c.ownModel(active)
	readers, err := c.readers(ctx)
	if err == nil {
		out.Text = readers
	} else if !errors.Is(err, ErrNoModel) {
		return out, err
	}
	return out, nil
}

// modelOf gives the model that made a space, in the precision that it was made in.
func (c *Collection) modelOf(s collection.Space) (*network, error) {
	if s.Imported() {
		return nil, model.Missingf("the embeddings of %s were imported, and akin cannot make more of them: use another model (--model), or the names of pictures that have one", s.Model)
	}
	var have []string
	var failed error
	for _, p := range []model.Precision{model.Precision(c.options.Precision), model.Float32, model.Int8, model.Float16} {
		n, err := c.engine.openIn(s.Model, p, backgroundOf(s.Fingerprint))
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
func (c *Collection) readers(ctx context.Context) ([]string, error) {
	active, err := c.active(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range active {
		if n, err := c.modelOf(s); err == nil && n.Text != nil {
			names = append(names, s.Model)
		}
	}
	if len(names) == 0 {
		return nil, model.Missingf("no model of this collection reads text: index it with one that does, as clip-vit-base-patch32")
	}
	return names, nil
}

// embedWords gives the unit vector of a text.
func (c *Collection) embedWords(ctx context.Context, v *view, text string) ([]float32, error) {
	n, err := c.modelOf(v.Space)
	if err != nil {
		return nil, fmt.Errorf("query %.40q: %w", text, err)
	}
	if n.Text == nil {
		return nil, model.Missingf("query %.40q: %s does not read text; clip-vit-base-patch32 does", text, v.model)
	}
	unit := make([]float32, n.Dim)
	if err := n.embedText(ctx, text, unit); err != nil {
		return nil, fmt.Errorf("query %.40q: %w", text, err)
	}
	if !vector.Normalize(unit) {
		return nil, invalidf("query %.40q: its embedding has no direction", text)
	}
	return unit, nil
}
