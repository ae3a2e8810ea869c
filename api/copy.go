package api

// CopyOptions shape a copy. The zero value is right.
type CopyOptions struct {
	Progress func(done, total int) // pictures; nil is fine
	Home     string                // of the user's data, as in akin.Options
}

// CopyReport reports what Copy did.
type CopyReport struct {
	From       string  `json:"from"`
	To         string  `json:"to"`
	Pictures   int     `json:"pictures"`   // of the first
	Copied     int     `json:"copied"`     // of these, that the second lacked or had with other data
	Embeddings int     `json:"embeddings"` // of the first, in all its spaces
	Tagged     int     `json:"tagged"`     // tags that the second lacked
	Reviewed   int     `json:"reviewed"`   // reviewed groups of duplicates that the second lacked
	Checksum   string  `json:"checksum"`   // of pictures and embeddings, the same in both
	Seconds    float64 `json:"seconds"`
}
