package checkpoint

import "math"

// Half is the value of an IEEE 754 binary16.
func Half(bits uint16) float32 {
	sign, exponent, fraction := uint32(bits>>15)<<31, uint32(bits>>10&31), uint32(bits&1023)
	switch exponent {
	case 0: // subnormal: fraction times 2^-24
		return math.Float32frombits(sign | math.Float32bits(float32(fraction)/(1<<24)))
	case 31:
		return math.Float32frombits(sign | 255<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+112)<<23 | fraction<<13)
}

// ToHalf is the IEEE 754 binary16 that is nearest, the even one of two.
func ToHalf(v float32) uint16 {
	bits := math.Float32bits(v)
	sign, bits := uint16(bits>>16)&0x8000, bits&^(1<<31)
	switch {
	case bits > 255<<23:
		return sign | 0x7e00 // not a number
	case bits >= 0x477ff000: // 65520
		return sign | 0x7c00
	case bits < 113<<23: // below 2^-14: steps of 2^-24
		return sign | uint16(math.RoundToEven(float64(math.Float32frombits(bits))*(1<<24)))
	}
	bits -= 112 << 23
	return sign | uint16((bits+0xfff+bits>>13&1)>>13)
}

// ToBrain is the bfloat16 that is nearest, the even one of two. A bfloat16 is the upper half of a
// float32.
func ToBrain(v float32) uint16 {
	bits := math.Float32bits(v)
	if bits&^(1<<31) > 255<<23 {
		return uint16(bits>>16) | 0x40 // not a number, and not infinite
	}
	return uint16((bits + 0x7fff + bits>>16&1) >> 16)
}
