package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/source"
)

// indexJob is the job that indexes folders.
var indexJob = kindOf("Index folders, or refresh those indexed before: only new and changed pictures are embedded. The result is an IndexReport.", prepareIndex, api.IndexReport{})

func prepareIndex(s *Server, c *akin.Collection, o api.IndexRequest) (work, error) {
	for _, m := range o.Models {
		if !modelName.MatchString(m) {
			return nil, invalid{fmt.Errorf("invalid model name %.100q", m)}
		}
	}
	for _, p := range o.Paths {
		if err := s.mayIndex(p); err != nil {
			return nil, err
		}
	}
	return func(ctx context.Context, report func(api.Progress)) (any, error) {
		report(api.Progress{Step: "waiting for other writers"})
		unlock, err := s.collections.lock(ctx, c.Path())
		if err != nil {
			return nil, err
		}
		defer unlock()
		paths, err := indexPaths(ctx, c, o)
		if err != nil {
			return nil, err
		}
		options := s.options.Open
		if options.Models, err = indexModels(ctx, s, c, o); err != nil {
			return nil, err
		}
		if o.Precision != "" {
			options.Precision = o.Precision
		}
		// Opened anew, so that closing it frees the models' memory.
		own, err := akin.Open(ctx, c.Path(), options)
		if err != nil {
			return nil, err
		}
		defer own.Close()
		note := ""
		return own.Index(ctx, paths, api.IndexOptions{
			Include: o.Include, Exclude: o.Exclude, Prune: o.Prune, Archives: o.Archives, Frames: o.Frames, Pages: o.Pages, Parts: o.Parts, Regions: o.Regions, Within: s.within(o, paths),
			Problem: func(path string, err error) { note = path + ": " + err.Error() },
			Progress: func(p api.Progress) {
				p.Note = note
				if p.Step == api.StepFinding {
					p.Note, p.Total = fmt.Sprintf("%d new or changed so far", p.Total), 0
				}
				report(p)
			},
		})
	}, nil
}

// indexPaths returns the paths to index: those requested, or else those indexed before that exist.
func indexPaths(ctx context.Context, c *akin.Collection, o api.IndexRequest) ([]string, error) {
	if len(o.Paths) > 0 {
		return o.Paths, nil
	}
	folders, err := c.Folders(ctx)
	var paths []string
	for _, f := range folders {
		paths = append(paths, f.Path)
	}
	if err == nil && len(paths) == 0 {
		err = invalid{errors.New("no paths: nothing has been indexed yet")}
	}
	return paths, err
}

// indexModels returns the models to index with: those requested, or those that the server was started
// with, or the collection's that are installed, or none for the default model.
func indexModels(ctx context.Context, s *Server, c *akin.Collection, o api.IndexRequest) ([]string, error) {
	if len(o.Models) > 0 {
		return o.Models, nil
	}
	if len(s.options.Open.Models) > 0 {
		return s.options.Open.Models, nil
	}
	answers, err := c.Answers(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, m := range akin.Models(s.options.Open) {
		if m.Present && slices.Contains(answers.Models, m.Name) {
			names = append(names, m.Name)
		}
	}
	return names, nil
}

// within returns the folders that an index job may read; nil means any. Folders indexed before may be
// refreshed, but links in them lead nowhere else.
func (s *Server) within(o api.IndexRequest, paths []string) []string {
	if s.options.IndexUnder == nil {
		return nil
	}
	folders := append([]string{}, s.options.IndexUnder...)
	if len(o.Paths) > 0 {
		return folders // mayIndex has checked the paths
	}
	for _, p := range paths {
		if file := source.ContainerOf(p); file != "" {
			p = file
		}
		info, err := os.Stat(p)
		if err != nil {
			continue // an address, or a deleted file
		}
		if !info.IsDir() {
			p = filepath.Dir(p)
		}
		// The indexed folder may have been replaced by a link.
		if real, err := filepath.EvalSymlinks(p); err == nil && real == filepath.Clean(p) {
			folders = append(folders, p)
		}
	}
	return folders
}

// mayIndex reports as an error that clients may not index a path.
func (s *Server) mayIndex(path string) error {
	if source.IsAddress(path) {
		return nil // fetched under the same rules as addresses in queries
	}
	if !filepath.IsAbs(path) {
		return invalid{fmt.Errorf("index %s: expected an absolute path on the server's machine", path)}
	}
	if s.options.IndexUnder == nil {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return invalid{fmt.Errorf("index %s: no such file or folder", path)}
		}
		return nil
	}
	file := path
	if archive := source.ContainerOf(path); archive != "" {
		file = archive
	}
	real, err := filepath.EvalSymlinks(file)
	if err == nil {
		for _, root := range s.options.IndexUnder {
			if rest, err := filepath.Rel(root, real); err == nil && filepath.IsLocal(rest) {
				return nil
			}
		}
	}
	return huma.Error403Forbidden(fmt.Sprintf("index %s: it is not in a folder that this server may index", path))
}
