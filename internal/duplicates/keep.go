package duplicates

import (
	"context"
	"slices"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/record"
)

// tagged is the reason why a picture that someone chose is the best of its group.
const tagged = "tagged " + api.KeepTag

// readChoices reads which pictures have api.KeepTag.
func (f *finder) readChoices(ctx context.Context) error {
	tags, err := f.c.Store.TagsOf(ctx)
	if err != nil {
		return err
	}
	f.chosen = map[int64]bool{}
	for picture, of := range tags {
		if slices.ContainsFunc(of, func(t string) bool { return record.TagKey(t) == api.KeepTag }) {
			f.chosen[picture] = true
		}
	}
	return nil
}

// isChosen reports whether a picture has api.KeepTag.
func (f *finder) isChosen(i int) bool { return f.chosen[f.v.Pictures.ID(i)] }

// compareChoices is negative if the first of two pictures was chosen and the other was not.
func (f *finder) compareChoices(i, j int) (d int, why string) {
	return compareBool(f.isChosen(j), f.isChosen(i)), tagged
}
