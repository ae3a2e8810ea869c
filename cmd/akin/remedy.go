package main

import (
	"errors"

	"github.com/akin-search/akin"
)

// withRemedy returns an error's text, and what to do about it.
func withRemedy(err error) string {
	if r := remedy(err); r != "" {
		return err.Error() + "; " + r
	}
	return err.Error()
}

// remedy says what to do about an error, in commands and flags; "" where its text is enough.
func remedy(err error) string {
	switch {
	case errors.Is(err, akin.ErrNoCollection):
		return "create it with `akin index PATH`"
	}
	return ""
}
