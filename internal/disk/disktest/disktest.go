// Package disktest puts file systems in the place of disk.OS that fail, die and forget: what a
// full disk, a bad one, a killed process and a power cut do, at whichever operation a test names.
package disktest

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/akin-search/akin/internal/disk"
)

// ErrDied is what a process panics with that is killed at an operation. Nothing that it does
// afterwards, in deferred calls, reaches the disk.
var ErrDied = errors.New("the process was killed")

// Faults fails at one operation. Operations are those that change something, or make a change
// durable: to open for writing, write, truncate, sync, rename, remove, make a folder.
type Faults struct {
	disk.FS
	At     int    // the operation, from 0; -1 is none
	Err    error  // what it fails with; nil kills the process there
	Sticky bool   // and so do all after it, as on a full disk
	Kill   func() // ends this very process; without it, Run takes the place of its end

	mu   sync.Mutex
	n    int
	dead bool
	Log  []string // what was done
}

// Done is how many operations were asked for.
func (f *Faults) Done() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.n
}

// step counts an operation; it is to be left undone where there is an error, but for the half that reaches the disk.
func (f *Faults) step(what, path string, half ...func()) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead {
		return ErrDied
	}
	n := f.n
	f.n++
	f.Log = append(f.Log, what+" "+filepath.Base(path))
	if f.At < 0 || n < f.At || n > f.At && !f.Sticky {
		return nil
	}
	for _, do := range half {
		do()
	}
	if f.Err == nil {
		f.dead = true
		if f.Kill != nil {
			f.Kill()
		}
		panic(ErrDied)
	}
	return &fs.PathError{Op: what, Path: path, Err: f.Err}
}

// Run calls do, and reports whether it was killed.
func Run(do func()) (killed bool) {
	defer func() {
		if r := recover(); r == ErrDied {
			killed = true
		} else if r != nil {
			panic(r)
		}
	}()
	do()
	return false
}

func (f *Faults) Open(path string, flag int, perm fs.FileMode) (disk.File, error) {
	if flag&(os.O_CREATE|os.O_TRUNC) != 0 {
		if err := f.step("open", path); err != nil {
			return nil, err
		}
	}
	file, err := f.FS.Open(path, flag, perm)
	if err != nil {
		return nil, err
	}
	return &faultyFile{file, f, path}, nil
}

func (f *Faults) Rename(from, to string) error {
	return cmpErr(f.step("rename", to), func() error { return f.FS.Rename(from, to) })
}
func (f *Faults) RenameNew(from, to string) error {
	return cmpErr(f.step("rename", to), func() error { return f.FS.RenameNew(from, to) })
}
func (f *Faults) Remove(path string) error {
	return cmpErr(f.step("remove", path), func() error { return f.FS.Remove(path) })
}
func (f *Faults) Mkdir(path string, perm fs.FileMode) error {
	return cmpErr(f.step("mkdir", path), func() error { return f.FS.Mkdir(path, perm) })
}
func (f *Faults) SyncDir(path string) error {
	return cmpErr(f.step("sync folder", path), func() error { return f.FS.SyncDir(path) })
}

func cmpErr(err error, do func() error) error {
	if err != nil {
		return err
	}
	return do()
}

type faultyFile struct {
	disk.File
	on   *Faults
	path string
}

// half writes what a full disk, or a process that is killed meanwhile, still takes.
func (f *faultyFile) half(b []byte, write func([]byte) (int, error)) (n int, err error) {
	if err := f.on.step("write", f.path, func() { n, _ = write(b[:len(b)/2]) }); err != nil {
		return n, err
	}
	return write(b)
}

func (f *faultyFile) Write(b []byte) (int, error) { return f.half(b, f.File.Write) }

func (f *faultyFile) WriteAt(b []byte, at int64) (int, error) {
	return f.half(b, func(b []byte) (int, error) { return f.File.WriteAt(b, at) })
}

func (f *faultyFile) Sync() error { return cmpErr(f.on.step("sync", f.path), f.File.Sync) }

func (f *faultyFile) Truncate(size int64) error {
	return cmpErr(f.on.step("truncate", f.path), func() error { return f.File.Truncate(size) })
}

