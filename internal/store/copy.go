package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/home"
	"github.com/akin-search/akin/internal/record"
)

// Copy copies the pictures, embeddings, tags and reviews of one collection into another, each a
// folder or the address of a cluster. What else the other holds stays. A copy that was
// interrupted continues where it stopped when it is run again. At the end everything is read back
// and compared, bit by bit.
func Copy(ctx context.Context, from, to string, o api.CopyOptions) (r api.CopyReport, err error) {
	started := time.Now()
	home := home.Dir(o.Home)
	src, err := Open(ctx, from, Options{ReadOnly: true, Home: home})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, src.Store.Close()) }()
	dst, err := Open(ctx, to, Options{Home: home})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, dst.Store.Close()) }()
	if src.Location == dst.Location {
		return r, api.Invalidf("copy %s: to itself", from)
	}
	k := &copier{src: src, dst: dst, progress: o.Progress, CopyReport: api.CopyReport{From: src.Location, To: dst.Location}}
	err = k.run(ctx)
	if err == nil {
		err = k.compare(ctx)
	}
	k.Seconds = time.Since(started).Seconds()
	return k.CopyReport, err
}

// copyRows is how many pictures a copy commits at once.
const copyRows = 256

// copier copies one store into another.
type copier struct {
	src, dst Handle
	only     []record.Space // of src; nil is all
	mirror   bool           // dst becomes equal to src: with its ids, and nothing else
	progress func(done, total int)

	spaces   [2][]record.Space // of src, and the same ones of dst
	contents map[int64]record.Hash
	known    map[string]record.Known           // of dst
	written  map[int64]int64                   // of dst: see Store.Sidecars
	had      []map[record.Hash]bool            // by space: contents that dst has embeddings of
	digests  map[[sha256.Size]byte]pictureHash // of src's pictures, by their sources
	tags     map[string][]string
	api.CopyReport
}

// pictureHash is the hash of everything of a picture that a copy preserves.
type pictureHash [16]byte

