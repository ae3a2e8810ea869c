package akin

import (
	"context"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/home"
	"github.com/akin-search/akin/internal/labelled"
)

// LabelledSet is a set of pictures of the same things by different artists, made of packages that are
// downloaded on request.
type LabelledSet = labelled.Set

// LabelledSets returns the labelled sets that akin knows.
func LabelledSets() []LabelledSet { return labelled.Sets() }

// FindLabelledSet returns the labelled set of that name.
func FindLabelledSet(name string) (LabelledSet, error) { return labelled.Find(name) }

// FetchLabelledSet downloads a set's packages with the npm of this machine, checks their hashes and lays
// the set out in the user's data folder. progress may be nil.
func FetchLabelledSet(ctx context.Context, s LabelledSet, h Home, progress func(done, total int, pkg string)) (api.LabelledReport, error) {
	data, err := h.Data()
	if err != nil {
		return api.LabelledReport{}, err
	}
	if err := home.MakeData(h); err != nil {
		return api.LabelledReport{}, err
	}
	return labelled.Fetch(ctx, s, data, labelled.Options{Progress: progress})
}

// FetchedLabelledSet returns the folder of a set on this machine: its pictures, their labels, and where the
// collection of its embeddings lies. The error says that it was not fetched.
func FetchedLabelledSet(s LabelledSet, h Home) (labelled.Folder, error) {
	data, err := h.Data()
	if err != nil {
		return "", err
	}
	return labelled.Fetched(s, data)
}
