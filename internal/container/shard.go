package container

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	asideLimit = 64 << 10  // bytes of a text beside a picture
	asideBytes = 256 << 20 // of all of them in an archive
	longTitle  = 1000      // a longer text is no name
)

// A shard is a tar archive as webdataset writes it: what belongs to one sample has one name up to the first dot behind
// its folders, as 000017.jpg, 000017.txt, 000017.cls. A caption is the picture's name where no two share it, as a
// list's column of captions is; a class and keywords are tags.
// Source: https://github.com/webdataset/webdataset.
type shard struct {
	read func(m Member) ([]byte, error)
}

// asides are the endings of what says something of a picture, in lower case.
var asides = map[string]bool{".txt": true, ".json": true, ".cls": true, ".caption": true}

func isAside(name string) bool { return asides[strings.ToLower(path.Ext(name))] }

// keyOf parts a name into a sample's key and the rest.
func keyOf(name string) (key, rest string) {
	base := path.Base(name)
	i := strings.IndexByte(base, '.')
	if i <= 0 {
		return name, ""
	}
	return name[:len(name)-len(base)+i], strings.ToLower(base[i:])
}

// describe gives members the titles and tags that those beside them say, which become asides. Texts that belong to no
// other member stay what they are.
func (s shard) describe(l *list) error {
	said := map[string]*sample{} // by key
	left := asideBytes
	for i, m := range l.members {
		key, rest := keyOf(m.Name)
		if !asides[rest] || m.Size > asideLimit {
			continue
		}
		if left -= int(m.Size); left < 0 {
			break
		}
		data, err := s.read(m)
		if err != nil {
			l.flaw(fmt.Errorf("%.80q: %w", m.Name, err))
			continue
		}
		if said[key] == nil {
			said[key] = &sample{}
		}
		said[key].add(rest, data)
		said[key].asides = append(said[key].asides, i)
	}
	titles := map[string]int{}
	for i := range l.members {
		m := &l.members[i]
		key, rest := keyOf(m.Name)
		if of := said[key]; of != nil && !asides[rest] {
			m.Title, m.Tags = of.title, of.tags
			titles[m.Title]++
			for _, k := range of.asides {
				l.members[k].Aside = true
			}
		}
	}
	for i := range l.members {
		if titles[l.members[i].Title] > 1 {
			l.members[i].Title = ""
		}
	}
	return nil
}

// sample is what is said of one.
type sample struct {
	title  string
	tags   []string
	asides []int
}

func (s *sample) add(rest string, data []byte) {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if !utf8.Valid(data) || len(data) == 0 {
		return
	}
	switch rest {
	case ".txt", ".caption":
		s.caption(string(data))
	case ".cls":
		s.class(string(data))
	case ".json":
		var about struct {
			Caption, Text          any
			Label, Class, Category any
			Tags, Keywords         any
		}
		if json.Unmarshal(data, &about) != nil {
			return
		}
		for _, v := range []any{about.Caption, about.Text} {
			if text, ok := v.(string); ok {
				s.caption(text)
			}
		}
		for _, v := range []any{about.Label, about.Class, about.Category} {
			if text, ok := v.(string); ok {
				s.class(text)
			}
		}
		for _, v := range []any{about.Tags, about.Keywords} {
			s.keywords(v)
		}
	}
}

// caption takes a text as the title, unless there is one.
func (s *sample) caption(text string) {
	if text = strings.Join(strings.Fields(text), " "); s.title == "" && len(text) <= longTitle {
		s.title = text
	}
}

// class takes the name of a class as a tag. A number is one of a list that the archive does not hold, and as a tag needs
// a word.
func (s *sample) class(text string) {
	if _, err := strconv.Atoi(text); err == nil {
		text = "class " + text
	}
	s.tags = append(s.tags, strings.ReplaceAll(text, ";", ","))
}

// keywords takes a list of texts, or one with semicolons, as tags.
func (s *sample) keywords(v any) {
	switch v := v.(type) {
	case string:
		for tag := range strings.SplitSeq(v, ";") {
			if tag = strings.TrimSpace(tag); tag != "" {
				s.tags = append(s.tags, tag)
			}
		}
	case []any:
		for _, tag := range v {
			if text, ok := tag.(string); ok {
				s.keywords(text)
			}
		}
	}
}
