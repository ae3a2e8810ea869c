package trash

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/akin-search/akin/internal/disk"
)

// Restore puts a file back that was moved, under its old name, which no other file may have meanwhile. What it holds must
// be what hash says. After a crash it is to be called again: it completes what it began.
func (m *Move) Restore(hash [32]byte) error {
	fail := func(err error) error { return fmt.Errorf("put %s back: %w", m.From, err) }
	back := &Move{From: m.To, To: m.From, On: m.On}
	_, there := os.Lstat(m.To)
	switch {
	case errors.Is(there, fs.ErrNotExist):
		// An earlier call may have come as far as this.
		if sum, err := hashFile(m.From); errors.Is(err, fs.ErrNotExist) {
			return fail(fmt.Errorf("it is no longer at %s", m.To))
		} else if err != nil {
			return fail(err)
		} else if sum != hash {
			return fail(fmt.Errorf("it is no longer at %s, and another file has its name", m.To))
		}
		if err := m.sync(m.From); err != nil {
			return fail(err)
		}
	case there != nil:
		return fail(there)
	default:
		if sum, err := hashFile(m.To); err != nil {
			return fail(err)
		} else if sum != hash {
			return fail(fmt.Errorf("%s has changed", m.To))
		}
		if err := disk.MkdirAll(m.On, filepath.Dir(m.From), 0o777); err != nil {
			return fail(err)
		}
		moved, err := back.Settle(hash) // of a copy from another disk that was interrupted
		if err == nil && !moved {
			err = back.Do(hash)
		}
		if err != nil {
			return fail(err)
		}
	}
	if m.Info == "" {
		return nil
	}
	// The trash's note of it goes too, unless another file has got the name there.
	if ours, err := m.remembered(); err == nil && ours {
		if err := errors.Join(m.remove(m.Info), m.sync(m.Info)); err != nil {
			return fail(err)
		}
	}
	return nil
}
