package render

import "github.com/akin-search/akin/api"

// Transparency notes transparent pictures that models did not see as people do; unset: no
// background was chosen.
func (o *Output) Transparency(r api.IndexReport, unset bool) {
	if n := len(r.Blank); n > 0 {
		o.Notef("%s blank to the model, as nothing stands out from the background; the first: %s", Count(n, "transparent picture is", "transparent pictures are"), Place(r.Blank[0]))
	}
	if 2*r.Transparent > r.Decoded && unset && r.Background == "drop" {
		o.Notef("%d of %s partly transparent, and models see the colours hidden there; --background auto indexes what a person sees", r.Transparent, Count(r.Decoded, "picture is", "pictures are"))
	}
}

// Blank notes query pictures that are blank to the model.
func (o *Output) Blank(q api.Query) {
	for _, t := range q {
		switch {
		case t.Blank && t.Ground == "drop":
			o.Notef("%s is one plain colour to the model, which ignores transparency; index and search with --background auto", t.Picture)
		case t.Blank:
			o.Notef("%s is blank on %s; search with another --background, such as auto", t.Picture, Ground(t.Ground))
		}
	}
}

// Ground returns a background as a phrase.
func Ground(ground string) string {
	switch ground {
	case "checker":
		return "a checker"
	case "auto":
		return "a contrasting background"
	case "drop":
		return "the colours hidden under the transparency"
	}
	return ground
}
