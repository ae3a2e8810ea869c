package akin

import (
	"context"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/hub"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/runtime"
	"github.com/akin-search/akin/internal/source"
)

// Engine holds the models that are in use: several collections may share one.
type Engine = models.Engine

// Model turns pictures into embeddings, without a collection.
type Model struct {
	c *models.Model
}

// Errors of models, for errors.As. Those with a sentinel of this package match it with errors.Is.
type (
	UnknownModelError    = model.UnknownError     // ErrNoModel
	NoWeightsError       = model.NoWeightsError   // ErrNoModel: in the catalogue, but not on this machine
	BrokenModelLinkError = model.BrokenLinkError  // ErrNoModel: the added ONNX file was moved
	NoTextError          = model.NoTextError      // ErrNoModel: has no text encoder
	ModelNameTakenError  = models.NameTakenError  // of AddModel
	ONNXFileError        = models.ONNXFileError   // of Pull
	BundledModelError    = models.BundledError    // of Pull
	NoRuntimeError       = runtime.NotFoundError  // ErrNoRuntime
	DeviceError          = runtime.DeviceError    // ErrDevice
	HubAccessError       = hub.AccessError        // of Pull
	HubUnreachableError  = hub.UnreachableError   // of Pull
	NoDecoderError       = picture.NoDecoderError // ErrNoDecoder
	ColumnError          = source.ColumnError     // of Index: which column of a list has the paths
	WatchError           = source.WatchError      // of Watch: the file system reports no changes
)

// AddModel makes an ONNX file a model of that name. The file stays where it is and is
// linked to; what prepares its pictures is copied from a file of the fields of
// transformers' preprocessor_config.json (see docs/how-to/models.md): "" is the one beside
// the ONNX file. It is run once, so that what is wrong with it is known now.
func AddModel(ctx context.Context, name, file, preprocess string, o Options) (api.ModelInfo, error) {
	return models.AddModel(ctx, name, file, preprocess, o)
}

// RemoveModel takes away what AddModel, or Pull of a folder, made: the user's own
// files stay.
func RemoveModel(name string, o Options) error {
	return models.RemoveModel(name, o)
}

// ParseBackground checks a background as Options.Background takes it: "drop", "auto", "white", "black",
// "grey", or a colour as #aabbcc. "" is none, and is no error. The error is an ErrInvalid.
func ParseBackground(word string) error {
	return models.ParseBackground(word)
}

// Doctor tells what akin finds on this machine: the runtime, the models, the
// optional decoders and the processor.
func Doctor(o Options) []api.Check {
	return models.Doctor(o)
}

// HubFromEnvironment returns what the variables of the hub's Python tools say, as HF_HOME, HF_TOKEN and
// TORCH_HOME. Use it with os.Getenv for Options.Hub to share their caches where they were moved.
func HubFromEnvironment(getenv func(string) string) api.Hub {
	return hub.FromEnvironment(getenv)
}

// Inspect reads a file or address and decodes it; pixels are (height, width, 3)
// upright RGB, flattened where Options.Background says on what, else with alpha dropped.
func Inspect(ctx context.Context, from string, o Options) (i api.Inspection, pixels []byte, err error) {
	return models.Inspect(ctx, from, o)
}

// InspectBytes decodes an encoded picture; name appears in results and errors.
func InspectBytes(ctx context.Context, name string, data []byte, o Options) (api.Inspection, error) {
	return models.InspectBytes(ctx, name, data, o)
}

// Models lists the models that akin knows, and whether their weights are here; then
// others in the folders for models.
func Models(o Options) []api.ModelInfo {
	return models.Models(o)
}

// OpenModel opens a model by its name, or the checkpoint that o.ModelDir names.
// ONNX Runtime is loaded at the first picture.
func OpenModel(name string, o Options) (*Model, error) {
	m, err := models.OpenModel(name, o)
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

// Embed embeds files and http(s) addresses; the answer is in their order. The
// error is for what stops all of them; a picture that cannot be read has its own.
func (m *Model) Embed(ctx context.Context, sources []string, progress func(done int)) ([]api.Embedded, error) {
	return m.c.Embed(ctx, sources, progress)
}

// EmbedText embeds texts, in their order; progress may be nil. ErrNoModel when the
// model reads none.
func (m *Model) EmbedText(ctx context.Context, texts []string, progress func(done int)) ([]api.Embedded, error) {
	return m.c.EmbedText(ctx, texts, progress)
}

// Fingerprint names the weights, preprocessing and precision: embeddings of two
// fingerprints must not be compared.
func (m *Model) Fingerprint() string {
	return m.c.Fingerprint()
}

// InputShape is (channels, height, width) of what the network is given.
func (m *Model) InputShape() [3]int {
	return m.c.InputShape()
}

// Pixels gives what the network would be given: (3, height, width) float32
// values a picture, resized and normalised.
func (m *Model) Pixels(ctx context.Context, sources []string) ([]api.Embedded, error) {
	return m.c.Pixels(ctx, sources)
}

// ReadsText reports whether the model embeds texts as well.
func (m *Model) ReadsText() bool {
	return m.c.ReadsText()
}

// NewEngine makes an Engine whose models run as the options say.
func NewEngine(o Options) *Engine {
	return models.NewEngine(o)
}

// Pull makes a model available by its name: one that akin knows, another of the
// model hub's as ORG/NAME, or a checkpoint's folder that is there already, which is
// linked to. What the hub's Python tools have fetched is used; what they need later
// is not fetched again. Cancelling ctx loses nothing: the next Pull goes on.
//
// Of a checkpoint that is mostly something else, a language model for instance, only
// the tensors that embeddings need are fetched, into akin's own data folder.
func Pull(ctx context.Context, name string, o api.PullOptions) (api.PullReport, error) {
	return models.Pull(ctx, name, o)
}
