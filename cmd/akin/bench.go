package main

import (
	"fmt"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/term"
	"github.com/spf13/cobra"
)

func (a *app) benchCommand() *cobra.Command {
	var o api.BenchOptions
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Tell how fast this collection is searched on this machine",
		Long: `Searches for pictures of the collection, drawn at random, and tells how long that
takes: by the plain scan that reads every vector, exactly through compact copies, and
approximately (docs/exact-search.md). Recall is the share of the plain scan's hits
that were found.`,
		Example: "  akin bench\n  akin bench -m clip-vit-base-patch32 --recall 0.95 --queries 1000",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case !(o.Recall > 0 && o.Recall <= 1):
				return usagef("--recall %g: want a share, above 0 and up to 1", o.Recall)
			case o.Top < 1:
				return usagef("--top %d: want at least 1", o.Top)
			case o.Queries < 1:
				return usagef("--queries %d: want at least 1", o.Queries)
			}
			c, err := a.openFor(cmd.Context(), &o.Model)
			if err != nil {
				return err
			}
			defer c.Close()
			r, err := c.Bench(cmd.Context(), o)
			if err != nil {
				return err
			}
			if a.json {
				return a.writeJSON(r)
			}
			return a.benchTable(r)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.IntVarP(&o.Top, "top", "k", 10, "hits of a search")
	f.IntVar(&o.Queries, "queries", 200, "pictures to search for")
	f.Float64Var(&o.Recall, "recall", 0.99, "share of the hits that is enough for the approximate search")
	return cmd
}

func (a *app) benchTable(r api.BenchReport) error {
	fmt.Fprintf(a.out, "%s: %d vectors of %d numbers, %d bytes each", term.Clean(r.Model), r.Rows, r.Dim, r.Bytes)
	if r.Copy > 0 {
		fmt.Fprintf(a.out, ", %.0f in the compact copy", r.Copy)
	}
	fmt.Fprintf(a.out, "\n%d searches for %d hits, %s\n\n", r.Queries, r.Top, r.Kernels)
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
	if err := t.Write(a.screen); err != nil {
		return err
	}
	if r.Copy == 0 {
		fmt.Fprintln(a.out, "\nThe collection is small enough to be scanned: it has no compact copy.")
	}
	return nil
}
