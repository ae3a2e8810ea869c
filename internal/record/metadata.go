package record

import (
	"iter"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Metadata is what a picture's file and its sidecar say, as far as pictures are chosen by it.
type Metadata struct {
	Camera   string    `json:"camera,omitempty"`
	Lens     string    `json:"lens,omitempty"`
	Label    string    `json:"label,omitempty"`
	Rating   int       `json:"rating,omitempty"` // 1 to 5 stars; -1 is rejected, 0 is not known
	Keywords []string  `json:"keywords,omitempty"`
	Title    string    `json:"title,omitempty"`
	Caption  string    `json:"caption,omitempty"`
	Position *Position `json:"position,omitempty"` // where it was taken; nil where that is not known
	Sidecar  int64     `json:"sidecar,omitempty"`  // when the sidecar was last written, in nanoseconds since 1970; 0 where there is none
}

// Field is one kind of value of the metadata.
type Field string

// The fields whose values are stored.
const (
	Camera  Field = "camera"
	Lens    Field = "lens"
	Label   Field = "label"
	Rating  Field = "rating"
	Keyword Field = "keyword"
)

// Value is a value of a field, as it was first written.
type Value struct {
	ID   int64
	Name string
	Key  string // as ValueKey returns it
}

// valueBytes is longer than any name or keyword; longer ones are not stored.
const valueBytes = 200

// Values yields the values as they are stored: composed, on one line.
func (m Metadata) Values() iter.Seq2[Field, string] {
	return func(yield func(Field, string) bool) {
		rating := ""
		if m.Rating != 0 {
			rating = strconv.Itoa(m.Rating)
		}
		one := func(f Field, text string) bool {
			text = norm.NFC.String(strings.Join(strings.Fields(text), " "))
			return text == "" || len(text) > valueBytes || yield(f, text)
		}
		if !one(Camera, m.Camera) || !one(Lens, m.Lens) || !one(Label, m.Label) || !one(Rating, rating) {
			return
		}
		for _, k := range m.Keywords {
			if !one(Keyword, k) {
				return
			}
		}
	}
}

// Set is what Values yielded, put back.
func (m *Metadata) Set(f Field, value string) {
	switch f {
	case Camera:
		m.Camera = value
	case Lens:
		m.Lens = value
	case Label:
		m.Label = value
	case Rating:
		m.Rating, _ = strconv.Atoi(value) // what is no number is not known
	case Keyword:
		m.Keywords = append(m.Keywords, value)
	}
}

// ValueKey is what a value is compared by: case does not count, nor how accents are composed.
func ValueKey(value string) string { return TagKey(value) }
