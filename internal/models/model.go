package models

import (
	"context"
	"runtime"
	"slices"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/hub"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/source"
)

// Model turns pictures into embeddings, without a collection.
type Model struct {
	Engine  *Engine
	Network *Network
	Client  *source.Client
}

// OpenModel opens a model by its name, or the checkpoint that o.ModelDir names.
// ONNX Runtime is loaded at the first picture.
func OpenModel(name string, o Options) (*Model, error) {
	if name == "" {
		name = DefaultModel
	}
	e := NewEngine(o)
	view, err := o.view()
	if err != nil {
		return nil, err
	}
	n, err := e.Open(name, view)
	if err != nil {
		return nil, err
	}
	return &Model{Engine: e, Network: n, Client: NewClient(o)}, nil
}

// Dim is the length of the model's embeddings.
func (m *Model) Dim() int { return m.Network.Dim }

// Fingerprint names the weights, preprocessing and precision: embeddings of two
// fingerprints must not be compared.
func (m *Model) Fingerprint() string { return m.Network.Fingerprint }

// InputShape is (channels, height, width) of what the network is given; of networks that keep a
// picture's shape, how many values.
func (m *Model) InputShape() []int {
	var shape []int
	for _, side := range m.Network.Preprocess.Shape() {
		shape = append(shape, int(side))
	}
	return shape
}

// Close ends the model's session.
func (m *Model) Close() error { return m.Engine.Close() }

// Embed embeds files and http(s) addresses; the answer is in their order. The
// error is for what stops all of them; a picture that cannot be read has its own.
func (m *Model) Embed(ctx context.Context, sources []string, progress func(done int)) ([]api.Embedded, error) {
	return m.each(ctx, sources, progress, m.Network.Stage())
}

// ReadsText reports whether the model embeds texts as well.
func (m *Model) ReadsText() bool { return m.Network.Text != nil }

// EmbedText embeds texts, in their order; progress may be nil. ErrNoModel when the
// model reads none.
func (m *Model) EmbedText(ctx context.Context, texts []string, progress func(done int)) ([]api.Embedded, error) {
	if !m.ReadsText() {
		return nil, &model.NoTextError{Model: m.Network.Name}
	}
	out := make([]api.Embedded, len(texts))
	for i, text := range texts {
		out[i] = api.Embedded{Source: text, Vector: make([]float32, m.Network.Dim)}
		if err := m.Network.EmbedText(ctx, text, out[i].Vector); err != nil {
			return nil, err
		}
		if progress != nil {
			progress(i + 1)
		}
	}
	return out, nil
}

// Pixels returns what the network would be given: (3, height, width) float32
// values a picture, resized and normalised.
func (m *Model) Pixels(ctx context.Context, sources []string) ([]api.Embedded, error) {
	return m.each(ctx, sources, nil, m.inputs())
}

// inputs is a stage that returns what the network would be given.
func (m *Model) inputs() embed.Model {
	stage := m.Network.Stage()
	stage.Dim, stage.Batch, stage.Wide, stage.RunFew = stage.Input, 1, false, nil
	stage.Run = func(_ context.Context, pixels []float32, _ int, out []float32) error {
		copy(out, pixels)
		return nil
	}
	return stage
}

func (m *Model) each(ctx context.Context, sources []string, progress func(done int), stage embed.Model) ([]api.Embedded, error) {
	jobs := make([]embed.Job, len(sources))
	for i, s := range sources {
		jobs[i] = embed.Job{ID: i, Read: func(ctx context.Context) ([]byte, error) { return source.Bytes(ctx, m.Client, s) }}
	}
	return m.run(ctx, jobs, sources, progress, stage)
}

// run runs jobs through a stage, and returns what becomes of each under its source's name.
func (m *Model) run(ctx context.Context, all []embed.Job, sources []string, progress func(done int), stage embed.Model) ([]api.Embedded, error) {
	out := make([]api.Embedded, len(sources))
	jobs := make(chan embed.Job, len(all))
	for i, job := range all {
		out[i].Source = sources[i]
		jobs <- job
	}
	close(jobs)
	done := 0
	err := embed.Run(ctx, jobs, []embed.Model{stage}, embed.Options{
		Workers: m.Engine.options.Threads, Networks: m.Network.Device.Callers(m.Engine.options.Threads), Limits: m.Engine.Limits(),
		Few: func(context.Context) bool { return len(all) <= embed.Few },
	}, func(r embed.Result) error {
		out[r.ID].Vector, out[r.ID].Err = r.Vectors[0], source.NameError(sources[r.ID], r.Err)
		if done++; progress != nil {
			progress(done)
		}
		return nil
	})
	return out, err
}

