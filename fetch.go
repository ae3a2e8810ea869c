package akin

import (
	"context"

	"github.com/akin-search/akin/internal/source"
)

// FlagsOptions say which flags to download, and where to.
type FlagsOptions = source.FlagsOptions

// FlagsReport reports what FetchFlags did.
type FlagsReport = source.FlagsReport

// FetchFlags collects the flags of sovereign states from Wikipedia's gallery: the
// pictures, and national_flags.csv, which Index reads. It sends at most two requests a
// second, and downloads only what is missing.
func FetchFlags(ctx context.Context, o FlagsOptions) (FlagsReport, error) {
	return source.FetchFlags(ctx, o)
}
