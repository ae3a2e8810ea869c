package labelled

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Limits of what is unpacked: several times the largest of the packages.
const (
	jsonLimit     = 64 << 20
	pictureLimit  = 1 << 20
	picturesLimit = 20_000
)

// artwork is one picture: its group, and a file.
type artwork struct {
	group string
	data  []byte
	ext   string
}

// read returns the pictures of a package's archive that belong to a group, the first of each group.
func (p Package) read(archive io.Reader) ([]artwork, error) {
	z, err := gzip.NewReader(archive)
	if err != nil {
		return nil, err
	}
	files := tar.NewReader(z)
	var icons iconSet
	points := map[string]string{} // code points → name
	var all []artwork
	seen := map[string]bool{}
	for {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		switch folder, name := path.Split(h.Name); {
		case p.takes.folder != "" && folder == p.takes.folder && path.Ext(name) == ".png":
			group := p.takes.group(strings.TrimSuffix(name, ".png"))
			if group == "" || seen[group] {
				continue
			}
			data, err := readAll(files, pictureLimit)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", h.Name, err)
			}
			seen[group] = true
			all = append(all, artwork{group, data, ".png"})
		case p.takes.folder == "" && h.Name == "package/icons.json":
			err = decode(files, &icons)
		case p.takes.points && h.Name == "package/chars.json":
			err = decode(files, &points)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", h.Name, err)
		}
		if len(all) > picturesLimit {
			return nil, fmt.Errorf("it has more than %d pictures", picturesLimit)
		}
	}
	if p.takes.folder == "" {
		all = icons.artworks(p.takes, points)
	}
	if len(all) == 0 {
		return nil, errors.New("it has none of the expected pictures")
	}
	return all, nil
}

func decode(r io.Reader, v any) error {
	data, err := readAll(r, jsonLimit)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

func readAll(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("it has more than %d bytes", limit)
	}
	return data, err
}
