package indexer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/vector"
)

var (
	CommitRows = 256         // pictures of one commit
	CommitTime = time.Second // a picture waits no longer than this for its commit
)

// transparentShare is the transparent share of a picture's area from which on it counts as transparent.
const transparentShare = 0.1

// missing reports which models lack an embedding of a content. It marks the content as embedded: a
// second file with the same bytes needs nothing.
func (x *indexer) missing(h embed.Hash) []bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	missing := make([]bool, len(x.hashes))
	for i := range missing {
		missing[i] = !x.hashes[i][h]
		x.hashes[i][h] = true
	}
	return missing
}

// collect keeps a result until there are enough for a commit.
func (x *indexer) collect(ctx context.Context, r embed.Result) error {
	if len(x.batch) == 0 {
		x.since = time.Now()
	}
	x.batch = append(x.batch, r)
	if ctx.Err() != nil {
		return nil // run commits it
	}
	if len(x.batch) >= CommitRows || time.Since(x.since) >= CommitTime {
		return x.commit(ctx)
	}
	return nil
}

// commit stores the collected results. They come in the order of the walk, and so names and ids are
// assigned in that order.
func (x *indexer) commit(ctx context.Context) error {
	if len(x.batch) == 0 {
		return nil
	}
	s := step{batch: record.Batch{Move: map[int64]record.Put{}}}
	for _, r := range x.batch {
		if err := x.add(ctx, &s, r); err != nil {
			return err
		}
	}
	if err := x.writer.Commit(ctx, s.batch); err != nil {
		return err
	}
	x.mu.Lock()
	s.addTo(&x.report)
	x.mu.Unlock()
	x.meter.done(len(x.batch))
	x.batch = x.batch[:0]
	return nil
}

// step is a commit that is being prepared, and what it adds to the report.
type step struct {
	batch  record.Batch
	counts api.IndexReport
}

func (s *step) addTo(r *api.IndexReport) {
	r.Added += s.counts.Added
	r.Changed += s.counts.Changed
	r.Renamed += s.counts.Renamed
	r.Unchanged += s.counts.Unchanged
	r.Unreadable += s.counts.Unreadable
	r.Embedded += s.counts.Embedded
	r.Decoded += s.counts.Decoded
	r.Reduced += s.counts.Reduced
	r.Transparent += s.counts.Transparent
	r.Blank = append(r.Blank, s.counts.Blank...)
	r.Failed = append(r.Failed, s.counts.Failed...)
	for ending, n := range s.counts.Other {
		countOther(r, ending, n)
	}
}

// add adds a result to a step.
func (x *indexer) add(ctx context.Context, s *step, r embed.Result) error {
	x.mu.Lock()
	it := x.jobs[r.ID]
	delete(x.jobs, r.ID)
	x.mu.Unlock()
	put := record.Put{
		Name: it.Name, Source: it.Source, Root: it.Root, Size: it.Size, Mtime: it.ModTime.UnixNano(),
		Hash: r.Hash, Format: r.Info.Format, Width: r.Info.Width, Height: r.Info.Height, Taken: r.Info.Taken,
	}
	if it.Address {
		put.Mtime = 0
	}
	if r.Err == nil {
		put.Metadata = metadataOf(it, r)
	}
	failed := r.Err
	for i, v := range r.Vectors {
		if v != nil && !vector.Normalize(v) {
			failed = fmt.Errorf("its embedding of %s is zero or not finite", x.spaces[i].Model)
		}
	}
	k, known := x.known[it.Source]
	switch {
	case errors.Is(failed, source.ErrOther) && (!known || k.Failed):
		countOther(&s.counts, ending(it.Source), 1)
		if known { // a run of a version that kept such files as unreadable
			s.batch.Remove = append(s.batch.Remove, k.ID)
		}
	case failed == nil:
		x.addEmbeddings(s, it, r)
		return x.addPicture(ctx, s, it, put)
	case known && !k.Failed && x.covers(it):
		s.counts.Unchanged++ // it was read only for its date or metadata
	case known && k.Failed && r.Hash != (embed.Hash{}) && !it.Address && !changed(it, k): // it was read only to see whether it is a picture
		s.counts.Unchanged++
		s.counts.Unreadable++
	default:
		put.Size = failedSize(put.Size, r.Hash, failed)
		put.Error = failed.Error()
		s.counts.Failed = append(s.counts.Failed, api.Failure{Source: it.Source, Error: put.Error})
		s.batch.Puts = append(s.batch.Puts, put)
	}
	return nil
}

