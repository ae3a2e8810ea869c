package akin

import (
	"context"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/duplicates"
	"github.com/akin-search/akin/internal/parts"
)

// Duplicates finds the duplicates among the collection's pictures.
//
// Exact duplicates have the same bytes. For the others, signatures and nearest neighbours propose pairs, and the
// pixels decide: the two pictures are registered at the resolution of the smaller one, and no place may differ by more
// than what compression and scaling explain. Transparent pictures are compared on white and on black. The recall and
// the expected number of false matches are measured on duplicates and changed pictures made from the collection's own.
//
// It reads the files of pictures that have a near neighbour or may have transparency once, and those of candidate
// pairs once more. What it computes for a content is cached in the collection's folder, or for a cluster in the
// user's cache folder. Pictures of a cluster whose files are not on this machine are skipped.
func (c *Collection) Duplicates(ctx context.Context, o api.DuplicateOptions) (api.Duplicates, error) {
	return duplicates.Duplicates(ctx, c.c, o)
}

// Parts finds the pictures that are proven to show parts of one another: crops and their originals, collages, prints and pages in
// photos. It adds what the index of parts lacks, compares each picture with all others by it, and verifies what promises something. Nothing is
// marked for removal.
func (c *Collection) Parts(ctx context.Context, o api.PartsOptions) (api.Parts, error) {
	return parts.Among(ctx, c.c, o)
}

// ReviewDuplicates records that sets of pictures were reviewed and all of them stay: their group is not shown again
// until another picture joins it. Pictures are named as for AddTag. Reviews are stored by the contents of files,
// not by their names. It returns how many sets are new.
func (c *Collection) ReviewDuplicates(ctx context.Context, sets ...[]string) (added int, err error) {
	return duplicates.ReviewDuplicates(ctx, c.c, sets...)
}

// UnreviewDuplicates removes all reviews that contain any of these pictures, and returns how many there were.
func (c *Collection) UnreviewDuplicates(ctx context.Context, pictures ...string) (removed int, err error) {
	return duplicates.UnreviewDuplicates(ctx, c.c, pictures...)
}

// RemoveDuplicates moves the duplicates of groups that are marked Remove to the trash, or to a folder. Right
// before a move it reads both files again: the duplicate and the best must hold what they held when
// the group was found, and be different files. Nothing is deleted, and no file is replaced. Every step is
// written to a journal first, DIR/removed.journal or for a cluster one in the user's data folder; the next run
// completes what an interrupted one began.
//
// A duplicate that cannot be moved, or has got api.KeepTag since it was found, stays, and is reported in Skipped. Those
// that were moved leave the collection. Their embeddings stay: if the files are put back and indexed again, nothing is
// recomputed.
func (c *Collection) RemoveDuplicates(ctx context.Context, groups []api.DuplicateGroup, o api.RemoveOptions) (r api.RemoveReport, err error) {
	return duplicates.RemoveDuplicates(ctx, c.c, groups, o)
}

// RestoreDuplicates puts files back that RemoveDuplicates moved, under their old names; without names, all that its
// journal knows. A file whose old name another one has by now, or that was changed or taken from the trash, stays where
// it is, and is reported in Failed. Index their folders to add them to the collection again: their embeddings are there
// still.
func (c *Collection) RestoreDuplicates(ctx context.Context, sources ...string) (api.RestoreReport, error) {
	return duplicates.RestoreDuplicates(ctx, c.c, sources...)
}

// DuplicateMoves makes groups for RemoveDuplicates of what someone chose to move, pair by pair: each duplicate and the
// copy that stays. It checks that the two were found to be duplicates of each other.
func DuplicateMoves(d api.Duplicates, chosen []api.DuplicateMove) ([]api.DuplicateGroup, error) {
	return duplicates.Moves(d, chosen)
}
