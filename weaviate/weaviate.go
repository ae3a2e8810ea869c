// Package weaviate lets package akin open collections in Weaviate clusters, at addresses as
// weaviate://host:port/Name. Programs that do not import it do not link Weaviate's client.
package weaviate

import (
	"context"

	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/store/weaviate"
)

// Register makes akin.Open open the addresses of clusters, with an API key; "" is none.
func Register(key string) {
	open := func(ctx context.Context, address string, readOnly bool) (store.Remote, error) {
		return weaviate.Open(ctx, address, key, readOnly)
	}
	store.Register("weaviate", open)
	store.Register("weaviates", open)
}
