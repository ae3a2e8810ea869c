package render

import "github.com/akin-search/akin/api"

// Reduced notes, after a first run, that pictures were decoded at a reduced size; unset: nobody chose so.
func (o *Output) Reduced(r api.IndexReport, unset bool) {
	if r.Reduced > 0 && r.Unchanged == 0 && unset && r.Decode == "auto" {
		o.Notef("%s of more than 4 megapixels decoded at a reduced size, which is faster and moves embeddings a little; --decode exact decodes them whole",
			Count(r.Reduced, "picture was", "pictures were"))
	}
}
