package models

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	goruntime "runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/reference"
	"github.com/akin-search/akin/internal/runtime"
)

// tolerance is how far a model's results may be from its reference's.
type tolerance struct {
	cosine    float64 // at least
	component float64 // of an embedding, as a share of its norm
}

// tolerances by precision. In fp32 programs differ by the order of their sums alone.
var tolerances = map[model.Precision]tolerance{
	model.Float32:  {0.99999, 1e-3},
	model.Float16:  {0.998, 1e-2},
	model.BFloat16: {0.98, 0.1}, // as MobileNetV2's; transformers are above 0.998
	model.Int8:     {0.98, 0.1},
}

// A network's input may be this far from the reference's. Where pictures are resized without rounding to
// 8 bits, the programs' coefficients differ in their last bits.
const (
	pixelTolerance = 1e-6
	floatTolerance = 5e-5
)

// ErrNoReference reports that the program has no reference of a model.
var ErrNoReference = errors.New("no reference of this model comes with the program")

// NoReferenceError is an ErrNoReference.
type NoReferenceError struct{ Model string }

func (e *NoReferenceError) Is(target error) bool { return target == ErrNoReference }

func (e *NoReferenceError) Error() string {
	return fmt.Sprintf("verify %s: %v", e.Model, ErrNoReference)
}

// OtherNetworkError says that a reference is of a network with another length of embeddings.
type OtherNetworkError struct {
	Model     string
	Dim       int
	Reference string // the name of the model that the reference is of
	Want      int
}

func (e *OtherNetworkError) Error() string {
	return fmt.Sprintf("verify %s: its embeddings have %d values, and the reference is of %.100q, which has %d", e.Model, e.Dim, e.Reference, e.Want)
}

// VerifyModel compares a model with the results of its reference implementation, on this machine, in the
// precision and on the device of the options. Pictures lose their alpha, as they do in the reference. What
// differs is in the report; an error is about what cannot be compared.
func VerifyModel(ctx context.Context, name string, v api.VerifyOptions, o Options) (api.Verification, error) {
	if name == "" {
		name = DefaultModel
	}
	f, err := referenceOf(name, v, o)
	if err != nil {
		return api.Verification{}, err
	}
	if v.Key != "" {
		key, err := reference.ReadKey(v.Key)
		if err == nil {
			err = f.Require(key)
		}
		if err != nil {
			return api.Verification{}, fmt.Errorf("verify %s: %w", name, err)
		}
	}
	o.Background, o.Decode, o.Colour = "", "", ""
	m, err := OpenModel(name, o)
	if err != nil {
		return api.Verification{}, err
	}
	defer m.Close()
	if m.Dim() != f.Dim {
		return api.Verification{}, &OtherNetworkError{m.Network.Name, m.Dim(), f.Model, f.Dim}
	}
	if v.Brief {
		brief := *f
		brief.Pictures, brief.Texts = f.Pictures[:1], f.Texts[:min(1, len(f.Texts))]
		f = &brief
	}
	out := api.Verification{
		Model: m.Network.Name, Precision: string(m.Network.Precision), Device: m.Network.Device.String(),
		Reference: api.ReferenceInfo{
			Model: f.Model, File: v.Reference, MadeBy: f.MadeBy, Repository: f.Repository, Revision: f.Revision,
			SignedBy: f.Signer.String(), KeyMatches: v.Key != "",
		},
	}
	if out.Parts, err = m.verify(ctx, f, v.Brief); err != nil {
		return api.Verification{}, fmt.Errorf("verify %s: %w", name, err)
	}
	out.Runtime = runtime.Version()
	out.OK = !slices.ContainsFunc(out.Parts, func(p api.VerifiedPart) bool { return !p.OK })
	return out, nil
}

// referenceOf finds the reference of a model.
func referenceOf(name string, v api.VerifyOptions, o Options) (*reference.File, error) {
	if v.Reference != "" {
		return reference.Open(v.Reference)
	}
	f, err := reference.Builtin(modelFolder(name))
	if errors.Is(err, os.ErrNotExist) {
		_, err := openModel(name, o, model.Options{Cache: o.Home.Cache()})
		if errors.As(err, new(*model.UnknownError)) {
			return nil, fmt.Errorf("verify: %w", err)
		}
		return nil, &NoReferenceError{name}
	}
	return f, err
}

