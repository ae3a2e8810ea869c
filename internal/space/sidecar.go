package space

import (
	"context"
	"fmt"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
)

// WriteTags adds the tags of pictures to the keywords in their sidecars, XMP files beside theirs, where other programs find them.
// The pictures are named as for AddTag; none means all. With dry it only says what it would write. The files of pictures are never
// written to, and nothing is removed from a sidecar.
func (c *Collection) WriteTags(ctx context.Context, dry bool, pictures ...string) (r api.SidecarReport, err error) {
	r.Written, r.Failed = []string{}, []api.Failure{}
	catalog, err := c.Catalog(ctx)
	if err != nil {
		return r, err
	}
	defer catalog.Close()
	var chosen []record.Picture
	if len(pictures) > 0 {
		if chosen, err = SelectPictures(catalog, pictures); err != nil {
			return r, err
		}
	} else {
		for _, p := range catalog.Pictures.All() {
			chosen = append(chosen, p)
		}
	}
	tags, err := c.Store.TagsOf(ctx)
	if err != nil {
		return r, err
	}
	for _, p := range chosen {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		if len(tags[p.ID]) == 0 {
			continue
		}
		r.Pictures++
		name, written, err := writeTags(p.Source, tags[p.ID], dry)
		switch {
		case err != nil:
			r.Failed = append(r.Failed, api.Failure{Source: p.Source, Error: err.Error()})
		case written:
			r.Written = append(r.Written, name)
		default:
			r.Unchanged++
		}
	}
	return r, nil
}

func writeTags(from string, tags []string, dry bool) (name string, written bool, err error) {
	switch {
	case record.IsImported(from) || source.IsAddress(from):
		return "", false, api.ErrNoFile
	case source.IsMember(from):
		return "", false, fmt.Errorf("it lies in %s, beside which there is no place for a sidecar", source.ContainerOf(from))
	}
	if _, err := source.Stat(from); err != nil {
		return "", false, api.ErrNoFile
	}
	return source.ChangeSidecar(from, dry, func(packet []byte) ([]byte, error) { return picture.AddKeywords(packet, tags) })
}
