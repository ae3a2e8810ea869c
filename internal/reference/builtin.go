package reference

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
)

// The references that the program has are part of it: whoever could change them could change what
// compares with them. So they are not signed.
//
//go:embed builtin
var builtin embed.FS

// Builtin returns the reference of a model that the program has; os.ErrNotExist if it has none.
func Builtin(model string) (*File, error) {
	data, err := builtin.ReadFile("builtin/" + model + Ending)
	if errors.Is(err, fs.ErrInvalid) { // a path is no model's name
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, fmt.Errorf("read reference of %s: %w", model, err)
	}
	return Parse(data)
}

// Ending is that of reference files.
const Ending = ".reference"
