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

	// Taken is a year, month or day, and short for After and Before its ends.
	Taken string `json:"taken,omitempty" doc:"Only pictures taken in this year, month or day" example:"2024-07"`

	// Cameras, Lenses, Labels and Keywords are values of the metadata that files and their sidecars have, or globs of
	// them. Case does not count. One of the cameras must match, one of the lenses and one of the labels, but all keywords.
	// Errors: NoSuchValueError for one that no picture has.
	Cameras  []string `json:"cameras,omitempty" maxItems:"100" doc:"Make and model, or globs of them, one of which must match" example:"[\"NIKON*\"]"`
	Lenses   []string `json:"lenses,omitempty" maxItems:"100" doc:"Names of lenses, or globs, one of which must match"`
	Labels   []string `json:"labels,omitempty" maxItems:"100" doc:"Colour labels, or globs, one of which must match" example:"[\"Red\"]"`
	Keywords []string `json:"keywords,omitempty" maxItems:"100" doc:"Keywords, or globs, all of which must match"`

	// Captions are words that the title or the caption of a picture's file or sidecar must have, all of them: each of the words of
	// a text, or one that begins so. Case does not count.
	Captions []string `json:"captions,omitempty" maxItems:"100" doc:"Words of the title or caption, or beginnings of words, all of which must be there" example:"[\"red barn\"]"`

	// Rating passes pictures with so many stars or more, 1 to 5; 0 passes all.
	Rating int `json:"rating,omitempty" minimum:"0" maximum:"5" doc:"Only pictures with at least so many stars"`

	// Near is a latitude, a longitude, in degrees, and a distance in kilometres along a great circle.
	Near []float64 `json:"near,omitempty" minItems:"3" maxItems:"3" doc:"Latitude, longitude and kilometres: only pictures taken so near to that place" example:"[48.8584, 2.2945, 10]"`

	// Box is the south, west, north and east of an area, in degrees. Where its west is greater than its east it lies
	// across the antimeridian.
	Box []float64 `json:"box,omitempty" minItems:"4" maxItems:"4" doc:"South, west, north and east in degrees: only pictures taken in that area" example:"[35.4, 6.6, 47.1, 18.6]"`

	Tags    []string `json:"tags,omitempty" maxItems:"100" doc:"Only pictures that have all of these tags"`
	NotTags []string `json:"not_tags,omitempty" maxItems:"100" doc:"No pictures that have any of these tags"`

	// Only are names or sources: no other pictures pass. nil means all, an empty
	// list none. Those that no picture has are listed in the answer's Missing.
	Only []string `json:"only,omitempty" doc:"Only pictures with these names or sources"`
}
