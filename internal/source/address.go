package source

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/akin-search/akin/internal/record"
)

// nameError says which picture an error is about.
func NameError(source string, err error) error {
	abs, _ := filepath.Abs(source)
	for _, named := range []string{"read " + abs + ":", "fetch " + source + ":"} { // as reading it names it
		if err == nil || strings.HasPrefix(err.Error(), named) {
			return err
		}
	}
	return fmt.Errorf("read %s: %w", source, err)
}

func IsAddress(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

// read returns the bytes of a file or an address.
func Bytes(ctx context.Context, client *Client, from string) ([]byte, error) {
	it := Item{Source: from, Address: IsAddress(from)}
	if !it.Address {
		abs, err := filepath.Abs(from)
		if err != nil {
			return nil, err
		}
		it.Source = abs
	}
	return Read(ctx, it, client, 0)
}

// absolute is a path as sources have it; an address, and what stands for the source
// of a picture without a file, stays.
func Absolute(source string) (string, error) {
	if IsAddress(source) || record.IsImported(source) {
		return source, nil
	}
	return filepath.Abs(source)
}

// under reports whether source lies in the folder dir.
func Under(source, dir string) bool {
	for dir != "" && os.IsPathSeparator(dir[len(dir)-1]) {
		dir = dir[:len(dir)-1]
	}
	rest, ok := strings.CutPrefix(source, dir)
	return ok && (rest == "" || rest[0] == filepath.Separator || rest[0] == '/')
}
