package api

// Explained is an Explanation whose heat maps are pictures.
type Explained struct {
	Model  string  `json:"model"`
	Score  float64 `json:"score" doc:"Cosine"`
	Method string  `json:"method" enum:"places,tokens,occlusion"`
	Exact  bool    `json:"exact" doc:"Whether the values of each map sum to the score"`
	Low    float64 `json:"low" doc:"The value at the dark end of the heat maps' colours"`
	High   float64 `json:"high" doc:"The value at the light end"`
	A      Heat    `json:"a"`
	B      Heat    `json:"b"`
}

// Heat is a heat map and the picture that it lies on.
type Heat struct {
	HeatMap
	Picture string `json:"picture" doc:"The picture as a data: URL, at most 512 pixels a side"`
	Heat    string `json:"heat" doc:"The heat map alone as a data: URL, of the same size"`
}

// CollectionInfo describes a collection of a server.
type CollectionInfo struct {
	Name string `json:"name"`
	Info
	Answers
	Folders []Folder `json:"folders"`
	Error   string   `json:"error,omitempty" doc:"Why the collection cannot be read. The other fields are empty then"`
}

// UnreadableCollection describes a collection that cannot be read.
func UnreadableCollection(name string, err error) CollectionInfo {
	return CollectionInfo{
		Name: name, Error: err.Error(), Folders: []Folder{}, Info: Info{Spaces: []SpaceInfo{}},
		Answers: Answers{Models: []string{}, Text: []string{}, Kinds: []ModelKind{}},
	}
}

// Upload is a picture that was sent to a server, for use in queries.
type Upload struct {
	ID     string `json:"upload" doc:"The id, for the field upload of a term"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Format string `json:"format"`
	Bytes  int    `json:"bytes"`
}
