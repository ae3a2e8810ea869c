package made

import (
	"encoding/csv"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
)

// Set is a folder of pictures that is being written, with the truth about them.
type Set struct {
	dir   string
	file  *os.File
	truth *csv.Writer
}

// NewSet begins a folder, and truth.csv in it: path, of (the path of what it is a copy of, or of itself) and
// family (pictures that are alike and no copies have the same one).
func NewSet(dir string) (*Set, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	file, err := os.Create(filepath.Join(dir, "truth.csv"))
	if err != nil {
		return nil, err
	}
	s := &Set{dir, file, csv.NewWriter(file)}
	return s, s.truth.Write([]string{"path", "of", "family"})
}

// Put writes a picture's file. of is the path of the original, "" for an original.
func (s *Set) Put(path, of, family string, data []byte) error {
	full := filepath.Join(s.dir, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o777); err != nil {
		return err
	}
	if of == "" {
		of = path
	}
	return errors.Join(os.WriteFile(full, data, 0o666), s.truth.Write([]string{path, of, family}))
}

// Close ends truth.csv.
func (s *Set) Close() error {
	s.truth.Flush()
	return errors.Join(s.truth.Error(), s.file.Close())
}

// Pages writes the first n pages of each kind.
func (s *Set) Pages(n int) error {
	for _, kind := range Kinds {
		for i := range n {
			data, err := asPNG(Page(kind, i))
			if err == nil {
				err = s.Put(fmt.Sprintf("pages/%s_%03d.png", kind, i), "", kind, data)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// Photos writes n photographs, as JPEG files of quality 92, with some of Copies of each: those whose number is
// below copies.
func (s *Set) Photos(n, width, height, copies int) error {
	for i := range n {
		if err := s.Photo(fmt.Sprintf("photos/%03d", i), "", Photo(i, width, height), copies); err != nil {
			return err
		}
	}
	return nil
}

// Photo writes a photograph and copies of it.
func (s *Set) Photo(name, family string, p image.Image, copies int) error {
	data, err := asJPEG(p, 92)
	if err == nil {
		err = s.Put(name+".jpg", "", family, data)
	}
	for _, c := range Copies[:min(copies, len(Copies))] {
		if err != nil {
			return err
		}
		if data, err = c.Make(p); err == nil {
			err = s.Put(name+"_"+c.Name, name+".jpg", family, data)
		}
	}
	return err
}

// Bursts writes n bursts of so many frames.
func (s *Set) Bursts(n, frames, width, height int) error {
	for i := range n {
		for k, p := range Burst(1000+i, frames, width, height) {
			if err := s.Photo(fmt.Sprintf("bursts/%02d_%d", i, k), fmt.Sprintf("burst %d", i), p, 0); err != nil {
				return err
			}
		}
	}
	return nil
}
