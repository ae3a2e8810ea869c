package api

// Triplet is a question, which of two pictures is more like a third, with what people answered. Names are pictures'.
type Triplet struct {
	Ref   string `json:"ref" minLength:"1"`
	Left  string `json:"left" minLength:"1"`
	Right string `json:"right" minLength:"1"`
	// Share is the share of people who preferred Right.
	Share float64 `json:"share" minimum:"0" maximum:"1"`
	// Rater is who answered, where the list says so; "" where Share is of several people.
	Rater string `json:"rater,omitempty" maxLength:"200"`
}

// TripletSummary says how often a model answers triplets as people do.
type TripletSummary struct {
	// TwoAFC is the two-alternative forced choice score: the mean, over triplets, of the share of people who answered as the model.
	// A model to which both pictures are equally like the third has half a point.
	TwoAFC   float64  `json:"2afc"`
	Within   Interval `json:"2afc_interval"` // of 95 %, from a bootstrap over reference pictures
	Triplets int      `json:"triplets"`

	PerRef [][]float64 `json:"-"` // of each reference picture: the mean score, and its number of triplets
}

// TripletEvaluation is the answer to EvaluateTriplets.
type TripletEvaluation struct {
	Triplets int                       `json:"triplets"` // distinct ones that were found in the collection
	Refs     int                       `json:"refs"`     // their reference pictures
	Summary  map[string]TripletSummary `json:"summary"`
	Models   []string                  `json:"models"`
	Tests    []PairedTest              `json:"tests"` // of each two models that have all of the triplets
	// Majority is the score of always answering as most people did: no model can have more.
	Majority TripletSummary `json:"majority"`
	// Raters is the score of each rater against the others who answered the same triplets: how far people agree.
	Raters    *TripletSummary `json:"raters,omitempty"`
	Undecided int             `json:"undecided,omitempty"` // answers of neither, both or the same picture, which are left out
	Missing   []string        `json:"missing,omitempty"`
}
