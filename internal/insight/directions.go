package insight

import "math"

// The cosine c of two random directions in d dimensions has (1-c)/2 distributed as a beta variable of
// (d-1)/2 and (d-1)/2 (Fisher 1915; Johnson, Kotz and Balakrishnan, "Continuous Univariate Distributions",
// chapter 32). Fisher's z of it is logistic for three dimensions, and all but normal for many.

// directions are random directions in a number of dimensions, which may be fractional: it sets how widely scores spread.
type directions struct {
	a             float64 // of the beta variable
	logA, logBeta float64
}

func inDimensions(dimensions float64) directions {
	a := (dimensions - 1) / 2
	return directions{a, math.Log(a), logBeta(a)}
}

// logShare returns the logarithm of the fraction of pairs whose Fisher's z is at least z >= 0.
func (d directions) logShare(z float64) float64 {
	logX := -2*z - math.Log1p(math.Exp(-2*z)) // of (1-c)/2
	logY := -math.Log1p(math.Exp(-2 * z))     // of (1+c)/2
	return d.a*(logX+logY) - d.logA - d.logBeta + math.Log(betaFraction(math.Exp(logX), d.a))
}

// logBeta returns log B(a, a), of the beta function.
func logBeta(a float64) float64 {
	one, _ := math.Lgamma(a)
	both, _ := math.Lgamma(2 * a)
	return 2*one - both
}

// betaFraction evaluates the continued fraction of the incomplete beta function of a and a, for x up to 1/2, by
// Lentz's method (Press et al., "Numerical Recipes", 6.4).
func betaFraction(x, a float64) float64 {
	const tiny = 1e-300
	step := func(v float64) float64 {
		if math.Abs(v) < tiny {
			return tiny
		}
		return v
	}
	c, d := 1., 1/step(1-2*a*x/(a+1))
	out := d
	for m := 1.; m < 5000; m++ {
		for _, term := range [2]float64{
			m * (a - m) * x / ((a + 2*m - 1) * (a + 2*m)),
			-(a + m) * (2*a + m) * x / ((a + 2*m) * (a + 2*m + 1)),
		} {
			d = 1 / step(1+term*d)
			c = step(1 + term/c)
			out *= c * d
		}
		if math.Abs(c*d-1) < 1e-12 {
			break
		}
	}
	return out
}

// zReached inverts logShare: it returns the z that a share, at most 1/2, of pairs reach. It uses
// Newton's method on the logarithm of the share, which is concave, so that it oversteps at most once.
func (d directions) zReached(share float64) float64 {
	want := math.Log(share)
	z := 0.
	for range 60 {
		at := d.logShare(z)
		// The density of z is 2 (xy)^a / B(a, a), with x and y as above.
		logDensity := math.Ln2 + d.a*(-2*z-2*math.Log1p(math.Exp(-2*z))) - d.logBeta
		move := (at - want) / math.Exp(logDensity-at)
		z = max(0, z+move)
		if math.Abs(move) < 1e-10*(1+z) {
			break
		}
	}
	return z
}

const (
	minDimensions = 1.01
	maxDimensions = 1e6
)

// dimensionsOf returns the number of dimensions in which the z's that two shares of pairs of random directions reach
// are a given distance apart; share is the smaller one. It uses the secant method: the logarithm of the
// distance is nearly linear in log(dimensions - 1).
func dimensionsOf(share, larger, distance float64) float64 {
	low, high := math.Log(minDimensions-1), math.Log(maxDimensions-1)
	excess := func(at float64) float64 { // log of the distance in 1 + exp(at) dimensions, relative to the given one
		d := inDimensions(1 + math.Exp(at))
		return math.Log((d.zReached(share) - d.zReached(larger)) / distance)
	}
	before := -2 * math.Log(distance) // about right for a normal variable between the shares 0.4 and 0.06
	before = max(low, min(high, before))
	excessBefore := excess(before)
	at := max(low, min(high, before+1.5*excessBefore))
	for range 30 {
		now := excess(at)
		if math.Abs(now) < 1e-7 || at == before {
			break
		}
		next := at - now*(at-before)/(now-excessBefore)
		before, excessBefore = at, now
		at = max(low, min(high, next))
	}
	return 1 + math.Exp(at)
}
