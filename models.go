package akin

import (
	"context"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/hub"
	"github.com/akin-search/akin/internal/models"
)

// Engine holds the models in memory. Several collections may share one.
type Engine = models.Engine

// Model turns pictures into embeddings, without a collection.
type Model struct {
	c *models.Model
}

// AddModel makes an ONNX file a model of that name. The file stays in its place and is linked to. Its
// preprocessing is copied from a file with the fields of transformers' preprocessor_config.json: "" is
// the one beside the ONNX file. The model is run once, so that an error in it is found now.
func AddModel(ctx context.Context, name, file, preprocess string, o Options) (api.ModelInfo, error) {
	return models.AddModel(ctx, name, file, preprocess, models.Options(o))
}

// RemoveModel removes what AddModel, or Pull of a folder, made. The user's own files stay.
func RemoveModel(name string, o Options) error {
	return models.RemoveModel(name, models.Options(o))
}

// ParseBackground checks a background as Options.Background takes it: "drop", "auto", "white", "black",
// "grey", or a colour as #aabbcc. "" is none, and is no error. The error is an ErrInvalid.
func ParseBackground(word string) error {
	_, err := models.ParseBackground(word)
	return err
}

// ParseColour checks what is shown of colours as Options.Colour takes it: "keep" or "drop". "" is none, and is no error.
func ParseColour(word string) error {
	_, err := models.ParseColour(word)
	return err
}

// ParseDecode checks a way of decoding as Options.Decode takes it: "exact", "fast" or "auto". "" is none, and is no
// error. The error is an ErrInvalid.
func ParseDecode(word string) error {
	_, err := models.ParseDecode(word)
	return err
}

// Doctor checks what akin finds on this machine: the processor, ONNX Runtime, the devices, the models and
// the optional decoders.
func Doctor(o Options) []api.Check {
	return models.Doctor(models.Options(o))
}

// HubFromEnvironment returns what the variables of the hub's Python tools say: HF_HOME, HF_TOKEN and
// TORCH_HOME. Use it with os.Getenv for Options.Hub to share their caches where they were moved.
func HubFromEnvironment(getenv func(string) string) api.Hub {
	return hub.FromEnvironment(getenv)
}

// Inspect reads a file or address and decodes it; pixels are (height, width, 3)
// upright RGB, flattened on Options.Background if that is set, else with alpha dropped.
func Inspect(ctx context.Context, from string, o Options) (i api.Inspection, pixels []byte, err error) {
	return models.Inspect(ctx, from, models.Options(o))
}

// InspectBytes decodes an encoded picture; name appears in results and errors.
func InspectBytes(ctx context.Context, name string, data []byte, o Options) (api.Inspection, error) {
	return models.InspectBytes(ctx, name, data, models.Options(o))
}

// Models returns the models of the catalogue, with whether their weights are on this machine; then the
// others in the folders for models.
func Models(o Options) []api.ModelInfo {
	return models.Models(models.Options(o))
}

// OpenModel opens a model by its name, or the checkpoint at o.ModelDir. ONNX Runtime is loaded for the
// first picture.
func OpenModel(name string, o Options) (*Model, error) {
	m, err := models.OpenModel(name, models.Options(o))
	if err != nil {
		return nil, err
	}
	return &Model{m}, nil
}

// Close ends the model's session.
func (m *Model) Close() error {
	return m.c.Close()
}

// Dim is the length of the model's embeddings.
func (m *Model) Dim() int {
	return m.c.Dim()
}

// Embed embeds files and http(s) addresses, in their order. A picture that cannot be read has its own
// error; the error of Embed is one that stopped all of them.
func (m *Model) Embed(ctx context.Context, sources []string, progress func(done int)) ([]api.Embedded, error) {
	return m.c.Embed(ctx, sources, progress)
}

// EmbedText embeds texts, in their order; progress may be nil. It returns ErrNoModel if the model
// reads no text.
func (m *Model) EmbedText(ctx context.Context, texts []string, progress func(done int)) ([]api.Embedded, error) {
	return m.c.EmbedText(ctx, texts, progress)
}

// Fingerprint identifies the weights, preprocessing and precision. Embeddings with different
// fingerprints cannot be compared.
func (m *Model) Fingerprint() string {
	return m.c.Fingerprint()
}

// InputShape is (channels, height, width) of the network's input; of models that keep a picture's
// shape, its length.
func (m *Model) InputShape() []int {
	return m.c.InputShape()
}

// Pixels returns the network's input for each picture: (3, height, width) float32 values, resized and
// normalized.
func (m *Model) Pixels(ctx context.Context, sources []string) ([]api.Embedded, error) {
	return m.c.Pixels(ctx, sources)
}

// ReadsText reports whether the model embeds texts as well.
func (m *Model) ReadsText() bool {
	return m.c.ReadsText()
}

// NewEngine returns an Engine without models; they run as the options say.
func NewEngine(o Options) *Engine {
	return models.NewEngine(models.Options(o))
}

// Pull makes a model available by its name: one of the catalogue; another of the model hub, as ORG/NAME;
// or the folder of a checkpoint on this machine, which is linked to. It shares the cache of the hub's
// Python tools. After ctx is cancelled, the next Pull continues where this one stopped.
//
// If a checkpoint is mostly something else, such as a language model, only the tensors that embeddings
// need are downloaded, into the user's data folder.
func Pull(ctx context.Context, name string, o api.PullOptions) (api.PullReport, error) {
	return models.Pull(ctx, name, o)
}

// VerifyModel compares what a model computes here with what its reference implementation computed: its
// weights, the network's input, tokens and embeddings. What differs is in the report. An error is about what
// cannot be compared: ErrNoModel, ErrNoReference, ErrSignature, ErrNoRuntime.
func VerifyModel(ctx context.Context, name string, v api.VerifyOptions, o Options) (api.Verification, error) {
	return models.VerifyModel(ctx, name, v, models.Options(o))
}
