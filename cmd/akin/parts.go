package main

import (
	"context"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

// findParts lists which pictures show a part of others.
func (o *duplicatesOptions) findParts(ctx context.Context, a *app, format string) error {
	if format == "csv" || format == "paths" {
		return usagef("--parts and --format %s exclude each other", format)
	}
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	p := a.Progress()
	r, err := c.Parts(ctx, api.PartsOptions{
		Filter: o.Filter, Candidates: o.candidates,
		Progress: func(s api.Progress) {
			unit := "pictures"
			if s.Step == "proof" {
				unit = "pairs"
			}
			p.Update(term.State{Done: s.Done, Total: s.Total, Unit: unit, Note: s.Step})
		},
	})
	p.Close()
	if err != nil {
		return err
	}
	switch format {
	case "json":
		err = a.Document(r)
	case "jsonl":
		lines := o.format.lines(a)
		for _, g := range r.Groups {
			if err = lines(g); err != nil {
				break
			}
		}
	default:
		err = a.Parts(r)
	}
	if err != nil {
		return err
	}
	return a.warnFailed(r.Failed)
}
