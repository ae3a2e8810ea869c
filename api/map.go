package api

// MapOptions shape a map. The zero value maps by all models of the collection.
type MapOptions struct {
	Models     []string // fused; none means all of the collection
	Neighbors  int      // nearest neighbours considered, including the picture itself; 0 means 15
	MinDist    float64  // UMAP's min_dist, in 0…1; 0 means 0.1
	MinCluster int      // smallest number of pictures; 0 means a third of the square root of all, at least 5
	Seed       uint64
	Fresh      bool // ignore the stored positions
	// Words are the candidates for labels of clusters, if a model of the map reads text; nil means a hundred common
	// words.
	Words []string
	// Steps: "neighbours" (of pictures), "layout" (rounds) and "words".
	Progress func(Progress)
}

// Map is all pictures of a collection in two dimensions.
type Map struct {
	Models   []string     `json:"models"` // several are fused
	Pictures []MapPicture `json:"pictures"`
	Clusters []MapCluster `json:"clusters"` // the largest first
	// Placed is the number of pictures that were added to a stored map, whose own did not move.
	Placed int `json:"placed"`
	// Fresh says that all positions are new: there was no stored map, or more pictures were new than old.
	Fresh bool `json:"fresh"`
	// Kept says that the positions were stored for the next map.
	Kept bool `json:"kept"`
	// Unplaced is the number of pictures that were embedded since the map was stored, and are not on it; the next Map
	// places them.
	Unplaced int `json:"unplaced,omitempty"`
	// Current is false for a stored map that the next Map would change: there are other pictures, or a model that names
	// clusters was installed.
	Current bool `json:"current"`
	// Missing are the names of pictures without an embedding of these models.
	Missing []string `json:"missing,omitempty"`
}

// MapPicture is a picture and its position. Distances have no unit: neighbours are about 0.1 apart.
type MapPicture struct {
	Picture
	X       float64 `json:"x"`
	Y       float64 `json:"y"`
	Cluster int     `json:"cluster"` // from 1; 0 is none
}

// MapCluster is a dense part of a map.
type MapCluster struct {
	Cluster int     `json:"cluster"` // from 1
	Size    int     `json:"size"`
	Center  Picture `json:"center"`          // the picture nearest to the mean of the cluster's embeddings
	Words   string  `json:"words,omitempty"` // its label; "" if no model reads text
	X       float64 `json:"x"`               // of its centre
	Y       float64 `json:"y"`
}
