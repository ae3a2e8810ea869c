//go:build unix

package akin

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/aside"
	"github.com/akin-search/akin/internal/collection"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/insight/copies"
	"github.com/akin-search/akin/internal/insight/layout"
)

// Where akin keeps what it derives, and its journal, somebody else's collection may have links:
// nothing that they lead to is written, cut off, made, or shown.
func TestLinksInACollectionAreNotFollowed(t *testing.T) {
	t.Parallel()
	const precious = "what the victim wrote"
	hash := collection.Hash{0xab}
	for _, c := range []struct {
		why, path string // of the link
		folder    bool   // it leads to a folder
		use       func(dir string) error
	}{
		{"signatures", "signatures", false, func(dir string) error {
			s, err := openSignatures(dir)
			if err != nil {
				return err
			}
			s.put(hash, &copies.Signature{})
			if _, ok := s.get(hash); !ok {
				t.Error("a signature is not kept in memory")
			}
			return s.Close()
		}},
		{"compared pairs", "signatures.pairs", false, func(dir string) error {
			p := &pairFile{path: filepath.Join(dir, "signatures.pairs"), pending: []byte("a record")}
			p.flush()
			return nil
		}},
		{"what was calibrated", "signatures.calibration", false, func(dir string) error {
			keptCalibration{path: filepath.Join(dir, "signatures.calibration"), key: "k"}.write(nil)
			return nil
		}},
		{"the journal", "removed.journal", false, func(dir string) error {
			j, _, err := aside.OpenJournal(disk.OS, filepath.Join(dir, "removed.journal"))
			if !errors.Is(err, disk.ErrLink) {
				t.Errorf("the journal: %v", err)
				return j.Close()
			}
			return nil
		}},
		{"a thumbnail", "thumbs/64/ab/" + thumbName(hash, 64, ".png")[3], false, func(dir string) error {
			c := &Collection{place: place{files: dir}}
			if shown, ok := c.kept(hash, 64); ok {
				t.Errorf("a thumbnail shows %q", shown.Data)
			}
			return c.keepThumb(thumbName(hash, 64, ".png"), []byte("a thumbnail"))
		}},
		{"the folder of thumbnails", "thumbs", true, func(dir string) error { return refused(keep(dir, nil, "thumbs", "64", "a.png")) }},
		{"a folder of thumbnails", "thumbs/64", true, func(dir string) error { return refused(keep(dir, nil, "thumbs", "64", "ab", "a.png")) }},
		{"the folder of maps", "maps", true, func(dir string) error {
			return refused(writeMap(filepath.Join(dir, "maps", "a.map"), []mapKey{{}}, []layout.Point{{}}))
		}},
	} {
		above := t.TempDir()
		dir, victim := filepath.Join(above, "c.akin"), filepath.Join(above, "victim")
		link := filepath.Join(dir, c.path)
		err := os.MkdirAll(filepath.Dir(link), 0o777)
		if c.folder {
			err = errors.Join(err, os.Mkdir(victim, 0o777))
		} else {
			err = errors.Join(err, os.WriteFile(victim, []byte(precious), 0o666))
		}
		if err = errors.Join(err, os.Symlink(victim, link)); err != nil {
			t.Fatal(err)
		}
		if err := c.use(dir); err != nil {
			t.Errorf("%s: %v", c.why, err)
		}
		if c.folder {
			if entries, err := os.ReadDir(victim); err != nil || len(entries) > 0 {
				t.Errorf("%s: %v, %v lie where the link leads", c.why, entries, err)
			}
		} else if data, err := os.ReadFile(victim); err != nil || string(data) != precious {
			t.Errorf("%s: %q, %v is where the link leads", c.why, data, err)
		}
	}
}

// refused is an error where a link was not.
func refused(err error) error {
	if errors.Is(err, disk.ErrLink) {
		return nil
	}
	return errors.Join(errors.New("the link was followed"), err)
}
