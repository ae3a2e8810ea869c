package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

// errNoTrash rejects requests to move files on a server that was not started for it.
var errNoTrash = errors.New("this server moves no files")

// trashJob is the job that moves duplicates to the trash.
var trashJob = kindOf("Move duplicates to the trash of the server's user, as `akin dupes --trash` does; the server must be started with `--allow-trash`. Each file is read again first, and no file is deleted. The result is a RemoveReport.", prepareTrash, api.RemoveReport{})

func prepareTrash(s *Server, c *akin.Collection, o api.TrashRequest) (work, error) {
	if !s.options.AllowTrash {
		return nil, errNoTrash
	}
	found, err := s.foundDuplicates(c, o.Found)
	if err != nil {
		return nil, err
	}
	groups, err := akin.DuplicateMoves(found, o.Moves)
	if err != nil {
		return nil, err
	}
	return s.writing(c, func(ctx context.Context, report func(api.Progress)) (any, error) {
		return c.RemoveDuplicates(ctx, groups, api.RemoveOptions{DryRun: o.DryRun, Progress: counter(report, "moving")})
	}), nil
}

// foundDuplicates returns what a dupes job of a collection has found.
func (s *Server) foundDuplicates(c *akin.Collection, id string) (found api.Duplicates, err error) {
	j, err := s.jobs.get(id)
	if err != nil {
		return found, err
	}
	now := j.state()
	of, err := s.collections.get(s.jobs.ctx, now.Collection)
	if now.Kind != "dupes" || now.State != api.JobDone || err != nil || of.Path() != c.Path() {
		return found, invalid{fmt.Errorf("job %.64q has found no duplicates in this collection", id)}
	}
	return found, json.Unmarshal(now.Result, &found)
}

// restoreJob is the job that puts files back.
var restoreJob = kindOf("Put files back that a trash job or `akin dupes` moved; the server must be started with `--allow-trash`. The result is a RestoreReport. An index job adds them to the collection again.", prepareRestore, api.RestoreReport{})

func prepareRestore(s *Server, c *akin.Collection, o api.RestoreRequest) (work, error) {
	if !s.options.AllowTrash {
		return nil, errNoTrash
	}
	return s.writing(c, func(ctx context.Context, _ func(api.Progress)) (any, error) {
		return c.RestoreDuplicates(ctx, o.Sources...)
	}), nil
}

// writing returns work that waits until no other writer of the server changes the collection.
func (s *Server) writing(c *akin.Collection, run work) work {
	return func(ctx context.Context, report func(api.Progress)) (any, error) {
		report(api.Progress{Step: "waiting for other writers"})
		unlock, err := s.collections.lock(ctx, c.Path())
		if err != nil {
			return nil, err
		}
		defer unlock()
		return run(ctx, report)
	}
}
