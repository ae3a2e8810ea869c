package insight

import "math"

// The cosine c of two random directions in d dimensions has (1-c)/2 distributed as a beta variable of
// (d-1)/2 and (d-1)/2 (Fisher 1915; Johnson, Kotz and Balakrishnan, "Continuous Univariate Distributions",
// chapter 32). Fisher's z of it is logistic for three dimensions, and all but normal for many.

// logShare is the logarithm of the share of pairs of random directions whose Fisher's z is at least z, which is not
// below 0. Dimensions need not be whole: they say how wide scores spread.
func logShare(z, dimensions float64) float64 {
	a := (dimensions - 1) / 2
	logX := -2*z - math.Log1p(math.Exp(-2*z)) // of (1-c)/2
	logY := -math.Log1p(math.Exp(-2 * z))     // of (1+c)/2
	return a*(logX+logY) - math.Log(a) - logBeta(a) + math.Log(betaFraction(math.Exp(logX), a))
}

// logBeta is the logarithm of the beta function of a and a.
func logBeta(a float64) float64 {
	one, _ := math.Lgamma(a)
	both, _ := math.Lgamma(2 * a)
	return 2*one - both
}

// betaFraction is the continued fraction of the incomplete beta function of a and a, for x up to a half, by
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

// zReached is Fisher's z that a share, at most a half, of pairs of random directions reach: by Newton's method in the
// logarithm of the share, which is concave, so that it never oversteps twice.
func zReached(share, dimensions float64) float64 {
	a := (dimensions - 1) / 2
	logWhole := logBeta(a)
	want := math.Log(share)
	z := 0.
	for range 60 {
		at := logShare(z, dimensions)
		// The density of z is 2 (xy)^a / B(a, a), with x and y as above.
		logDensity := math.Ln2 + a*(-2*z-2*math.Log1p(math.Exp(-2*z))) - logWhole
		move := (at - want) / math.Exp(logDensity-at)
		z = max(0, z+move)
		if math.Abs(move) < 1e-10*(1+z) {
			break
		}
	}
	return z
}

const (
	fewestDimensions = 1.01
	mostDimensions   = 1e6
)

// dimensionsOf is the number of dimensions in which random directions spread like that: from the z that
// a larger share of pairs reach, far, to the one that a smaller share reach, it is that long a way. It is found by the
// secant method: the logarithm of the way is all but straight in that of the dimensions less one.
func dimensionsOf(share, far, way float64) float64 {
	low, high := math.Log(fewestDimensions-1), math.Log(mostDimensions-1)
	longer := func(at float64) float64 { // how much longer the way is in as many dimensions, in logarithms
		d := 1 + math.Exp(at)
		return math.Log((zReached(share, d) - zReached(far, d)) / way)
	}
	before := -2 * math.Log(way) // a normal variable's way from 0.4 to 0.06
	before = max(low, min(high, before))
	excess := longer(before)
	at := max(low, min(high, before+1.5*excess))
	for range 30 {
		now := longer(at)
		if math.Abs(now) < 1e-7 || at == before {
			break
		}
		next := at - now*(at-before)/(now-excess)
		before, excess = at, now
		at = max(low, min(high, next))
	}
	return 1 + math.Exp(at)
}
