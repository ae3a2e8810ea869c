package picture

import (
	"math"
	"sync"
)

// halfFloats are the values of floating-point numbers of 16 bits.
var halfFloats = sync.OnceValue(func() *[1 << 16]float32 {
	var all [1 << 16]float32
	for v := range all {
		exponent, fraction := v>>10&31, float64(v&0x3ff)
		value := math.Ldexp(1024+fraction, exponent-25)
		switch {
		case exponent == 0:
			value = math.Ldexp(fraction, -24)
		case exponent == 31 && fraction == 0:
			value = math.Inf(1)
		case exponent == 31:
			value = math.NaN()
		}
		if v>>15 == 1 {
			value = -value
		}
		all[v] = float32(value)
	}
	return &all
})
