package copies

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/akin-search/akin/internal/insight/alter"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/resample"
)

// Changed makes another picture of one: a place of about the size of a digit is mirrored, where that changes what
// is seen, and the whole is saved anew as copies are. It is what lies nearest to a copy and is none.
// nil where the picture has no such place. The same number gives the same place.
func Changed(p *picture.Picture, number uint64) *picture.Picture {
	r := rand.New(rand.NewPCG(number, uint64(p.Width)<<32|uint64(p.Height)))
	side := max(10, min(p.Width, p.Height)/50)
	halved := number%2 == 1
	if halved {
		side *= 2
	}
	if p.Width < 4*side || p.Height < 4*side {
		return nil
	}
	bestX, bestY, most := 0, 0, 0.
	for range 60 {
		x, y := side+r.IntN(p.Width-3*side), side+r.IntN(p.Height-3*side)
		if d := mirroring(p, x, y, side); d > most {
			bestX, bestY, most = x, y, d
		}
		if most > 40 { // any that is seen well, not the strongest of all
			break
		}
	}
	if most < 24 {
		return nil
	}
	out := picture.New(p.Width, p.Height)
	defer out.Release()
	copy(out.Pix, p.Pix)
	for y := bestY; y < bestY+side; y++ {
		for x := range side {
			copy(out.Pix[3*(y*p.Width+bestX+x):][:3], p.Pix[3*(y*p.Width+bestX+side-1-x):][:3])
		}
	}
	if halved {
		small := resample.Resize(out, max(1, p.Width/2), max(1, p.Height/2), resample.Bilinear)
		defer small.Release()
		return alter.JPEG(small, 80)
	}
	return alter.JPEG(out, 70)
}

// mirroring is by how much mirroring a place changes it, on average, in levels of grey.
func mirroring(p *picture.Picture, left, top, side int) float64 {
	grey := func(x, y int) int {
		i := 3 * (y*p.Width + x)
		return (299*int(p.Pix[i]) + 587*int(p.Pix[i+1]) + 114*int(p.Pix[i+2])) / 1000
	}
	sum := 0
	for y := top; y < top+side; y++ {
		for x := range side / 2 {
			d := grey(left+x, y) - grey(left+side-1-x, y)
			sum += max(d, -d)
		}
	}
	return float64(sum) / float64(side*(side/2))
}

// Rate is how often something happens, by how often it did: of n times, k.
type Rate struct{ K, N int }

// Expected is the mean of what is known of the rate after k of n, where nothing was known before: Jeffreys'
// prior. It is never 0.
func (r Rate) Expected() float64 { return (float64(r.K) + 0.5) / (float64(r.N) + 1) }

// AtMost is the rate that is not exceeded with 95 % of confidence: Clopper and Pearson's bound (1934). With none
// of n it is about 3 / n.
func (r Rate) AtMost() float64 {
	if r.K >= r.N {
		return 1
	}
	low, high := 0., 1.
	for range 60 {
		p := (low + high) / 2
		if binomialUpTo(r.K, r.N, p) > 0.05 {
			low = p
		} else {
			high = p
		}
	}
	return high
}

// binomialUpTo is the chance of at most k of n, each of chance p.
func binomialUpTo(k, n int, p float64) float64 {
	sum := 0.
	lg := func(x int) float64 { v, _ := math.Lgamma(float64(x + 1)); return v }
	for i := 0; i <= k; i++ {
		sum += math.Exp(lg(n) - lg(i) - lg(n-i) + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return sum
}

// Limit is how far pairs may be apart so that, of so many pictures, no more than wrong are to be expected to be within
// it of one that differs; 1 at most. worst is how far changed pictures are from what they were made of. It is below
// the nearest one that is too many, and where the tail of the nearest twentieth (Hill 1975) is expected to have a quarter
// of wrong: others are to be held against it, and one as near as the nearest is as likely to be nearer as not. It is 0
// where even none of these would be too many.
func Limit(worst []float64, of, wrong float64) float64 {
	near := slices.Sorted(slices.Values(worst))
	n := len(near)
	allowed := -1 // so many may be within it
	for allowed+1 < n && of*(Rate{allowed + 1, n}).Expected() <= wrong {
		allowed++
	}
	if allowed < 0 || near[0] <= 0 {
		return 0
	}
	limit := min(1, math.Nextafter(near[allowed], 0))
	if k := n / 20; near[0] <= 1 && k >= 5 && !math.IsInf(near[k], 1) {
		sum := 0.
		for _, w := range near[:k] {
			sum += math.Log(near[k] / w)
		}
		// Within w are k/n · (w/near[k])^(k/sum).
		limit = min(limit, near[k]*math.Pow(wrong/4/of*float64(n)/float64(k), sum/float64(k)))
	}
	return limit
}

// Within is how often changed pictures are within a distance of what they were made of.
func Within(worst []float64, limit float64) Rate {
	r := Rate{0, len(worst)}
	for _, w := range worst {
		if w <= limit {
			r.K++
		}
	}
	return r
}