// Inspect reads a file or address and decodes it; pixels are (height, width, 3)
// upright RGB, flattened where Options.Background says on what, else with alpha dropped.
func Inspect(ctx context.Context, from string, o Options) (i api.Inspection, pixels []byte, err error) {
	data, err := source.Bytes(ctx, NewClient(o), from)
	if err != nil {
		return api.Inspection{}, nil, err
	}
	i, err = inspect(ctx, from, data, source.Sidecar(from).Packet, o, func(pix []byte) { pixels = slices.Clone(pix) })
	return i, pixels, err
}

// InspectBytes decodes an encoded picture; name appears in results and errors.
func InspectBytes(ctx context.Context, name string, data []byte, o Options) (api.Inspection, error) {
	return inspect(ctx, name, data, nil, o, func([]byte) {})
}

func inspect(ctx context.Context, from string, data, sidecar []byte, o Options, use func(pix []byte)) (api.Inspection, error) {
	pic, info, err := picture.Decode(ctx, data, o.Limits())
	if err != nil {
		return api.Inspection{}, source.NameError(from, err)
	}
	through := pic.SeeThrough()
	background := picture.Auto
	if o.Background != "" {
		if background, err = ParseBackground(o.Background); err != nil {
			return api.Inspection{}, err
		}
	}
	ground := pic.Ground(background)
	if o.Background != "" {
		pic.Flatten(background)
	}
	use(pic.Pix)
	pic.Release()
	return api.Inspection{
		SeeThrough: through, Ground: ground.String(), Blank: ground.Blank,
		Source: from, Format: info.Format, Width: info.Width, Height: info.Height,
		Orientation: info.Orientation, Taken: info.Taken, Metadata: MetadataOf(info.Shot, picture.ReadMetadata(data), sidecar), Bytes: len(data), Hash: embed.HashString(data),
	}, nil
}

// Models lists the models that akin knows, and whether their weights are here; then
// others in the folders for models.
func Models(o Options) []api.ModelInfo {
	h, noHub := hub.New(o.Hub)
	specs := model.Known()
	for _, name := range ownModels(o) {
		specs = append(specs, model.Spec{Name: name})
	}
	var out []api.ModelInfo
	for _, s := range specs {
		m, err := model.Open(s.Name, modelPlaces(o, s.Name), model.Options{Cache: o.Home.Cache()})
		if err != nil {
			m = &model.Model{Spec: s}
		}
		i := modelInfo(m, o)
		if i.Terms != "" && s.Repository != "" && noHub == nil {
			i.Page = h.Page(s.Repository)
		}
		if err != nil {
			i.Present, i.Reason, i.Err = false, err.Error(), err
		}
		out = append(out, i)
	}
	return out
}

// modelInfo reports of a model that is here.
func modelInfo(m *model.Model, o Options) api.ModelInfo {
	return api.ModelInfo{
		Name: m.Name, Dim: m.Dim, Input: [2]int{m.InputWidth, m.InputHeight}, Params: m.Params, Bytes: m.Bytes,
		Speed: m.Speed, Licence: m.Licence, Terms: terms(m.Spec), Pullable: m.Pullable(), About: m.About, Present: true, Text: m.Text != nil,
		Language: model.TrainedOnLanguage(m.Name), Milliseconds: pace[m.Speed] * 2 / float64(o.cores()),
	}
}

// pace is about how many milliseconds a picture takes on two cores, for each speed of model.Spec: what
// docs/reference/measurements.md has of MobileNet, CLIP ViT-B/32, DINOv2-base, ViT-L/16 and BLIP-2.
var pace = map[string]float64{"fastest": 6, "fast": 65, "medium": 290, "slow": 820, "slowest": 3700}

func (o Options) cores() int {
	if o.Threads > 0 {
		return o.Threads
	}
	return runtime.GOMAXPROCS(0)
}

// terms is what has to be accepted before a model that akin knows is fetched.
func terms(s model.Spec) string {
	if !s.Pullable() {
		return ""
	}
	return model.Terms(s.Licence)
}
