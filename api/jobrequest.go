package api

// The options of jobs, by the kind of the job. See Job.

// Precisions are the number formats that a network can be asked to compute in, the default first.
var Precisions = []string{"auto", "fp32", "bf16", "int8", "fp16"}

// IndexRequest are the options of an index job.
type IndexRequest struct {
	Paths     []string `json:"paths,omitempty" maxItems:"100" doc:"Folders, files and lists on the server's machine, and addresses; omitted: those indexed before"`
	Prune     bool     `json:"prune,omitempty" doc:"Forget pictures whose files no longer exist"`
	Include   []string `json:"include,omitempty" maxItems:"100" doc:"Globs: index matching files only"`
	Exclude   []string `json:"exclude,omitempty" maxItems:"100" doc:"Globs: skip matching files and folders"`
	Archives  bool     `json:"archives,omitempty" doc:"Look into the archives that lie in folders; those that are paths are always read"`
	Frames    int      `json:"frames,omitempty" minimum:"0" maximum:"100000" doc:"Index so many frames of each film and animated picture, evenly spaced; films take FFmpeg"`
	Pages     int      `json:"pages,omitempty" minimum:"0" maximum:"100000" doc:"Index so many first pages of each PDF file; it takes Poppler"`
	Parts     bool     `json:"parts,omitempty" doc:"Add the pictures to the index of parts, which a search with parts needs; a collection that has one keeps it up to date"`
	Regions   bool     `json:"regions,omitempty" doc:"Embed up to 25 overlapping regions of each picture too, which a search in regions needs; a collection that has some keeps them up to date"`
	Models    []string `json:"models,omitempty" maxItems:"32" doc:"Omitted: the models of the collection that are installed"`
	Precision string   `json:"precision,omitempty" enum:"auto,fp32,bf16,int8,fp16" doc:"Omitted: as the server was started. A model that has embeddings continues them unless a precision is named; auto begins new ones in bf16 where that is fast"`
}

// EvaluateRequest are the options of an eval job: exactly one of Set, Pairs, Labels and Triplets. Fusion is not of triplets.
type EvaluateRequest struct {
	Set      string        `json:"set,omitempty" example:"flags" doc:"A list of pairs that comes with akin"`
	Pairs    []Pair        `json:"pairs,omitempty" maxItems:"10000"`
	Labels   []Label       `json:"labels,omitempty" maxItems:"100000"`
	Triplets []Triplet     `json:"triplets,omitempty" maxItems:"100000"`
	Models   []string      `json:"models,omitempty" maxItems:"32" doc:"Omitted: all"`
	Fusion   *SearchFusion `json:"fusion,omitempty"`
}

// BiasRequest are the options of a bias job.
type BiasRequest struct {
	Set      string   `json:"set,omitempty" doc:"A list of pairs that comes with akin; without pairs, all pairs of the collection are ranked"`
	Pairs    []Pair   `json:"pairs,omitempty" maxItems:"10000"`
	Top      int      `json:"top,omitempty" minimum:"0" maximum:"1000" doc:"How many pairs to return where none are given; 0 means 20"`
	Language []string `json:"language,omitempty" maxItems:"32" doc:"The models trained on language; omitted: recognised by their names"`
	Models   []string `json:"models,omitempty" maxItems:"32" doc:"Omitted: all"`
}

// DisagreeRequest are the options of a disagree job.
type DisagreeRequest struct {
	Top      int      `json:"top,omitempty" minimum:"0" maximum:"1000" doc:"How many neighbours of each picture to compare; 0 means 10"`
	Pictures int      `json:"pictures,omitempty" minimum:"0" maximum:"10000" doc:"How many pictures to return; 0 means 20"`
	Models   []string `json:"models,omitempty" maxItems:"32" doc:"Omitted: all"`
}

// ContextRequest are the options of a context job.
type ContextRequest struct {
	Set      string   `json:"set,omitempty" doc:"A list of pairs that comes with akin"`
	Pairs    []Pair   `json:"pairs,omitempty" maxItems:"1000"`
	Without  []string `json:"without,omitempty" doc:"The cues to remove, each by itself; omitted: all of them"`
	Pictures int      `json:"pictures,omitempty" minimum:"0" maximum:"10000" doc:"How many pictures to rank the pairs among; 0 means 500"`
	Models   []string `json:"models,omitempty" maxItems:"32" doc:"Omitted: all installed models"`
}

