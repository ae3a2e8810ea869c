package weaviate

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/akin-search/akin/internal/record"
)

// change is what a commit does. It is planned first, and then sent in an order that loses nothing when it is cut off.
type change struct {
	c      *Collection
	spaces map[int64]space
	write  map[string]*object
	merge  map[string]bool      // of write: those that are there already
	drop   map[string]bool      // UUIDs to delete when all is written
	taken  map[string]string    // names, and the sources that have them; "" is nobody
	looked map[record.Hash]bool // contents that were looked up
	found  map[string]*object   // by UUID: what was found
}

// plan finds out what is to be written, merged and deleted. It changes nothing.
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

// vectors returns the batch's unit vectors by content and named vector.
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

// move plans to move pictures: each becomes a new object, with its name, tags and vectors.
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
		// A name made of the old source is made again of the new one.
		o.Name = old.Name
		if p.Name == "" && record.IsNameOf(old.Name, old.Source) {
			if o.Name, err = x.name(ctx, p.Source); err != nil {
				return err
			}
		} else if p.Name != "" && p.Name != old.Name {
			if o.Name, err = x.free(ctx, p.Name, p.Source); err != nil {
				return err
			}
		}
		o.Source, o.Root, o.Size, o.Mtime, o.Error = p.Source, p.Root, p.Size, p.Mtime, ""
		if p.Metadata != nil {
			o.Metadata = p.Metadata
		}
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

// put plans to write pictures as they were found.
func (x *change) put(ctx context.Context, puts []record.Put, fresh map[record.Hash]map[string][]float32) error {
	if len(puts) == 0 {
		return nil
	}
	found, err := x.lookUp(ctx, puts)
	if err != nil {
		return err
	}
	e := existingOf(found, puts)
	imported, err := x.importsFor(ctx, puts, e.bySource)
	if err != nil {
		return err
	}
	for i, p := range puts {
		if err := x.putOne(ctx, p, e, imported[i], fresh[p.Hash]); err != nil {
			return err
		}
	}
	for _, o := range e.atSources { // also what a process that was killed left
		if x.write[o.uuid] == nil {
			x.drop[o.uuid] = true
		}
	}
	return nil
}

// existing is what the cluster has of the pictures that are put, and of their contents.
type existing struct {
	byUUID    map[string]*object
	bySource  map[string]*object // the newest of each
	atSources []*object          // all of them
	vectors   map[record.Hash]map[string][]float32
}

func existingOf(found []*object, puts []record.Put) existing {
	e := existing{byUUID: map[string]*object{}, bySource: map[string]*object{}, vectors: map[record.Hash]map[string][]float32{}}
	sources := map[string]bool{}
	for _, p := range puts {
		sources[p.Source] = true
	}
	for _, o := range found {
		e.byUUID[o.uuid] = o
		if sources[o.Source] {
			e.atSources = append(e.atSources, o)
			newest(e.bySource, o)
		}
		if o.Error != "" {
			continue
		}
		if e.vectors[o.Hash] == nil {
			e.vectors[o.Hash] = map[string][]float32{}
		}
		for name, v := range o.vectors {
			if o.has[name] && sumOf(v) == o.sums[name] {
				e.vectors[o.Hash][name] = v
			}
		}
	}
	return e
}

// putOne plans to write a picture, which takes over an imported one of its name, where there is one. fresh are its
// vectors in this batch.
func (x *change) putOne(ctx context.Context, p record.Put, e existing, imported *object, fresh map[string][]float32) (err error) {
	o := &object{vectors: map[string][]float32{}}
	o.Put = p
	old := e.bySource[p.Source]
	takesOver := old == nil && p.Error == "" && imported != nil
	if takesOver {
		old = imported
	}
	if o.Name, err = x.nameOf(ctx, p, old); err != nil {
		return err
	}
	if old != nil {
		o.Tags = old.Tags
	}
	if p.Error != "" {
		o.Hash = record.Hash{}
	} else {
		maps.Copy(o.vectors, e.vectors[p.Hash])
		maps.Copy(o.vectors, fresh)
		if takesOver {
			maps.Copy(o.vectors, imported.vectors)
		}
	}
	if o.Format == "" && old != nil && old.Hash == o.Hash {
		o.Format, o.Width, o.Height, o.Taken = old.Format, old.Width, old.Height, old.Taken
	}
	if o.Metadata == nil && p.Error == "" && old != nil { // nobody read the file for it
		o.Metadata = old.Metadata
	}
	x.store(o)
	if known := e.byUUID[o.uuid]; known != nil {
		x.merge[o.uuid] = true
		for name := range known.has { // stored already, and never changed
			if v, ok := o.vectors[name]; ok && known.sums[name] == sumOf(v) {
				delete(o.vectors, name)
			}
		}
	}
	if old != nil && old.uuid != o.uuid {
		x.drop[old.uuid] = true
	}
	return nil
}

// nameOf returns the name of a picture that is put: that of the old one, the one that was asked for where no other
// picture has it, or one made of the source.
func (x *change) nameOf(ctx context.Context, p record.Put, old *object) (string, error) {
	switch {
	case old != nil:
		return old.Name, nil
	case p.Name != "":
		return x.free(ctx, p.Name, p.Source)
	}
	return x.name(ctx, p.Source)
}

// recentCount is a number of imported pictures, and when they were counted.
type recentCount struct {
	at time.Time
	n  int
}

// importCount counts the pictures without a file. Most collections have none.
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

// importsFor returns, for each picture that is new, the imported one of its name that has no file.
func (x *change) importsFor(ctx context.Context, puts []record.Put, known map[string]*object) ([]*object, error) {
	out := make([]*object, len(puts))
	if n, err := x.c.importCount(ctx); err != nil || n == 0 {
		return out, err
	}
	keys := make([]string, 0, len(puts))
	names := make([]string, len(puts))
	for i, p := range puts {
		names[i] = p.OwnName()
		if known[p.Source] == nil && p.Error == "" && !record.IsImported(p.Source) {
			keys = append(keys, record.FoldName(names[i]))
			for _, name := range record.FileNames(p.Source) {
				keys = append(keys, record.FoldName(name))
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
			byKey[record.FoldName(o.Name)] = append(byKey[record.FoldName(o.Name)], o)
		}
	}
	used := map[*object]bool{}
	for i, p := range puts {
		if known[p.Source] != nil || p.Error != "" || record.IsImported(p.Source) {
			continue
		}
		left := slices.DeleteFunc(slices.Clone(byKey[record.FoldName(names[i])]), func(o *object) bool { return used[o] })
		at := slices.IndexFunc(left, func(o *object) bool { return o.Source == record.ImportedSource(names[i]) })
		if at < 0 && len(left) == 1 {
			at = 0
		}
		for _, name := range record.FileNames(p.Source) { // imported under its path
			if at < 0 {
				left = byKey[record.FoldName(name)]
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

// lookUp finds, in one request for many pictures, the pictures that have their sources, their contents or the names
// that they would have.
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
			name := p.OwnName()
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

// name makes a name of a source that no other picture has.
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

// free returns a name, or where another picture has it, one made of the source.
func (x *change) free(ctx context.Context, name, source string) (string, error) {
	taken, err := x.isTaken(ctx, name, source)
	if err != nil || taken {
		return x.name(ctx, source)
	}
	x.taken[name] = source
	return name, nil
}

// isTaken reports whether the picture at another source has a name.
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

// spread plans to add embeddings to the pictures of their contents that are not put.
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
