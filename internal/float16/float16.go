// Package float16 converts numbers of IEEE 754's binary16, as checkpoints, tables, pictures and networks have them: 1 bit of
// sign, 5 of exponent, 10 of fraction.
package float16

import "math"

// Decode returns the value of a number. Every one of them is a float32, too.
func Decode(bits uint16) float32 {
	sign, exponent, fraction := uint32(bits>>15)<<31, uint32(bits>>10&31), uint32(bits&1023)
	switch exponent {
	case 0: // zero and subnormal: fraction times 2^-24
		return math.Float32frombits(sign | math.Float32bits(float32(fraction)*0x1p-24))
	case 31: // infinity, and what is no number
		return math.Float32frombits(sign | 255<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// Encode returns the nearest number, the even one of two. From 65520 on it is infinite.
func Encode(v float32) uint16 {
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
