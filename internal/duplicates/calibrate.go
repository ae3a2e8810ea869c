package duplicates

import (
	"context"
	"errors"
	"math"
	"slices"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/insight/copies"
	"github.com/akin-search/akin/internal/insight/evidence"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/resample"
	"github.com/akin-search/akin/internal/vector"
	"golang.org/x/sync/errgroup"
)

const (
	calibrationSample = 40      // pictures of which copies are made
	calibrationPixels = 1 << 19 // the largest size at which the pixels of made copies are compared
)

// madeCopies is what was measured on the copies made of one picture.
type madeCopies struct {
	Moved []copies.Displacement `json:"Made"`
	Same  []bool                // whether the pixels of each are accepted
}

// sample returns the contents with an embedding that have the lowest hashes, so that the sample of a growing
// collection changes little.
func (f *finder) sample(most int) []int {
	var all []int
	for u := range f.contents {
		if f.contents[u].row >= 0 {
			all = append(all, u)
		}
	}
	slices.SortFunc(all, func(a, b int) int { return slices.Compare(f.contents[a].hash[:], f.contents[b].hash[:]) })
	return all[:min(len(all), most)]
}

// calibrate measures, on copies made of some of the collection's pictures, how far signatures of copies are apart, and
// how many copies are found. Every other picture sets the tolerances; the recall is measured on the held-out ones.
func (f *finder) calibrate(ctx context.Context) error {
	sample := f.sample(calibrationSample)
	cache := f.calibrationCache(sample)
	made, ok := cache.read()
	if !ok {
		for i, u := range sample {
			one, err := f.copyAndCompare(ctx, u)
			if err != nil && !errors.Is(err, errUnreadable) { // sign reports a picture that cannot be read, if it matters
				return err
			}
			if len(one.Moved) > 0 {
				made = append(made, one)
			}
			f.o.Progress(api.Progress{Step: "calibration", Done: i + 1, Total: len(sample)})
		}
		cache.write(made)
	}
	f.summarizeCalibration(made)
	return nil
}

// summarizeCalibration sets the tolerance, and what the answer says of it.
func (f *finder) summarizeCalibration(made []madeCopies) {
	c := f.out.Calibration
	var fit []copies.Displacement
	for i, m := range made {
		c.Pictures++
		c.Made += len(m.Moved)
		if i%2 == 0 {
			fit = append(fit, m.Moved...)
		}
	}
	f.tolerance = copies.Calibrate(fit, f.network != nil)
	found := 0
	for i, m := range made {
		if i%2 == 0 && len(made) > 1 {
			continue
		}
		for k, moved := range m.Moved {
			c.HeldOut++
			if m.Same[k] && f.isProposed(moved) {
				found++
			}
		}
	}
	c.Limit, c.Found, c.Sharpness = 1, round(float64(found)/float64(max(1, c.HeldOut))), round(f.tolerance.Blurred)
	c.Tolerance = api.DuplicateEvidence{Distance: 1, HashBits: f.tolerance.Bits, Difference: f.tolerance.Difference, Cast: f.tolerance.Cast, Aspect: round(f.tolerance.Aspect)}
	if f.network != nil {
		score := 1 - f.tolerance.Embedding
		chance := f.v.Chance(score)
		c.Tolerance.Score, c.Tolerance.Chance = &score, &chance
	}
}

// isProposed reports whether a made copy would become a candidate: its embedding is a neighbour, and its signature is
// close.
func (f *finder) isProposed(m copies.Displacement) bool {
	if f.network != nil && !(m.Embedding <= embeddedWithin*f.tolerance.Embedding) {
		return false
	}
	m.Embedding, m.Bits = math.NaN(), 0
	return f.tolerance.Distance(m) <= proposedWithin
}

// copyAndCompare makes copies of a picture, and compares them with it.
func (f *finder) copyAndCompare(ctx context.Context, u int) (m madeCopies, err error) {
	stored, err := f.decode(ctx, u)
	if err != nil {
		return m, err
	}
	transparent := stored.Alpha != nil
	pic := copies.Seen(stored)
	stored.Release()
	defer func() { pic.Release() }()
	original, err := copies.Of(pic)
	if err != nil || original.Blank {
		return m, err
	}
	small := pic // to compare pixels at: as good a sample, and faster
	if n := pic.Width * pic.Height; n > calibrationPixels {
		small = scaledTo(pic, calibrationPixels)
		defer small.Release()
	}
	alterations := copies.Alterations()
	m = madeCopies{make([]copies.Displacement, len(alterations)), make([]bool, len(alterations))}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(f.callers())
	for i, a := range alterations {
		group.Go(func() (err error) {
			defer disk.Catch(&err)() // vectors are mapped
			changed := a.Apply(pic)
			defer changed.Release()
			s, err := copies.Of(changed)
			if err != nil {
				return err
			}
			ratio := copies.Sharper(original, s)
			m.Moved[i] = copies.Displacement{SignatureDistance: copies.Compare(original, s, 0), Blurred: max(ratio, 1/ratio)}
			if f.network != nil && !transparent { // embeddings ignore transparency
				if m.Moved[i].Embedding, err = f.embeddingDistance(ctx, f.contents[u].row, changed); err != nil {
					return err
				}
			}
			shown := changed
			if small != pic {
				shown = a.Apply(small)
				defer shown.Release()
			}
			e := evidence.Compare(small, shown)
			m.Same[i] = e.Same || e.Reason == evidence.Writing // decide accepts it if nothing else is as similar
			return nil
		})
	}
	return m, group.Wait()
}

// scaledTo scales a picture to about so many pixels.
func scaledTo(p *picture.Picture, pixels int) *picture.Picture {
	k := math.Sqrt(float64(pixels) / float64(p.Width*p.Height))
	return resample.Resize(p, max(1, int(k*float64(p.Width))), max(1, int(k*float64(p.Height))), resample.Bilinear)
}

// embeddingDistance returns 1 - cosine of a row's embedding and that of a picture.
func (f *finder) embeddingDistance(ctx context.Context, row int, pic *picture.Picture) (float64, error) {
	stage := f.network.Stage()
	pixels, unit := make([]float32, stage.Input), make([]float32, stage.Dim)
	stage.Prepare(pic, pixels)
	if err := stage.Run(ctx, pixels, 1, unit); err != nil {
		return 0, err
	}
	if !vector.Normalize(unit) {
		return 2, nil
	}
	return 1 - float64(vector.Dot(unit, f.v.Matrix.Row(row))), nil
}

// callers returns how many pictures are embedded at once.
func (f *finder) callers() int {
	if f.network == nil {
		return f.threads()
	}
	return max(1, f.network.Device.Callers(f.c.Options.Threads))
}
