package api

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"reflect"
	"testing"
)

func fixture[T any](t *testing.T, name string) (cases []T) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

func TestQueries(t *testing.T) {
	for name, parse := range map[string]func([]string) ([]ParsedTerm, error){"queries.json": ParseQuery, "arguments.json": ParseArguments} {
		for _, c := range fixture[struct {
			Why   string
			Input []string
			Terms []ParsedTerm
			Error bool
		}](t, name) {
			got, err := parse(c.Input)
			for i := range got {
				got[i].written = ""
			}
			switch {
			case c.Error:
				if !errors.Is(err, ErrInvalid) {
					t.Errorf("%s: %q: got %+v, %v, want ErrInvalid", c.Why, c.Input, got, err)
				}
			case err != nil || !reflect.DeepEqual(got, c.Terms):
				t.Errorf("%s: %q: got %+v, %v, want %+v", c.Why, c.Input, got, err, c.Terms)
			}
		}
	}
}

func TestCrops(t *testing.T) {
	for _, c := range fixture[struct {
		Why, Input string
		Crop       Crop
		Error      bool
	}](t, "crops.json") {
		got, err := ParseCrop(c.Input)
		switch {
		case c.Error:
			if !errors.Is(err, ErrInvalid) {
				t.Errorf("%s: %q: got %+v, %v, want ErrInvalid", c.Why, c.Input, got, err)
			}
		case err != nil || got != c.Crop:
			t.Errorf("%s: %q: got %+v, %v, want %+v", c.Why, c.Input, got, err, c.Crop)
		}
	}
}

// With --text every argument is words, whatever prefix it has.
func TestWords(t *testing.T) {
	for written, want := range map[string]string{
		"2:a boat": "a boat", "text:a boat": "a boat", "name:Chad": "name:Chad", "https://example.org": "https://example.org",
	} {
		term, err := ParseArgument(written)
		if err != nil || term.Words() != want {
			t.Errorf("%q: got %q, %v, want %q", written, term.Words(), err, want)
		}
	}
}

// Whatever a person types, it is a term with a value and a weight, or ErrInvalid.
func FuzzParseTerm(f *testing.F) {
	for _, s := range []string{"Chad", "-Chad", "2:text:a boat", "0.5:./cat.jpg", "text:", "nan:x", "1e400:x", ":", "http://x.org/a:b", "- 2: name:x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, word string) {
		for _, parse := range []func(string) (ParsedTerm, error){ParseTerm, ParseArgument} {
			term, err := parse(word)
			switch {
			case err != nil && !errors.Is(err, ErrInvalid):
				t.Errorf("%q: %v", word, err)
			case err == nil && (term.Weight == 0 || math.IsInf(term.Weight, 0) || math.IsNaN(term.Weight) || term.Value == "" || term.Kind == ""):
				t.Errorf("%q: %+v", word, term)
			}
		}
	})
}
