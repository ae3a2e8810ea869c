package api

// Filter says which pictures may be hits. The zero value lets all pass; of several
// conditions all must hold. It is applied inside a search, not to its hits: the best
// ten of those that pass are found, however far down they rank. docs/how-to/filter.md is
// the user's page.
type Filter struct {
	// Under is a folder or an address: only pictures whose source lies below it.
	Under string `json:"under,omitempty" doc:"Only pictures whose source lies under this folder or address"`

	// Names are globs of which one must match the picture's name, or the end of its
	// path where the glob has a slash, or its file's name where it has a dot: "img_*",
	// "2024/**", "*.png". Case does not count.
	Names []string `json:"names,omitempty" maxItems:"100" doc:"Globs, one of which must match the name or path"`

	// After and Before are years, months, days or times: "2024", "2024-07",
	// "2024-07-31", "2024-07-31T12:00:00", or a time with its zone as in RFC 3339.
	// Only pictures taken at After or later, and before the start of Before, pass. All but
	// the last kind are by the clock of the camera.
	After  string `json:"after,omitempty" doc:"Only pictures taken in this year, month or day or later, or at this time or later" example:"2024-07"`
	Before string `json:"before,omitempty" doc:"Only pictures taken before this year, month, day or time"`

	Tags    []string `json:"tags,omitempty" maxItems:"100" doc:"Only pictures that have all of these tags"`
	NotTags []string `json:"not_tags,omitempty" maxItems:"100" doc:"No pictures that have any of these tags"`

	// Only are names or sources: no other pictures pass. nil means all, an empty
	// list none. Those that no picture has are listed in the answer's Missing.
	Only []string `json:"only,omitempty" doc:"Only pictures with these names or sources"`
}
