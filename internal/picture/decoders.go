package picture

import "fmt"

// Decoder is a library of the system that akin uses where it is found.
type Decoder struct {
	Name, Formats string
	Library       string // as it was loaded
	Err           error  // why it is not used, nil if it is
	// Sandbox says what confines the library, where it runs in a process of its own.
	Sandbox string
}

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
