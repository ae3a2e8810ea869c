package akin

import (
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/indexer"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/reference"
	"github.com/akin-search/akin/internal/runtime"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/transfer"
	"github.com/akin-search/akin/internal/trash"
)

// Errors that a caller may act on, to be compared with errors.Is.
var (
	// Collections.
	ErrNoCollection = record.ErrNotFound     // there is no collection at this path
	ErrLocked       = record.ErrLocked       // another process is writing to the collection
	ErrVersion      = record.ErrVersion      // written by a newer akin
	ErrNeedsReindex = record.ErrNeedsReindex // written by an older akin and lacks what was asked for; Index adds it
	ErrNoMetadata   = record.ErrNoMetadata   // a filter is about what files say, and that is not stored; Index reads it
	ErrDamaged      = record.ErrDamaged      // a checksum does not match; see Repair
	ErrAPIKey       = record.ErrAPIKey       // the cluster refuses the API key, or wants one
	ErrCacheLimit   = record.ErrCacheLimit   // more of a cluster is needed on this machine than Options.ClusterCache allows
	ErrCluster      = record.ErrCluster      // no node of the cluster answers
	ErrNotIndexed   = record.ErrNotIndexed   // no picture has that name
	ErrAmbiguous    = record.ErrAmbiguous    // several pictures have nearly that name
	ErrNoSpace      = api.ErrNoSpace         // the collection has no embeddings of that model
	ErrNoRegions    = api.ErrNoRegions       // the regions of the pictures are not embedded by that model; Index with Regions does it
	ErrNoParts      = api.ErrNoParts         // the collection has no index of parts; Index with Parts makes it
	ErrCopy         = api.ErrCopy            // a copy differs from its original
	ErrNoFile       = api.ErrNoFile          // a picture's file does not exist
	ErrChanged      = api.ErrChanged         // a picture's file has changed since it was indexed

	// Arguments.
	ErrInvalid        = api.ErrInvalid        // an argument that is never valid
	ErrNoSelection    = api.ErrNoSelection    // no selection of that id is stored
	ErrEmptyFilter    = api.ErrEmptyFilter    // no picture passes the filter
	ErrNeedsBothKinds = api.ErrNeedsBothKinds // Bias needs a model trained on language and one that is not
	ErrCursor         = api.ErrCursor         // a ListOptions.After that Pictures did not return

	// Models and this machine.
	ErrLicence     = models.ErrLicence      // the licence of weights restricts their use, and nobody accepted it
	ErrNoModel     = model.ErrMissing       // a model is unknown, or its weights are not installed
	ErrNoReference = models.ErrNoReference  // the program has no reference of a model to verify it with
	ErrSignature   = reference.ErrSignature // a reference file was changed after it was signed, or another key signed it
	ErrPrecision   = model.ErrPrecision     // a model cannot run in that precision
	ErrDevice      = runtime.ErrDevice      // a device cannot run models
	ErrNoRuntime   = runtime.ErrLibrary     // ONNX Runtime is not installed, or cannot be loaded
	ErrNoTrash     = trash.ErrNoTrash       // this system has no trash that akin can use

	// Pictures.
	ErrNotAPicture = picture.ErrFormat    // a file in no picture format that akin knows
	ErrNoDecoder   = picture.ErrNoDecoder // a format whose decoder is not installed
	ErrCorrupt     = picture.ErrCorrupt   // a picture is damaged or truncated
	ErrTooLarge    = picture.ErrTooLarge  // a picture has more pixels than are decoded
	ErrTooLong     = source.ErrTooLong    // a file or a response has more bytes than are read
	ErrFetch       = source.ErrFetch      // an address that did not return a picture
	ErrPrivate     = source.ErrPrivate    // an address that Options.PublicOnly forbids
)

// Former names.
//
// Deprecated: use ErrNeedsReindex, ErrNeedsBothKinds and ErrEmptyFilter.
var (
	ErrOld         = ErrNeedsReindex
	ErrFamilies    = ErrNeedsBothKinds
	ErrNothingLeft = ErrEmptyFilter
)

// Errors with fields, for errors.As. The comment names the error above that each is, and its fields.
type (
	NoSpaceError        = space.NoSpaceError        // ErrNoSpace: Model string, Have []string
	AmbiguousSpaceError = space.AmbiguousSpaceError // ErrAmbiguous: Model string, Fingerprints []string
	ImportedSpaceError  = space.ImportedSpaceError  // ErrNoModel: Model string
	WeightsDifferError  = space.WeightsDifferError  // ErrNoModel: Model, Stored, Installed string
	NoTextModelError    = model.NoTextError         // ErrNoModel: Model string, Others []string
	LicenceError        = models.LicenceError       // ErrLicence: an api.Licence

	NoRowNamesError    = transfer.NoRowNamesError   // of Import: File string
	NameColumnError    = transfer.NameColumnError   // of Import: File string, Columns []string
	ImportFormatError  = transfer.FormatError       // of Import: File, Format string
	EmptiedFolderError = indexer.EmptiedFolderError // passed to IndexOptions.Problem: Folder string, Pictures int
)
