package frame

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Datasets in one JSON object have their pictures in an array among other members: COCO's in "images", as its page on the
// data format defines, with annotations and their categories beside it; FiftyOne's export in "samples".

const (
	cocoMember     = "images"
	fiftyOneMember = "samples"
	tagsTitle      = "tags" // a column of COCO's that is made of annotations
	mostLabels     = 64 << 20
)

// openJSON begins to read a .json file: an array of objects, as pandas writes it, or a dataset.
func openJSON(r io.ReadSeeker) (*Frame, error) {
	start := newJSONRows(r)
	token, err := start.in.Token()
	if err != nil {
		return nil, noEOF(err)
	}
	member := ""
	if token == json.Delim('{') {
		if member, err = start.datasetMember(); err != nil {
			return nil, err
		}
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	switch member {
	case "":
		return openJSONLines(r)
	case fiftyOneMember:
		return openMember(r, member, nil)
	}
	labels, err := cocoLabels(r)
	if err != nil {
		return nil, err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return openMember(r, member, labels)
}

// datasetMember looks among the members of the first object for the pictures of a dataset. It returns "" where there are
// none.
func (j *jsonLines) datasetMember() (string, error) {
	key, err := j.arrayMember(cocoMember, fiftyOneMember)
	if key == "" || err != nil {
		return "", err
	}
	if !j.in.More() {
		return "", fmt.Errorf("its %s are none", key)
	}
	if next, err := j.in.Token(); err == nil && next == json.Delim('{') {
		return key, nil
	}
	return "", nil
}

// arrayMember passes over the members of the first object up to the first array of one of those names, and into it. It
// returns "" where none is left.
func (j *jsonLines) arrayMember(names ...string) (key string, err error) {
	for j.in.More() {
		j.bounded.read = 0
		token, err := j.in.Token()
		if err != nil {
			return "", noEOF(err)
		}
		key, _ := token.(string)
		if token, err = j.in.Token(); err != nil {
			return "", noEOF(err)
		}
		if token == json.Delim('[') && slices.Contains(names, key) {
			return key, nil
		}
		if err := j.passOver(token); err != nil {
			return "", noEOF(err)
		}
	}
	return "", nil
}

// passOver passes over the value that begins with a token; of an array, each element may be as long as a row.
func (j *jsonLines) passOver(token json.Token) error {
	delim, _ := token.(json.Delim)
	for depth := 0; ; {
		switch delim {
		case '{', '[':
			if depth++; depth > mostDepth {
				return errDepth
			}
		case '}', ']':
			depth--
		}
		if depth == 0 {
			return nil
		}
		if depth == 1 {
			j.bounded.read = 0
		}
		token, err := j.in.Token()
		if err != nil {
			return err
		}
		delim, _ = token.(json.Delim)
	}
}

// openMember begins to read the objects in an array that is a member of the first object.
func openMember(r io.Reader, member string, labels map[string][]string) (*Frame, error) {
	j := newJSONRows(r)
	if _, err := j.in.Token(); err != nil {
		return nil, noEOF(err)
	}
	if key, err := j.arrayMember(member); err != nil {
		return nil, err
	} else if key == "" {
		return nil, fmt.Errorf("its %s are gone", member)
	}
	j.array, j.within, j.labels = true, true, labels
	t, err := j.frame()
	if err != nil {
		return nil, err
	}
	t.Format = map[string]string{cocoMember: "COCO", fiftyOneMember: "FiftyOne"}[member]
	return t, nil
}

// cocoLabels returns what the annotations say is on each picture: the names of their categories, by the picture's id.
func cocoLabels(r io.Reader) (map[string][]string, error) {
	j := newJSONRows(r)
	if _, err := j.in.Token(); err != nil {
		return nil, noEOF(err)
	}
	names := map[string]string{}
	of := map[string][]string{} // a picture's categories, by id
	type label struct{ image, category string }
	seen := map[label]bool{}
	total := 0
	for {
		key, err := j.arrayMember("annotations", "categories")
		if err != nil {
			return nil, err
		}
		if key == "" {
			break
		}
		for j.in.More() {
			j.bounded.read = 0
			var one struct {
				ID         json.RawMessage `json:"id"`
				Name       string          `json:"name"`
				ImageID    json.RawMessage `json:"image_id"`
				CategoryID json.RawMessage `json:"category_id"`
			}
			if err := j.in.Decode(&one); err != nil {
				return nil, fmt.Errorf("its %s: %w", key, noEOF(err))
			}
			if key == "categories" {
				names[string(one.ID)] = one.Name
				continue
			}
			image, category := string(one.ImageID), string(one.CategoryID)
			if category == "" || image == "" || seen[label{image, category}] {
				continue
			}
			if total += len(image) + len(category) + 64; total > mostLabels {
				return nil, errors.New("it has more annotations than are read")
			}
			seen[label{image, category}] = true
			of[image] = append(of[image], category)
		}
		if _, err := j.in.Token(); err != nil {
			return nil, noEOF(err)
		}
	}
	labels := make(map[string][]string, len(of))
	for image, categories := range of {
		for _, c := range categories {
			if name := strings.TrimSpace(names[c]); name != "" {
				labels[strings.Trim(image, `"`)] = append(labels[strings.Trim(image, `"`)], name)
			}
		}
	}
	return labels, nil
}
