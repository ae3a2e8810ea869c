package duplicates

import (
	"context"
	"slices"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
)

// tagged is the reason why a picture that someone chose is the best of its group.
const tagged = "tagged " + api.KeepTag

// choices returns which pictures have api.KeepTag, by their id.
func choices(ctx context.Context, c *space.Collection) (map[int64]bool, error) {
	tags, err := c.Store.TagsOf(ctx)
	if err != nil {
		return nil, err
	}
	chosen := map[int64]bool{}
	for picture, of := range tags {
		if slices.ContainsFunc(of, func(t string) bool { return record.TagKey(t) == api.KeepTag }) {
			chosen[picture] = true
		}
	}
	return chosen, nil
}

// isChosen reports whether a picture has api.KeepTag.
func (f *finder) isChosen(i int) bool { return f.chosen[f.v.Pictures.ID(i)] }

// compareChoices is negative if the first of two pictures was chosen and the other was not.
func (f *finder) compareChoices(i, j int) (d int, why string) {
	return compareBool(f.isChosen(j), f.isChosen(i)), tagged
}
