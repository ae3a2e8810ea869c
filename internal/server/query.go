package server

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

// query returns the query of terms. heavy reports that it decodes a picture or runs a model.
func (s *Server) query(ctx context.Context, c *akin.Collection, terms []api.SearchTerm) (q api.Query, heavy bool, err error) {
	if len(terms) == 0 {
		return nil, false, invalid{errors.New("empty query")}
	}
	for i, t := range terms {
		one, runs, err := s.term(ctx, c, t)
		if err != nil {
			return nil, false, fmt.Errorf("term %d: %w", i+1, err)
		}
		q, heavy = q.Plus(one), heavy || runs
	}
	return q, heavy, nil
}

func (s *Server) term(ctx context.Context, c *akin.Collection, t api.SearchTerm) (q api.Query, heavy bool, err error) {
	given := 0
	for _, field := range []string{t.Picture, t.Selection, t.Upload, t.URL, t.Text} {
		if strings.TrimSpace(field) != "" {
			given++
		}
	}
	if given != 1 {
		return nil, false, invalid{fmt.Errorf("expected exactly one of picture, selection, upload, url and text, got %d", given)}
	}
	switch {
	case t.Picture != "":
		q = akin.Indexed(t.Picture)
	case t.Selection != "":
		names, err := c.Selection(ctx, t.Selection)
		if err != nil {
			return nil, false, err
		}
		q = akin.MeanOf(names...)
	case t.URL != "":
		q, heavy = akin.Address(t.URL), true
	case t.Text != "":
		q, heavy = akin.Text(t.Text), true
	default:
		up, err := s.uploads.get(t.Upload)
		if err != nil {
			return nil, false, err
		}
		q, heavy = akin.LikeBytes(up.name, up.data), true
	}
	if t.Weight != nil {
		if *t.Weight == 0 || math.IsInf(*t.Weight, 0) || math.IsNaN(*t.Weight) {
			return nil, false, invalid{errors.New("weight must be a finite number other than 0")}
		}
		q = q.Times(*t.Weight)
	}
	if t.Crop != nil {
		if t.Text != "" {
			return nil, false, invalid{errors.New("a text cannot be cropped")}
		}
		if err := t.Crop.Check(); err != nil {
			return nil, false, invalid{err}
		}
		q, heavy = q.Cropped(*t.Crop), true
	}
	return q, heavy, nil
}

// parseQuery parses the query of a URL; see api.ParseQuery.
func parseQuery(words []string) ([]api.SearchTerm, error) {
	parsed, err := api.ParseQuery(words)
	if err != nil {
		return nil, err
	}
	terms := make([]api.SearchTerm, len(parsed))
	for i, t := range parsed {
		terms[i] = t.SearchTerm()
	}
	return terms, nil
}

func filter(f *api.Filter) (api.Filter, error) {
	if f == nil {
		return api.Filter{}, nil
	}
	if err := akin.CheckFilter(*f); err != nil {
		return *f, invalid{err}
	}
	return *f, nil
}
