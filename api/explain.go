package api

// How an Explanation was found.
const (
	// ByPlaces divides the cosine exactly: the embedding is the mean of the last feature map,
	// so each place adds its share, and the shares sum to the score.
	ByPlaces = "places"
	// ByTokens matches the patches of a transformer: how like what is at a place is to the
	// best match anywhere in the other picture. It does not divide the score.
	ByTokens = "tokens"
	// ByOcclusion covers one place after the other: how much the score falls. It works with
	// every model, and does not divide the score exactly.
	ByOcclusion = "occlusion"
)

// Explanation holds the regions of two pictures that contribute to their score.
type Explanation struct {
	Model  string  `json:"model"`
	Score  float64 `json:"score"` // cosine
	Method string  `json:"method"`
	Exact  bool    `json:"exact"` // the values of each map sum to the score
	A      HeatMap `json:"a"`
	B      HeatMap `json:"b"`
}

// HeatMap holds what each region of a picture contributes to the score.
type HeatMap struct {
	Source        string      `json:"source"`
	PictureWidth  int         `json:"picture_width"`
	PictureHeight int         `json:"picture_height"`
	Rows          int         `json:"rows"`
	Columns       int         `json:"columns"`
	Values        [][]float64 `json:"values"` // (rows, columns)
	Sum           float64     `json:"sum"`
	Seen          [4]float64  `json:"seen"` // of the picture: x, y, width and height, in shares; the model sees nothing else

	RGB       []byte  `json:"-"` // the picture: (height, width, 3)
	Low, High float64 `json:"-"` // values of the ends of the colour scale, of both maps together
}

// ExplainOptions say which model explains; "" is the default model.
type ExplainOptions struct {
	Model    string
	Progress func(done, total int) // called for models that take many runs; may be nil
}
