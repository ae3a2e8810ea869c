package render

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

// Place returns a source as tables show it: relative to the working folder where it lies below it.
func Place(source string) string {
	wd, err := os.Getwd()
	if err != nil || wd == filepath.Dir(wd) || !filepath.IsAbs(source) {
		return source
	}
	if rel, err := filepath.Rel(wd, source); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return source
}

// Count returns a number with its noun, in the singular or the plural.
func Count(n int, one string, many ...string) string {
	return fmt.Sprintf("%d %s", n, Plural(n, one, many...))
}

// Plural returns the form of a noun for n things: with an s, unless a plural is given.
func Plural(n int, one string, many ...string) string {
	switch {
	case n == 1:
		return one
	case len(many) > 0:
		return many[0]
	}
	return one + "s"
}

// FailureText returns what could not be read, and why.
func FailureText(f api.Failure) string {
	if strings.Contains(f.Error, f.Source) {
		return term.Clean(f.Error)
	}
	return term.Clean(f.Source + ": " + f.Error)
}

// Bytes returns a size for people, in powers of 1000 as the page shows it.
func Bytes(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%d B", n)
}

// Short returns the head of a fingerprint.
func Short(fingerprint string) string {
	hash := strings.LastIndexByte(fingerprint, '+') + 1 // after how pictures are shown to the model, where that is said
	if len(fingerprint)-hash == 64 {
		return fingerprint[:hash+12]
	}
	return fingerprint
}
