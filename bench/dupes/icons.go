package main

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// iconSet is a package of @iconify-json: drawings by name, each the inside of an svg element.
type iconSet struct {
	Prefix string  `json:"prefix"`
	Width  float64 `json:"width"` // of drawings that do not tell
	Height float64 `json:"height"`
	Icons  map[string]struct {
		Body   string  `json:"body"`
		Width  float64 `json:"width"`
		Height float64 `json:"height"`
	} `json:"icons"`
}

// drawing is one icon as an SVG file.
type drawing struct {
	name string
	svg  []byte
}

// readIcons returns the drawings of every package archive (.tgz) in a folder, by name.
func readIcons(dir string) ([]drawing, error) {
	archives, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(archives) == 0 {
		return nil, fmt.Errorf("%s holds no package of icons (.tgz): %w", dir, errors.Join(err, os.ErrNotExist))
	}
	var all []drawing
	for _, archive := range archives {
		set, err := readIconSet(archive)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", archive, err)
		}
		for _, name := range slices.Sorted(maps.Keys(set.Icons)) {
			i := set.Icons[name]
			width, height := first(i.Width, set.Width, 16), first(i.Height, set.Height, 16)
			all = append(all, drawing{set.Prefix + "-" + name, fmt.Appendf(nil,
				`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 %g %g">%s</svg>`, width, height, i.Body)})
		}
	}
	return all, nil
}

func first(values ...float64) float64 {
	for _, v := range values {
		if v > 0 {
			return v
		}
	}
	return 0
}

func readIconSet(archive string) (set iconSet, err error) {
	f, err := os.Open(archive)
	if err != nil {
		return set, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return set, err
	}
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if err == io.EOF {
			return set, errors.New("no icons.json in it")
		}
		if err != nil {
			return set, err
		}
		if strings.HasSuffix(h.Name, "/icons.json") {
			return set, json.NewDecoder(t).Decode(&set)
		}
	}
}
