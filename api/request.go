package api

// SearchRequest is what to search for, and how.
type SearchRequest struct {
	Query       []SearchTerm  `json:"query,omitempty" maxItems:"32" doc:"What to look for; a form's pictures are added to it"`
	Model       string        `json:"model,omitempty" doc:"The model that answers; none is the collection's own"`
	Top         int           `json:"top,omitempty" minimum:"0" maximum:"1000" doc:"Hits to return; 0 is 10"`
	MinScore    *float64      `json:"min_score,omitempty" minimum:"-1" maximum:"1" doc:"Only hits with at least this cosine"`
	MaxChance   float64       `json:"max_chance,omitempty" minimum:"0" maximum:"1" doc:"Only hits that at most this share of random pairs equals; 0 is any"`
	IncludeSelf bool          `json:"include_self,omitempty" doc:"Keep the queried picture itself"`
	Fold        bool          `json:"fold,omitempty" doc:"Put hits that are the same picture as a better one, by their pixels, under it"`
	Recall      float64       `json:"recall,omitempty" minimum:"0" maximum:"1" doc:"The share of the right hits that is enough; 1 is all, always"`
	Fuse        bool          `json:"fuse,omitempty" doc:"Answer with several models together"`
	Models      []string      `json:"models,omitempty" maxItems:"32" doc:"The models to fuse, compare or ask; none is all"`
	Fusion      *SearchFusion `json:"fusion,omitempty"`
	Filter      *SearchFilter `json:"filter,omitempty"`
}

// SearchTerm is a part of a query: one of a picture's name, an upload, an address and words.
type SearchTerm struct {
	Picture string   `json:"picture,omitempty" maxLength:"4096" doc:"The name of an indexed picture" example:"Chad"`
	Upload  string   `json:"upload,omitempty" maxLength:"64" doc:"The id of an upload"`
	URL     string   `json:"url,omitempty" maxLength:"4096" doc:"An http or https address; the server says which it may fetch"`
	Text    string   `json:"text,omitempty" maxLength:"1000" doc:"Words, for models that read"`
	Weight  *float64 `json:"weight,omitempty" default:"1" doc:"Below 0 looks for what is unlike it"`
	Crop    *Crop    `json:"crop,omitempty" doc:"Only this region of the picture"`
}

// SearchFusion says how rankings of several models become one: see akin.Fusion.
type SearchFusion struct {
	Method  string             `json:"method,omitempty" enum:"rrf,scores,csls" doc:"rrf is the default"`
	Weights map[string]float64 `json:"weights,omitempty" doc:"By model; one without counts as 1"`
}

// SearchFilter says which pictures may be hits: see akin.Filter.
type SearchFilter struct {
	Under   string   `json:"under,omitempty" doc:"Only pictures whose source lies under this folder or address"`
	Names   []string `json:"names,omitempty" maxItems:"100" doc:"Globs, of which a name must match one"`
	After   string   `json:"after,omitempty" doc:"A year, month, day or time" example:"2024-07"`
	Before  string   `json:"before,omitempty"`
	Tags    []string `json:"tags,omitempty" maxItems:"100"`
	NotTags []string `json:"not_tags,omitempty" maxItems:"100"`
	Only    []string `json:"only,omitempty" doc:"Names or sources: no other pictures"`
}

// ExplainRequest is two pictures, and the model to ask.
type ExplainRequest struct {
	A     SearchTerm `json:"a"`
	B     SearchTerm `json:"b"`
	Model string     `json:"model,omitempty" doc:"None is the collection's own"`
}

// TagRequest gives pictures a tag, or takes it from them.
type TagRequest struct {
	Tag      string   `json:"tag" minLength:"1" maxLength:"200" example:"holiday"`
	Pictures []string `json:"pictures" nullable:"false" minItems:"1" maxItems:"10000" doc:"Names, files, folders or globs of indexed pictures"`
}

// ReviewRequest says which pictures were looked at together, a list a group.
type ReviewRequest struct {
	Groups [][]string `json:"groups" nullable:"false" minItems:"1" maxItems:"1000" doc:"Names or files of indexed pictures, at least two a group"`
}

// UnreviewRequest says whose reviews to forget.
type UnreviewRequest struct {
	Pictures []string `json:"pictures" nullable:"false" minItems:"1" maxItems:"10000"`
}
