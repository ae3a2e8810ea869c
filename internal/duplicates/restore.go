package duplicates

import (
	"context"
	"errors"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/trash"
)

// RestoreDuplicates puts files back that RemoveDuplicates moved, under their old names; without names, all that its
// journal knows. A file whose old name another one has by now, or that was changed or taken from the trash, stays where
// it is, and is reported in Failed. Index their folders to add them to the collection again: their embeddings are there
// still.
func RestoreDuplicates(ctx context.Context, c *space.Collection, sources ...string) (r api.RestoreReport, err error) {
	r = api.RestoreReport{Restored: []api.RestoredCopy{}, Failed: []api.Failure{}}
	// As a removal: it completes what an interrupted one began, and holds the locks.
	holder := &remover{c: c, report: &api.RemoveReport{}}
	if err := holder.open(ctx); err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, holder.close(context.WithoutCancel(ctx))) }()
	moved, err := holder.journal.Moved()
	if err != nil {
		return r, err
	}
	left := map[string]bool{}
	for _, source := range sources {
		left[source] = true
	}
	for _, e := range moved {
		if len(sources) > 0 && !left[e.From] {
			continue
		}
		delete(left, e.From)
		if err := ctx.Err(); err != nil {
			return r, err
		}
		if err := restore(holder.journal, e); errors.Is(err, trash.ErrJournal) {
			return r, err
		} else if err != nil {
			r.Failed = append(r.Failed, api.Failure{Source: e.From, Error: err.Error()})
			continue
		}
		r.Restored = append(r.Restored, api.RestoredCopy{Source: e.From, From: e.To})
	}
	for _, source := range sources {
		if !left[source] {
			continue
		}
		delete(left, source)
		r.Failed = append(r.Failed, api.Failure{Source: source, Error: "it was not moved from this collection, or was put back before"})
	}
	return r, nil
}

func restore(journal *trash.Journal, e trash.Entry) error {
	hash, err := parseHash(e.SHA256)
	if err != nil {
		return err
	}
	if err := (&trash.Move{From: e.From, To: e.To, Info: e.Info, On: disk.OS}).Restore(hash); err != nil {
		return err
	}
	return journal.Write(trash.Restored, e)
}
