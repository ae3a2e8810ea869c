package api

// MapOptions shape a map. The zero value maps by all models of the collection.
type MapOptions struct {
	Models     []string // none means all that the collection has, fused
	Neighbors  int      // neighbours that a place is made of, the picture itself among them; 0 means 15
	MinDist    float64  // how near pictures may come, in 0…1; 0 means 0.1
	MinCluster int      // pictures of a cluster at least; 0 means a third of the square root of all, and 5
	Seed       uint64
	Fresh      bool // forget where pictures lay before
	// Words are what clusters may be called, where a model of the map reads text; nil means some hundred
	// common ones.
	Words []string
	// Steps: "neighbours" (of pictures), "layout" (rounds) and "words".
	Progress func(Progress)
}

// Map is all pictures of a collection in two dimensions.
type Map struct {
	Models   []string     `json:"models"` // several are fused
	Pictures []MapPicture `json:"pictures"`
	Clusters []MapCluster `json:"clusters"` // the largest first
	// Placed is the number of pictures that were put among those of a map that was
	// there, which did not move.
	Placed int `json:"placed"`
	// Fresh says that no picture has the place it had before: there was no map, or
	// more pictures were new than old.
	Fresh bool `json:"fresh"`
	// Kept says that the places were stored, and the next map has them again.
	Kept bool `json:"kept"`
	// Missing are the names of pictures without an embedding of these models.
	Missing []string `json:"missing,omitempty"`
}

// MapPicture is a picture and its place. Distances are without a unit: some 0.1 between
// neighbours.
type MapPicture struct {
	Picture
	X       float64 `json:"x"`
	Y       float64 `json:"y"`
	Cluster int     `json:"cluster"` // from 1; 0 is between clusters
}

// MapCluster is a dense part of a map.
type MapCluster struct {
	Cluster int     `json:"cluster"` // from 1
	Size    int     `json:"size"`
	Center  Picture `json:"center"`          // the picture most like the mean of the cluster's embeddings
	Words   string  `json:"words,omitempty"` // that its pictures are nearer to than others are; "" where no model reads
	X       float64 `json:"x"`               // the middle
	Y       float64 `json:"y"`
}
