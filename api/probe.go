package api

// ProbeOptions say what to probe. The zero value is all models that are here, over 60 of
// the collection's pictures.
type ProbeOptions struct {
	Models   []string
	Names    []string // pictures to change; nil means a sample
	Pictures int      // of the sample; 0 means 60
	Progress func(done, total int)
}

// Reaction is what a model makes of a change.
type Reaction struct {
	Change string  `json:"change"`
	Score  float64 `json:"score"` // mean cosine of the changed pictures to the unchanged
	// Kept is where that lies between two random pictures, 0, and the same one, 1: what
	// can be compared between models.
	Kept       float64  `json:"kept"`
	KeptWithin Interval `json:"kept_interval"` // 95 %, by drawing pictures again
	// Found is the share of changed pictures that are nearer to their unchanged one than to any
	// other of the collection.
	Found       float64  `json:"found"`
	FoundWithin Interval `json:"found_interval"`
}

// Probed is one model's reactions.
type Probed struct {
	Model     string     `json:"model"`
	Reactions []Reaction `json:"reactions"` // in the order of Changes
	Blind     []string   `json:"blind"`     // changes that it hardly sees: at least nine tenths kept, for sure
	Moved     []string   `json:"moved"`     // changes that make another picture of it: at most half kept, for sure
}

// ProbeChange is a way in which pictures were changed.
type ProbeChange struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"`
	About string `json:"about"`
}

// ProbeReport is the answer to Probe.
type ProbeReport struct {
	Changes  []ProbeChange `json:"changes"`
	Models   []Probed      `json:"models"`
	Pictures int           `json:"pictures"` // that were changed
	Example  Picture       `json:"example"`  // the first of them
	Failed   []Failure     `json:"failed,omitempty"`
	Skipped  []Failure     `json:"absent,omitempty"` // models that could not run, and why
}
