package server

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// loginPause makes guessing slow.
const loginPause = time.Second

func (s *Server) loginRoutes(api huma.API) {
	add(s, api, huma.Operation{
		OperationID: "login", Method: http.MethodPost, Path: "/login", Tags: []string{"Program"}, DefaultStatus: http.StatusNoContent,
		Summary: "Let a browser in", Description: "Answers with a cookie for the token. Programs send `Authorization: Bearer TOKEN` instead.",
	}, func(ctx context.Context, in *struct {
		Body struct {
			Token string `json:"token" minLength:"1" maxLength:"1000"`
		}
	}) (*huma.StreamResponse, error) {
		if s.options.Token != "" && !s.isToken(in.Body.Token) {
			leave, err := s.guessing.enter(ctx)
			if err != nil {
				return nil, err
			}
			defer leave()
			select {
			case <-time.After(loginPause):
			case <-ctx.Done():
			}
			return nil, problem(http.StatusUnauthorized, "that is not the token of this server")
		}
		return &huma.StreamResponse{Body: func(ctx huma.Context) {
			r, w := humago.Unwrap(ctx)
			if s.options.Token != "" {
				s.welcome(w, r)
			}
			w.WriteHeader(http.StatusNoContent)
		}}, nil
	})
}