// ProbeRequest are the options of a probe job.
type ProbeRequest struct {
	Names  []string `json:"names,omitempty" maxItems:"1000" doc:"The pictures to change; omitted: a sample"`
	Sample int      `json:"sample,omitempty" minimum:"0" maximum:"10000" doc:"The size of the sample; 0 means 60"`
	Models []string `json:"models,omitempty" maxItems:"32" doc:"Omitted: all installed models"`
}

// AdviseRequest are the options of an advise job: Set or Pairs, or Labels, or none of them.
type AdviseRequest struct {
	Set    string   `json:"set,omitempty" doc:"A list of pairs that comes with akin"`
	Pairs  []Pair   `json:"pairs,omitempty" maxItems:"10000"`
	Labels []Label  `json:"labels,omitempty" maxItems:"100000"`
	Models []string `json:"models,omitempty" maxItems:"32" doc:"Omitted: all"`
}

// DuplicatesRequest are the options of a dupes job.
type DuplicatesRequest struct {
	Filter    *Filter  `json:"filter,omitempty"`
	Model     string   `json:"model,omitempty" doc:"The model whose neighbours are candidates; omitted: the collection's default model"`
	Exact     bool     `json:"exact,omitempty" doc:"Find files with the same bytes only"`
	Mirrored  bool     `json:"mirrored,omitempty" doc:"Find mirrored copies too"`
	Rotated   bool     `json:"rotated,omitempty" doc:"Find copies rotated by 90, 180 or 270 degrees too"`
	Reference []string `json:"reference,omitempty" maxItems:"100" doc:"Folders whose pictures are always the best of their group"`
	Reviewed  bool     `json:"reviewed,omitempty" doc:"Return reviewed groups too"`
	MaxWrong  float64  `json:"max_wrong,omitempty" minimum:"0" maximum:"1000" doc:"The most expected false matches in the whole collection; 0 means 0.5"`
}

// PartsRequest are the options of a parts job.
type PartsRequest struct {
	Filter     *Filter `json:"filter,omitempty"`
	Candidates int     `json:"candidates,omitempty" minimum:"0" maximum:"1000" doc:"How many of each picture are verified at most, the likeliest; 0 means 20"`
}

// TrashRequest are the options of a trash job.
type TrashRequest struct {
	Found  string          `json:"found" maxLength:"64" doc:"The id of the dupes job that found the duplicates"`
	Moves  []DuplicateMove `json:"moves" nullable:"false" minItems:"1" maxItems:"100000" doc:"What to move, and what stays"`
	DryRun bool            `json:"dry_run,omitempty" doc:"Check every file and report what would be moved; move nothing"`
}

// RestoreRequest are the options of a restore job.
type RestoreRequest struct {
	Sources []string `json:"sources,omitempty" maxItems:"100000" doc:"The old paths of the files to put back; omitted: all that were moved and not put back"`
}

// MapRequest are the options of a map job.
type MapRequest struct {
	Models    []string `json:"models,omitempty" maxItems:"32" doc:"Several are fused; omitted: all"`
	Fresh     bool     `json:"fresh,omitempty" doc:"Lay all pictures out anew"`
	Neighbors int      `json:"neighbors,omitempty" minimum:"0" maximum:"200" doc:"How many neighbours determine a picture's place; 0 means 15"`
}

// VerifyRequest are the options of a verify job.
type VerifyRequest struct {
	Repair bool `json:"repair,omitempty" doc:"Rebuild what is damaged from what is intact"`
}

// Verified is the result of a verify job.
type Verified struct {
	Collection string `json:"collection"`
	Repaired
}

// PullRequest are the options of a pull job.
type PullRequest struct {
	Model string `json:"model" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?$" maxLength:"200" example:"clip-vit-base-patch32" doc:"A model that akin knows, or ORG/NAME of the model hub"`

	AcceptLicence bool `json:"accept_licence,omitempty" doc:"Fetch weights whose licence restricts their use"`
}
