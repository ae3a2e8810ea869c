package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

// CollectionPath is the collection of an operation.
type CollectionPath struct {
	Collection string `path:"collection" doc:"The collection's name" example:"default"`
}

type collectionOutput struct{ Body api.CollectionInfo }

func (s *Server) collectionRoutes(routes huma.API) {
	add(s, routes, tagged(huma.Operation{
		OperationID: "list-collections", Method: http.MethodGet, Path: "/collections", Tags: []string{"Collections"},
		Summary: "List the collections", Description: "A collection that cannot be read has only a `name` and an `error`.",
	}), s.listCollections)
	add(s, routes, huma.Operation{
		OperationID: "create-collection", Method: http.MethodPost, Path: "/collections", Tags: []string{"Collections"},
		Summary: "Create a collection", Description: "Creates an empty collection, or returns the existing one of that name.",
	}, func(ctx context.Context, in *struct {
		Body struct {
			Name string `json:"name" pattern:"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$" example:"shop"`
		}
	}) (*collectionOutput, error) {
		if _, err := s.collections.create(ctx, in.Body.Name); err != nil {
			return nil, err
		}
		info, err := s.collectionInfo(ctx, in.Body.Name)
		return &collectionOutput{info}, err
	})
	add(s, routes, tagged(huma.Operation{
		OperationID: "get-collection", Method: http.MethodGet, Path: "/collections/{collection}", Tags: []string{"Collections"},
		Summary: "Describe a collection",
	}), func(ctx context.Context, in *CollectionPath) (*collectionOutput, error) {
		info, err := s.collectionInfo(ctx, in.Collection)
		return &collectionOutput{info}, err
	})
	add(s, routes, huma.Operation{
		OperationID: "rename-collection", Method: http.MethodPatch, Path: "/collections/{collection}", Tags: []string{"Collections"},
		Summary: "Rename a collection", Description: "Fails with 409 while a job works on it.",
	}, func(ctx context.Context, in *struct {
		CollectionPath
		Body api.CollectionName
	}) (*collectionOutput, error) {
		err := s.moveCollection(ctx, in.Collection, func() error {
			return akin.RenameCollection(in.Collection, in.Body.Name, s.options.Open)
		})
		if err != nil {
			return nil, err
		}
		info, err := s.collectionInfo(ctx, in.Body.Name)
		return &collectionOutput{info}, err
	})
	add(s, routes, huma.Operation{
		OperationID: "remove-collection", Method: http.MethodDelete, Path: "/collections/{collection}", Tags: []string{"Collections"},
		Summary: "Remove a collection", Description: "Moves it aside, so that it can be restored; pictures' files stay where they are. Fails with 409 while a job works on it.",
	}, func(ctx context.Context, in *CollectionPath) (*struct{ Body api.RemovedCollection }, error) {
		out := &struct{ Body api.RemovedCollection }{}
		err := s.moveCollection(ctx, in.Collection, func() (err error) {
			out.Body.Removed, out.Body.Folder, err = akin.RemoveCollection(in.Collection, s.options.Open)
			return err
		})
		if err != nil {
			return nil, err
		}
		return out, nil
	})
	add(s, routes, huma.Operation{
		OperationID: "restore-collection", Method: http.MethodPost, Path: "/removed/{removed}", Tags: []string{"Collections"},
		Summary: "Restore a removed collection",
	}, func(ctx context.Context, in *struct {
		Removed string `path:"removed" doc:"What it is called among the removed collections" example:"shop"`
		Body    api.CollectionName
	}) (*collectionOutput, error) {
		err := s.collections.move(ctx, in.Body.Name, func() error {
			return akin.RestoreCollection(in.Removed, in.Body.Name, s.options.Open)
		})
		if err != nil {
			return nil, err
		}
		info, err := s.collectionInfo(ctx, in.Body.Name)
		return &collectionOutput{info}, err
	})
	add(s, routes, huma.Operation{
		OperationID: "drop-space", Method: http.MethodDelete, Path: "/collections/{collection}/spaces", Tags: []string{"Collections"},
		Summary: "Remove the embeddings of a model", Description: "The pictures stay, and so do the embeddings of other models.",
	}, s.dropSpace)
}

// collectionsOutput is the answer to list-collections. It is an alias, so that the description names it by the operation.
type collectionsOutput = struct {
	Body struct {
		Collections []api.CollectionInfo `json:"collections"`
	}
}

func (s *Server) listCollections(ctx context.Context, _ *struct{}) (*collectionsOutput, error) {
	out := &collectionsOutput{}
	out.Body.Collections = []api.CollectionInfo{}
	names, err := s.collections.names()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		info, err := s.collectionInfo(ctx, name)
		if noHandles(err) {
			s.collections.rest()
			info, err = s.collectionInfo(ctx, name)
		}
		switch {
		case noHandles(err) || errors.Is(err, errShuttingDown) || ctx.Err() != nil:
			return nil, err // it concerns all collections
		case errors.Is(err, akin.ErrNoCollection):
			continue // deleted meanwhile
		case err != nil: // a damaged collection does not hide the others
			info = api.UnreadableCollection(name, err)
		}
		out.Body.Collections = append(out.Body.Collections, info)
	}
	return out, nil
}

// spaceInput is the space that drop-space removes.
type spaceInput struct {
	CollectionPath
	Model       string `query:"model" required:"true" minLength:"1" doc:"The model"`
	Fingerprint string `query:"fingerprint" doc:"The first digits of its fingerprint, where the model has several spaces"`
}

func (s *Server) dropSpace(ctx context.Context, in *spaceInput) (*struct{ Body api.SpaceInfo }, error) {
	c, err := s.collections.get(ctx, in.Collection)
	if err != nil {
		return nil, err
	}
	unlock, err := s.collections.lock(ctx, c.Path())
	if err != nil {
		return nil, err
	}
	defer unlock()
	dropped, err := c.Drop(ctx, in.Model, in.Fingerprint)
	return &struct{ Body api.SpaceInfo }{dropped}, err
}

// moveCollection moves the folder of a collection that no job works on.
func (s *Server) moveCollection(ctx context.Context, name string, f func() error) error {
	for _, j := range s.jobs.list() {
		if j.Collection == name && j.Finished == nil {
			return huma.Error409Conflict(fmt.Sprintf("a job (%s) works on the collection %s; wait for its end, or cancel it", j.Kind, name))
		}
	}
	return s.collections.move(ctx, name, f)
}

func (s *Server) collectionInfo(ctx context.Context, name string) (api.CollectionInfo, error) {
	c, err := s.collections.get(ctx, name)
	if err != nil {
		return api.CollectionInfo{}, err
	}
	return c.Describe(ctx, name)
}
