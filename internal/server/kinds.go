package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

// collectionKinds are the kinds of jobs of a collection. The file of each feature has its own.
var collectionKinds = kinds{
	"index": indexJob, "eval": evaluateJob, "bias": biasJob, "disagree": disagreeJob, "context": contextJob,
	"probe": probeJob, "advise": adviceJob, "dupes": duplicatesJob, "parts": partsJob, "trash": trashJob, "restore": restoreJob, "map": mapJob, "verify": verifyJob,
}

// programKinds are the kinds of jobs that need no collection.
var programKinds = kinds{"pull": pullJob}

// work is what a job runs. It reports its progress and returns the job's result.
type work func(ctx context.Context, report func(api.Progress)) (any, error)

// kind is a kind of job.
type kind struct {
	about   string
	options reflect.Type
	results []reflect.Type      // the result has one of these types
	choices map[string][]string // of fields of the options that are lists: the values that are known
	prepare func(ctx context.Context, s *Server, collection string, options json.RawMessage) (work, error)
}

// kindOf returns a kind of job: its description, the function that checks its options of type O, and values
// of its result's types.
func kindOf[O any](about string, prepare func(s *Server, c *akin.Collection, o O) (work, error), results ...any) kind {
	var types []reflect.Type
	for _, r := range results {
		types = append(types, reflect.TypeOf(r))
	}
	return kind{about: about, options: reflect.TypeFor[O](), results: types, prepare: func(ctx context.Context, s *Server, collection string, options json.RawMessage) (work, error) {
		var o O
		if len(options) > 0 {
			if err := json.Unmarshal(options, &o); err != nil {
				return nil, invalid{err}
			}
		}
		var c *akin.Collection
		if collection != "" {
			var err error
			if c, err = s.collections.get(ctx, collection); err != nil {
				return nil, err
			}
		}
		return prepare(s, c, o)
	}}
}

// of returns the kind, whose option field is a list of some of the values. They come from the room that knows them, which a
// tag in package api cannot.
func (k kind) of(field string, values []string) kind {
	k.choices = maps.Clone(k.choices)
	if k.choices == nil {
		k.choices = map[string][]string{}
	}
	k.choices[field] = values
	return k
}

// kinds are several kinds of jobs, by name.
type kinds map[string]kind

// schema returns the schema of the requests that start such jobs.
func (ks kinds) schema(r huma.Registry) *huma.Schema {
	all := &huma.Schema{}
	for _, name := range slices.Sorted(maps.Keys(ks)) {
		k := ks[name]
		for _, t := range k.results {
			r.Schema(t, true, name+"Result") // the kind's description refers to it by name
		}
		required := []string{"kind"}
		options := r.Schema(k.options, true, name+"Options")
		described := r.SchemaFromRef(options.Ref)
		for field, values := range k.choices {
			list, most := described.Properties[field], len(values)
			list.MaxItems, list.Items.Enum = &most, nil
			for _, v := range values {
				list.Items.Enum = append(list.Items.Enum, v)
			}
			list.PrecomputeMessages()
		}
		if len(described.Required) > 0 {
			required = append(required, "options")
		}
		all.OneOf = append(all.OneOf, &huma.Schema{
			Type: "object", Title: name, Description: k.about, Required: required, AdditionalProperties: false,
			Properties: map[string]*huma.Schema{
				"kind":    {Type: "string", Enum: []any{name}},
				"options": options,
			},
		})
	}
	return all
}

// takesJob lets an operation accept requests for such jobs.
func takesJob(routes huma.API, ks kinds, op huma.Operation) huma.Operation {
	op.SkipValidateBody = true // read validates by the kind's own schema, for clearer errors
	op.MaxBodyBytes = 16 << 20
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/json": {Schema: ks.schema(routes.OpenAPI().Components.Schemas)},
	}}
	op.Responses = map[string]*huma.Response{"200": {
		Description: "The job has ended",
		Content:     map[string]*huma.MediaType{"application/json": {Schema: routes.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[api.Job](), true, "Job")}},
	}}
	op.DefaultStatus = http.StatusCreated
	return op
}

// read checks a request for a job.
func (ks kinds) read(routes huma.API, body []byte) (name string, k kind, options json.RawMessage, err error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return "", k, nil, problem(http.StatusBadRequest, "the body is not a JSON object: "+err.Error())
	}
	known := slices.Sorted(maps.Keys(ks))
	if err := json.Unmarshal(fields["kind"], &name); err != nil || ks[name].prepare == nil {
		return "", k, nil, invalid{fmt.Errorf("unknown kind %.40s: expected one of %s", fields["kind"], strings.Join(known, ", "))}
	}
	for field := range fields {
		if field != "kind" && field != "options" {
			return "", k, nil, invalid{fmt.Errorf("unknown field %.40q: expected kind and options", field)}
		}
	}
	k, options = ks[name], fields["options"]
	if len(options) == 0 {
		return name, k, nil, nil
	}
	var value any
	if err := json.Unmarshal(options, &value); err != nil {
		return "", k, nil, invalid{err}
	}
	if holdsNull(value) {
		return "", k, nil, invalid{errors.New("null is not allowed in options: omit the field")}
	}
	registry, result := routes.OpenAPI().Components.Schemas, &huma.ValidateResult{}
	path := huma.NewPathBuffer([]byte{}, 0)
	path.Push("body")
	path.Push("options")
	huma.Validate(registry, registry.Schema(k.options, true, name+"Options"), path, huma.ModeWriteToServer, value, result)
	if len(result.Errors) > 0 {
		p := problem(http.StatusUnprocessableEntity, "validation failed")
		for _, e := range result.Errors {
			p.Add(short(e))
		}
		p.Detail += listed(p.Errors)
		return "", k, nil, p
	}
	return name, k, options, nil
}

// holdsNull reports whether a value is null or contains null.
func holdsNull(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case map[string]any:
		for _, of := range v {
			if holdsNull(of) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, holdsNull)
	}
	return false
}

// counter returns a function that reports the progress of one step.
func counter(report func(api.Progress), step string) func(done, total int) {
	return func(done, total int) { report(api.Progress{Step: step, Done: done, Total: total}) }
}
