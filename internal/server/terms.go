package server

import (
	"fmt"
	"math"
	"strings"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/client"
)

// query makes a query of terms. heavy says that a picture must be decoded or a network run.
func (s *Server) query(terms []client.SearchTerm) (q api.Query, heavy bool, err error) {
	if len(terms) == 0 {
		return nil, false, invalid{fmt.Errorf("the query is empty: name a picture, an upload, an address or words")}
	}
	for i, t := range terms {
		one, runs, err := s.term(t)
		if err != nil {
			return nil, false, fmt.Errorf("term %d of the query: %w", i+1, err)
		}
		q, heavy = q.Plus(one), heavy || runs
	}
	return q, heavy, nil
}

func (s *Server) term(t client.SearchTerm) (q api.Query, heavy bool, err error) {
	given := 0
	for _, field := range []string{t.Picture, t.Upload, t.URL, t.Text} {
		if strings.TrimSpace(field) != "" {
			given++
		}
	}
	if given != 1 {
		return nil, false, invalid{fmt.Errorf("it must have one of picture, upload, url and text, and has %d", given)}
	}
	switch {
	case t.Picture != "":
		q = akin.Indexed(t.Picture)
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
			return nil, false, invalid{fmt.Errorf("a weight is a number other than 0")}
		}
		q = q.Times(*t.Weight)
	}
	if t.Crop != nil {
		if t.Text != "" {
			return nil, false, invalid{fmt.Errorf("words have no region to crop")}
		}
		if err := t.Crop.Check(); err != nil {
			return nil, false, invalid{err}
		}
		q, heavy = q.Cropped(*t.Crop), true
	}
	return q, heavy, nil
}

// parseTerm reads the command line's small grammar: a name, an address or text:WORDS,
// with a leading "-" to subtract it, and "2:" to weigh it; and upload:ID.
func parseTerm(text string) (t client.SearchTerm) {
	weight := 1.0
	rest, minus := strings.CutPrefix(text, "-")
	if minus {
		weight = -1
	}
	if head, tail, ok := strings.Cut(rest, ":"); ok {
		var w float64
		if _, err := fmt.Sscanf(head+"\n", "%g\n", &w); err == nil {
			weight, rest = weight*w, tail
		}
	}
	t.Weight = &weight
	if words, ok := strings.CutPrefix(rest, "text:"); ok {
		t.Text = words
	} else if id, ok := strings.CutPrefix(rest, "upload:"); ok {
		t.Upload = id
	} else if strings.HasPrefix(rest, "http://") || strings.HasPrefix(rest, "https://") {
		t.URL = rest
	} else {
		t.Picture = rest
	}
	return t
}
