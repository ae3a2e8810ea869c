package akin

import (
	"context"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/parts"
)

// Index adds folders, files, and CSV or text lists of paths and addresses, and
// refreshes what the collection knows of them: only new and changed pictures are embedded, and
// a picture that moved keeps its embeddings. Pictures that cannot be read are in
// the report, and are tried again only when they change.
//
// When ctx is cancelled, what was embedded is stored and reported, and the next Index
// continues from there.
func (c *Collection) Index(ctx context.Context, paths []string, o api.IndexOptions) (api.IndexReport, error) {
	return parts.Index(ctx, c.c, paths, o)
}

// Watch indexes the paths, and again whenever something below them changes, until
// ctx ends. It calls each with what Index returned.
func (c *Collection) Watch(ctx context.Context, paths []string, o api.IndexOptions, each func(api.IndexReport, error)) error {
	return parts.Watch(ctx, c.c, paths, o, each)
}

// ParseShard reads "2/8".
func ParseShard(s string) (api.Shard, error) {
	return api.ParseShard(s)
}