// PowerCut is a file system below a folder that keeps, when the power is cut, what was synced
// and nothing else: of a file the bytes at its last sync, of a folder the names at its own. That is
// what POSIX promises; most file systems keep more. What is written past it, as by SQLite, is
// taken for synced.
type PowerCut struct {
	disk.FS
	root string

	mu      sync.Mutex
	next    int
	names   map[string]int  // as programs see them: path → file or folder
	durable map[string]int  // as the disk has them
	bytes   map[int]*[]byte // of files, at their last sync; nil was never synced
	folders map[int]bool
	opened  map[int]bool // through this
}

// NewPowerCut takes all that lies below a folder for synced.
func NewPowerCut(t testing.TB, root string) *PowerCut {
	t.Helper()
	p := &PowerCut{FS: disk.OS, root: root, names: map[string]int{}, bytes: map[int]*[]byte{}, folders: map[int]bool{}, opened: map[int]bool{}}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		id := p.add(path, d.IsDir())
		if !d.IsDir() {
			data, err := os.ReadFile(path)
			p.bytes[id] = &data
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	p.durable = maps.Clone(p.names)
	return p
}

func (p *PowerCut) add(path string, folder bool) int {
	p.next++
	p.names[path], p.folders[p.next] = p.next, folder
	return p.next
}

func (p *PowerCut) Open(path string, flag int, perm fs.FileMode) (disk.File, error) {
	file, err := p.FS.Open(path, flag, perm)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	id, ok := p.names[path]
	if !ok {
		id = p.add(path, false)
	}
	p.opened[id] = true
	return &cutFile{file, p, id, path}, nil
}

type cutFile struct {
	disk.File
	on   *PowerCut
	id   int
	path string
}

func (f *cutFile) Sync() error {
	if err := f.File.Sync(); err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	data := make([]byte, info.Size())
	// A file that is open for writing alone is read by another handle.
	for path, id := range f.on.copyNames() {
		if id == f.id {
			if data, err = os.ReadFile(path); err != nil {
				return err
			}
		}
	}
	f.on.mu.Lock()
	defer f.on.mu.Unlock()
	f.on.bytes[f.id] = &data
	return nil
}

func (p *PowerCut) copyNames() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.names)
}

func (p *PowerCut) Rename(from, to string) error {
	return p.moved(from, to, p.FS.Rename(from, to))
}
func (p *PowerCut) RenameNew(from, to string) error {
	return p.moved(from, to, p.FS.RenameNew(from, to))
}

func (p *PowerCut) moved(from, to string, err error) error {
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if id, ok := p.names[from]; ok {
		p.names[to] = id
		delete(p.names, from)
	}
	return nil
}

func (p *PowerCut) Remove(path string) error {
	if err := p.FS.Remove(path); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.names, path)
	return nil
}

func (p *PowerCut) Mkdir(path string, perm fs.FileMode) error {
	if err := p.FS.Mkdir(path, perm); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.add(path, true)
	return nil
}

func (p *PowerCut) SyncDir(path string) error {
	if err := p.FS.SyncDir(path); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for name := range p.durable {
		if filepath.Dir(name) == path && name != p.root {
			delete(p.durable, name)
		}
	}
	for name, id := range p.names {
		if filepath.Dir(name) == path && name != p.root {
			p.durable[name] = id
		}
	}
	return nil
}

// Cut cuts the power: what lies below the folder is what the disk has.
func (p *PowerCut) Cut(t testing.TB) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	// What others wrote, and what it needs.
	written := map[string][]byte{}
	err := filepath.WalkDir(p.root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if id, known := p.names[path]; !known || !p.opened[id] {
				written[path], err = os.ReadFile(path)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(p.root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(p.root, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	reached := func(path string) bool { // every folder above is on disk
		for path != p.root {
			path = filepath.Dir(path)
			if id, ok := p.durable[path]; !ok || !p.folders[id] {
				return false
			}
		}
		return true
	}
	for path, id := range p.durable {
		if path == p.root || !strings.HasPrefix(path, p.root) || !reached(path) {
			continue
		}
		if p.folders[id] {
			err = errors.Join(err, os.MkdirAll(path, 0o777))
		} else {
			var data []byte
			if b := p.bytes[id]; b != nil {
				data = *b
			}
			err = errors.Join(err, os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, data, 0o666))
		}
	}
	for path, data := range written {
		id, known := p.names[path]
		if reached(path) && (!known || p.durable[path] == id) {
			err = errors.Join(err, os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, data, 0o666))
		}
	}
	if err != nil {
		t.Fatal(fmt.Errorf("cut the power: %w", err))
	}
}
