package api

// DuplicateOptions say which duplicates to find. The zero value finds exact and near duplicates in the whole
// collection.
type DuplicateOptions struct {
	Filter Filter
	Model  string // whose nearest neighbours are candidates; "" is the default model
	Exact  bool   // only files with the same bytes: no picture is decoded

	Mirrored bool // also duplicates mirrored left to right
	Rotated  bool // also duplicates turned by 90, 180 or 270 degrees; with Mirrored, all eight orientations

	// Reference are folders whose pictures are the best of their groups and are never removed.
	Reference []string
	// Reviewed also returns reviewed groups.
	Reviewed bool
	// MaxWrong is the number of expected false matches to allow, over the whole collection; 0 means 0.5. If more are
	// expected, pictures with a lookalike that differs are kept. See DuplicateCalibration.
	MaxWrong float64

	// Steps: "calibration", "pictures", "turned", "pixels" and "changes".
	Progress func(Progress)
}

// KeepTag is the tag of pictures that are the best of their groups of duplicates, before all other reasons, and are never
// removed: what someone chose who looked at the copies.
const KeepTag = "keep"

// DuplicateKind says how a picture duplicates the best of its group.
type DuplicateKind string

// The kinds, the closest first.
const (
	ExactCopy    DuplicateKind = "exact"    // the same bytes
	NearCopy     DuplicateKind = "near"     // the same picture at another size, saved again, or trimmed
	MirroredCopy DuplicateKind = "mirrored" // left to right
	RotatedCopy  DuplicateKind = "rotated"  // turned, and possibly mirrored too
	// Series are pictures as similar as duplicates whose pixels differ: bursts, edits, pages of one form. Remove is never
	// set on them.
	Series DuplicateKind = "series"
)

// Duplicates is the answer to Collection.Duplicates.
type Duplicates struct {
	Model    string `json:"model"`
	Pictures int    `json:"pictures"` // that were compared
	// RemoteOnly counts the pictures of a cluster that were skipped because their files are not
	// on this machine.
	RemoteOnly int              `json:"remote_only,omitempty"`
	Elsewhere  int              `json:"elsewhere,omitempty" deprecated:"true"` // Deprecated: RemoteOnly, until the next release.
	Groups     []DuplicateGroup `json:"groups"`
	// Series are pictures as similar as duplicates whose pixels differ. None of them is removed.
	Series []DuplicateGroup `json:"series,omitempty"`
	// Blank are pictures of a single colour. Only files with the same bytes are their duplicates.
	Blank    []string `json:"blank,omitempty"`
	Remove   int      `json:"remove"`   // duplicates that can be removed, in all groups
	Bytes    int64    `json:"bytes"`    // of these
	Reviewed int      `json:"reviewed"` // groups left out because they were reviewed

	Calibration *DuplicateCalibration `json:"calibration,omitempty"` // nil if only exact duplicates were asked for

	Failed []Failure `json:"failed,omitempty"` // pictures that could not be read, or changed since they were indexed
}

// DuplicateGroup is the best picture and its duplicates: each of them duplicates the best.
type DuplicateGroup struct {
	ID   string        `json:"id"`   // a hash of the files' contents, independent of their names
	Kind DuplicateKind `json:"kind"` // of the most distant duplicate
	Why  string        `json:"why"`  // this picture is the best
	// Unsure says that a picture of the group has a lookalike that differs, and that more false matches than MaxWrong
	// are expected: duplicates further from the best than DuplicateCalibration.Within are kept.
	Unsure bool        `json:"unsure,omitempty"`
	Copies []Duplicate `json:"copies"`
}

// Duplicate is a picture of a group. The first is the best.
type Duplicate struct {
	Picture
	Kind      DuplicateKind      `json:"kind,omitempty"` // "" of the best
	Best      bool               `json:"best"`
	Remove    bool               `json:"remove"`              // not the best, not chosen, not in a reference folder, not reviewed
	Chosen    bool               `json:"chosen,omitempty"`    // it has KeepTag: it is kept, as the best if no other one has it
	Reference bool               `json:"reference,omitempty"` // in a reference folder
	Reviewed  bool               `json:"reviewed,omitempty"`  // together with another one of the group, and kept
	Link      string             `json:"link,omitempty"`      // the file that it points to, if it is a link
	Better    bool               `json:"better,omitempty"`    // shows more than the best, which is in a preferred folder: it is kept
	Width     int                `json:"width"`
	Height    int                `json:"height"`
	Bytes     int64              `json:"bytes"`
	Format    string             `json:"format"`
	Sharpness float64            `json:"sharpness,omitempty"` // relative to the best's, at the size of the smaller one
	SHA256    string             `json:"sha256"`
	Evidence  *DuplicateEvidence `json:"evidence,omitempty"` // nil if it has the same bytes as the best
}

