package api

// ProbeOptions say what to probe. The zero value probes all installed models with 60 pictures of the collection.
type ProbeOptions struct {
	Models   []string
	Names    []string // pictures to change; nil means a sample
	Pictures int      // of the sample; 0 means 60
	Progress func(done, total int)
}

// Reaction is how a model's embedding responds to a change.
type Reaction struct {
	Change string  `json:"change"`
	Score  float64 `json:"score"` // mean cosine of the changed pictures to the unchanged
	// Retained is the share of the similarity that is left: 1 for the unchanged picture, 0 for as similar as two
	// random ones. It can be compared between models.
	Retained       float64  `json:"retained"`
	RetainedWithin Interval `json:"retained_interval"`               // 95 %, by drawing pictures again
	Kept           float64  `json:"kept" deprecated:"true"`          // Deprecated: Retained, until the next release.
	KeptWithin     Interval `json:"kept_interval" deprecated:"true"` // Deprecated: RetainedWithin, until the next release.
	// Found is the share of changed pictures that are nearer to their unchanged one than to any
	// other of the collection.
	Found       float64  `json:"found"`
	FoundWithin Interval `json:"found_interval"`
}

// Probed is one model's reactions.
type Probed struct {
	Model     string     `json:"model"`
	Reactions []Reaction `json:"reactions"`               // in the order of Changes
	Invariant []string   `json:"invariant"`               // to these changes: at least 90 % is retained, at the lower end of the interval
	Sensitive []string   `json:"sensitive"`               // to these: at most 50 % is retained, at the upper end
	Blind     []string   `json:"blind" deprecated:"true"` // Deprecated: Invariant, until the next release.
	Moved     []string   `json:"moved" deprecated:"true"` // Deprecated: Sensitive, until the next release.
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
	Skipped  []Failure     `json:"skipped,omitempty"`                  // models that could not run, and why
	Absent   []Failure     `json:"absent,omitempty" deprecated:"true"` // Deprecated: Skipped, until the next release.
}
