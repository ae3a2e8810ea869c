package server

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// docs serves the API's description, as OpenAPI and as a page.
type docs struct {
	openapi, page pageFile
}

//go:embed docs.html
var docsTemplate string

//go:embed docs.css
var docsStyle string

func newDocs(routes huma.API) (*docs, error) {
	described, err := json.Marshal(routes.OpenAPI())
	if err != nil {
		return nil, err
	}
	t, err := template.New("docs").Parse(docsTemplate)
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	if err := t.Execute(&page, describe(routes.OpenAPI())); err != nil {
		return nil, err
	}
	return &docs{newPageFile(described), newPageFile(page.Bytes())}, nil
}

func (d *docs) routes(mux *http.ServeMux) {
	serve := func(path, kind string, f pageFile) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", kind)
			f.serve(w, r, "no-cache")
		})
	}
	serve("/openapi.json", "application/openapi+json", d.openapi)
	serve("/docs", "text/html; charset=utf-8", d.page)
	serve("/docs.css", "text/css; charset=utf-8", newPageFile([]byte(docsStyle)))
}

// described is the API as the page of docs.html shows it.
type described struct {
	Title, Version, About string
	Groups                []describedGroup
	Types                 []describedType
}

type describedGroup struct {
	Name       string
	Operations []describedOperation
}

type describedOperation struct {
	ID, Method, Path, Summary, About string
	Parameters                       []describedField
	Takes, Gives                     []describedBody
}

// describedBody is a body of one media type: a type, its variants, or a file.
type describedBody struct {
	Kind     string
	Type     template.HTML
	Variants []describedVariant
}

type describedVariant struct {
	Name, About string
	Type        template.HTML
}

type describedType struct {
	Name   string
	Fields []describedField
}

type describedField struct {
	Name     string
	In       string // of a parameter: "path", "query"
	Type     template.HTML
	Required bool
	About    string
}

func describe(o *huma.OpenAPI) described {
	d := described{Title: o.Info.Title, Version: o.Info.Version, About: o.Info.Description}
	groups := map[string]*describedGroup{}
	var order []string
	for _, path := range slices.Sorted(maps.Keys(o.Paths)) {
		item := o.Paths[path]
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			name := op.Tags[0]
			if groups[name] == nil {
				groups[name] = &describedGroup{Name: name}
				order = append(order, name)
			}
			groups[name].Operations = append(groups[name].Operations, describeOperation(path, op))
		}
	}
	rank := []string{"Search", "Collections", "Pictures", "Uploads", "Jobs", "Program"}
	slices.SortStableFunc(order, func(a, b string) int { return cmp.Compare(slices.Index(rank, a), slices.Index(rank, b)) })
	for _, name := range order {
		d.Groups = append(d.Groups, *groups[name])
	}
	types := o.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(types)) {
		d.Types = append(d.Types, describedType{name, describeFields(types[name])})
	}
	return d
}

func describeOperation(path string, op *huma.Operation) describedOperation {
	d := describedOperation{ID: op.OperationID, Method: op.Method, Path: base + path, Summary: op.Summary, About: op.Description}
	for _, p := range op.Parameters {
		about := p.Description
		if p.Schema != nil {
			about = strings.TrimSpace(about + " " + limits(p.Schema))
		}
		d.Parameters = append(d.Parameters, describedField{p.Name, p.In, typeOf(p.Schema), p.Required, about})
	}
	if op.RequestBody != nil {
		d.Takes = describeBodies(op.RequestBody.Content)
	}
	for _, status := range []string{"200", "201"} {
		if r := op.Responses[status]; r != nil && len(r.Content) > 0 {
			d.Gives = describeBodies(r.Content)
		}
	}
	return d
}

func describeBodies(content map[string]*huma.MediaType) (out []describedBody) {
	for _, kind := range slices.Sorted(maps.Keys(content)) {
		b := describedBody{Kind: kind}
		if s := content[kind].Schema; s != nil && len(s.OneOf) > 0 {
			for _, one := range s.OneOf {
				b.Variants = append(b.Variants, describedVariant{one.Title, one.Description, typeOf(one.Properties["options"])})
			}
		} else {
			b.Type = typeOf(s)
		}
		out = append(out, b)
	}
	return out
}

func describeFields(s *huma.Schema) (out []describedField) {
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		out = append(out, describedField{Name: name, Type: typeOf(p), Required: slices.Contains(s.Required, name), About: strings.TrimSpace(p.Description + " " + limits(p))})
	}
	return out
}

// typeOf returns a schema in a word or two, with a link to the type.
func typeOf(s *huma.Schema) template.HTML {
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		name := s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
		return template.HTML(fmt.Sprintf(`<a href="#%[1]s">%[1]s</a>`, template.HTMLEscapeString(name)))
	case s.Type == "array" && s.Items != nil:
		return "list of " + typeOf(s.Items)
	case s.Format == "binary":
		return "file"
	case s.Type == "object" && len(s.Properties) > 0:
		var fields []string
		for _, f := range describeFields(s) {
			fields = append(fields, "<code>"+template.HTMLEscapeString(f.Name)+"</code>: "+string(f.Type))
		}
		return template.HTML("{ " + strings.Join(fields, ", ") + " }")
	case s.Type == "object":
		if of, ok := s.AdditionalProperties.(*huma.Schema); ok {
			return "by name: " + typeOf(of)
		}
		return "object"
	case s.Type == "":
		return "anything"
	}
	return template.HTML(template.HTMLEscapeString(s.Type))
}

// limits returns the constraints of a value as text.
func limits(s *huma.Schema) string {
	var out []string
	if len(s.Enum) > 0 {
		var values []string
		for _, v := range s.Enum {
			values = append(values, fmt.Sprint(v))
		}
		out = append(out, "One of "+strings.Join(values, ", ")+".")
	}
	if s.Minimum != nil && s.Maximum != nil {
		out = append(out, fmt.Sprintf("%g to %g.", *s.Minimum, *s.Maximum))
	}
	if s.Default != nil {
		out = append(out, fmt.Sprintf("%v if not given.", s.Default))
	}
	return strings.Join(out, " ")
}