func (k *copier) run(ctx context.Context) (err error) {
	w, err := k.dst.Writer()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if err := k.prepare(ctx, w); err != nil {
		return err
	}
	info, err := k.src.Store.Info(ctx)
	if err != nil {
		return err
	}
	k.digests, k.tags = map[[sha256.Size]byte]pictureHash{}, map[string][]string{}
	if k.mirror {
		if same, err := k.removeOthers(ctx, w); same || err != nil {
			return err
		}
	}
	total, done := info.Pictures+len(info.Failures), 0
	err = k.src.Store.Each(ctx, k.spaces[0], func(some []record.Stored) error {
		for part := range slices.Chunk(some, copyRows) {
			if err := k.commit(ctx, w, part); err != nil {
				return err
			}
			done += len(part)
			if k.progress != nil {
				k.progress(done, max(done, total))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := k.tag(ctx, w); err != nil {
		return err
	}
	if err := k.review(ctx, w); err != nil {
		return err
	}
	if k.Copied == 0 {
		return nil
	}
	if err := w.Calibrate(ctx); err != nil {
		return err
	}
	return w.Prepare(ctx, nil)
}

// prepare creates the spaces, and finds out what the destination has already.
func (k *copier) prepare(ctx context.Context, w Writer) error {
	spaces := k.only
	if spaces == nil {
		var err error
		if spaces, err = k.src.Store.Spaces(ctx); err != nil {
			return err
		}
	}
	for _, s := range spaces {
		made, err := w.Space(ctx, s.Model, s.Fingerprint, s.Dim)
		if err != nil {
			return err
		}
		had, _, err := k.dst.Store.Embedded(ctx, made.ID)
		if err != nil {
			return err
		}
		k.spaces[0], k.spaces[1] = append(k.spaces[0], s), append(k.spaces[1], made)
		k.had = append(k.had, had)
	}
	var err error
	if k.known, err = k.dst.Store.Known(ctx); err != nil {
		return err
	}
	if k.written, err = k.dst.Store.Sidecars(ctx); err != nil {
		return err
	}
	k.contents, err = k.dst.Store.ContentHashes(ctx)
	return err
}

// removeOthers removes what the source does not have, or has under another id, and
// reports whether nothing else is left to do. Ids derive from contents, so equal ids are
// equal pictures.
func (k *copier) removeOthers(ctx context.Context, w Writer) (same bool, err error) {
	had, err := k.dst.Store.TagsOf(ctx)
	if err != nil {
		return false, err
	}
	there := map[int64]bool{}
	same = true
	err = k.src.Store.Each(ctx, nil, func(some []record.Stored) error {
		for _, s := range some {
			there[s.ID] = true
			known, ok := k.known[s.Source]
			same = same && ok && known.ID == s.ID && slices.Equal(had[s.ID], s.Tags) && k.described(s.ID, s)
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	made, err := k.dst.Store.Spaces(ctx)
	if err != nil {
		return false, err
	}
	for i, s := range k.spaces[0] {
		at := slices.IndexFunc(made, func(m record.Space) bool { return m.ID == k.spaces[1][i].ID })
		same = same && at >= 0 && made[at].Covered == s.Rows
	}
	var gone []int64
	for source, known := range k.known {
		if !there[known.ID] {
			gone = append(gone, known.ID)
			delete(k.known, source)
		}
	}
	if len(gone) == 0 {
		return same, nil
	}
	slices.Sort(gone)
	return same, w.Commit(ctx, record.Batch{Remove: gone})
}

// commit stores what the destination lacks of some pictures.
func (k *copier) commit(ctx context.Context, w Writer, some []record.Stored) error {
	var b record.Batch
	sent := map[record.Hash]bool{}
	for _, s := range some {
		k.Pictures++
		key := sha256.Sum256([]byte(s.Source))
		k.digests[key] = k.digest(s, 0)
		if len(s.Tags) > 0 {
			k.tags[s.Source] = s.Tags
		}
		var embeddings []record.Embedding
		for i, space := range k.spaces[0] {
			v, ok := s.Vectors[space.ID]
			if !ok {
				continue
			}
			k.Embeddings++
			if !k.had[i][s.Hash] {
				embeddings = append(embeddings, record.Embedding{Space: k.spaces[1][i].ID, Hash: s.Hash, Vector: v, Unit: true})
			}
		}
		known, ok := k.known[s.Source]
		same := ok && known.Size == s.Size && known.Mtime == s.Mtime && known.Failed == (s.Error != "") &&
			(known.Failed || k.contents[known.ID] == s.Hash) && k.described(known.ID, s)
		if same && len(embeddings) == 0 {
			continue
		}
		k.Copied++
		put := s.Put
		put.ID = 0
		if k.mirror {
			put.ID = s.ID
		}
		b.Puts = append(b.Puts, put)
		if !sent[s.Hash] { // pictures of one content have one embedding
			b.Embeddings = append(b.Embeddings, embeddings...)
			sent[s.Hash] = true
		}
	}
	if len(b.Puts) == 0 {
		return nil
	}
	if err := w.Commit(ctx, b); err != nil {
		return err
	}
	for _, e := range b.Embeddings {
		i := slices.IndexFunc(k.spaces[1], func(s record.Space) bool { return s.ID == e.Space })
		k.had[i][e.Hash] = true
	}
	return nil
}

// described reports whether the destination has the metadata of a picture.
func (k *copier) described(id int64, s record.Stored) bool {
	if s.Metadata == nil {
		return true
	}
	written, ok := k.written[id]
	return ok && written == s.Metadata.Sidecar
}

// tag adds the tags that the destination's pictures lack.
func (k *copier) tag(ctx context.Context, w Writer) error {
	if len(k.tags) == 0 && !k.mirror {
		return nil
	}
	known, err := k.dst.Store.Known(ctx)
	if err != nil {
		return err
	}
	had, err := k.dst.Store.TagsOf(ctx)
	if err != nil {
		return err
	}
	var add, remove []record.Tagging
	for source, tags := range k.tags {
		for _, t := range tags {
			if p, ok := known[source]; ok && !slices.Contains(had[p.ID], t) {
				add = append(add, record.Tagging{Picture: p.ID, Tag: t})
			}
		}
	}
	if k.mirror {
		for source, p := range known {
			for _, t := range had[p.ID] {
				if !slices.Contains(k.tags[source], t) {
					remove = append(remove, record.Tagging{Picture: p.ID, Tag: t})
				}
			}
		}
	}
	if len(remove) > 0 {
		if _, err := w.Untag(ctx, remove); err != nil {
			return err
		}
	}
	if len(add) > 0 {
		k.Tagged, err = w.Tag(ctx, add)
	}
	return err
}

// review copies the reviews. A mirror needs none.
func (k *copier) review(ctx context.Context, w Writer) error {
	if k.mirror {
		return nil
	}
	reviews, err := k.src.Store.Reviews(ctx)
	if err != nil || len(reviews) == 0 {
		return err
	}
	k.Reviewed, err = w.Review(ctx, reviews)
	return err
}

// digest is the hash of a picture in a store: 0 is src, 1 is dst.
func (k *copier) digest(s record.Stored, of int) (d pictureHash) {
	h := sha256.New()
	fmt.Fprintf(h, "%q %x %d %d %q", s.Source, s.Hash, s.Size, s.Mtime, s.Error)
	var bits [4]byte
	for i, space := range k.spaces[of] {
		v := s.Vectors[space.ID]
		if k.spaces[0][i].Dim != len(v) {
			continue
		}
		fmt.Fprintf(h, " %d ", i)
		for _, x := range v {
			binary.LittleEndian.PutUint32(bits[:], math.Float32bits(x))
			h.Write(bits[:])
		}
	}
	copy(d[:], h.Sum(nil))
	return d
}

// compare reads the whole destination and compares it with the source.
func (k *copier) compare(ctx context.Context) error {
	left := len(k.digests)
	var sum, want pictureHash
	for _, d := range k.digests {
		add(&want, d)
	}
	var wrong []string
	err := k.dst.Store.Each(ctx, k.spaces[1], func(some []record.Stored) error {
		for _, s := range some {
			key := sha256.Sum256([]byte(s.Source))
			d, ok := k.digests[key]
			if !ok {
				continue
			}
			left--
			have := k.digest(s, 1)
			add(&sum, have)
			if have != d && len(wrong) < 3 {
				wrong = append(wrong, s.Source)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if left != 0 || sum != want {
		return fmt.Errorf("%w: of %d pictures %d are missing in %s, and these are not as they were: %q; one of both may have been written to meanwhile: copy again",
			api.ErrCopy, len(k.digests), left, k.To, wrong)
	}
	k.Checksum = fmt.Sprintf("%x", sum)
	return nil
}

// add adds up digests: the sum of all does not depend on their order.
func add(sum *pictureHash, d pictureHash) {
	carry := uint16(0)
	for i := range sum {
		carry += uint16(sum[i]) + uint16(d[i])
		sum[i] = byte(carry)
		carry >>= 8
	}
}
