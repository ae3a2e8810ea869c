package api

// BenchOptions say what Bench measures.
type BenchOptions struct {
	Model   string  // "" is the default model
	Top     int     // hits of a search; 0 means 10
	Queries int     // pictures to search with; 0 means 200
	Recall  float64 // of the approximate search; 0 means 0.99
}

// BenchReport is how fast a collection is searched on this machine.
type BenchReport struct {
	Model   string     `json:"model"`
	Rows    int        `json:"rows"`
	Dim     int        `json:"dim"`
	Bytes   int64      `json:"bytes_a_vector"` // as stored
	Copy    float64    `json:"copy_a_vector"`  // bytes of the compact copy, where there is one
	Kernels string     `json:"kernels"`        // what the processor was found to have
	Queries int        `json:"queries"`        // pictures that were searched for
	Top     int        `json:"top"`            // hits of each
	Runs    []BenchRun `json:"runs"`           //
}

// BenchRun is one way to search.
type BenchRun struct {
	Name   string  `json:"name"`
	P50    float64 `json:"p50_ms"`             // milliseconds a query; 0 for a batch
	P99    float64 `json:"p99_ms"`             //
	Rate   float64 `json:"queries_per_second"` //
	Recall float64 `json:"recall"`             // share of the plain scan's hits that were found
}
