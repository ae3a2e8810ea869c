package server

import (
	"errors"

	"github.com/akin-search/akin"
)

// remedies name the request that mends an error. Library errors say what is wrong; what a client does
// about it depends on whom it talks to. The command line has its own in cmd/akin/remedy.go.
var remedies = []struct {
	err    error
	remedy string
}{
	{akin.ErrNoCollection, "create it with POST /collections"},
	{akin.ErrNeedsReindex, "start an index job"},
	{akin.ErrNoMetadata, "start an index job"},
	{akin.ErrNoParts, "an index job with \"parts\": true makes it"},
	{akin.ErrNoRegions, "an index job with \"regions\": true embeds them"},
	{akin.ErrNoFile, "an index job with \"prune\": true forgets it"},
	{akin.ErrChanged, "an index job refreshes it"},
	{akin.ErrDamaged, "a verify job with \"repair\": true rebuilds what it can"},
	{akin.ErrNoSpace, "start an index job with this model"},
	{akin.ErrNoModel, "GET /models lists the models, and a pull job installs one"},
	{akin.ErrLicence, "a pull job with \"accept_licence\": true fetches it"},
	{akin.ErrNoRuntime, "GET /doctor reports what is missing"},
	{akin.ErrNoSelection, "select the pictures again, or store them with POST /collections/NAME/selections"},
	{errNoTrash, "its owner starts it with --allow-trash"},
	{errNoUpload, "send the picture again with POST /uploads"},
}

// withRemedy is an error's text and the request that mends it, if there is one.
func withRemedy(err error) string {
	for _, r := range remedies {
		if errors.Is(err, r.err) {
			return err.Error() + "; " + r.remedy
		}
	}
	return err.Error()
}
