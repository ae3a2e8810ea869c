package render

import (
	"encoding"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/akin-search/akin/internal/record"
)

// Template writes documents as a text/template says. Their fields have the names that they have in JSON; one that JSON
// leaves out is empty.
type Template struct {
	t   *template.Template
	end string
}

// IsTemplate reports whether a format is a template rather than the name of one.
func IsTemplate(format string) bool { return strings.Contains(format, "{{") }

// ParseTemplate reads a template. Outside its actions, \t is a tab and \n a new line, which shells do not write easily.
// Each document ends with a new line or a zero byte.
func ParseTemplate(text string, zero bool) (*Template, error) {
	t, err := template.New("").Option("missingkey=error").Funcs(template.FuncMap{"json": jsonText, "join": join}).Parse(unescaped(text))
	if err != nil {
		return nil, fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "template: :"))
	}
	return &Template{t, lineEnd(zero)}, nil
}

// Templated returns what writes each document of an answer through a template.
func (o *Output) Templated(t *Template) func(document any) error {
	return func(document any) error {
		fields := fieldsOf(reflect.ValueOf(document))
		var b strings.Builder
		if err := t.t.Execute(&b, fields); err != nil {
			return templateError(err, fields)
		}
		_, err := io.WriteString(o.Data, b.String()+t.end)
		return err
	}
}

// JSONLines writes each document of an answer as JSON, a line each.
func (o *Output) JSONLines() func(document any) error { return o.encoder().Encode }

var unknownField = regexp.MustCompile(`map has no entry for key "([^"]*)"`)

// templateError says which fields there are where a template names another one.
func templateError(err error, fields any) error {
	m := unknownField.FindStringSubmatch(err.Error())
	all, isMap := fields.(map[string]any)
	if m == nil || !isMap {
		return fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "template: :"))
	}
	names := slices.Sorted(maps.Keys(all))
	meant := ""
	if near := record.Closest(m[1], slices.Values(names)); len(near) > 0 {
		meant = "; did you mean " + near[0] + "?"
	}
	return fmt.Errorf("there is no field %s%s (the fields: %s)", m[1], meant, strings.Join(names, ", "))
}

var escapes = strings.NewReplacer(`\t`, "\t", `\n`, "\n", `\\`, `\`)

// unescaped replaces escapes outside of actions.
func unescaped(text string) string {
	var b strings.Builder
	for {
		plain, rest, more := strings.Cut(text, "{{")
		b.WriteString(escapes.Replace(plain))
		if !more {
			return b.String()
		}
		action, after, closed := strings.Cut(rest, "}}")
		b.WriteString("{{" + action)
		if closed {
			b.WriteString("}}")
		}
		text = after
	}
}

// fieldsOf returns a value as encoding/json would write it, with what it would leave out as "".
func fieldsOf(v reflect.Value) any {
	if !v.IsValid() {
		return ""
	}
	switch v.Interface().(type) {
	case json.Marshaler, encoding.TextMarshaler, []byte:
		return v.Interface()
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return fieldsOf(v.Elem())
	case reflect.Struct:
		all := map[string]any{}
		addFields(all, v)
		return all
	case reflect.Slice, reflect.Array:
		all := make([]any, v.Len())
		for i := range all {
			all[i] = fieldsOf(v.Index(i))
		}
		return all
	case reflect.String:
		return v.String()
	}
	return v.Interface()
}

func addFields(all map[string]any, v reflect.Value) {
	for i := range v.NumField() {
		f, value := v.Type().Field(i), v.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" {
			continue
		}
		if name == "" && !f.Anonymous {
			name = f.Name
		}
		switch {
		case f.Anonymous && name == "" && value.Kind() == reflect.Struct:
			addFields(all, value)
		case strings.Contains(options, "omitempty") && (value.IsZero() || value.Kind() == reflect.Slice && value.Len() == 0):
			all[name] = ""
		default:
			all[name] = fieldsOf(value)
		}
	}
}

func jsonText(v any) (string, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// join puts a text between the values of a list; "" stands for a list that was left out.
func join(between string, list any) (string, error) {
	all, ok := list.([]any)
	if !ok && list != "" {
		return "", fmt.Errorf("join: %v is not a list", list)
	}
	texts := make([]string, len(all))
	for i, v := range all {
		texts[i] = fmt.Sprint(v)
	}
	return strings.Join(texts, between), nil
}
