package models

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/hub"
	"github.com/akin-search/akin/internal/model"
)

// recognized is what the small files of a repository, and the lists of tensors in its weights, tell of it. Dim is
// 0 if its weights have no such list, or the server sends whole files only.
type recognized struct {
	model.Needed
	file   string   // of the weights, or their index
	beside []string // small files without the index
	whole  bool     // the server sends whole files only
}

func (r recognized) String() string {
	text := ""
	if r.Text {
		text = ", reads text"
	}
	return fmt.Sprintf("%s: %d dimensions, input %d x %d, %.1f million parameters%s", r.Name, r.Dim, r.InputWidth, r.InputHeight, float64(r.Params)/1e6, text)
}

// UnbuildableError reports that a repository has weights, and that akin cannot build their network. Err says why.
type UnbuildableError struct {
	Repository string
	ONNX       []string // the paths of its ONNX files, which can be added as models
	Err        error
}

func (e *UnbuildableError) Error() string {
	return fmt.Sprintf("pull %s: %v", e.Repository, e.Err)
}

func (e *UnbuildableError) Unwrap() error { return e.Err }

// recognize finds out what a repository is before its weights are fetched. Errors: UnbuildableError, and those of
// the hub.
func recognize(ctx context.Context, s *hub.Snapshot, files repositoryFiles) (r recognized, err error) {
	unbuildable := func(err error) (recognized, error) {
		return r, &UnbuildableError{s.Repository, noCheckpoint(s.Repository, s.Names).ONNX, err}
	}
	var index []byte
	r.file = files.weights[0]
	for _, f := range files.small {
		if checkpoint.IsIndex(f) {
			if index, err = s.Read(ctx, f); err != nil {
				return r, err
			}
			r.file = f
			continue // a folder with an index that leads nowhere is no checkpoint
		}
		r.beside = append(r.beside, f)
	}
	dir, err := s.Fetch(ctx, r.beside)
	if err != nil {
		return r, err
	}
	if err := model.CheckDescription(dir); err != nil {
		return unbuildable(err)
	}
	c, err := checkpoint.ReadHeaders(r.file, index, func(shard string) (io.ReaderAt, int64, error) { return s.Open(ctx, shard) })
	switch {
	case errors.Is(err, hub.ErrNoRanges):
		r.whole = true
		return r, nil
	case errors.Is(err, checkpoint.ErrNoHeader):
		return r, nil
	case errors.Is(err, checkpoint.ErrCorrupt):
		return unbuildable(err)
	case err != nil:
		return r, fmt.Errorf("pull %s: %w", s.Repository, err)
	}
	if r.Needed, err = model.Needs(dir, c); err != nil {
		return unbuildable(err)
	}
	return r, nil
}

// part returns the part of the weights that embeddings need, and how many bytes it has: 0 if it is not known where
// in its files it lies.
func (r recognized) part() (p hub.Part, need int64, err error) {
	if !strings.HasSuffix(checkpoint.Whole(r.file), ".safetensors") || r.Dim == 0 {
		return p, 0, nil
	}
	head, order, err := checkpoint.Part(r.Tensors)
	if err != nil {
		return p, 0, err
	}
	p = hub.Part{File: checkpoint.Whole(r.file), Head: head, Beside: r.beside}
	for _, t := range order {
		p.Pieces = append(p.Pieces, hub.Piece{Name: t.File, Offset: t.Offset, Length: t.Length})
		need += t.Length
	}
	return p, need, nil
}
