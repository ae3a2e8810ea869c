package api

// FlagsReport reports what fetching flags did.
type FlagsReport struct {
	Fetched int           `json:"fetched"`
	Kept    int           `json:"kept"` // were there already
	Failed  []FlagFailure `json:"failed"`
}

// FlagFailure is a flag that could not be fetched.
type FlagFailure struct {
	Country string `json:"country"`
	Error   string `json:"error"`
}

// LabelledReport reports what fetching a labelled set did.
type LabelledReport struct {
	Set      string `json:"set"`
	Folder   string `json:"folder"`
	Pictures int    `json:"pictures"`
	Groups   int    `json:"groups"`
	Kept     bool   `json:"kept"` // it was there already
}
