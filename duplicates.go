package akin

import (
	"context"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/duplicates"
)

// Duplicates finds the copies among the collection's pictures.
//
// Exact copies have the same bytes. For the others, signatures and the nearest by embedding propose pairs, and
// the pixels decide: the two are laid on one another at the resolution of the smaller one, and no
// place may differ by more than losses of saving and scaling explain. What is seen is compared: pictures with
// transparency on white and on black. How many copies are found, and how many wrong ones are to be expected, is
// measured on copies and on changed pictures that are made of the collection's own.
//
// It reads the files of pictures that have a near neighbour or may have transparency once, and those of pairs
// once more: what it has learnt of
// a content is kept in the collection's folder, or for a cluster in the user's cache folder.
// Pictures of a cluster whose files are not on this machine are left out.
func (c *Collection) Duplicates(ctx context.Context, o api.DuplicateOptions) (api.Duplicates, error) {
	return duplicates.Duplicates(ctx, c.c, o)
}

// ReviewDuplicates remembers that pictures were looked at together, and that all of them stay:
// their group is not shown again until another picture joins it. Pictures are named as
// for AddTag; each set is one group. What is remembered is what the files hold, not what they
// are called. It tells how many sets say something new.
func (c *Collection) ReviewDuplicates(ctx context.Context, sets ...[]string) (added int, err error) {
	return duplicates.ReviewDuplicates(ctx, c.c, sets...)
}

// UnreviewDuplicates forgets all reviews that these pictures are part of, and tells how many there were.
func (c *Collection) UnreviewDuplicates(ctx context.Context, pictures ...string) (removed int, err error) {
	return duplicates.UnreviewDuplicates(ctx, c.c, pictures...)
}

// RemoveDuplicates puts the copies of groups that are marked Remove into the trash, or a folder.
// Just before it moves one it reads both files again: the copy must hold what it held when the
// group was found, and so must the best, which must be another file. Nothing is deleted, and no
// file replaced. Every step is written to DIR/removed.journal before it is taken, of a cluster
// to one in the user's data folder; what a killed run has left open, the next one brings to
// its end.
//
// A copy that cannot be moved stays, and is among Skipped. Those that went leave the collection,
// and no embedding is lost: put back and indexed again, they cost nothing.
func (c *Collection) RemoveDuplicates(ctx context.Context, groups []api.DuplicateGroup, o api.RemoveOptions) (r api.RemoveReport, err error) {
	return duplicates.RemoveDuplicates(ctx, c.c, groups, o)
}
