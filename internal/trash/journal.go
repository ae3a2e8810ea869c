package trash

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/akin-search/akin/internal/disk"
)

// ErrJournal says that a step cannot be written to the journal, and so was not taken.
var ErrJournal = errors.New("the journal of removed duplicates cannot be written")

// Steps of a move, as the journal has them.
const (
	Begin    = "begin"    // before anything is made or moved
	Done     = "done"     // it is moved, and no longer in the collection
	Undone   = "undone"   // it stays
	Unsynced = "unsynced" // it is moved, and the disk did not confirm it: settled by the next run
	Restored = "restored" // it was put back
)

// Entry is a line of a journal.
type Entry struct {
	At     time.Time `json:"at"`
	Step   string    `json:"step"`
	From   string    `json:"from"`
	To     string    `json:"to"`
	Info   string    `json:"info,omitempty"` // what the trash remembers of it
	Kept   string    `json:"kept"`
	SHA256 string    `json:"sha256"`
}

// Journal is a file with a line a step, each on disk before the step is taken.
type Journal struct {
	path string
	file disk.File
	torn bool // the last line may have been cut off
}

// OpenJournal opens a journal, made where it is absent, and returns the moves that were begun and
// not ended, in order. A line that was cut off does not count.
func OpenJournal(on disk.FS, path string) (*Journal, []Entry, error) {
	fail := func(err error) (*Journal, []Entry, error) {
		return nil, nil, fmt.Errorf("%w: %s: %w", ErrJournal, path, err)
	}
	f, err := on.Open(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return fail(err)
	}
	data, err := io.ReadAll(f)
	if err == nil && len(data) == 0 {
		err = on.SyncDir(filepath.Dir(path)) // else a power cut could take the journal and its entries
	}
	if err != nil {
		return fail(errors.Join(err, f.Close()))
	}
	j := &Journal{path: path, file: f, torn: len(data) > 0 && data[len(data)-1] != '\n'}
	begun, _, err := readJournal(data)
	if err != nil {
		return fail(errors.Join(err, f.Close()))
	}
	return j, begun, nil
}

// Moved returns the moves of the journal that were made and not taken back, the last one first.
func (j *Journal) Moved() ([]Entry, error) {
	data, err := disk.Read(j.path)
	var moved []Entry
	if err == nil {
		_, moved, err = readJournal(data)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrJournal, j.path, err)
	}
	slices.Reverse(moved)
	return moved, nil
}

// readJournal returns the moves that were begun and not ended, and those that were made and not taken back, in order.
func readJournal(data []byte) (begun, moved []Entry, err error) {
	begunTo, movedTo := entries{last: map[string]int{}}, entries{last: map[string]int{}}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Buffer(nil, 1<<20); lines.Scan(); {
		var e Entry
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		switch e.Step {
		case Begin:
			begunTo.add(e)
			movedTo.end(e)
		case Done:
			begunTo.end(e)
			movedTo.add(e)
		case Undone:
			begunTo.end(e)
		case Restored:
			movedTo.end(e)
		}
	}
	return begunTo.list(), movedTo.list(), lines.Err()
}

// entries are entries, of which the last one for each place where files go counts, until it has ended.
type entries struct {
	all  []Entry
	last map[string]int // in all
}

func (s *entries) add(e Entry) {
	s.last[e.To] = len(s.all)
	s.all = append(s.all, e)
}

func (s *entries) end(e Entry) { delete(s.last, e.To) }

func (s *entries) list() (out []Entry) {
	for i, e := range s.all {
		if last, ok := s.last[e.To]; ok && last == i {
			out = append(out, e)
		}
	}
	return out
}

// Write writes a step down, and syncs it.
func (j *Journal) Write(step string, e Entry) error {
	e.Step, e.At = step, time.Now().UTC().Truncate(time.Second)
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrJournal, err)
	}
	if line = append(line, '\n'); j.torn {
		line = append([]byte("\n"), line...)
	}
	j.torn = true
	_, err = j.file.Write(line)
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrJournal, j.path, err)
	}
	j.torn = false
	return nil
}

// Close closes the journal.
func (j *Journal) Close() error { return j.file.Close() }
