package weaviate

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/store/local"
	"github.com/weaviate/weaviate/entities/models"
	pb "github.com/weaviate/weaviate/grpc/generated/protocol/v1"
	"golang.org/x/sync/errgroup"
)

const (
	batchBytes = 8 << 20 // of one batch's vectors
	mergers    = 8       // objects that are changed at once
)

// Writer changes a collection. Several may at once, each other pictures: see docs/explanation/cluster.md.
type Writer struct{ c *Collection }

// Writer gives a writer; a cluster has no lock to take.
func (c *Collection) Writer() (store.Writer, error) { return &Writer{c}, nil }

// Close has nothing to give back.
func (w *Writer) Close() error { return nil }

// change is what a commit does: found out first, then done in an order that loses nothing
// when it is cut off.
type change struct {
	c      *Collection
	spaces map[int64]space
	write  map[string]*object
	merge  map[string]bool      // of write: those that are there already
	drop   map[string]bool      // UUIDs to delete when all is written
	taken  map[string]string    // names, and the sources that have them; "" is nobody
	looked map[record.Hash]bool // contents that were looked for,
	found  map[string]*object   // and what was found with them
}

// Commit makes a batch true. When it gives no error, all of it is stored as the
// consistency level says; after an error a part of it may be, and committing it again
// completes it. Vectors are normalised here; one that has no direction is refused before
// anything is written.
func (w *Writer) Commit(ctx context.Context, b record.Batch) error {
	x := &change{c: w.c, spaces: map[int64]space{}, write: map[string]*object{}, merge: map[string]bool{}, drop: map[string]bool{}, taken: map[string]string{}, looked: map[record.Hash]bool{}, found: map[string]*object{}}
	err := x.plan(ctx, b)
	if err == nil {
		err = x.do(ctx)
		w.c.forget()
		if slices.ContainsFunc(b.Puts, func(p record.Put) bool { return strings.HasPrefix(p.Source, record.ImportedSource("")) }) {
			w.c.mu.Lock()
			w.c.imports = recentCount{}
			w.c.mu.Unlock()
		}
	}
	if err != nil {
		return fmt.Errorf("write to collection %s: %w", w.c.address, err)
	}
	return nil
}

func (x *change) plan(ctx context.Context, b record.Batch) error {
	fresh, err := x.vectors(ctx, b.Embeddings)
	if err != nil {
		return err
	}
	if len(b.Puts) > 0 || len(b.Move) > 0 {
		if ok, err := x.c.there(ctx); err != nil {
			return err
		} else if !ok {
			return errors.New("it has no space yet")
		}
	}
	if err := x.remove(ctx, b.Remove); err != nil {
		return err
	}
	if err := x.move(ctx, b.Move); err != nil {
		return err
	}
	if err := x.put(ctx, b.Puts, fresh); err != nil {
		return err
	}
	return x.spread(ctx, fresh)
}

// vectors gives the batch's unit vectors by content and named vector.
func (x *change) vectors(ctx context.Context, embeddings []record.Embedding) (map[record.Hash]map[string][]float32, error) {
	fresh := map[record.Hash]map[string][]float32{}
	for _, e := range embeddings {
		s, ok := x.spaces[e.Space]
		if !ok {
			var err error
			if s, err = x.c.spaceOf(ctx, e.Space); err != nil {
				return nil, err
			}
			x.spaces[e.Space] = s
		}
		if len(e.Vector) != s.Dim {
			return nil, fmt.Errorf("an embedding of %s has %d values, not %d", s.Model, len(e.Vector), s.Dim)
		}
		unit := slices.Clone(e.Vector)
		if err := e.Normalize(unit); err != nil {
			return nil, fmt.Errorf("an embedding of %s %w", s.Model, err)
		}
		if fresh[e.Hash] == nil {
			fresh[e.Hash] = map[string][]float32{}
		}
		fresh[e.Hash][s.vector] = unit
	}
	return fresh, nil
}

func (x *change) remove(ctx context.Context, ids []int64) error {
	found, err := x.c.having(ctx, "number", decimals(ids), nil)
	for _, o := range found {
		x.drop[o.uuid] = true
	}
	return err
}

