package copies

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/akin-search/akin/internal/insight/alter"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/resample"
)

// Changed makes a picture that is nearly a copy and is none: a region of about the size of a digit is mirrored, where that
// is visible, and the whole is saved again as copies are. The same number gives the same region. It returns nil if
// the picture has none.
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
		if most > 40 { // any that is clearly visible, not the strongest
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

// mirroring returns the mean change of grey, in levels, if a region is mirrored.
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

// Rate is how often something happened: k of n times.
type Rate struct{ K, N int }

// Expected returns the posterior mean of the rate under Jeffreys' prior. It is never 0.
func (r Rate) Expected() float64 { return (float64(r.K) + 0.5) / (float64(r.N) + 1) }

// AtMost returns the upper 95 % confidence bound of the rate (Clopper and Pearson 1934). For none of n it is about
// 3 / n.
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

// binomialUpTo returns the probability of at most k successes in n trials of probability p.
func binomialUpTo(k, n int, p float64) float64 {
	sum := 0.
	lg := func(x int) float64 { v, _ := math.Lgamma(float64(x + 1)); return v }
	for i := 0; i <= k; i++ {
		sum += math.Exp(lg(n) - lg(i) - lg(n-i) + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return sum
}

// Limit returns the distance within which, among that many pictures, at most wrong false matches are expected; at most 1.
// worst has the distances of changed pictures. The limit is below the first distance that would be one too many,
// and below where the tail of the nearest twentieth (Hill 1975) is expected to hold a quarter of wrong: the limit is
// to hold for others, and their nearest one is as likely to be nearer as not. It is 0 if even no changed picture
// within it leaves too many expected.
func Limit(worst []float64, of, wrong float64) float64 {
	near := slices.Sorted(slices.Values(worst))
	n := len(near)
	allowed := -1 // changed pictures that may be within it
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

// Within returns the rate of changed pictures within a distance.
func Within(worst []float64, limit float64) Rate {
	r := Rate{0, len(worst)}
	for _, w := range worst {
		if w <= limit {
			r.K++
		}
	}
	return r
}
