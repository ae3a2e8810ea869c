package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/akin-search/akin/internal/container"
	"github.com/akin-search/akin/internal/disk"
)

// sidecarLimit is more than any program writes into a sidecar.
const sidecarLimit = 1 << 20

// XMP is a picture's sidecar; the zero value is none.
type XMP struct {
	Packet  []byte
	Written int64 // in nanoseconds since 1970
}

// Sidecar reads the XMP file that belongs to a picture: a.jpg.xmp, as darktable and digiKam call it, else a.xmp, as Lightroom does;
// or .XMP, as cameras and old file systems write it.
func Sidecar(path string) XMP {
	if file, picture, ok := member(path); ok {
		x, _ := memberSidecar(file, picture, true)
		return x
	}
	for _, name := range sidecarNames(path) {
		if written := sidecarWritten(name); written != 0 {
			if data, err := os.ReadFile(name); err == nil {
				return XMP{data, written}
			}
		}
	}
	return XMP{}
}

// ErrSidecarChanged says that another program wrote a sidecar while it was being changed.
var ErrSidecarChanged = errors.New("another program has just written it")

// ChangeSidecar writes the sidecar of a picture's file anew, with what change makes of it: nil where there is none, which is then
// called as darktable and digiKam call it, a.jpg.xmp. It returns the sidecar's path, and whether it was written: not where change
// returns what it was given. With dry it is not, but would be. Whatever happens, the sidecar is the old or the new one.
func ChangeSidecar(path string, dry bool, change func(packet []byte) ([]byte, error)) (name string, written bool, err error) {
	name, before := path+".xmp", int64(0)
	for _, n := range sidecarNames(path) {
		if before = sidecarWritten(n); before != 0 {
			name = n
			break
		}
	}
	var packet []byte
	mode := fs.FileMode(0o666)
	info, err := os.Lstat(name)
	switch {
	case before != 0 && err == nil:
		mode = info.Mode().Perm()
		if packet, err = os.ReadFile(name); err != nil {
			return name, false, err
		}
	case err == nil:
		return name, false, fmt.Errorf("%s: it is no file of at most 1 MiB", name)
	case !errors.Is(err, fs.ErrNotExist):
		return name, false, err
	}
	after, err := change(packet)
	if err != nil {
		return name, false, fmt.Errorf("%s: %w", name, err)
	}
	if packet != nil && bytes.Equal(packet, after) {
		return name, false, nil
	}
	if dry {
		return name, true, nil
	}
	if sidecarWritten(name) != before {
		return name, false, fmt.Errorf("%s: %w", name, ErrSidecarChanged)
	}
	return name, true, disk.Replace(name, after, mode)
}

// memberSidecar is the sidecar of a picture in an archive, which lies beside it there; without its packet where that is not wanted.
// Of archives that are read from the beginning for each member none is read.
func memberSidecar(file, picture string, packet bool) (x XMP, err error) {
	f, err := os.Open(file)
	if err != nil {
		return x, err
	}
	c, done, err := containers.Use(context.Background(), f)
	if err != nil {
		return x, err
	}
	defer done()
	if _, slow := c.(container.Sequential); slow {
		return x, nil
	}
	for _, name := range sidecarNames(picture) {
		m, ok := c.Find(name)
		if !ok || m.Size > sidecarLimit {
			continue
		}
		x.Written = max(1, m.ModTime.UnixNano())
		if packet {
			x.Packet, err = c.Read(context.Background(), m, sidecarLimit)
		}
		if err != nil {
			return XMP{}, err
		}
		return x, nil
	}
	return x, nil
}

func sidecarNames(path string) []string {
	if IsAddress(path) {
		return nil
	}
	short := strings.TrimSuffix(path, filepath.Ext(path))
	return []string{path + ".xmp", path + ".XMP", short + ".xmp", short + ".XMP"}
}

// sidecarWritten is when a sidecar was written, 0 where there is none.
func sidecarWritten(name string) int64 {
	info, err := os.Lstat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > sidecarLimit {
		return 0
	}
	if at := info.ModTime().UnixNano(); at != 0 {
		return at
	}
	return 1
}

// Sidecars tell when sidecars were written. Each folder is listed once: most have no sidecar, and asking for one beside every
// picture takes long over a network. The zero value is ready to use.
type Sidecars struct{ folders map[string]map[string]bool }

// Written is when the sidecar of a picture was written, as Sidecar returns it; 0 where there is none.
func (s *Sidecars) Written(path string) int64 {
	if file, picture, ok := member(path); ok {
		x, _ := memberSidecar(file, picture, false)
		return x.Written
	}
	dir := filepath.Dir(path)
	names, listed := s.folders[dir]
	if !listed {
		names = sidecarsIn(dir)
		if s.folders == nil {
			s.folders = map[string]map[string]bool{}
		}
		s.folders[dir] = names
	}
	for _, name := range sidecarNames(path) {
		if names[filepath.Base(name)] {
			if written := sidecarWritten(name); written != 0 {
				return written
			}
		}
	}
	return 0
}

// sidecarsIn are the names of a folder's sidecars; none where it cannot be listed.
func sidecarsIn(dir string) map[string]bool {
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	var found map[string]bool
	for {
		names, err := f.Readdirnames(1024)
		for _, n := range names {
			if strings.EqualFold(filepath.Ext(n), ".xmp") {
				if found == nil {
					found = map[string]bool{}
				}
				found[n] = true
			}
		}
		if err != nil {
			return found
		}
	}
}
