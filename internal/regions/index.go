package regions

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/resample"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/store/local"
	"github.com/akin-search/akin/internal/vector"
)

const (
	none          = " none"                // behind the hash of a content that has no regions
	commitRows    = 512                    // regions of a commit
	progressEvery = 100 * time.Millisecond // at most
)

// updater is one run of Update.
type updater struct {
	c     *space.Collection
	v     *space.Space
	all   space.Contents
	to    record.Space
	w     *local.Writer
	stage embed.Model
	batch record.Batch
}

// Update embeds the regions of those pictures of some models' spaces that have none yet, and forgets those of pictures that are gone: of all the
// models, or without all of those that have regions. When ctx is cancelled, what was embedded stays. progress may be nil.
func Update(ctx context.Context, c *space.Collection, all bool, models []string, progress func(api.Progress)) (out []api.RegionsIndexed, err error) {
	store, err := c.OpenRegions(!all)
	if err != nil || store == nil {
		return nil, err
	}
	if !all { // there are some, to be written to
		if err := store.Close(); err != nil {
			return nil, err
		}
		if store, err = c.OpenRegions(false); err != nil {
			return nil, err
		}
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	spaces, err := store.Spaces(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range models {
		if !all && !slices.ContainsFunc(spaces, func(s record.Space) bool { return s.Model == m }) {
			continue
		}
		done, err := update(ctx, c, store, m, progress)
		out = append(out, done)
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// update is Update of one model.
func update(ctx context.Context, c *space.Collection, store *local.Collection, model string, progress func(api.Progress)) (out api.RegionsIndexed, err error) {
	began := time.Now()
	defer func() { out.Seconds = time.Since(began).Seconds() }()
	out.Model = model
	out.Failed = []api.Failure{}
	v, err := c.OpenSpace(ctx, model)
	if err != nil {
		return out, err
	}
	defer v.Close()
	n, err := c.NetworkOf(v.Space)
	if err != nil {
		return out, err
	}
	w, err := store.Writer()
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	u := &updater{c: c, v: v, w: w, stage: n.Stage()}
	if u.all, err = v.Contents(ctx, func(i int) bool { return v.Pictures.Row(i) >= 0 }); err != nil {
		return out, err
	}
	if u.to, err = w.Space(ctx, v.Model, v.Space.Fingerprint, v.Space.Dim); err != nil {
		return out, err
	}
	done, err := u.known(ctx, store)
	if err != nil {
		return out, err
	}
	var todo []int
	for i, h := range u.all.Hashes {
		if !done[h] {
			todo = append(todo, i)
		}
	}
	out.Pictures = len(u.all.Hashes) - len(todo)
	if err := u.embedAll(ctx, todo, &out, progress); err != nil {
		return out, err
	}
	if err := w.Calibrate(ctx); err != nil {
		return out, err
	}
	return out, w.Prepare(ctx, nil)
}

// known returns the contents whose regions are embedded, and forgets those that are gone.
func (u *updater) known(ctx context.Context, store *local.Collection) (map[record.Hash]bool, error) {
	is := make(map[record.Hash]bool, len(u.all.Hashes))
	for _, h := range u.all.Hashes {
		is[h] = true
	}
	done := map[record.Hash]bool{}
	var gone []int64
	err := store.Each(ctx, []record.Space{u.to}, func(some []record.Stored) error {
		for _, s := range some {
			r, ok := parseRegion(strings.TrimSuffix(s.Source, none) + " 0 0 0 0")
			switch {
			case !ok || !is[r.content]:
				gone = append(gone, s.ID)
			case len(s.Vectors) > 0 || strings.HasSuffix(s.Source, none):
				done[r.content] = true
			}
		}
		return nil
	})
	if err == nil && len(gone) > 0 {
		err = u.w.Commit(ctx, record.Batch{Remove: gone})
	}
	return done, err
}

// embedded is what was made of a picture.
type embedded struct {
	content int
	boxes   []Box
	vectors [][]float32
	err     error
}

// embedAll embeds the regions of contents, on all cores.
func (u *updater) embedAll(ctx context.Context, todo []int, out *api.RegionsIndexed, progress func(api.Progress)) error {
	results := make(chan embedded)
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(max(1, runtime.GOMAXPROCS(0)))
	if u.stage.Wide {
		g.SetLimit(1)
	}
	go func() {
		for _, content := range todo {
			if inner.Err() != nil {
				break
			}
			g.Go(func() error {
				results <- u.embed(inner, content)
				return nil
			})
		}
		_ = g.Wait()
		close(results)
	}()
	var failed error
	done, reported := 0, time.Now()
	for r := range results {
		done++
		switch {
		case ctx.Err() != nil || failed != nil: // the others end
		case r.err != nil:
			out.Failed = append(out.Failed, api.Failure{Source: u.v.Pictures.At(u.all.Pictures[r.content][0]).Source, Error: r.err.Error()})
		default:
			u.add(r)
			out.Added++
			out.Pictures++
			out.Regions += len(r.boxes)
			if len(u.batch.Embeddings) >= commitRows {
				failed = u.commit(ctx)
			}
		}
		if now := time.Now(); progress != nil && (now.Sub(reported) > progressEvery || done == len(todo)) {
			progress(api.Progress{Step: api.StepRegions, Done: done, Total: len(todo)})
			reported = now
		}
	}
	if failed == nil {
		failed = u.commit(context.WithoutCancel(ctx))
	}
	return errors.Join(failed, ctx.Err())
}

func (u *updater) commit(ctx context.Context) error {
	b := u.batch
	u.batch = record.Batch{}
	if len(b.Puts) == 0 {
		return nil
	}
	return u.w.Commit(ctx, b)
}

// add adds what was made of a picture to the batch, all of it in one commit.
func (u *updater) add(r embedded) {
	content := u.all.Hashes[r.content]
	if len(r.boxes) == 0 {
		marker := record.Put{Source: region{content: content}.hex() + none}
		marker.Name, marker.Hash = marker.Source, embed.HashOf([]byte(marker.Source))
		u.batch.Puts = append(u.batch.Puts, marker)
	}
	for i, box := range r.boxes {
		at := region{content, box}
		u.batch.Puts = append(u.batch.Puts, record.Put{Name: at.source(), Source: at.source(), Hash: at.hash(), Format: "region", Width: box[2], Height: box[3]})
		u.batch.Embeddings = append(u.batch.Embeddings, record.Embedding{Space: u.to.ID, Hash: at.hash(), Vector: r.vectors[i]})
	}
}

// embed embeds the regions of a content. Plain ones are left out: a model sees noise in them.
func (u *updater) embed(ctx context.Context, content int) (out embedded) {
	out.content = content
	name := u.v.Pictures.At(u.all.Pictures[content][0]).Name
	pic, _, err := u.c.PixelsOf(ctx, u.v, api.Indexed(name)[0])
	if err != nil {
		out.err = err
		return out
	}
	defer pic.Release()
	var boxes []Box
	var pixels []float32
	for _, box := range Tiles(pic.Width, pic.Height) {
		tile := resample.Crop(pic, box[0], box[1], box[2], box[3])
		if !plain(tile, u.stage.Background) {
			boxes = append(boxes, box)
			pixels = append(pixels, make([]float32, u.stage.Input)...)
			u.stage.Flatten(tile, pixels[len(pixels)-u.stage.Input:])
		}
		tile.Release()
	}
	for from := 0; from < len(boxes); from += u.stage.Batch {
		n := min(u.stage.Batch, len(boxes)-from)
		vectors := make([]float32, n*u.stage.Dim)
		if out.err = u.stage.Run(ctx, pixels[from*u.stage.Input:(from+n)*u.stage.Input], n, vectors); out.err != nil {
			return out
		}
		for i := range n {
			if v := vectors[i*u.stage.Dim : (i+1)*u.stage.Dim]; vector.Normalize(v) {
				out.boxes, out.vectors = append(out.boxes, boxes[from+i]), append(out.vectors, v)
			}
		}
	}
	return out
}

const plainRange = 12 // levels of a channel, within which it is one colour but for noise

// plain reports whether a region is one colour.
func plain(p *picture.Picture, on picture.Background) bool {
	seen, _ := p.On(on)
	if seen != p {
		defer seen.Release()
	}
	low, high := [3]byte{255, 255, 255}, [3]byte{}
	for i, v := range seen.Pix {
		low[i%3], high[i%3] = min(low[i%3], v), max(high[i%3], v)
	}
	for c := range low {
		if high[c] > low[c] && high[c]-low[c] > plainRange {
			return false
		}
	}
	return true
}
