package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

// Collections lists collections: how many pictures each has, its models with the default one first, and the size of its
// embeddings.
func (o *Output) Collections(all []api.CollectionInfo) error {
	if len(all) == 0 {
		o.Notef("no collections yet; create one with `akin index PATH`")
		return nil
	}
	t := term.Table{Columns: []term.Column{{Header: "name"}, {Header: "pictures", Right: true}, {Header: "size", Right: true}, {Header: "models", Spare: true}}}
	for _, c := range all {
		if c.Error != "" {
			t.Add(c.Name, "", "", "cannot be read: "+c.Error)
			continue
		}
		size := int64(0)
		for _, s := range c.Spaces {
			size += s.Bytes
		}
		t.Add(c.Name, fmt.Sprint(c.Pictures), Bytes(size), strings.Join(defaultFirst(c.Answers), ", "))
	}
	return t.Write(o.Screen)
}

// defaultFirst returns the models that answer, that which answers where none is named before the others.
func defaultFirst(a api.Answers) []string {
	models := slices.Clone(a.Models)
	if at := slices.Index(models, a.DefaultModel); at > 0 {
		models = slices.Insert(slices.Delete(models, at, at+1), 0, a.DefaultModel)
	}
	return models
}

// RemovedCollections lists removed collections, and their folders.
func (o *Output) RemovedCollections(all []api.RemovedCollection) error {
	if len(all) == 0 {
		o.Notef("no collection was removed")
		return nil
	}
	t := term.Table{Columns: []term.Column{{Header: "removed"}, {Header: "folder"}}}
	for _, c := range all {
		t.Add(c.Removed, c.Folder)
	}
	return t.Write(o.Screen)
}
