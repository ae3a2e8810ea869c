package store

import (
	"context"
	"errors"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store/local"
)

// Repair makes the collection at a path or address whole again as far as what is left of it allows,
// also one that is too damaged to be opened: what is derived is made anew, a damaged
// database is written anew from what can be read of it and from the embeddings' files,
// and embeddings that are damaged are forgotten, so that Index makes them again.
func Repair(ctx context.Context, path string) (api.Repaired, error) {
	r, err := repair(ctx, path)
	return api.Repaired{Done: append([]string{}, r.Done...), Problems: append([]string{}, r.Problems...)}, err
}

// repair makes a store whole again as far as what is left of it allows.
func repair(ctx context.Context, path string) (r record.Repaired, err error) {
	if !record.IsAddress(path) {
		return local.Repair(ctx, path)
	}
	remote, err := openRemote(ctx, path, true)
	if err != nil {
		return r, err
	}
	r, err = remote.Repair(ctx)
	return r, errors.Join(err, remote.Close())
}
