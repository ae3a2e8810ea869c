package api

import "time"

// Progress reports how far a long operation has come.
type Progress struct {
	Step  string `json:"step" doc:"What is being done now"`
	Done  int    `json:"done"`
	Total int    `json:"total" doc:"0 while unknown"`
	Note  string `json:"note,omitempty"`

	Rate float64       `json:"-"` // pictures a second while embedding; 0 while unknown
	Left time.Duration `json:"-"` // 0 while unknown
}

// Steps of Index.
const (
	StepFinding   = "finding pictures" // folders are still being read: Total grows
	StepEmbedding = "embedding"
	StepOrdering  = "ordering vectors" // for fast searches, once all are stored
	StepParts     = "indexing parts"
	StepRegions   = "embedding regions"
)

// Deprecated: these are Progress.
type (
	DuplicateProgress = Progress
	MapProgress       = Progress
)
