package record

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// CleanTag is a tag as it is stored: composed, without blanks around it. It is an
// error for one that lists could not hold.
func CleanTag(tag string) (string, error) {
	tag = norm.NFC.String(strings.TrimSpace(tag))
	switch {
	case tag == "":
		return "", errors.New("a tag is a word or several, not nothing")
	case len(tag) > 200:
		return "", fmt.Errorf("the tag %.20q… is longer than 200 bytes", tag)
	case strings.ContainsRune(tag, ';') || strings.ContainsFunc(tag, unicode.IsControl):
		return "", fmt.Errorf("the tag %q has a semicolon or a control character in it", tag)
	}
	return tag, nil
}

// TagKey is what a tag is compared by: case does not count.
func TagKey(tag string) string { return strings.ToLower(norm.NFC.String(strings.TrimSpace(tag))) }

// Tag is a tag and how many pictures have it.
type Tag struct {
	Name     string
	Pictures int
}

// Tagging is a tag of a picture.
type Tagging struct {
	Picture int64
	Tag     string
}
