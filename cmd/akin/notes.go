package main

import (
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/render"
)

// warnMissing lists the names that a file names and the collection does not have.
func (a *app) warnMissing(names []string) {
	for _, name := range names {
		a.Warnf("%q is not in the collection; rows that name it were skipped", name)
	}
}

// warnFailed lists the pictures that could not be read; it returns errPartial if there are any.
func (a *app) warnFailed(failed []api.Failure) error {
	for _, f := range failed {
		a.Warnf("%s", render.FailureText(f))
	}
	if len(failed) > 0 {
		return errPartial
	}
	return nil
}

// noteSkipped notes which models were skipped, and why.
func (a *app) noteSkipped(absent []api.Failure) {
	for _, f := range absent {
		a.Notef("skipped %s: %s", f.Source, f.Error)
	}
}

// noteMissing notes listed pictures that the collection does not have.
func (a *app) noteMissing(missing []string) {
	if n := len(missing); n > 0 {
		a.Notef("%d of the listed pictures are not in the collection, the first: %s", n, missing[0])
	}
}
