package space

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/record"
)

// errNeedsAllVectors reports that a remote store cannot answer a query from its candidates:
// every vector of the space is needed here.
var errNeedsAllVectors = errors.New("the query needs every vector of the space")

// A NoSpaceError reports that a collection has no embeddings of a model. It is an api.ErrNoSpace.
type NoSpaceError struct {
	Model string   // "" where none was named
	Have  []string // models that have embeddings; empty where the collection has none at all
}

func (e *NoSpaceError) Is(target error) bool { return target == api.ErrNoSpace }

// Near returns the models of the collection that a mistyped name may mean.
func (e *NoSpaceError) Near() []string { return record.Closest(e.Model, slices.Values(e.Have)) }

func (e *NoSpaceError) Error() string {
	if len(e.Have) == 0 {
		return "the collection has no embeddings"
	}
	text := fmt.Sprintf("%v: %q", api.ErrNoSpace, e.Model)
	if near := e.Near(); len(near) > 0 {
		return text + "; did you mean " + strings.Join(near, ", ") + "?"
	}
	return fmt.Sprintf("%s; the collection has %s", text, strings.Join(e.Have, ", "))
}

// An AmbiguousSpaceError reports that a model has several spaces, so that its name does not tell
// which is meant. It is a record.ErrAmbiguous.
type AmbiguousSpaceError struct {
	Model        string
	Fingerprints []string
}

func (e *AmbiguousSpaceError) Is(target error) bool { return target == record.ErrAmbiguous }

func (e *AmbiguousSpaceError) Error() string {
	short := make([]string, len(e.Fingerprints))
	for i, f := range e.Fingerprints {
		short[i] = fmt.Sprintf("%.12s", f)
	}
	return fmt.Sprintf("%s has several spaces, with the fingerprints %s", e.Model, strings.Join(short, " and "))
}

// An ImportedSpaceError reports that a model's embeddings were imported, so that akin cannot
// embed anything else with it. It is a model.ErrMissing.
type ImportedSpaceError struct{ Model string }

func (e *ImportedSpaceError) Is(target error) bool { return target == model.ErrMissing }

func (e *ImportedSpaceError) Error() string {
	return fmt.Sprintf("the embeddings of %s were imported: akin cannot run that model", e.Model)
}

// A WeightsDifferError reports that the installed weights of a model are not those that a space
// was made with. It is a model.ErrMissing.
type WeightsDifferError struct {
	Model             string
	Stored, Installed string // fingerprints
}

func (e *WeightsDifferError) Is(target error) bool { return target == model.ErrMissing }

func (e *WeightsDifferError) Error() string {
	return fmt.Sprintf("the collection's embeddings of %s have the fingerprint %.12s, the installed model has %.12s", e.Model, e.Stored, e.Installed)
}
