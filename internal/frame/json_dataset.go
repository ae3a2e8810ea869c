package frame

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// Datasets in one JSON object have their pictures in an array among other members: COCO's in "images", as its page on the
// data format defines, with annotations and their categories beside it; FiftyOne's export in "samples".

const (
	cocoMember     = "images"
	fiftyOneMember = "samples"
	tagsTitle      = "tags" // a column of COCO's that is made of annotations
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
	labels, err := readLabels(r, mostLabelBytes)
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
func openMember(r io.Reader, member string, labels *cocoLabels) (*Frame, error) {
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
