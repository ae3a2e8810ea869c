package api

// Check is one finding of Doctor.
type Check struct {
	What   string `json:"what"`
	OK     bool   `json:"ok"`
	Needed bool   `json:"needed"` // models cannot run without it
	Found  string `json:"found"`  // what was found, or what is missing
	Err    error  `json:"-"`      // why it is missing
}

// Embedded is the embedding of one picture or text, or why there is none.
type Embedded struct {
	Source string    // the picture's file or address, or the text
	Vector []float32 // Dim values as the reference gives them, not normalised
	Err    error
}

// Inspection describes one picture file.
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
	Metadata
}

// Metadata is what cameras and people wrote about a picture, into its file or a sidecar beside it. The texts are untrusted.
type Metadata struct {
	Camera   string    `json:"camera,omitempty"` // make and model
	Lens     string    `json:"lens,omitempty"`
	Position *Position `json:"position,omitempty"`
	Rating   int       `json:"rating,omitempty"` // 1 to 5 stars; -1 is rejected
	Label    string    `json:"label,omitempty"`
	Title    string    `json:"title,omitempty"`
	Caption  string    `json:"caption,omitempty"`
	Keywords []string  `json:"keywords,omitempty"`
}

// IsZero reports whether nothing is known.
func (m Metadata) IsZero() bool {
	return m.Camera == "" && m.Lens == "" && m.Position == nil && m.Rating == 0 && m.Label == "" && m.Title == "" && m.Caption == "" && len(m.Keywords) == 0
}

// Position is where a picture was taken, WGS 84.
type Position struct {
	Latitude  float64 `json:"latitude"`  // degrees, south is negative
	Longitude float64 `json:"longitude"` // degrees, west is negative
}

// ModelInfo describes a model that akin knows.
type ModelInfo struct {
	Name   string `json:"name"`
	Dim    int    `json:"dim"`
	Input  [2]int `json:"input"` // width, height
	Params int64  `json:"params"`
	Bytes  int64  `json:"bytes"`
	Speed  string `json:"speed,omitempty"` // fastest, fast, medium, slow or slowest; "" is not known
	// Milliseconds is about how long a picture takes on this machine's processor; 0 is not known.
	Milliseconds float64 `json:"milliseconds,omitempty" doc:"About how long a picture takes on this machine's processor, judged by its cores and the model's speed"`
	Licence      string  `json:"licence"`
	Terms        string  `json:"terms,omitempty"` // what has to be accepted before it is fetched
	Page         string  `json:"page,omitempty"`  // address of the page with the text of those terms, if it is known
	About        string  `json:"about"`
	Present      bool    `json:"present"`  // its weights are on this machine
	Pullable     bool    `json:"pullable"` // akin can fetch its weights
	Text         bool    `json:"text"`     // it reads text; known when it is present
	Language     bool    `json:"language"` // it was trained on pictures with their captions, as its name tells
	Reason       string  `json:"reason,omitempty"`
	Err          error   `json:"-"` // that Reason is the text of
}

// PullOptions say how to fetch a model.
type PullOptions struct {
	Progress func(done, total int64) // bytes
	Note     func(line string)       // hears what is out of the ordinary; may be nil
	HubOnly  bool                    // never take the name for a folder of this machine
	// Accept is asked before weights are fetched whose licence restricts their use; nil accepts none.
	Accept func(Licence) bool
	Home   string // of the user's data, as in akin.Options
	Hub    Hub
}

// Licence is what weights are published under, where it restricts their use.
type Licence struct {
	Model string `json:"model"`
	Name  string `json:"name"`  // as the model hub has it
	Terms string `json:"terms"` // how they may be used, as in "not for commercial use"
	Page  string `json:"page"`  // address of the page with the licence's text, or "" if it is not known
}

// Hub is where checkpoints are downloaded from and cached. The zero value is the public hub, and the
// caches that its Python tools use by default: what one of them has downloaded is there for the other.
type Hub struct {
	Endpoint   string // address of a mirror; "" means the public hub
	Cache      string // folder; "" means ~/.cache/huggingface/hub
	Token      string // for what is not public
	Offline    bool   // use the caches only
	TorchCache string // folder of torch.hub's checkpoints; "" means ~/.cache/torch/hub/checkpoints
}

// PullReport reports what Pull made available.
type PullReport struct {
	Model   string `json:"model"` // the name to use it by
	Path    string `json:"path"`  // its checkpoint
	Dim     int    `json:"dim"`
	Input   [2]int `json:"input"` // width, height
	Params  int64  `json:"params"`
	Text    bool   `json:"text"` // it reads text
	Licence string `json:"licence,omitempty"`
}

// Answers says which models answer queries here: those that have embeddings, the one
// among them that answers where none is named, and those that read text, whose weights
// are on this machine.
type Answers struct {
	Models       []string `json:"models"`
	DefaultModel string   `json:"default_model"`
	Text         []string `json:"text_models"`
	// Kinds describes each of Models, in their order.
	Kinds []ModelKind `json:"kinds"`
}

// ModelKind is what is known of a model that has embeddings.
type ModelKind struct {
	Model    string `json:"model"`
	Language bool   `json:"language" doc:"It was trained on pictures with their captions, as its name tells: it sees meaning, where others see looks"`
	Cannot   string `json:"cannot_run,omitempty" doc:"Why the model cannot run here, so that nothing else can be embedded or explained with it"`
}

// VerifyOptions say what a model is compared with.
type VerifyOptions struct {
	Reference string // a reference file; "" is the one that the program has of the model
	Key       string // a file with the public key that must have signed it; "" is any, or none
	Brief     bool   // one picture and one text, not the weights: a second or two
}

// Verification reports whether a model computes here what its reference implementation computed.
type Verification struct {
	Model     string         `json:"model"`
	Precision string         `json:"precision"`
	Device    string         `json:"device"`
	Runtime   string         `json:"runtime" doc:"version of ONNX Runtime"`
	Reference ReferenceInfo  `json:"reference"`
	OK        bool           `json:"ok" doc:"every part equals the reference's within its tolerance"`
	Parts     []VerifiedPart `json:"parts"`
}

// ReferenceInfo is where a reference comes from.
type ReferenceInfo struct {
	Model      string `json:"model" doc:"the model that it is of"`
	File       string `json:"file,omitempty" doc:"empty if it is part of the program"`
	MadeBy     string `json:"made_by" doc:"the programs that computed it, with their versions"`
	Repository string `json:"repository,omitempty"`
	Revision   string `json:"revision,omitempty"`
	SignedBy   string `json:"signed_by,omitempty" doc:"digest of the key that signed it; empty if it is not signed"`
	KeyMatches bool   `json:"key_matches" doc:"it was signed with the key that the caller asked for"`
}

// VerifiedPart compares one part of the computation with the reference.
type VerifiedPart struct {
	Part  string `json:"part" enum:"weights,pixels,embeddings,query embeddings,tokens,text embeddings"`
	OK    bool   `json:"ok"`
	Count int    `json:"count" doc:"tensors, pictures or texts compared"`
	// Difference is the largest one of pixels, or of a component of an embedding as a share of its norm.
	Difference float64 `json:"difference,omitempty"`
	Allowed    float64 `json:"allowed,omitempty"`
	// Cosine is the least one between an embedding and the reference's.
	Cosine      float64 `json:"cosine,omitempty"`
	LeastCosine float64 `json:"least_cosine,omitempty" doc:"that is allowed"`
	Found       string  `json:"found,omitempty" doc:"the first that differs"`
}
