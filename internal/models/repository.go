package models

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/home"
	"github.com/akin-search/akin/internal/hub"
	"github.com/akin-search/akin/internal/model"
)

// pullRepository fetches a repository's checkpoint: whole, into the cache that Python
// shares; or of one that is mostly of no use to an embedding, the tensors that are,
// into the user's models.
func pullRepository(ctx context.Context, h *hub.Hub, repository string, o api.PullOptions) (place string, err error) {
	data, err := home.Dir(o.Home).Data()
	if err != nil {
		return "", err
	}
	place = filepath.Join(data, "models", modelFolder(repository))
	if h.Offline {
		if dir, ok := pulled(h, repository, place); ok {
			return dir, nil
		}
	}
	s, err := h.Look(ctx, repository)
	if err != nil {
		return "", err
	}
	files, err := checkpointFiles(repository, s.Names)
	if err != nil {
		return "", fmt.Errorf("pull %s: %w", repository, err)
	}
	if s.HasPart(place) {
		return place, nil
	}
	note := func(format string, args ...any) {
		if o.Note != nil {
			o.Note(fmt.Sprintf(format, args...))
		}
	}
	all, missing, err := s.Size(ctx, files.weights)
	if err != nil {
		return "", err
	}
	if missing > 0 {
		if s.Licence == "" {
			note("%s states no licence", repository)
		}
		name, licence := repository, s.Licence
		if spec, known := hosted(repository); known {
			name, licence = spec.Name, spec.Licence // before what the model card says
		}
		if err := accept(api.Licence{Model: name, Name: licence, Page: h.Page(repository)}, o); err != nil {
			return "", err
		}
	}
	if missing > 0 {
		r, err := recognize(ctx, s, files)
		if err != nil {
			return "", err
		}
		if r.Dim > 0 {
			note("%s is %s", repository, r)
		}
		part, need, err := r.part()
		if err != nil {
			return "", fmt.Errorf("pull %s: %w", repository, err)
		}
		if need > 0 && need < min(missing, all/3*2) {
			part.Dir = place
			note("%s: only the %.1f of %.1f GB that embeddings need, in %s", repository, float64(need)/1e9, float64(all)/1e9, place)
			if err = home.MakeData(home.Dir(o.Home)); err == nil {
				err = s.PullPart(ctx, part)
			}
			if err == nil {
				return place, nil
			}
		}
		if errors.Is(err, hub.ErrNoRanges) || r.whole {
			note("%s: %v: fetching all %.1f GB", repository, hub.ErrNoRanges, float64(all)/1e9)
		} else if err != nil {
			return "", err
		}
	}
	whole, err := s.Pull(ctx, slices.Concat(files.small, files.weights))
	if err != nil {
		return "", err
	}
	// An older part would be found first.
	return whole, hub.RemovePart(ctx, place)
}

// accept asks whether a model's weights may be fetched, if their licence restricts their use.
func accept(l api.Licence, o api.PullOptions) error {
	l.Terms = model.Terms(l.Name)
	if l.Terms == "" || o.Accept != nil && o.Accept(l) {
		return nil
	}
	return &LicenceError{l}
}

// pulled finds what an earlier pull left of a repository: a part in place, or what is in
// the cache.
func pulled(h *hub.Hub, repository, place string) (dir string, ok bool) {
	if of, ok := hub.IsPart(place); ok && of == repository {
		return place, true
	}
	dir, err := h.Find(repository)
	if err == nil {
		_, err = checkpoint.Find(dir)
	}
	return dir, err == nil
}
