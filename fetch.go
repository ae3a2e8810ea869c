package akin

import (
	"context"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/source"
)

// FlagsOptions say which flags to download, and where to.
type FlagsOptions struct {
	Out      string // folder: images/NAME.png and national_flags.csv
	Width    int    // pixels; 0 means 220
	Page     string // address of the list; "" is Wikipedia's
	Progress func(done, total int, name string)
}

// FetchFlags collects the flags of sovereign states from Wikipedia's gallery: the
// pictures, and national_flags.csv, which Index reads. It sends at most two requests a
// second, and downloads only what is missing.
func FetchFlags(ctx context.Context, o FlagsOptions) (api.FlagsReport, error) {
	return source.FetchFlags(ctx, source.FlagsOptions{Out: o.Out, Width: o.Width, Page: o.Page, Progress: o.Progress})
}
