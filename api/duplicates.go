package api

// DuplicateOptions say what to look for. The zero value finds equal files, and the same pictures
// at another size or saved anew, in the whole collection.
type DuplicateOptions struct {
	Filter Filter
	Model  string // whose neighbours are candidates; "" is the default model
	Exact  bool   // files with the same bytes only: nothing is decoded

	Mirrored bool // also copies with left and right exchanged
	Rotated  bool // also copies turned by quarters of a turn; with Mirrored, in all eight ways

	// Reference are folders whose pictures are the best of any group, and never to be removed.
	Reference []string
	// Reviewed also gives the groups that were reviewed.
	Reviewed bool
	// MaxWrong is how many pictures of the whole collection may be expected to be taken for a copy
	// of a different one, at most; 0 means 0.5. Where more are to be expected, copies of pictures
	// that have one alike which is none stay. See DuplicateCalibration.
	MaxWrong float64

	// Steps: "calibration", "pictures", "turned", "pixels" and "changes".
	Progress func(Progress)
}

// DuplicateKind tells how a picture is a copy of the best of its group.
type DuplicateKind string

// The kinds, from the closest.
const (
	ExactCopy    DuplicateKind = "exact"    // the same bytes
	NearCopy     DuplicateKind = "near"     // the same picture at another size, saved anew, or trimmed
	MirroredCopy DuplicateKind = "mirrored" // left and right exchanged
	RotatedCopy  DuplicateKind = "rotated"  // turned, and maybe mirrored as well
	// Series are pictures that are alike and no copies: bursts, edits, pages of one kind. They are never
	// marked Remove.
	Series DuplicateKind = "series"
)

// Duplicates is the answer to Collection.Duplicates.
type Duplicates struct {
	Model    string `json:"model"`
	Pictures int    `json:"pictures"` // that were looked at
	// RemoteOnly counts the pictures of a cluster that were skipped because their files are not
	// on this machine.
	RemoteOnly int              `json:"remote_only,omitempty"`
	Elsewhere  int              `json:"elsewhere,omitempty" deprecated:"true"` // Deprecated: RemoteOnly, until the next release.
	Groups     []DuplicateGroup `json:"groups"`
	// Series are pictures as much alike as copies whose pixels differ. None of them is to be removed.
	Series []DuplicateGroup `json:"series,omitempty"`
	// Blank are pictures that show nothing, of those that were looked at: all that is seen has one colour.
	// They are copies of equal files only.
	Blank    []string `json:"blank,omitempty"`
	Remove   int      `json:"remove"`   // copies that are to be removed, in all groups
	Bytes    int64    `json:"bytes"`    // of these
	Reviewed int      `json:"reviewed"` // groups left out because they were reviewed

	Calibration *DuplicateCalibration `json:"calibration,omitempty"` // nil where only equal files were looked for

	Failed []Failure `json:"failed,omitempty"` // pictures that could not be read, or changed since they were indexed
}

// DuplicateGroup is a best picture and its copies: each of them is one of the best.
type DuplicateGroup struct {
	ID   string        `json:"id"`   // of what the group's files hold, whatever they are called
	Kind DuplicateKind `json:"kind"` // the furthest of its copies
	Why  string        `json:"why"`  // the best is the best
	// Unsure says that more than MaxWrong wrong ones are to be expected where one is alike that is none, as here:
	// copies further from the best than DuplicateCalibration.Within stay.
	Unsure bool        `json:"unsure,omitempty"`
	Copies []Duplicate `json:"copies"`
}

// Duplicate is a picture of a group. The first is the best.
type Duplicate struct {
	Picture
	Kind      DuplicateKind      `json:"kind,omitempty"` // "" of the best
	Best      bool               `json:"best"`
	Remove    bool               `json:"remove"`              // neither the best, nor of a reference folder, nor reviewed
	Reference bool               `json:"reference,omitempty"` // in a reference folder
	Reviewed  bool               `json:"reviewed,omitempty"`  // was looked at with another of the group, and stays
	Link      string             `json:"link,omitempty"`      // it is no file of its own: the file that it leads to
	Better    bool               `json:"better,omitempty"`    // has more to show than the best, which lies in a better place: it stays
	Width     int                `json:"width"`
	Height    int                `json:"height"`
	Bytes     int64              `json:"bytes"`
	Format    string             `json:"format"`
	Sharpness float64            `json:"sharpness,omitempty"` // as many times the best's, at a size that both have
	SHA256    string             `json:"sha256"`
	Evidence  *DuplicateEvidence `json:"evidence,omitempty"` // nil where the bytes are the best's
}

