package server

import (
	"context"
	"net/http"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/akin-search/akin/internal/disk"
)

// base is the path of the API.
const base = "/api/v1"

// newAPI registers all operations.
func (s *Server) newAPI(mux *http.ServeMux) huma.API {
	config := huma.DefaultConfig("akin", s.options.Version)
	config.Info.Description = "Finds pictures that look alike, and shows what \"alike\" means to each vision model."
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", "" // docs.go serves them
	config.CreateHooks = nil                                             // no $schema in answers
	config.Servers = []*huma.Server{{URL: "." + base}}                   // relative, so that it holds behind a proxy's prefix
	config.RejectUnknownQueryParameters = true
	routes := humago.NewWithPrefix(mux, base, config)
	s.collectionRoutes(routes)
	s.pictureRoutes(routes)
	s.uploadRoutes(routes)
	s.folderRoutes(routes)
	s.addRoutes(routes)
	s.searchRoutes(routes)
	s.compareRoutes(routes)
	s.disagreeRoutes(routes)
	s.explainRoutes(routes)
	s.matchRoutes(routes)
	s.mapRoutes(routes)
	s.selectionRoutes(routes)
	s.jobRoutes(routes)
	s.tagRoutes(routes)
	s.reviewRoutes(routes)
	s.exportRoutes(routes)
	s.modelRoutes(routes)
	s.loginRoutes(routes)
	return routes
}

// add registers an operation. It bounds the operation's time and turns its errors into problems.
func add[I, O any](s *Server, routes huma.API, op huma.Operation, handler func(context.Context, *I) (*O, error)) {
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	op.Responses["default"] = &huma.Response{Description: "An error (RFC 9457)", Content: map[string]*huma.MediaType{
		"application/problem+json": {Schema: routes.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[huma.ErrorModel](), true, "")},
	}}
	huma.Register(routes, op, func(ctx context.Context, in *I) (*O, error) {
		ctx, cancel := context.WithTimeout(ctx, s.options.Limits.Request)
		defer cancel()
		answer := func() (out *O, err error) {
			defer disk.Catch(&err)()
			return handler(ctx, in)
		}
		out, err := answer()
		if noHandles(err) {
			s.collections.rest()
			if op.Method == http.MethodGet && ctx.Err() == nil {
				out, err = answer() // with the handles that were given back
			}
		}
		if err == nil {
			return out, nil
		}
		p := problemOf(err)
		if p.Status >= http.StatusInternalServerError {
			s.log.Error("request failed", "operation", op.OperationID, "error", err)
		}
		if p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable {
			return nil, huma.ErrorWithHeaders(p, http.Header{"Retry-After": {"1"}})
		}
		return nil, p
	})
}

// noEmptyChoice rejects "size=" and "format=": huma takes an empty value for an omitted one.
func noEmptyChoice(ctx huma.Context, next func(huma.Context)) {
	u := ctx.URL()
	for name, values := range u.Query() {
		if (name == "size" || name == "format") && slices.Contains(values, "") {
			_, w := humago.Unwrap(ctx)
			writeProblem(w, problem(http.StatusUnprocessableEntity, name+" must not be empty"))
			return
		}
	}
	next(ctx)
}

// returns declares the media types of an operation's answer.
func returns(op huma.Operation, kinds ...string) huma.Operation {
	content := map[string]*huma.MediaType{}
	for _, kind := range kinds {
		content[kind] = &huma.MediaType{}
		if kind != "text/event-stream" {
			content[kind].Schema = &huma.Schema{Type: "string", Format: "binary"}
		}
	}
	op.Middlewares = append(op.Middlewares, noEmptyChoice)
	op.Responses = map[string]*huma.Response{
		"200": {Description: "OK", Content: content},
		"304": {Description: "Not modified"},
	}
	return op
}
