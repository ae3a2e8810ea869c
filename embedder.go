package akin

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/source"
)

// Model turns pictures into embeddings, without a collection.
type Model struct {
	engine  *Engine
	network *network
	client  *source.Client
}

// OpenModel opens a model by its name, or the checkpoint that o.ModelDir names.
// ONNX Runtime is loaded at the first picture.
func OpenModel(name string, o Options) (*Model, error) {
	if name == "" {
		name = DefaultModel
	}
	e := NewEngine(o)
	background, err := picture.ParseBackground(o.Background)
	if err != nil {
		return nil, invalidf("background %w", err)
	}
	n, err := e.open(name, background)
	if err != nil {
		return nil, err
	}
	return &Model{engine: e, network: n, client: newClient(o)}, nil
}

// Dim is the length of the model's embeddings.
func (m *Model) Dim() int { return m.network.Dim }

// Fingerprint names the weights, preprocessing and precision: embeddings of two
// fingerprints must not be compared.
func (m *Model) Fingerprint() string { return m.network.Fingerprint }

// InputShape is (channels, height, width) of what the network is given.
func (m *Model) InputShape() [3]int {
	return [3]int{3, m.network.InputHeight, m.network.InputWidth}
}

// Close ends the model's session.
func (m *Model) Close() error { return m.engine.Close() }

// Embedded is the embedding of one picture or text, or why there is none.
type Embedded struct {
	Source string    // the picture's file or address, or the text
	Vector []float32 // Dim values as the reference gives them, not normalised
	Err    error
}

// Embed embeds files and http(s) addresses; the answer is in their order. The
// error is for what stops all of them; a picture that cannot be read has its own.
func (m *Model) Embed(ctx context.Context, sources []string, progress func(done int)) ([]Embedded, error) {
	return m.each(ctx, sources, progress, m.network.stage())
}

// ReadsText reports whether the model embeds texts as well.
func (m *Model) ReadsText() bool { return m.network.Text != nil }

// EmbedText embeds texts, in their order; progress may be nil. ErrNoModel when the
// model reads none.
func (m *Model) EmbedText(ctx context.Context, texts []string, progress func(done int)) ([]Embedded, error) {
	if !m.ReadsText() {
		return nil, model.Missingf("%s does not read text; clip-vit-base-patch32 does", m.network.Name)
	}
	out := make([]Embedded, len(texts))
	for i, text := range texts {
		out[i] = Embedded{Source: text, Vector: make([]float32, m.network.Dim)}
		if err := m.network.embedText(ctx, text, out[i].Vector); err != nil {
			return nil, err
		}
		if progress != nil {
			progress(i + 1)
		}
	}
	return out, nil
}

// Pixels gives what the network would be given: (3, height, width) float32
// values a picture, resized and normalised.
func (m *Model) Pixels(ctx context.Context, sources []string) ([]Embedded, error) {
	stage := m.network.stage()
	stage.Dim, stage.Batch = stage.Input, 1
	stage.Run = func(_ context.Context, pixels []float32, _ int, out []float32) error {
		copy(out, pixels)
		return nil
	}
	return m.each(ctx, sources, nil, stage)
}

func (m *Model) each(ctx context.Context, sources []string, progress func(done int), stage embed.Model) ([]Embedded, error) {
	out := make([]Embedded, len(sources))
	jobs := make(chan embed.Job, len(sources))
	for i, s := range sources {
		out[i].Source = s
		jobs <- embed.Job{ID: i, Read: func(ctx context.Context) ([]byte, error) { return read(ctx, m.client, s) }}
	}
	close(jobs)
	done := 0
	err := embed.Run(ctx, jobs, []embed.Model{stage}, embed.Options{
		Workers: m.engine.options.Threads, Networks: m.network.device.Callers(m.engine.options.Threads), Limits: m.engine.limits(),
	}, func(r embed.Result) error {
		out[r.ID].Vector, out[r.ID].Err = r.Vectors[0], nameError(sources[r.ID], r.Err)
		if done++; progress != nil {
			progress(done)
		}
		return nil
	})
	return out, err
}

// nameError says which picture an error is about.
func nameError(source string, err error) error {
	abs, _ := filepath.Abs(source)
	for _, named := range []string{"read " + abs + ":", "fetch " + source + ":"} { // as reading it names it
		if err == nil || strings.HasPrefix(err.Error(), named) {
			return err
		}
	}
	return fmt.Errorf("read %s: %w", source, err)
}