// DuplicateEvidence tells how far a copy is from the best.
type DuplicateEvidence struct {
	// Distance is the largest difference between the pixels in any place, by what losses explain:
	// 1 is as far as copies go.
	Distance float64 `json:"distance"`
	// Proposed is the largest of the signatures' measures that follow, each by its tolerance.
	Proposed   float64  `json:"proposed,omitempty"`
	HashBits   int      `json:"hash_bits"`        // in which the perceptual hashes differ, of 64
	Difference float64  `json:"difference"`       // the largest of a colour at any of 32 x 32 places, of 255
	Cast       float64  `json:"cast"`             // the difference that one place in five has at least
	Aspect     float64  `json:"aspect"`           // of the logarithms of width / height
	Score      *float64 `json:"score,omitempty"`  // cosine of the embeddings, the copy turned back; nil where no model can tell
	Chance     *float64 `json:"chance,omitempty"` // of that score among random pairs
	Turn       string   `json:"turn,omitempty"`   // how the copy must be turned to lie as the best

	Pixels *DuplicatePixels `json:"pixels,omitempty"`
}

// DuplicateCalibration tells how good the answer is, from pictures that are made of the collection's own: copies, of
// half of the sample how far the signatures of copies may be apart, of the other half how many are
// found; and pictures that differ in one place, how many of these are taken for copies.
type DuplicateCalibration struct {
	Pictures   int               `json:"pictures"` // of which copies were made
	Made       int               `json:"made"`     // copies
	Tolerance  DuplicateEvidence `json:"tolerance"`
	Sharpness  float64           `json:"sharpness"`            // copies differ by this factor in it at most
	Limit      float64           `json:"limit"`                // of Distance: 1
	Found      float64           `json:"found"`                // share of the copies made of pictures held back that are found
	HeldOut    int               `json:"held_out"`             // of these copies
	Changed    int               `json:"changed"`              // made pictures that differ in one place
	Mistaken   int               `json:"mistaken"`             // of these, taken for copies
	Families   int               `json:"families"`             // pictures with one as much alike as copies that is none
	Within     float64           `json:"within"`               // of Distance: copies in families that are further stay
	Wrong      float64           `json:"wrong"`                // pictures to be expected to be taken for a copy of a different one, of all
	WrongMost  float64           `json:"wrong_most"`           // no more than so many, with 95 % of confidence
	Unembedded string            `json:"unembedded,omitempty"` // why embeddings were not measured
}

// DuplicatePixels is what the pixels of a picture and of the best of its group say, laid on one another at the
// resolution of the smaller one.
type DuplicatePixels struct {
	Verdict string  `json:"verdict"`         // same, unsure or different
	Why     string  `json:"why,omitempty"`   // that is not same
	Differs float64 `json:"differs"`         // the largest local difference by what losses explain: up to 1 for a copy; -1 where they were not laid on one another
	At      []int   `json:"at,omitempty"`    // where, in pixels of this picture: left, top, right, bottom
	Overlap float64 `json:"overlap"`         // share that both show
	Grain   float64 `json:"grain,omitempty"` // correlation of their grain; 0 where one has none
	Detail  float64 `json:"detail,omitempty"`
	Tone    float64 `json:"tone,omitempty"` // levels of 255 by which light or colours differ
}

// RemoveOptions say where copies go. The zero value is the desktop's trash.
type RemoveOptions struct {
	Folder   string // a folder instead of the trash
	DryRun   bool   // look at everything and tell what would be done; change nothing
	Progress func(done, total int)
}

// RemoveReport tells what RemoveDuplicates did, or would do.
type RemoveReport struct {
	DryRun  bool          `json:"dry_run"`
	Removed []RemovedCopy `json:"removed"`
	Bytes   int64         `json:"bytes"`
	Skipped []Failure     `json:"skipped"` // copies that stay, and why
}

// RemovedCopy is a file that went.
type RemovedCopy struct {
	Source string `json:"source"`
	To     string `json:"to"`   // where it lies now; of a dry run, the trash itself
	Kept   string `json:"kept"` // the best of its group
	Bytes  int64  `json:"bytes"`
	// Links are pictures of the collection that lead to it: they lead nowhere now.
	Links []string `json:"links,omitempty"`
}
