package api

// Filter says which pictures may be hits. The zero value lets all pass; of several
// conditions all must hold. It is applied inside a search, not to its hits: the best
// ten of those that pass are found, however far down they stand. docs/how-to/filter.md is
// the user's page.
type Filter struct {
	Under string // only pictures whose source lies under this folder or address

	// Names are globs of which one must match the picture's name, or the end of its
	// path where the glob has a slash, or its file's name where it has a dot: "img_*",
	// "2024/**", "*.png". Case does not count.
	Names []string

	// After and Before are years, months, days or times: "2024", "2024-07",
	// "2024-07-31", "2024-07-31T12:00:00", or a time with its zone as in RFC 3339.
	// Only pictures pass that were taken then or later, and earlier than the very
	// beginning of Before. All but the last kind are by the clock of the camera.
	After, Before string

	Tags    []string // only pictures that have all of these tags
	NotTags []string // no pictures that have one of these

	// Only are names or sources: no other pictures pass. nil means all, an empty
	// list none. Those that no picture has are told in the answer's Missing.
	Only []string
}