// Inspection tells of one picture file.
type Inspection struct {
	Source      string `json:"source"`
	Format      string `json:"format"`
	Width       int    `json:"width"` // upright
	Height      int    `json:"height"`
	Orientation int    `json:"orientation"` // EXIF, 1 to 8
	// Taken is when the camera says that it was taken, on its own clock:
	// 2006-01-02T15:04:05, then +02:00 where the file tells the zone.
	Taken string `json:"taken,omitempty"`
	Bytes int    `json:"bytes"`
	Hash  string `json:"hash"` // SHA-256 of the file's bytes
	// SeeThrough is the share of the area that is transparent, 0 to 1; Ground is what the picture is
	// shown and compared on ("opaque" without transparency, else a colour or "checker"), and Blank
	// says that next to nothing of it is to be seen on any.
	SeeThrough float64 `json:"see_through"`
	Ground     string  `json:"ground"`
	Blank      bool    `json:"blank,omitempty"`
}

// Inspect reads a file or address and decodes it; pixels are (height, width, 3)
// upright RGB, flattened where Options.Background says on what, else with alpha dropped.
func Inspect(ctx context.Context, from string, o Options) (i Inspection, pixels []byte, err error) {
	data, err := read(ctx, newClient(o), from)
	if err != nil {
		return Inspection{}, nil, err
	}
	i, err = inspect(ctx, from, data, o, func(pix []byte) { pixels = slices.Clone(pix) })
	return i, pixels, err
}

// InspectBytes decodes an encoded picture; name appears in results and errors.
func InspectBytes(ctx context.Context, name string, data []byte, o Options) (Inspection, error) {
	return inspect(ctx, name, data, o, func([]byte) {})
}

func inspect(ctx context.Context, from string, data []byte, o Options, use func(pix []byte)) (Inspection, error) {
	pic, info, err := picture.Decode(ctx, data, NewEngine(o).limits())
	if err != nil {
		return Inspection{}, nameError(from, err)
	}
	through := pic.SeeThrough()
	background := picture.Auto
	if o.Background != "" {
		if background, err = picture.ParseBackground(o.Background); err != nil {
			return Inspection{}, invalidf("background %w", err)
		}
	}
	ground := pic.Ground(background)
	if o.Background != "" {
		pic.Flatten(background)
	}
	use(pic.Pix)
	pic.Release()
	return Inspection{
		SeeThrough: through, Ground: ground.String(), Blank: ground.Blank,
		Source: from, Format: info.Format, Width: info.Width, Height: info.Height,
		Orientation: info.Orientation, Taken: info.Taken, Bytes: len(data), Hash: hashString(data),
	}, nil
}

// ModelInfo tells of a model that akin knows.
type ModelInfo struct {
	Name    string `json:"name"`
	Dim     int    `json:"dim"`
	Input   [2]int `json:"input"` // width, height
	Params  int64  `json:"params"`
	Bytes   int64  `json:"bytes"`
	Speed   string `json:"speed,omitempty"` // fastest, fast, medium, slow or slowest; "" is not known
	Licence string `json:"licence"`
	About   string `json:"about"`
	Present bool   `json:"present"` // its weights are on this machine
	Text    bool   `json:"text"`    // it reads text; known when it is present
	Reason  string `json:"reason,omitempty"`
}

// Models lists the models that akin knows, and whether their weights are here; then
// others in the folders for models.
func Models(o Options) []ModelInfo {
	specs := model.Known()
	for _, name := range ownModels(o) {
		specs = append(specs, model.Spec{Name: name})
	}
	var out []ModelInfo
	for _, s := range specs {
		m, err := model.Open(s.Name, modelPlaces(o, s.Name), model.Options{Cache: cacheDir()})
		if err != nil {
			m = &model.Model{Spec: s}
		}
		i := modelInfo(m)
		if err != nil {
			i.Present, i.Reason = false, err.Error()
		}
		out = append(out, i)
	}
	return out
}

// modelInfo tells of a model that is here.
func modelInfo(m *model.Model) ModelInfo {
	return ModelInfo{
		Name: m.Name, Dim: m.Dim, Input: [2]int{m.InputWidth, m.InputHeight}, Params: m.Params, Bytes: m.Bytes,
		Speed: m.Speed, Licence: m.Licence, About: m.About, Present: true, Text: m.Text != nil,
	}
}
