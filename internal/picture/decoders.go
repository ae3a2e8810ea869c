package picture

// Decoder is a library of the system that akin uses where it is found.
type Decoder struct {
	Name, Formats string
	Library       string // as it was loaded
	Err           error  // why it is not used, nil if it is
	// Held says what keeps the library from doing harm, where it runs in a process of its own.
	Held string
}

func noDecoder(src *source, library string, reason error) error {
	return failf(ErrNoDecoder, "%s: needs %s (%v): install it and see `akin doctor`", src.title(), library, reason)
}
