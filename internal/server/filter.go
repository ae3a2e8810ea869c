package server

import "github.com/akin-search/akin/api"

// FilterQuery is a filter in a URL.
type FilterQuery struct {
	Under    string    `query:"under" doc:"Only pictures whose source lies under this folder or address"`
	Tags     []string  `query:"tag,explode" maxItems:"100" doc:"Only pictures that have all of these tags"`
	NotTags  []string  `query:"not_tag,explode" maxItems:"100" doc:"No pictures that have any of these tags"`
	Names    []string  `query:"names,explode" maxItems:"100" doc:"Globs, one of which must match the name or path"`
	After    string    `query:"after" doc:"Only pictures taken in this year, month or day or later, or at this time or later" example:"2024-07"`
	Before   string    `query:"before" doc:"Only pictures taken before this year, month, day or time"`
	Taken    string    `query:"taken" doc:"Only pictures taken in this year, month or day" example:"2024"`
	Cameras  []string  `query:"camera,explode" maxItems:"100" doc:"Make and model, or globs of them, one of which must match"`
	Lenses   []string  `query:"lens,explode" maxItems:"100" doc:"Names of lenses, or globs, one of which must match"`
	Labels   []string  `query:"label,explode" maxItems:"100" doc:"Colour labels, or globs, one of which must match"`
	Keywords []string  `query:"keyword,explode" maxItems:"100" doc:"Keywords, or globs, all of which must match"`
	Captions []string  `query:"caption,explode" maxItems:"100" doc:"Words of the title or caption, or beginnings of words, all of which must be there"`
	Rating   int       `query:"rating" minimum:"0" maximum:"5" doc:"Only pictures with at least so many stars"`
	Near     []float64 `query:"near" minItems:"3" maxItems:"3" doc:"Latitude, longitude and kilometres: only pictures taken so near to that place"`
	Box      []float64 `query:"box" minItems:"4" maxItems:"4" doc:"South, west, north and east in degrees: only pictures taken in that area"`
}

// filter is the filter, checked.
func (q *FilterQuery) filter() (api.Filter, error) {
	return filter(&api.Filter{
		Under: q.Under, Tags: q.Tags, NotTags: q.NotTags, Names: q.Names, After: q.After, Before: q.Before, Taken: q.Taken,
		Cameras: q.Cameras, Lenses: q.Lenses, Labels: q.Labels, Keywords: q.Keywords, Captions: q.Captions, Rating: q.Rating, Near: q.Near, Box: q.Box,
	})
}
