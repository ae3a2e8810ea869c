package api

import "time"

// IndexOptions say what to index. The zero value takes every picture of the
// paths, and forgets none.
type IndexOptions struct {
	Include []string // globs, as doublestar reads them: only matching files
	Exclude []string // globs of files and folders to leave out
	Hidden  bool     // hidden and junk files too
	// Within are the folders that alone are read from, whatever the paths' lists name and their
	// links lead to; nil is anywhere. Set it where the paths come from others than the user.
	Within []string
	Shard  Shard // only this share of the pictures: several machines index one cluster
	Prune  bool  // forget pictures under the paths whose files are gone
	// PruneEmpty lets Prune forget those of a folder that has none any more, too. Without it
	// they are kept: a folder is empty as well where its disk is not mounted.
	PruneEmpty bool
	Poll       time.Duration
	Progress   func(Progress)               // called at most ten times a second
	Problem    func(path string, err error) // folders that cannot be read; rows of lists are in the report
	// Columns say which columns of CSV lists have what in (Path, Name, Tags), where their titles
	// and what lies on disk do not tell.
	Columns Columns
	// Understood hears how the columns of a list are taken, before they are; nil is fine.
	Understood func(Understood)
}
