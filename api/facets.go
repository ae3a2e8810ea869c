package api

// Facets are the values of metadata that the pictures of a filter have, each with the number of those. A field is counted
// without its own condition, so that the numbers are what choosing another value gives; of keywords, which must all
// match, with it. Where nothing is counted the lists are empty.
type Facets struct {
	Cameras   []FacetValue `json:"cameras"` // by their numbers of pictures, the greatest first, as are the next three
	Lenses    []FacetValue `json:"lenses"`
	Labels    []FacetValue `json:"labels"`
	Keywords  []FacetValue `json:"keywords"`
	Ratings   []FacetValue `json:"ratings" doc:"Stars, 5 to 1, and -1 for rejected pictures"`
	Years     []FacetValue `json:"years" doc:"Of the dates that filters and sorting go by, the last first"`
	Captioned int          `json:"captioned" doc:"Pictures with a title or a caption"`
	Located   int          `json:"located" doc:"Pictures that tell where they were taken"`
}

// FacetValue is a value and how many pictures have it.
type FacetValue struct {
	Value    string `json:"value"`
	Pictures int    `json:"pictures"`
}

// FacetOptions say which values to count.
type FacetOptions struct {
	Filter Filter
	Limit  int // values of a field; 0 means 50
}
