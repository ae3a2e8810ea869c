package term

import (
	"strings"
	"testing"
)

func spaces() *Table {
	t := &Table{Columns: []Column{{Header: "model"}, {Header: "dim", Right: true}, {Header: "coverage", Right: true}, {Header: "fingerprint"}, {Wrap: true}}}
	t.Add("clip-vit-large-patch14", "768", "100 %", "3f9c20c18d44", "default model; transparent pictures on white")
	t.Add("dinov2-base", "768", "11.1 %", "ab12cd34ef56", "")
	return t
}

// What does not fit side by side is written below itself, in full.
func TestNarrowScreensGetRowsBelowEachOther(t *testing.T) {
	t.Parallel()
	plain := map[string]string{"TERM": "xterm", "LANG": "C.UTF-8", "NO_COLOR": "1"}
	for width, want := range map[int]string{
		100: `model                   dim  coverage  fingerprint
clip-vit-large-patch14  768     100 %  3f9c20c18d44  default model; transparent pictures on white
dinov2-base             768    11.1 %  ab12cd34ef56
`,
		80: `model                   dim  coverage  fingerprint
clip-vit-large-patch14  768     100 %  3f9c20c18d44  default model; transparent
                                                     pictures on white
dinov2-base             768    11.1 %  ab12cd34ef56
`,
		40: `clip-vit-large-patch14
  dim 768  coverage 100 %
  fingerprint 3f9c20c18d44
  default model; transparent pictures on
  white
dinov2-base
  dim 768  coverage 11.1 %
  fingerprint ab12cd34ef56
`,
	} {
		screen, out := screen(width, plain)
		if err := spaces().Write(screen); err != nil {
			t.Fatal(err)
		}
		if out.String() != want {
			t.Errorf("%d cells:\n%s\nwant\n%s", width, out, want)
		}
		if fits := spaces().Fits(screen); fits != (width >= 80) {
			t.Errorf("%d cells: fits is %v", width, fits)
		}
	}
	var pipe strings.Builder
	if err := spaces().Write(&Terminal{W: &pipe}); err != nil || strings.Count(pipe.String(), "\n") != 3 {
		t.Errorf("in a pipe a row is a line: %v\n%s", err, &pipe)
	}
}

// Many columns of names are not cut to a few letters each.
func TestColumnsOfNamesStayLegible(t *testing.T) {
	t.Parallel()
	table := &Table{Columns: []Column{{Header: "picture"}}}
	row := []string{"Saint Vincent and the Grenadines"}
	for range 6 {
		table.Columns = append(table.Columns, Column{Header: "a-model-with-a-name"})
		row = append(row, "Central African Republic")
	}
	table.Add(row...)
	screen, out := screen(80, map[string]string{"TERM": "xterm", "LANG": "C.UTF-8", "NO_COLOR": "1"})
	if err := table.Write(screen); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "Central African Republic"); n != 6 || strings.Contains(out.String(), "…") {
		t.Errorf("%d whole names:\n%s", n, out)
	}
	for line := range strings.Lines(out.String()) {
		if len(line) > 81 {
			t.Errorf("%d cells: %s", len(line), line)
		}
	}
}
