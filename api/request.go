package api

// SearchRequest is a search by one model, or by several fused; a comparison of models; or the
// question where they disagree.
type SearchRequest struct {
	Query       []SearchTerm  `json:"query,omitempty" maxItems:"32" doc:"The terms of the query. The pictures of a form are added to them"`
	Model       string        `json:"model,omitempty" doc:"The model to search with; omitted: the collection's default model"`
	Top         int           `json:"top,omitempty" minimum:"0" maximum:"1000" doc:"How many hits to return; 0 means 10"`
	Skip        int           `json:"skip,omitempty" minimum:"0" maximum:"1000000" doc:"How many of the best hits to leave out: the next page of a search skips those that came before"`
	MinScore    *float64      `json:"min_score,omitempty" minimum:"-1" maximum:"1" doc:"Drop hits with a lower score"`
	MaxChance   float64       `json:"max_chance,omitempty" minimum:"0" maximum:"1" doc:"Drop hits whose score at least this fraction of random pairs reaches; 0 drops none"`
	IncludeSelf bool          `json:"include_self,omitempty" doc:"Keep the queried picture itself among the hits"`
	Fold        bool          `json:"fold,omitempty" doc:"List a hit that shows the same picture as a better one under that one"`
	Verify      int           `json:"verify,omitempty" minimum:"0" maximum:"200" doc:"Prove of so many of the best hits which show a part of the query, or are a part of it; these come first, with their match"`
	In          string        `json:"in,omitempty" enum:"regions" doc:"Search in regions of the pictures, and say in box which is most like the query; omitted: whole pictures"`
	Parts       bool          `json:"parts,omitempty" doc:"Find pictures that are proven to show a part of the query, or to be a part of it, among all of the collection, by its index of parts and not by a model. A hit's score is the share of the query that it shows. Verify is how many candidates are compared at most; 0 means 30"`
	Metadata    bool          `json:"metadata,omitempty" doc:"Add what the files of the hits tell: camera, position, caption and so on"`
	Histogram   bool          `json:"histogram,omitempty" doc:"Count the scores of all pictures, not only of the hits"`
	Recall      float64       `json:"recall,omitempty" minimum:"0" maximum:"1" doc:"Target recall, e.g. 0.99; lower is faster. 1 is exact"`
	Fuse        bool          `json:"fuse,omitempty" doc:"Search with several models and fuse their rankings"`
	Models      []string      `json:"models,omitempty" maxItems:"32" doc:"The models to fuse or compare; omitted: all"`
	Fusion      *SearchFusion `json:"fusion,omitempty"`
	Filter      *Filter       `json:"filter,omitempty"`
}

// SearchTerm is a term of a query. Exactly one of Picture, Selection, Upload, URL and Text is set.
type SearchTerm struct {
	Picture   string   `json:"picture,omitempty" maxLength:"4096" doc:"The name of an indexed picture" example:"Chad"`
	Selection string   `json:"selection,omitempty" maxLength:"64" doc:"The id of a selection: the mean of its pictures"`
	Upload    string   `json:"upload,omitempty" maxLength:"64" doc:"The id of an upload"`
	URL       string   `json:"url,omitempty" maxLength:"4096" doc:"An http or https address. The server decides which addresses it fetches"`
	Text      string   `json:"text,omitempty" maxLength:"1000" doc:"Words, for models that read text"`
	Weight    *float64 `json:"weight,omitempty" default:"1" doc:"How much the term counts; negative: find what is unlike it"`
	Crop      *Crop    `json:"crop,omitempty" doc:"Use this region of the picture only"`
}

// SearchFusion is a Fusion whose method may be omitted.
type SearchFusion struct {
	Method  string             `json:"method,omitempty" enum:"rrf,scores,csls" doc:"Omitted: rrf"`
	Weights map[string]float64 `json:"weights,omitempty" doc:"By model; a model without a weight has 1"`
}

// ExplainRequest is two pictures, and the model that compares them.
type ExplainRequest struct {
	A     SearchTerm `json:"a"`
	B     SearchTerm `json:"b"`
	Model string     `json:"model,omitempty" doc:"Omitted: the collection's default model"`
}

// Selection is a list of pictures that is stored for links and queries.
type Selection struct {
	ID       string   `json:"id"`
	Count    int      `json:"count" doc:"How many pictures it has"`
	Pictures []string `json:"pictures,omitempty" doc:"Their names"`
}

// SelectionRequest stores a selection.
type SelectionRequest struct {
	Pictures []string `json:"pictures" nullable:"false" minItems:"1" maxItems:"10000000" doc:"Names of indexed pictures"`
}

// TagRequest adds a tag to pictures, or removes it.
type TagRequest struct {
	Tag      string   `json:"tag" minLength:"1" maxLength:"200" example:"holiday"`
	Pictures []string `json:"pictures" nullable:"false" minItems:"1" maxItems:"10000" doc:"Names, files, folders or globs of indexed pictures"`
}

// RenameTagRequest gives a tag another name.
type RenameTagRequest struct {
	Name string `json:"name" minLength:"1" maxLength:"200" example:"holidays"`
}

// ReviewRequest marks groups of duplicates as reviewed.
type ReviewRequest struct {
	Groups [][]string `json:"groups" nullable:"false" minItems:"1" maxItems:"1000" doc:"For each group the names or files of its pictures, at least two"`
}

// UnreviewRequest removes the reviews that pictures are part of.
type UnreviewRequest struct {
	Pictures []string `json:"pictures" nullable:"false" minItems:"1" maxItems:"10000"`
}
