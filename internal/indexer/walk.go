package indexer

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/container"
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
)

// walk sends a job for every picture that is new or changed.
func (x *indexer) walk(ctx context.Context, paths []string, jobs chan<- embed.Job) error {
	next := 0
	var linked []string
	other := map[string]int{}
	err := source.Walk(ctx, paths, source.Options{
		Include: x.o.Include, Exclude: x.o.Exclude, Hidden: x.o.Hidden, Within: x.o.Within, Leave: x.c.Derived, Problem: x.o.Problem,
		Linked: func(path string) {
			if !slices.ContainsFunc(paths, func(p string) bool { abs, _ := filepath.Abs(p); return abs == path }) {
				linked = append(linked, path)
			}
		},
		Other:  func(path string) { other[ending(path)]++ },
		Enter:  x.enters(),
		Frames: x.o.Frames, Pages: x.o.Pages,
		Columns: x.o.Columns, Row: x.rowFailed, Understood: x.understood,
	}, func(it source.Item) error {
		if !x.o.Shard.Has(it.Source) || !x.wanted(it) {
			return nil
		}
		x.mu.Lock()
		job := next
		x.jobs[job] = it
		x.mu.Unlock()
		next++
		x.few.found()
		x.meter.found()
		select {
		case jobs <- embed.Job{ID: job, Size: it.Size, Read: func(ctx context.Context) ([]byte, error) {
			return source.Read(ctx, it, x.c.Client, 0)
		}}:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	x.few.all()
	x.meter.counted()
	x.mu.Lock()
	defer x.mu.Unlock()
	x.report.Linked = linked
	for ending, n := range other {
		countOther(&x.report, ending, n)
	}
	x.report.Failed = append(slices.Clip(x.rows), x.report.Failed...)
	return err
}

// enters says which archives in folders are looked into: all with Archives, and else those of which pictures are known
// already, so that a refresh finds what was added to them.
func (x *indexer) enters() func(path string) bool {
	known := map[string]bool{}
	for from := range x.known {
		files, _ := container.Split(from)
		for _, file := range files {
			known[file] = true
		}
	}
	return func(path string) bool { return x.o.Archives || known[path] }
}

// wanted records an item that the walk met, and reports whether it is to be read.
func (x *indexer) wanted(it source.Item) bool {
	x.mu.Lock()
	again := x.seen[it.Source]
	x.seen[it.Source] = true
	x.mu.Unlock()
	for _, t := range it.Tags {
		tag, err := record.CleanTag(t)
		if err == nil {
			x.tags[it.Source] = append(x.tags[it.Source], tag)
		} else if x.o.Problem != nil {
			x.o.Problem(it.Source, err)
		}
	}
	if again || !x.unchanged(it) {
		return !again
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.report.Unchanged++
	if x.known[it.Source].Failed {
		x.report.Unreadable++
	}
	return false
}

// rowFailed records a row of a list that is not a picture.
func (x *indexer) rowFailed(list string, row int, item string, err error) {
	f := api.Failure{Source: item, Error: fmt.Sprintf("%s, row %d: %s", list, row, err)}
	if item == "" {
		f.Source = list
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.rows = append(x.rows, f)
}

// understood records how the columns of a list were interpreted.
func (x *indexer) understood(u api.Understood) {
	x.mu.Lock()
	x.report.Lists = append(x.report.Lists, u)
	x.mu.Unlock()
	if x.o.Understood != nil {
		x.o.Understood(u)
	}
}

// unchanged reports whether there is nothing to do for an item. An address is not fetched again for its date or metadata.
func (x *indexer) unchanged(it source.Item) bool {
	if !x.covers(it) {
		return false
	}
	k := x.known[it.Source]
	return it.Address || !x.undated[k.Content] && x.described(it, k)
}

// described reports whether the metadata of an item is stored, and its sidecar is the one that was read.
func (x *indexer) described(it source.Item, k record.Known) bool {
	if k.Failed {
		return true
	}
	written, ok := x.written[k.ID]
	return ok && written == x.beside.Written(it.Source)
}

// covers reports whether every model has an embedding of an item, as far as that is known
// without reading it. An address that gave a picture is not fetched again: it has no date.
func (x *indexer) covers(it source.Item) bool {
	k, ok := x.known[it.Source]
	if !ok || changed(it, k) {
		return false
	}
	if k.Failed {
		return !it.Address && !it.Guessed // what is no picture was kept as unreadable once
	}
	for _, contents := range x.covered {
		if !contents[k.Content] {
			return false
		}
	}
	return true
}
