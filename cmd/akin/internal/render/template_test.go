package render

import (
	"bytes"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
)

func TestTemplatesHaveTheFieldsOfJSON(t *testing.T) {
	t.Parallel()
	chance := 0.25
	hits := []api.Hit{
		{Rank: 1, Name: "Chad", Source: "flags/td.png", Score: 0.5, Chance: &chance, Grade: api.Near, SamePixels: true},
		{Rank: 2, Name: "a\x1b[2Jb", Source: "b.png", Score: 0.25},
	}
	for _, c := range []struct{ template, want string }{
		{`{{.rank}} {{.name}}`, "1 Chad\n2 a\x1b[2Jb\n"}, // as paths: a terminal gets it cleaned
		{`{{.score}}\t{{.source}}`, "0.5\tflags/td.png\n0.25\tb.png\n"},
		{`{{printf "%.2f\t" .score}}{{with .chance}}{{printf "%.0f %%" 25.0}}{{end}}`, "0.50\t25 %\n0.25\t\n"},
		{`{{if .same_pixels}}same{{else}}no{{end}}`, "same\nno\n"},
		{`{{.chance}}|{{.grade}}|{{len .folded}}`, "0.25|near|0\n||0\n"},
		{`{{json .name}}`, "\"Chad\"\n\"a\\u001b[2Jb\"\n"},
	} {
		parsed, err := ParseTemplate(c.template, false)
		if err != nil {
			t.Errorf("%s: %v", c.template, err)
			continue
		}
		var out bytes.Buffer
		if err := New(&out, &out).SearchLines(api.Result{Hits: hits}, New(&out, &out).Templated(parsed)); err != nil || out.String() != c.want {
			t.Errorf("%s: %q, %v, want %q", c.template, out.String(), err, c.want)
		}
	}
}

func TestTemplatesOfGroups(t *testing.T) {
	t.Parallel()
	a, b := api.Duplicate{Best: true}, api.Duplicate{Kind: "exact"}
	a.Name, b.Name = "a", "b"
	parsed, err := ParseTemplate(`{{range .copies}}{{.name}}:{{.kind}}:{{.best}} {{end}}`, true)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	d := Duplicates{}
	d.Groups = []api.DuplicateGroup{{Copies: []api.Duplicate{a, b}}}
	if err := New(&out, &out).DuplicatesLines(d, New(&out, &out).Templated(parsed)); err != nil || out.String() != "a::true b:exact:false \x00" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

func TestWrongTemplates(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]string{
		`{{.nme}}`:               "there is no field nme; did you mean name? (the fields: box, by_luck, chance, folded, ",
		`{{.name`:                "unclosed action",
		`{{nothing .name}}`:      `function "nothing" not defined`,
		`{{index .folded 5}}`:    "out of range",
		`{{join ", " .name}}`:    "Chad is not a list",
		`{{template "other" .}}`: `template "other" not defined`,
	} {
		parsed, err := ParseTemplate(template, false)
		if err == nil {
			var out bytes.Buffer
			err = New(&out, &out).Templated(parsed)(api.Hit{Name: "Chad"})
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", template, err, want)
		}
	}
}
