package glob

import (
	"os"
	"path"
	"path/filepath"
)

// Files returns the paths of what lies in a folder and has a name that path.Match finds in the
// pattern, in order. The folder's own path is no pattern, and a folder that cannot be read is
// an error: in both filepath.Glob differs, which gives nothing for "pictures [2024]".
func Files(dir, pattern string) ([]string, error) {
	if _, err := path.Match(pattern, ""); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	var found []string
	for _, e := range entries {
		if ok, _ := path.Match(pattern, e.Name()); ok {
			found = append(found, filepath.Join(dir, e.Name()))
		}
	}
	return found, err
}