// DuplicateEvidence says how far a duplicate is from the best.
type DuplicateEvidence struct {
	// Distance is the largest local difference between the pixels, relative to what resizing and compression explain.
	// 1 is the limit.
	Distance float64 `json:"distance"`
	// Proposed is the largest of the following measures of the signatures, each relative to its tolerance.
	Proposed   float64  `json:"proposed,omitempty"`
	HashBits   int      `json:"hash_bits"`        // that differ in the perceptual hashes, of 64
	Difference float64  `json:"difference"`       // the largest difference of a colour on the 32 x 32 grid, of 255
	Cast       float64  `json:"cast"`             // the difference that a fifth of the grid reaches
	Aspect     float64  `json:"aspect"`           // difference of the logarithms of width / height
	Score      *float64 `json:"score,omitempty"`  // cosine of the embeddings, with the duplicate turned upright; nil without embeddings
	Chance     *float64 `json:"chance,omitempty"` // of that score among random pairs
	Turn       string   `json:"turn,omitempty"`   // how the duplicate must be turned to match the best

	Pixels *DuplicatePixels `json:"pixels,omitempty"`
}

// DuplicateCalibration says how good the answer is. It is measured on pictures made from the collection's own. Duplicates
// of half of the sample fix how far signatures may be apart; those of the other half are held out, to measure how many
// are found. Pictures changed in one place measure how many are mistaken for duplicates.
type DuplicateCalibration struct {
	Pictures   int               `json:"pictures"` // from which duplicates were made
	Made       int               `json:"made"`     // duplicates made
	Tolerance  DuplicateEvidence `json:"tolerance"`
	Sharpness  float64           `json:"sharpness"`            // duplicates differ at most by this factor
	Limit      float64           `json:"limit"`                // of Distance: 1
	Found      float64           `json:"found"`                // fraction of the held-out duplicates that are found
	HeldOut    int               `json:"held_out"`             // duplicates
	Changed    int               `json:"changed"`              // pictures made that differ in one place
	Mistaken   int               `json:"mistaken"`             // of these, mistaken for duplicates
	Families   int               `json:"families"`             // pictures with a lookalike that differs
	Within     float64           `json:"within"`               // the Distance up to which their duplicates can be removed
	Wrong      float64           `json:"wrong"`                // expected false matches, over all pictures
	WrongMost  float64           `json:"wrong_most"`           // the upper end of its 95 % interval
	Unembedded string            `json:"unembedded,omitempty"` // why embeddings were not measured
}

// DuplicatePixels is the comparison of a picture with the best of its group, pixel by pixel at the resolution of the
// smaller one.
type DuplicatePixels struct {
	Verdict string  `json:"verdict"`         // same, unsure or different
	Why     string  `json:"why,omitempty"`   // if it is not same
	Differs float64 `json:"differs"`         // as Distance: up to 1 for a duplicate; -1 if they could not be aligned
	At      []int   `json:"at,omitempty"`    // where, in pixels of this picture: left, top, right, bottom
	Overlap float64 `json:"overlap"`         // fraction of the picture that both show
	Grain   float64 `json:"grain,omitempty"` // correlation of their grain; 0 if one has none
	Detail  float64 `json:"detail,omitempty"`
	Tone    float64 `json:"tone,omitempty"` // difference in brightness or colour, of 255
}

// RemoveOptions say where duplicates are moved. The zero value is the desktop's trash.
type RemoveOptions struct {
	Folder   string // a folder instead of the trash
	DryRun   bool   // check every file and report what would be moved; move nothing
	Progress func(done, total int)
}

// RemoveReport is what RemoveDuplicates did, or would do.
type RemoveReport struct {
	DryRun  bool          `json:"dry_run"`
	Removed []RemovedCopy `json:"removed"`
	Bytes   int64         `json:"bytes"`
	Skipped []Failure     `json:"skipped"` // duplicates that were kept, and why
}

// RemovedCopy is a file that was moved.
type RemovedCopy struct {
	Source string `json:"source"`
	To     string `json:"to"`   // its path now; of a dry run, the trash itself
	Kept   string `json:"kept"` // the best of its group
	Bytes  int64  `json:"bytes"`
	// Links are links of the collection that point to it: they are broken now.
	Links []string `json:"links,omitempty"`
}

// DuplicateMove is a duplicate to be moved, and the copy that stays.
type DuplicateMove struct {
	Source string `json:"source" maxLength:"4096" doc:"The path of the file to move"`
	Kept   string `json:"kept" maxLength:"4096" doc:"The path of its duplicate that stays"`
}

// RestoreReport is what RestoreDuplicates did.
type RestoreReport struct {
	Restored []RestoredCopy `json:"restored"`
	Failed   []Failure      `json:"failed"` // those that are still where they were moved to, and why
}

// RestoredCopy is a file that was put back.
type RestoredCopy struct {
	Source string `json:"source"`
	From   string `json:"from"` // where it was moved to
}
