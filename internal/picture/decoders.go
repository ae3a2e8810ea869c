package picture

import (
	"errors"
	"fmt"
)

// Decoder is a library of the system that akin uses where it is found.
type Decoder struct {
	Name, Formats string
	Library       string // as it was loaded
	Err           error  // why it is not used, nil if it is
	// Sandbox says what confines the library, where it runs in a process of its own.
	Sandbox string
}

// ErrNoSystem is why a build of akin has none of these libraries, wherever they are.
var ErrNoSystem = errors.New("this build of akin loads no system libraries")

// LibraryError says that a library of the system cannot be loaded, as the system tells it.
type LibraryError struct {
	Library string // as in Decoder.Name
	Err     error
}

func (e *LibraryError) Error() string { return e.Err.Error() }
func (e *LibraryError) Unwrap() error { return e.Err }

// NoDecoderError is an ErrNoDecoder: a format needs a library that cannot be loaded.
type NoDecoderError struct {
	Format  string // "HEIC"
	Library string // "libheif"
	Err     error
}

func (e *NoDecoderError) Error() string {
	return fmt.Sprintf("%s: needs %s (%v)", e.Format, e.Library, e.Err)
}
func (e *NoDecoderError) Is(target error) bool { return target == ErrNoDecoder }
func (e *NoDecoderError) Unwrap() error        { return e.Err }
