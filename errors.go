package akin

import (
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/runtime"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/trash"
)

// What callers may act on, with errors.Is. Every error's text says what was
// being done to which file, and what to do.
var (
	ErrNoCollection   = record.ErrNotFound    // nothing was indexed at this path yet
	ErrLocked         = record.ErrLocked      // another process is writing to the collection
	ErrVersion        = record.ErrVersion     // written by a newer akin
	ErrOld            = record.ErrOld         // written by an older akin, before it knew what was asked for: index again
	ErrDamaged        = record.ErrDamaged     // bytes that are not as they were written: see Repair
	ErrCacheLimit     = record.ErrCacheLimit  // more of a cluster than Options.ClusterCache is needed on this machine
	ErrCluster        = record.ErrCluster     // no machine of the cluster answers
	ErrNotIndexed     = record.ErrNotIndexed  // no picture of that name
	ErrAmbiguous      = record.ErrAmbiguous   // several pictures of nearly that name
	ErrNoSpace        = api.ErrNoSpace        // a collection has no embeddings of a model
	ErrInvalid        = api.ErrInvalid        // what was asked can never be answered: its text says what is wrong with it
	ErrEmptyFilter    = api.ErrEmptyFilter    // no picture passes a filter
	ErrNeedsBothKinds = api.ErrNeedsBothKinds // Bias needs a model trained on language and one that is not
	ErrCursor         = api.ErrCursor         // a ListOptions.After that Pictures did not return
	ErrNoFile         = api.ErrNoFile         // a picture's file is not there
	ErrChanged        = api.ErrChanged        // a picture's file is not what was indexed
	ErrCopy           = api.ErrCopy           // a copy differs from its original
	ErrNoTrash        = trash.ErrNoTrash      // this system has no trash that akin can use
	ErrNoModel        = model.ErrMissing      // a model that is unknown, or whose weights are not here
	ErrPrecision      = model.ErrPrecision    // a model that cannot compute in that precision
	ErrDevice         = runtime.ErrDevice     // a device that models cannot run on
	ErrNoRuntime      = runtime.ErrLibrary    // ONNX Runtime is not here, or cannot be loaded
	ErrNotAPicture    = picture.ErrFormat     // a file in no picture format that akin knows
	ErrCorrupt        = picture.ErrCorrupt    // a picture that is damaged or cut off
	ErrTooLarge       = picture.ErrTooLarge   // a picture beyond the limits
	ErrFetch          = source.ErrFetch       // an address that gave no picture
	ErrTooLong        = source.ErrTooLong     // a file or an answer of more bytes than are read
	ErrPrivate        = source.ErrPrivate     // an address that Options.PublicOnly refuses
	ErrNoDecoder      = picture.ErrNoDecoder  // a format whose decoder is not on this machine
)

// The names of errors before they were renamed.
//
// Deprecated: use ErrNeedsBothKinds and ErrEmptyFilter.
var (
	ErrFamilies    = ErrNeedsBothKinds
	ErrNothingLeft = ErrEmptyFilter
)
