package api

// TagInfo describes a tag of a collection.
type TagInfo struct {
	Tag      string `json:"tag"`
	Pictures int    `json:"pictures"`
}

// TaggedPicture is a picture and its tags.
type TaggedPicture struct {
	Picture
	Tags []string `json:"tags"`
}

// TagReport reports what AddTag, RemoveTag, RenameTag or DeleteTag did.
type TagReport struct {
	Tag      string `json:"tag"`
	Pictures int    `json:"pictures"` // that were meant
	Changed  int    `json:"changed"`  // of these, that had it not before, or had it
}

// SidecarReport reports what WriteTags did.
type SidecarReport struct {
	Pictures  int       `json:"pictures"`  // with a tag, of those that were meant
	Written   []string  `json:"written"`   // the sidecars that were written, or would be
	Unchanged int       `json:"unchanged"` // sidecars that have all keywords
	Failed    []Failure `json:"failed"`    // pictures without a file, and sidecars that cannot be written
}