// move gives pictures new places: each becomes a new object, with all that it had.
func (x *change) move(ctx context.Context, moves map[int64]record.Put) error {
	if len(moves) == 0 {
		return nil
	}
	ids := make([]int64, 0, len(moves))
	for id := range moves {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	found, err := x.c.having(ctx, "number", decimals(ids), x.c.vectorNames())
	if err != nil {
		return err
	}
	for _, old := range found {
		p, ok := moves[old.ID]
		if !ok {
			continue
		}
		o := &object{Stored: old.Stored, vectors: old.vectors, has: old.has}
		// A name that was made of the old place is made anew of the new one.
		o.Name = old.Name
		if p.Name == "" && strings.HasSuffix(filepath.ToSlash(old.Source), "/"+old.Name+filepath.Ext(old.Source)) {
			if o.Name, err = x.name(ctx, p.Source); err != nil {
				return err
			}
		} else if p.Name != "" && p.Name != old.Name {
			if o.Name, err = x.free(ctx, p.Name, p.Source); err != nil {
				return err
			}
		}
		o.Source, o.Root, o.Size, o.Mtime, o.Error = p.Source, p.Root, p.Size, p.Mtime, ""
		x.store(o)
		x.drop[old.uuid] = true
	}
	return nil
}

// store plans to write an object under its own UUID.
func (x *change) store(o *object) {
	o.uuid = uuidOf(o.Hash, o.Source)
	o.ID = numberOf(o.uuid)
	x.write[o.uuid] = o
	delete(x.drop, o.uuid)
}

// put plans pictures as they were found.
func (x *change) put(ctx context.Context, puts []record.Put, fresh map[record.Hash]map[string][]float32) error {
	if len(puts) == 0 {
		return nil
	}
	found, err := x.lookUp(ctx, puts)
	if err != nil {
		return err
	}
	sources := map[string]bool{}
	for _, p := range puts {
		sources[p.Source] = true
	}
	bySource := map[string]*object{}
	twins := map[record.Hash]map[string][]float32{} // vectors that contents have already
	there := map[string]*object{}
	var before []*object
	for _, o := range found {
		there[o.uuid] = o
		if sources[o.Source] {
			before = append(before, o)
			newest(bySource, o)
		}
		if o.Error != "" {
			continue
		}
		if twins[o.Hash] == nil {
			twins[o.Hash] = map[string][]float32{}
		}
		for name, v := range o.vectors {
			if o.has[name] && sumOf(v) == o.sums[name] {
				twins[o.Hash][name] = v
			}
		}
	}
	imported, err := x.importsFor(ctx, puts, bySource)
	if err != nil {
		return err
	}
	for i, p := range puts {
		o := &object{vectors: map[string][]float32{}}
		o.Put = p
		if p.Error != "" {
			o.Hash = record.Hash{}
		}
		old := bySource[p.Source]
		if old == nil && p.Error == "" {
			old = imported[i] // a file of that name takes it over
		}
		switch {
		case old != nil:
			o.Name, o.Tags = old.Name, old.Tags
		case p.Name != "":
			if o.Name, err = x.free(ctx, p.Name, p.Source); err != nil {
				return err
			}
		default:
			if o.Name, err = x.name(ctx, p.Source); err != nil {
				return err
			}
		}
		if p.Error == "" {
			for _, vectors := range []map[string][]float32{twins[p.Hash], fresh[p.Hash]} {
				for name, v := range vectors {
					o.vectors[name] = v
				}
			}
			if taken := imported[i]; taken != nil && old == taken {
				for name, v := range taken.vectors {
					o.vectors[name] = v
				}
			}
		}
		if o.Format == "" && old != nil && old.Hash == o.Hash {
			o.Format, o.Width, o.Height, o.Taken = old.Format, old.Width, old.Height, old.Taken
		}
		x.store(o)
		if known := there[o.uuid]; known != nil {
			x.merge[o.uuid] = true
			for name := range known.has { // sent already, and the same for ever
				if v, ok := o.vectors[name]; ok && known.sums[name] == sumOf(v) {
					delete(o.vectors, name)
				}
			}
		}
		if old != nil && old.uuid != o.uuid {
			x.drop[old.uuid] = true
		}
	}
	for _, o := range before { // what a killed process left
		if x.write[o.uuid] == nil {
			x.drop[o.uuid] = true
		}
	}
	return nil
}

// recentCount is how many imported pictures there were a moment ago.
type recentCount struct {
	at time.Time
	n  int
}

// importCount counts the pictures without a file: most collections have none.
func (c *Collection) importCount(ctx context.Context) (int, error) {
	c.mu.Lock()
	known := c.imports
	c.mu.Unlock()
	if time.Since(known.at) < 10*time.Second {
		return known.n, nil
	}
	n, err := c.count(ctx, is("imported", true))
	if err == nil {
		c.mu.Lock()
		c.imports = recentCount{time.Now(), n}
		c.mu.Unlock()
	}
	return n, err
}

// importsFor gives, for new pictures, the one of the same name that came with imported
// embeddings and has no file.
func (x *change) importsFor(ctx context.Context, puts []record.Put, known map[string]*object) ([]*object, error) {
	out := make([]*object, len(puts))
	if n, err := x.c.importCount(ctx); err != nil || n == 0 {
		return out, err
	}
	keys := make([]string, 0, len(puts))
	names := make([]string, len(puts))
	for i, p := range puts {
		names[i] = p.Name
		if names[i] == "" {
			names[i] = record.NameFor(p.Source, func(string) bool { return false })
		}
		if known[p.Source] == nil && p.Error == "" && !strings.HasPrefix(p.Source, record.ImportedSource("")) {
			keys = append(keys, record.Loose(names[i]))
			for _, name := range record.FileNames(p.Source) {
				keys = append(keys, record.Loose(name))
			}
		}
	}
	byKey := map[string][]*object{}
	for some := range slices.Chunk(keys, listValues) {
		found, err := x.c.filtered(ctx, "look for imports", all(is("imported", true), oneOf("loose", some)), x.c.vectorNames())
		if err != nil {
			return nil, err
		}
		for _, o := range found {
			byKey[record.Loose(o.Name)] = append(byKey[record.Loose(o.Name)], o)
		}
	}
	used := map[*object]bool{}
	for i, p := range puts {
		if known[p.Source] != nil || p.Error != "" || strings.HasPrefix(p.Source, record.ImportedSource("")) {
			continue
		}
		left := slices.DeleteFunc(slices.Clone(byKey[record.Loose(names[i])]), func(o *object) bool { return used[o] })
		at := slices.IndexFunc(left, func(o *object) bool { return o.Source == record.ImportedSource(names[i]) })
		if at < 0 && len(left) == 1 {
			at = 0
		}
		for _, name := range record.FileNames(p.Source) { // imported under its path
			if at < 0 {
				left = byKey[record.Loose(name)]
				at = slices.IndexFunc(left, func(o *object) bool { return !used[o] && o.Source == record.ImportedSource(name) })
			}
		}
		if at >= 0 {
			out[i] = left[at]
			used[left[at]] = true
		}
	}
	return out, nil
}

// lookUp finds at once what pictures need to know: who is at their sources, has their
// contents, and has the names that they want first.
func (x *change) lookUp(ctx context.Context, puts []record.Put) (found []*object, err error) {
	seen := map[string]bool{}
	for some := range slices.Chunk(puts, listValues) {
		var sources, hashes, names []string
		for _, p := range some {
			sources = append(sources, p.Source)
			if p.Error == "" {
				hashes = append(hashes, hex.EncodeToString(p.Hash[:]))
				x.looked[p.Hash] = true
			}
			name := p.Name
			if name == "" {
				name = record.NameFor(p.Source, func(string) bool { return false })
			}
			names = append(names, name)
			if _, known := x.taken[name]; !known {
				x.taken[name] = ""
			}
		}
		parts := []where{oneOf("source", sources), oneOf("name", names)}
		if len(hashes) > 0 {
			parts = append(parts, oneOf("hash", hashes))
		}
		more, err := x.c.filtered(ctx, "look for pictures", either(parts...), x.c.vectorNames())
		if err != nil && !errors.Is(err, errMany) { // of thousands of equal files one is enough
			return nil, err
		}
		for _, o := range more {
			if !seen[o.uuid] {
				seen[o.uuid] = true
				found = append(found, o)
				x.taken[o.Name] = o.Source
			}
		}
	}
	for _, o := range found {
		x.found[o.uuid] = o
	}
	return found, nil
}

// name makes one of a source, and free takes a name unless another has it.
func (x *change) name(ctx context.Context, source string) (string, error) {
	var failed error
	name := record.NameFor(source, func(name string) bool {
		taken, err := x.isTaken(ctx, name, source)
		failed = errors.Join(failed, err)
		return taken && err == nil
	})
	x.taken[name] = source
	return name, failed
}

func (x *change) free(ctx context.Context, name, source string) (string, error) {
	taken, err := x.isTaken(ctx, name, source)
	if err != nil || taken {
		return x.name(ctx, source)
	}
	x.taken[name] = source
	return name, nil
}

func (x *change) isTaken(ctx context.Context, name, source string) (bool, error) {
	by, known := x.taken[name]
	if !known {
		found, err := x.c.having(ctx, "name", []string{name}, nil)
		if err != nil {
			return false, err
		}
		for _, o := range found {
			if o.Name == name {
				by = o.Source
			}
		}
		x.taken[name] = by
	}
	return by != "" && by != source, nil
}

// spread gives embeddings to the pictures of their contents that are not put.
func (x *change) spread(ctx context.Context, fresh map[record.Hash]map[string][]float32) error {
	var hashes []string
	var found []*object
	for h := range fresh {
		if !x.looked[h] {
			hashes = append(hashes, hex.EncodeToString(h[:]))
		}
	}
	for _, o := range x.found {
		if fresh[o.Hash] != nil && o.Error == "" {
			found = append(found, o)
		}
	}
	slices.Sort(hashes)
	more, err := x.c.having(ctx, "hash", hashes, nil)
	if err != nil && !errors.Is(err, errMany) {
		return err
	}
	found = append(found, more...)
	for _, o := range found {
		if x.write[o.uuid] != nil || x.drop[o.uuid] {
			continue
		}
		o.vectors = fresh[o.Hash]
		x.write[o.uuid], x.merge[o.uuid] = o, true
	}
	return nil
}

// do writes what is new, changes what is there, and then deletes what both replace.
func (x *change) do(ctx context.Context) error {
	ids := make([]string, 0, len(x.write))
	for id := range x.write {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var batch []*pb.BatchObject
	size := 0
	flush := func() error {
		err := x.c.putBatch(ctx, fmt.Sprintf("write %d pictures", len(batch)), batch)
		batch, size = nil, 0
		return err
	}
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(mergers)
	for _, id := range ids {
		o := x.write[id]
		if x.merge[id] {
			group.Go(func() error { return x.c.merge(inner, o) })
			continue
		}
		b, err := o.batchObject(x.c.address.Class)
		if err != nil {
			return errors.Join(err, group.Wait())
		}
		batch = append(batch, b)
		for _, v := range b.Vectors {
			size += len(v.VectorBytes)
		}
		if size >= batchBytes || len(batch) >= pageObjects {
			if err := flush(); err != nil {
				return errors.Join(err, group.Wait())
			}
		}
	}
	if err := errors.Join(flush(), group.Wait()); err != nil {
		return err
	}
	if len(x.write) > len(x.merge) {
		if err := x.c.settle(ctx); err != nil {
			return err
		}
	}
	var old []string
	for id := range x.drop {
		if x.write[id] == nil {
			old = append(old, id)
		}
	}
	slices.Sort(old)
	return x.c.delete(ctx, x.c.address.Class, old)
}

// putBatch writes whole objects; those that were there are replaced. Objects that are
// refused are sent again as others are, until none is.
func (c *Collection) putBatch(ctx context.Context, what string, batch []*pb.BatchObject) error {
	if len(batch) == 0 {
		return nil
	}
	left := batch
	return c.ask(ctx, what, func(ctx context.Context, n *node) error {
		reply, err := n.wire.BatchObjects(ctx, &pb.BatchObjectsRequest{Objects: left, ConsistencyLevel: c.level()})
		if err != nil {
			return err
		}
		if len(reply.Errors) == 0 {
			return nil
		}
		var refused []*pb.BatchObject
		for _, e := range reply.Errors {
			if int(e.Index) < len(left) {
				refused = append(refused, left[e.Index])
			}
		}
		first := reply.Errors[0].Error
		err = fmt.Errorf("%d of %d objects were refused, the first: %s", len(refused), len(left), first)
		left = refused
		if hopeless(first) {
			return final{err}
		}
		return retry{err}
	})
}

// settles is false where a test wants what Weaviate does without settle.
var settles = true

// settle has every replica write the logs of its vectors' indexes. Weaviate (1.35) writes them
// before the last of a batch's vectors are in them, and answers: a node that was killed then
// has objects that its searches never find, until they are written anew, for replicas
// compare objects alone. Any write to a shard makes up for it; this one changes nothing.
func (c *Collection) settle(ctx context.Context) error {
	if !settles {
		return nil
	}
	return c.ask(ctx, "settle what was written", func(ctx context.Context, n *node) error {
		_, err := n.wire.BatchDelete(ctx, &pb.BatchDeleteRequest{
			Collection: c.address.Class, Filters: oneOf("_id", []string{beginning}), ConsistencyLevel: c.level(),
		})
		return err
	})
}

// merge changes an object that is there, and adds vectors to it.
func (c *Collection) merge(ctx context.Context, o *object) error {
	return c.mergeVectors(ctx, o, o.vectors, spaceValues(o.vectors))
}

func (c *Collection) mergeVectors(ctx context.Context, o *object, of map[string][]float32, values map[string]any) error {
	properties := o.properties()
	for name, v := range values {
		properties[name] = v
	}
	vectors := models.Vectors{}
	for name, v := range of {
		vectors[name] = v
	}
	return c.ask(ctx, "change "+o.Source, func(ctx context.Context, n *node) error {
		client, err := n.client()
		if err != nil {
			return err
		}
		u := client.Data().Updater().WithClassName(c.address.Class).WithID(o.uuid).WithMerge().
			WithProperties(properties).WithConsistencyLevel(c.address.Consistency)
		if len(vectors) > 0 {
			u = u.WithVectors(vectors)
		}
		return u.Do(ctx)
	})
}

// delete deletes objects of a class; those that are gone are no error.
func (c *Collection) delete(ctx context.Context, class string, uuids []string) error {
	for some := range slices.Chunk(uuids, listValues) {
		err := c.ask(ctx, fmt.Sprintf("delete %d of %s", len(some), class), func(ctx context.Context, n *node) error {
			reply, err := n.wire.BatchDelete(ctx, &pb.BatchDeleteRequest{
				Collection: class, Filters: oneOf("_id", some), ConsistencyLevel: c.level(),
			})
			if err == nil && reply.Failed > 0 {
				err = retry{fmt.Errorf("%d of %d were not deleted", reply.Failed, reply.Matches)}
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Tag gives pictures tags and tells how many of these were new.
func (w *Writer) Tag(ctx context.Context, taggings []record.Tagging) (added int, err error) {
	return w.retag(ctx, taggings, func(tags []string, tag string) []string {
		if slices.ContainsFunc(tags, func(t string) bool { return record.TagKey(t) == record.TagKey(tag) }) {
			return tags
		}
		return append(slices.Clone(tags), tag)
	})
}

// Untag takes tags from pictures and tells how many they had.
func (w *Writer) Untag(ctx context.Context, taggings []record.Tagging) (removed int, err error) {
	return w.retag(ctx, taggings, func(tags []string, tag string) []string {
		return slices.DeleteFunc(slices.Clone(tags), func(t string) bool { return record.TagKey(t) == record.TagKey(tag) })
	})
}

func (w *Writer) retag(ctx context.Context, taggings []record.Tagging, change func(tags []string, tag string) []string) (n int, err error) {
	byPicture := map[int64][]string{}
	var ids []int64
	for _, g := range taggings {
		tag, err := record.CleanTag(g.Tag)
		if err != nil {
			return 0, err
		}
		if _, seen := byPicture[g.Picture]; !seen {
			ids = append(ids, g.Picture)
		}
		byPicture[g.Picture] = append(byPicture[g.Picture], tag)
	}
	found, err := w.c.having(ctx, "number", decimals(ids), nil)
	if err != nil {
		return 0, err
	}
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(mergers)
	for _, o := range found {
		changed := 0
		for _, tag := range byPicture[o.ID] {
			now := change(o.Tags, tag)
			if len(now) != len(o.Tags) {
				o.Tags = now
				changed++
			}
		}
		if changed > 0 {
			slices.SortFunc(o.Tags, func(a, b string) int { return strings.Compare(record.TagKey(a), record.TagKey(b)) })
			n += changed
			group.Go(func() error { return w.c.merge(inner, o) })
		}
	}
	if err := group.Wait(); err != nil {
		return 0, fmt.Errorf("tag pictures of collection %s: %w", w.c.address, err)
	}
	return n, nil
}

// Drop forgets a space. Weaviate keeps the vectors until each picture is written anew, and
// a space of the same model and fingerprint has them again.
func (w *Writer) Drop(ctx context.Context, s record.Space) error {
	defer w.c.forget()
	id := spaceID(s.Model, s.Fingerprint)
	return w.c.ask(ctx, "drop "+s.Model, func(ctx context.Context, n *node) error {
		_, err := n.wire.BatchDelete(ctx, &pb.BatchDeleteRequest{
			Collection: w.c.address.Class + spacesSuffix, Filters: oneOf("_id", []string{formatUUID(id[:])}), ConsistencyLevel: w.c.level(),
		})
		return err
	})
}

// recallAsked is how many vectors are searched for to measure how many of the right
// answers a search finds, and recallTop how many answers each has.
const (
	recallAsked = 50
	recallTop   = 10
	sampleRows  = 632 // pictures whose pairs are the random pairs
)

// Calibrate stores the distribution of random pairs of every space that has changed.
func (w *Writer) Calibrate(ctx context.Context) error {
	spaces, err := w.c.Spaces(ctx)
	if err != nil {
		return err
	}
	for _, s := range spaces {
		known, err := w.c.chanceOf(ctx, s.ID)
		if err != nil {
			return err
		}
		if known.rows == s.Rows {
			continue
		}
		named, err := w.c.spaceOf(ctx, s.ID)
		if err != nil {
			return err
		}
		sample, err := w.c.sample(ctx, s, named.vector)
		if err != nil {
			return err
		}
		now := chance{rows: s.Rows, scores: local.RandomPairsOf(s, sample), recall: 1}
		if w.c.indexOf(named.vector) != "flat" {
			if now.recall, err = w.c.measureRecall(ctx, s, named.vector, sample[:min(len(sample), recallAsked)]); err != nil {
				return err
			}
		}
		if err := w.c.putSpace(ctx, named, now); err != nil {
			return err
		}
		w.c.mu.Lock()
		w.c.chances[s.ID] = now
		w.c.mu.Unlock()
	}
	return nil
}

// sample draws pictures with a vector in the space: UUIDs are hashes, so that the pictures
// that follow any of them are as random as any.
func (c *Collection) sample(ctx context.Context, s record.Space, name string) ([]record.Stored, error) {
	var sample []record.Stored
	seen := map[string]bool{}
	add := func(some []*object) {
		for _, o := range some {
			if p := o.stored([]record.Space{s}, []string{name}); !seen[o.uuid] && len(sample) < sampleRows && p.Vectors != nil {
				seen[o.uuid] = true
				sample = append(sample, p)
			}
		}
	}
	enough := errors.New("enough")
	from := beginning
	if s.Rows > 2*sampleRows {
		id := spaceID(s.Model, fmt.Sprint(s.Rows))
		from = formatUUID(id[:])
	}
	for _, after := range []string{from, beginning} {
		err := c.each(ctx, after, pageOf([]record.Space{s}), []string{name}, func(some []*object) error {
			if add(some); len(sample) >= sampleRows {
				return enough
			}
			return nil
		})
		if err != nil && !errors.Is(err, enough) {
			return nil, err
		}
		if len(sample) >= sampleRows || from == beginning {
			break
		}
	}
	return sample, nil
}

// Prepare has nothing to prepare: the cluster keeps its indexes.
func (w *Writer) Prepare(context.Context, func(done, total int)) error { return nil }
