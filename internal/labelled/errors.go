package labelled

import (
	"fmt"
	"strings"
)

// UnknownSetError is about a set that akin does not know.
type UnknownSetError struct {
	Name           string
	Nearest, Known []string
}

func (e *UnknownSetError) Error() string {
	text := fmt.Sprintf("no labelled set is called %q", e.Name)
	if len(e.Nearest) > 0 {
		return text + "; did you mean " + strings.Join(e.Nearest, ", ") + "?"
	}
	return text + ", only " + strings.Join(e.Known, ", ")
}

// NotFetchedError is about a set that is not on this machine, or is of other packages than this akin's.
type NotFetchedError struct{ Set Set }

func (e *NotFetchedError) Error() string {
	return fmt.Sprintf("the pictures of %s are not on this machine", e.Set.Name)
}

// NoClientError says that npm, which downloads packages, was not found.
type NoClientError struct{ Package string }

func (e *NoClientError) Error() string { return "npm is missing, which downloads " + e.Package }

// ClientError is npm's own error.
type ClientError struct{ Package, Detail string }

func (e *ClientError) Error() string {
	return fmt.Sprintf("npm could not download %s: %s", e.Package, e.Detail)
}

// IntegrityError says that a downloaded package is not the one that akin was made for.
type IntegrityError struct{ Package string }

func (e *IntegrityError) Error() string {
	return fmt.Sprintf("the downloaded %s does not have the expected hash", e.Package)
}
