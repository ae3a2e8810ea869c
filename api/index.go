package api

import "time"

// IndexOptions say what to index. The zero value indexes every picture of the paths, and removes none.
type IndexOptions struct {
	Include []string // globs: only matching files; ** crosses folders
	Exclude []string // globs of files and folders to skip
	Hidden  bool     // also hidden and junk files
	// Archives looks into the archives that lie in folders, as if they were folders. Without it only those are read that
	// are paths themselves, or were read before.
	Archives bool
	// Frames and Pages are how many frames of each film, evenly spaced, and first pages of each PDF file are indexed; 0 leaves
	// these files out. They need FFmpeg's and Poppler's programs. Frames are also taken of GIF, PNG and WebP files that are
	// animated, beside their first one, and these need nothing.
	Frames, Pages int
	// Within are the only folders that files are read from, whatever lists name and links point to; nil means any. Set
	// it if others than the user choose the paths.
	Within []string
	Shard  Shard // only this part of the pictures, so that several machines can index into one cluster
	Prune  bool  // remove pictures under the paths whose files are gone
	// PruneEmpty lets Prune also remove the pictures of folders that have none any more. Without it they are kept: the
	// disk may not be mounted.
	PruneEmpty bool
	// Parts adds the pictures to the index of parts, which SearchOptions.Parts searches. A collection that has one keeps it up to date, with or
	// without Parts.
	Parts bool
	// Regions embeds overlapping regions of each picture too, for SearchOptions.In. A collection that has some keeps them up to date, with or
	// without Regions.
	Regions  bool
	Poll     time.Duration
	Progress func(Progress)               // called at most ten times a second
	Problem  func(path string, err error) // folders that cannot be read; rows of lists are in the report
	// Columns say which columns of CSV lists hold the paths, names and tags, if their titles and the files on disk do
	// not show it.
	Columns Columns
	// Understood is called with how the columns of a list are read, before they are; it may be nil.
	Understood func(Understood)
}
