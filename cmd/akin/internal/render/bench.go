package render

import (
	"fmt"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

// Bench writes how fast each way of searching is.
func (o *Output) Bench(r api.BenchReport) error {
	fmt.Fprintf(o.Text, "%s: %d embeddings of %d dimensions, %d bytes each", term.Clean(r.Model), r.Rows, r.Dim, r.Bytes)
	if r.Copy > 0 {
		fmt.Fprintf(o.Text, ", %.0f in the compressed copy", r.Copy)
	}
	fmt.Fprintf(o.Text, "\n%d searches for %d hits, %s\n\n", r.Queries, r.Top, r.Kernels)
	t := term.Table{Columns: []term.Column{
		{Header: ""}, {Header: "p50 ms", Right: true}, {Header: "p99 ms", Right: true}, {Header: "queries/s", Right: true}, {Header: "recall", Right: true},
	}}
	for _, run := range r.Runs {
		p50, p99 := "", ""
		if run.P50 > 0 {
			p50, p99 = fmt.Sprintf("%.3f", run.P50), fmt.Sprintf("%.3f", run.P99)
		}
		t.Add(run.Name, p50, p99, fmt.Sprintf("%.0f", run.Rate), fmt.Sprintf("%.4f", run.Recall))
	}
	if err := t.Write(o.Screen); err != nil {
		return err
	}
	if r.Copy == 0 {
		fmt.Fprintln(o.Text, "\nThe collection is small enough to scan: it has no compressed copy.")
	}
	return nil
}
