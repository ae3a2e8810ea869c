package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

func (s *Server) loginRoutes(routes huma.API) {
	add(s, routes, huma.Operation{
		OperationID: "login", Method: http.MethodPost, Path: "/login", Tags: []string{"Program"}, DefaultStatus: http.StatusNoContent,
		Summary: "Sign in a browser", Description: "Sets a session cookie. Programs send `Authorization: Bearer TOKEN` instead.",
	}, func(_ context.Context, in *struct {
		Body struct {
			Token string `json:"token" minLength:"1" maxLength:"1000"`
		}
	}) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(ctx huma.Context) {
			r, w := humago.Unwrap(ctx)
			if s.options.Token != "" {
				right, answered := s.tryToken(w, r, in.Body.Token)
				switch {
				case answered:
					return
				case !right:
					writeProblem(w, problem(http.StatusUnauthorized, "wrong token"))
					return
				}
				s.sessions.welcome(w, r)
			}
			w.WriteHeader(http.StatusNoContent)
		}}, nil
	})
}
