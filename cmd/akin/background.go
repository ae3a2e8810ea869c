package main

import "github.com/akin-search/akin/api"

// shownOn is a ground or background in a sentence.
func shownOn(ground string) string {
	switch ground {
	case "checker":
		return "a checker"
	case "auto":
		return "a background that shows them"
	case "drop":
		return "the colours that are hidden under the transparency"
	}
	return ground
}

// noteTransparency tells of pictures that the models cannot have seen as people do.
func (a *app) noteTransparency(r api.IndexReport) {
	if n := len(r.Blank); n > 0 {
		a.notef("akin: %s blank to the model: nothing stands out from the background, the first: %s", count(n, "transparent picture is", "transparent pictures are"), place(r.Blank[0]))
	}
	if 2*r.Transparent > r.Decoded && a.background == "" && r.Background == "drop" {
		a.notef("akin: %d of %s see-through in part, and models see the colours that are hidden there; --background auto indexes what is seen", r.Transparent, count(r.Decoded, "picture is", "pictures are"))
	}
}

// noteBlank tells of query pictures of which the model saw nothing.
func (a *app) noteBlank(q api.Query) {
	for _, t := range q {
		switch {
		case t.Blank && t.Ground == "drop":
			a.notef("akin: %s is one plain colour to the model, which does not see transparency; index and ask with --background auto", t.Picture)
		case t.Blank:
			a.notef("akin: %s is blank on %s; ask with another --background, or auto", t.Picture, shownOn(t.Ground))
		}
	}
}
