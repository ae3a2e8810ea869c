package api

// Explained tells which regions make two pictures alike: see akin.Explanation.
type Explained struct {
	Model  string  `json:"model"`
	Score  float64 `json:"score" doc:"Cosine"`
	Method string  `json:"method" enum:"places,tokens,occlusion"`
	Exact  bool    `json:"exact" doc:"The values of each map sum to the score"`
	A      Heat    `json:"a"`
	B      Heat    `json:"b"`
}

// Heat is a heat map with what it lies over.
type Heat struct {
	HeatMap
	Picture string `json:"picture" doc:"The picture as a data: address, of at most 512 pixels a side"`
	Heat    string `json:"heat" doc:"The heat alone as a data: address, of the same size"`
}

// CollectionInfo tells what a collection holds.
type CollectionInfo struct {
	Name string `json:"name"`
	Info
	Answers
	Folders []Folder `json:"folders"`
	Error   string   `json:"error,omitempty" doc:"Why the collection cannot be read; then the rest is empty"`
}

// Upload is a picture that was sent, to be asked with.
type Upload struct {
	ID     string `json:"upload" doc:"What a query's term names it by"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Format string `json:"format"`
	Bytes  int    `json:"bytes"`
}