func (m *Model) verify(ctx context.Context, f *reference.File, brief bool) ([]api.VerifiedPart, error) {
	var parts []api.VerifiedPart
	if !brief && len(f.Weights) > 0 && m.Network.Weights != nil {
		part, err := verifyWeights(ctx, m.Network.Weights, f.Weights)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	part, err := m.verifyPixels(ctx, f)
	if err != nil {
		return nil, err
	}
	parts = append(parts, part)
	stages := []struct {
		part  string
		stage embed.Model
	}{{"query embeddings", m.Network.QueryStage()}, {"embeddings", m.Network.Stage()}}
	if brief {
		stages = stages[:1]
	}
	for _, s := range stages { // they are two networks, with different kernels
		part, err := m.verifyEmbeddings(ctx, f, s.part, s.stage)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	if len(f.Texts) == 0 {
		return parts, nil
	}
	texts, err := m.verifyTexts(ctx, f)
	return append(parts, texts...), err
}

// verifyWeights looks for tensors that the reference does not have.
func verifyWeights(ctx context.Context, tensors map[string]checkpoint.Tensor, known []string) (api.VerifiedPart, error) {
	part := api.VerifiedPart{Part: "weights", Count: len(tensors)}
	has := map[string]bool{}
	for _, digest := range known {
		has[digest] = true
	}
	var mu sync.Mutex
	var other []string
	var g errgroup.Group
	g.SetLimit(goruntime.GOMAXPROCS(0))
	for _, name := range slices.Sorted(maps.Keys(tensors)) {
		g.Go(func() error {
			if err := ctx.Err(); err != nil { // gigabytes take seconds
				return err
			}
			sum, err := tensors[name].Digest()
			if err == nil && !has[hex.EncodeToString(sum[:reference.DigestBytes])] {
				mu.Lock()
				defer mu.Unlock()
				other = append(other, name)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return part, err
	}
	if part.OK = len(other) == 0; !part.OK {
		slices.Sort(other)
		part.Found = fmt.Sprintf("%d of %d tensors have other values, the first is %s", len(other), len(tensors), other[0])
	}
	return part, nil
}

// pictures runs the reference's pictures through a stage.
func (m *Model) pictures(ctx context.Context, f *reference.File, stage embed.Model) ([]api.Embedded, error) {
	var jobs []embed.Job
	var names []string
	for i, p := range f.Pictures {
		jobs = append(jobs, embed.Job{ID: i, Read: func(context.Context) ([]byte, error) { return p.Data, nil }})
		names = append(names, p.Name)
	}
	rows, err := m.run(ctx, jobs, names, nil, stage)
	for _, row := range rows {
		if err == nil && row.Err != nil {
			err = fmt.Errorf("its reference's picture %.40q: %w", row.Source, row.Err)
		}
	}
	return rows, err
}

func (m *Model) verifyPixels(ctx context.Context, f *reference.File) (api.VerifiedPart, error) {
	p := m.Network.Preprocess
	part := verified{api.VerifiedPart{Part: "pixels", OK: true, Count: len(f.Pictures), Allowed: pixelTolerance}}
	if p.Float {
		part.Allowed = floatTolerance
	}
	rows, err := m.pictures(ctx, f, m.inputs())
	if err != nil {
		return part.VerifiedPart, err
	}
	for i, row := range rows {
		name, want := f.Pictures[i].Name, f.Pictures[i].Pixels
		places := p.Values(row.Vector)
		got := reference.Summarize(row.Vector[:min(len(row.Vector), 3*places.Width*places.Height)])
		if got.Count != want.Count {
			part.fail("%s: the network is given %d values, and the reference's %d", name, got.Count, want.Count)
			continue
		}
		d := want.Largest(got)
		part.Difference = max(part.Difference, d)
		if !(d <= part.Allowed) {
			part.fail("%s: its pixels are off by %.2g", name, d)
		}
	}
	return part.VerifiedPart, nil
}

func (m *Model) verifyEmbeddings(ctx context.Context, f *reference.File, name string, stage embed.Model) (api.VerifiedPart, error) {
	part := newEmbeddingsPart(name, m.Network.Precision)
	rows, err := m.pictures(ctx, f, stage)
	for i, row := range rows {
		if err == nil {
			part.compare(f.Pictures[i].Name, row.Vector, f.Pictures[i].Embedding)
		}
	}
	return part.VerifiedPart, err
}

func (m *Model) verifyTexts(ctx context.Context, f *reference.File) ([]api.VerifiedPart, error) {
	if m.Network.Text == nil {
		return nil, &model.NoTextError{Model: m.Network.Name}
	}
	tokens := verified{api.VerifiedPart{Part: "tokens", OK: true, Count: len(f.Texts)}}
	embeddings := newEmbeddingsPart("text embeddings", model.Float32) // in every precision
	vector := make([]float32, m.Dim())
	for _, t := range f.Texts {
		ids, err := m.Network.Text.Tokenize(t.Text)
		if err != nil {
			return nil, err
		}
		if !sameTokens(ids, t.IDs) {
			tokens.fail("%.40q: %v, not %v", t.Text, shortened(ids), shortened(t.IDs))
		}
		if err := m.Network.EmbedText(ctx, t.Text, vector); err != nil {
			return nil, err
		}
		embeddings.compare(fmt.Sprintf("%.40q", t.Text), vector, t.Embedding)
	}
	return []api.VerifiedPart{tokens.VerifiedPart, embeddings.VerifiedPart}, nil
}

// sameTokens reports whether ids are those of the reference, and one id that fills them up.
func sameTokens(ids, want []int64) bool {
	if len(ids) < len(want) || !slices.Equal(ids[:len(want)], want) {
		return false
	}
	rest := ids[len(want):]
	return !slices.ContainsFunc(rest, func(id int64) bool { return id != rest[0] })
}

func shortened(ids []int64) []int64 { return ids[:min(len(ids), 12)] }
