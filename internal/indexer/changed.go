package indexer

import (
	"errors"

	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
)

// unreadableSize is stored as the size of a file whose bytes could not be read, or whose decoder is not installed. No file
// has it, so the next run tries again, whereas a damaged picture must change first.
const unreadableSize = -1

// refusedSize is stored as the size of a file of a format or kind that this program does not read. A program that reads
// others has another one, and so tries again.
var refusedSize = unreadableSize - 1 - int64(picture.Reads())

// failedSize returns what is stored as the size of a file that failed.
func failedSize(size int64, hash embed.Hash, failed error) int64 {
	switch {
	case hash == embed.Hash{} || errors.Is(failed, picture.ErrNoDecoder):
		return unreadableSize
	case errors.Is(failed, picture.ErrFormat):
		return refusedSize
	}
	return size
}

// changed reports whether a file differs in size or date from when it was indexed, or is to be tried again. Of a refused
// file the date alone is known.
func changed(it source.Item, k record.Known) bool {
	size := it.Size
	if k.Failed && k.Size < unreadableSize {
		size = refusedSize
	}
	return !it.Address && (k.Size != size || k.Mtime != it.ModTime.UnixNano())
}
