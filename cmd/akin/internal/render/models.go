package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

// Models lists the models, the installed ones first: a line of facts, then what each is good at, and what its
// licence restricts.
func (o *Output) Models(models []api.ModelInfo) error {
	wide := map[string]int{}
	for _, m := range models {
		for fact, text := range modelFacts(m) {
			wide[fact] = max(wide[fact], len([]rune(text)))
		}
	}
	for _, group := range []struct {
		title   string
		present bool
	}{{"Installed:", true}, {"Not installed (akin pull NAME):", false}} {
		title := group.title
		for _, m := range models {
			if m.Present != group.present {
				continue
			}
			if title != "" {
				if err := o.Linef("%s", title); err != nil {
					return err
				}
				title = ""
			}
			f := modelFacts(m)
			line := fmt.Sprintf("  %-*s  %*s  %*s  %*s  %-*s  %s", wide["model"], f["model"], wide["dim"], f["dim"], wide["input"], f["input"],
				wide["size"], f["size"], wide["speed"], f["speed"], f["licence"])
			if line = strings.TrimRight(line, " "); o.Screen.TTY && len([]rune(line)) > o.Screen.Width() {
				line = "  " + f["model"] + "\n      " + strings.Join(present(f["dim"]+" dimensions", f["input"], f["size"], f["speed"], f["licence"]), "  ")
			}
			below := []string{m.About}
			if !m.Present && !m.Pullable {
				below = append(below, m.Reason)
			}
			if m.Terms != "" {
				below = append(below, published(m))
			}
			if _, err := fmt.Fprintln(o.Text, line); err != nil {
				return err
			}
			for _, text := range present(below...) {
				if err := o.indented("      ", text); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// present returns the texts that are not empty.
func present(texts ...string) []string {
	return slices.DeleteFunc(texts, func(s string) bool { return s == "" })
}

// published says how a model's weights may be used, and where its licence is.
func published(m api.ModelInfo) string {
	text := "Published " + m.Terms
	if m.Page == "" {
		return text + "."
	}
	return text + ": " + m.Page
}

// modelFacts are those that are known of a model.
func modelFacts(m api.ModelInfo) map[string]string {
	if m.Dim == 0 {
		return map[string]string{"model": m.Name}
	}
	return map[string]string{
		"model": m.Name, "dim": fmt.Sprint(m.Dim), "input": fmt.Sprintf("%dx%d", m.Input[0], m.Input[1]), "size": Bytes(m.Bytes),
		"speed": m.Speed, "licence": m.Licence,
	}
}

// AddedModel writes what an added model takes and returns.
func (o *Output) AddedModel(m api.ModelInfo) error {
	return o.Linef("%s: %s", m.Name, modelText(m.Dim, m.Input, m.Params))
}

// Pulled writes what an installed model takes and returns, and where it is.
func (o *Output) Pulled(r api.PullReport) error {
	text := modelText(r.Dim, r.Input, r.Params)
	if r.Text {
		text += ", reads text"
	}
	if err := o.Linef("%s: %s", r.Model, text); err != nil {
		return err
	}
	return o.Linef("%s", r.Path)
}

func modelText(dim int, input [2]int, params int64) string {
	return fmt.Sprintf("%d dimensions, input %d x %d, %.1f million parameters", dim, input[0], input[1], float64(params)/1e6)
}

// Checks writes what is installed; !! marks what is missing and needed, -- what is missing.
func (o *Output) Checks(checks []api.Check) error {
	t := term.Table{Columns: []term.Column{{Header: ""}, {Header: "what"}, {Header: "found", Wrap: true}}}
	for _, c := range checks {
		mark := "ok"
		switch {
		case !c.OK && c.Needed:
			mark = "!!"
		case !c.OK:
			mark = "--"
		}
		t.Add(mark, c.What, c.Found)
	}
	return t.Write(o.Screen)
}

// Inspected writes what is known of a picture.
func (o *Output) Inspected(i api.Inspection) error {
	if err := o.Linef("%s", i.Source); err != nil {
		return err
	}
	fields := [][2]string{
		{"format", i.Format},
		{"size", fmt.Sprintf("%d x %d", i.Width, i.Height)},
		{"orientation", fmt.Sprint(i.Orientation)},
	}
	if i.Format == "raw" {
		fields = append(fields, [2]string{"read", "the largest JPEG preview in it, or where it has none, what LibRaw makes of its samples"})
	}
	if i.SeeThrough > 0 {
		shown := "shown on " + Ground(i.Ground)
		if i.Blank {
			shown = "blank: almost nothing of it is visible on " + Ground(i.Ground)
		}
		fields = append(fields, [2]string{"transparent", fmt.Sprintf("%.0f %% of its area; %s", 100*i.SeeThrough, shown)})
	}
	if i.Taken != "" {
		fields = append(fields, [2]string{"taken", strings.Replace(i.Taken, "T", " ", 1)})
	}
	fields = append(fields, metadataFields(i.Metadata)...)
	fields = append(fields, [2]string{"bytes", fmt.Sprint(i.Bytes)}, [2]string{"sha256", i.Hash})
	for _, f := range fields {
		if err := o.Linef("  %-11s  %s", f[0], f[1]); err != nil {
			return err
		}
	}
	return nil
}

// metadataFields are those that are known.
func metadataFields(m api.Metadata) (fields [][2]string) {
	add := func(name, value string) {
		if value != "" {
			fields = append(fields, [2]string{name, strings.Join(strings.Fields(value), " ")})
		}
	}
	add("camera", m.Camera)
	add("lens", m.Lens)
	if p := m.Position; p != nil {
		add("position", fmt.Sprintf("%.5f, %.5f", p.Latitude, p.Longitude))
	}
	switch {
	case m.Rating > 0:
		add("rating", fmt.Sprintf("%d of 5", m.Rating))
	case m.Rating < 0:
		add("rating", "rejected")
	}
	add("label", m.Label)
	add("title", m.Title)
	add("caption", m.Caption)
	add("keywords", strings.Join(m.Keywords, ", "))
	return fields
}

// VerifiedModel writes what of a model equals its reference, and by how much it may differ.
func (o *Output) VerifiedModel(v api.Verification) error {
	if err := o.Linef("%s in %s on %s, ONNX Runtime %s", v.Model, v.Precision, v.Device, v.Runtime); err != nil {
		return err
	}
	if err := o.Linef("reference: %s", referenceText(v.Model, v.Reference)); err != nil {
		return err
	}
	t := term.Table{Columns: []term.Column{
		{Header: ""}, {Header: "part"}, {Header: "of", Right: true}, {Header: "off by", Right: true}, {Header: "allowed", Right: true},
		{Header: "cosine", Right: true}, {Header: "allowed", Right: true}, {Header: ""},
	}}
	for _, p := range v.Parts {
		mark := "ok"
		if !p.OK {
			mark = "!!"
		}
		off, allowed, cosine, least := "", "", "", ""
		if p.Allowed > 0 {
			off, allowed = fmt.Sprintf("%.1e", p.Difference), fmt.Sprintf("%.0e", p.Allowed)
		}
		if p.LeastCosine > 0 {
			cosine, least = fmt.Sprintf("%.7f", p.Cosine), fmt.Sprint(p.LeastCosine)
		}
		t.Add(mark, p.Part, fmt.Sprint(p.Count), off, allowed, cosine, least, p.Found)
	}
	return t.Write(o.Screen)
}

func referenceText(model string, r api.ReferenceInfo) string {
	text := "part of akin"
	switch {
	case r.File == "":
	case r.SignedBy == "":
		text = r.File + ", not signed"
	case r.KeyMatches:
		text = fmt.Sprintf("%s, signed with your key %s", r.File, r.SignedBy)
	default:
		text = fmt.Sprintf("%s, signed with the key %s, which nobody vouches for without --key", r.File, r.SignedBy)
	}
	text += "; made by " + r.MadeBy
	if r.Model != model {
		text += ", for the model " + r.Model
	}
	if r.Repository != "" {
		text += fmt.Sprintf(" from %s at %s", r.Repository, r.Revision)
	}
	return text
}
