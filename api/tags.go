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