// plainEnding is a file's ending that tells what it is: not the number of a backup, nor what follows a dot in prose.
var plainEnding = regexp.MustCompile(`^\.[0-9_+-]{0,4}[a-z][a-z0-9_+-]{0,11}$`)

// ending is the ending that a file is counted under, "" where it has none that tells what it is.
func ending(path string) string {
	if ext := strings.ToLower(filepath.Ext(path)); plainEnding.MatchString(ext) {
		return ext
	}
	return ""
}

// countOther counts files that are something else than pictures.
func countOther(r *api.IndexReport, ending string, n int) {
	if r.Other == nil {
		r.Other = map[string]int{}
	}
	r.Other[ending] += n
}

// addEmbeddings adds the embeddings of a result to a step.
func (x *indexer) addEmbeddings(s *step, it source.Item, r embed.Result) {
	for i, v := range r.Vectors {
		if v != nil {
			s.batch.Embeddings = append(s.batch.Embeddings, record.Embedding{Space: x.spaces[i].ID, Hash: r.Hash, Vector: v})
			s.counts.Embedded++
		}
	}
	if !r.Decoded {
		return
	}
	s.counts.Decoded++
	if r.Reduced {
		s.counts.Reduced++
	}
	if r.SeeThrough >= transparentShare {
		s.counts.Transparent++
	}
	if r.Blank {
		s.counts.Blank = append(s.counts.Blank, it.Source)
	}
}

// addPicture adds a picture that could be read to a step: as a new one, as a known one, or as a known one
// that moved.
func (x *indexer) addPicture(ctx context.Context, s *step, it source.Item, put record.Put) error {
	k, known := x.known[it.Source]
	if !known && !it.Address {
		id, moved, err := x.movedFrom(ctx, s, put.Hash)
		if err != nil {
			return err
		}
		if moved {
			s.batch.Move[id] = put
			s.counts.Renamed++
			return nil
		}
	}
	switch {
	case !known:
		s.counts.Added++
	case changed(it, k) || k.Failed:
		same, err := x.isMemberAsBefore(ctx, k, put)
		if err != nil {
			return err
		}
		if same {
			s.counts.Unchanged++
			break
		}
		s.counts.Changed++
	default:
		s.counts.Unchanged++ // embedded by another model
	}
	s.batch.Puts = append(s.batch.Puts, put)
	return nil
}

// isMemberAsBefore reports whether a picture in a container holds what it held: where an archive was written anew, that
// is so for most of its members.
func (x *indexer) isMemberAsBefore(ctx context.Context, k record.Known, put record.Put) (bool, error) {
	if k.Failed || !source.IsMember(put.Source) {
		return false, nil
	}
	places, err := x.c.Store.Places(ctx, put.Hash)
	return slices.ContainsFunc(places, func(p record.Picture) bool { return p.ID == k.ID }), err
}

// movedFrom finds the picture that a new file was before: one with the same bytes, whose own file no
// longer exists.
func (x *indexer) movedFrom(ctx context.Context, s *step, h embed.Hash) (id int64, ok bool, err error) {
	places, err := x.c.Store.Places(ctx, h)
	if err != nil {
		return 0, false, err
	}
	for _, p := range places {
		if _, taken := s.batch.Move[p.ID]; taken || source.IsAddress(p.Source) || record.IsImported(p.Source) {
			continue
		}
		if _, err := source.Lstat(p.Source); errors.Is(err, fs.ErrNotExist) {
			return p.ID, true, nil
		}
	}
	return 0, false, nil
}
