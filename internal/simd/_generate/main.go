// Command _generate writes kernels_amd64.s and its Go declarations.
// Run it with `go generate ./internal/simd`.
package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("!purego")
	dot()
	dots()
	dotsOf()
	horizontal()
	horizontalFloats()
	vertical()
	verticalFloats()
	panelsVNNI()
	panelsAVX2()
	reachesAVX512()
	reachesAVX2()
	wideVNNI()
	wideAVX2()
	wideAtVNNI()
	wideAtAVX2()
	tilesVNNI()
	tilesAVX2()
	matrices()
	prefetches()
	nearAVX512()
	nearAVX2()
	symmetric()
	Generate()
}

// lanes loads four numbers as float64; mask, where there is one, says which of them.
func lanes(p Mem, mask VecVirtual) VecVirtual {
	v := YMM()
	if mask == nil {
		VCVTPS2PD(p, v)
		return v
	}
	VMASKMOVPS(p, mask, v.AsX())
	VCVTPS2PD(v.AsX(), v)
	return v
}

// products adds q times each row to sums: element i of a vector goes to lane
// i%8, which is lane i%4 of the first or second register of its row.
func products(label string, q Mem, rows []Mem, n Register, sums [][2]VecVirtual, advance func(bytes int)) {
	for _, s := range sums {
		for _, r := range s {
			VXORPD(r, r, r)
		}
	}
	quad := func(half int, mask VecVirtual) {
		a := lanes(q.Offset(16*half), mask)
		for i, row := range rows {
			b := lanes(row.Offset(16*half), mask)
			VFMADD231PD(a, b, sums[i][half])
		}
	}
	SUBQ(Imm(8), n)
	JL(LabelRef(label + "Tail"))
	Label(label + "Eight")
	quad(0, nil)
	quad(1, nil)
	advance(32)
	SUBQ(Imm(8), n)
	JGE(LabelRef(label + "Eight"))

	Label(label + "Tail")
	mask, at := XMM(), GP64()
	LEAQ(tail, at)
	few := func(half int, next string) {
		ANDQ(Imm(3), n)
		JZ(LabelRef(next))
		NEGQ(n)
		VMOVDQU(Mem{Base: at, Index: n, Scale: 4, Disp: 12}, mask)
		quad(half, mask)
	}
	ADDQ(Imm(8), n)
	CMPQ(n, Imm(4))
	JL(LabelRef(label + "Few"))
	quad(0, nil)
	few(1, label+"Sum")
	JMP(LabelRef(label + "Sum"))
	Label(label + "Few")
	few(0, label+"Sum")
	Label(label + "Sum")
}

// total leaves the sum of eight lanes in the low float32 of the first register:
// halves are added until one is left.
func total(s [2]VecVirtual) Register {
	sum, high := s[0], XMM()
	VADDPD(s[1], sum, sum)
	VEXTRACTF128(Imm(1), sum, high)
	VADDPD(high, sum.AsX(), sum.AsX())
	VPERMILPD(Imm(1), sum.AsX(), high)
	VADDSD(high, sum.AsX(), sum.AsX())
	VCVTSD2SS(sum.AsX(), sum.AsX(), sum.AsX())
	return sum.AsX()
}

var tail Mem // three words of ones and three of zeros

func pair() [2]VecVirtual { return [2]VecVirtual{YMM(), YMM()} }

func dot() {
	tail = GLOBL("tail", 8|16) // RODATA, NOPTR
	for i := range 6 {
		v := ^uint32(0)
		if i >= 3 {
			v = 0
		}
		DATA(4*i, U32(v))
	}

	TEXT("dotAVX2", 4, "func(a, b *float32, n int) float32") // NOSPLIT
	Pragma("noescape")
	Doc("dotAVX2 is dotGo; it needs AVX2 and FMA, as all of these do.")
	a := Load(Param("a"), GP64())
	b := Load(Param("b"), GP64())
	n := Load(Param("n"), GP64())
	sum := pair()
	products("dot", Mem{Base: a}, []Mem{{Base: b}}, n, [][2]VecVirtual{sum}, func(bytes int) {
		ADDQ(Imm(uint64(bytes)), a)
		ADDQ(Imm(uint64(bytes)), b)
	})
	score := total(sum)
	VZEROUPPER()
	Store(score, ReturnIndex(0))
	RET()
}

// dots takes four rows at a time, so that the query is converted once for all four.
// Meanwhile it asks for the next four: a row is too short for the processor to
// foresee them (out of memory, 768 numbers a row take a fifth longer without).
func dots() {
	TEXT("dotsAVX2", 4, "func(q, rows, out *float32, n, fours int)")
	Pragma("noescape")
	Doc("dotsAVX2 is dotAVX2 of q and 4 * fours rows.")
	q := Load(Param("q"), GP64())
	p := Load(Param("rows"), GP64())
	out := Load(Param("out"), GP64())
	size := Load(Param("n"), GP64())
	fours := Load(Param("fours"), GP64())
	stride, stride3 := GP64(), GP64()
	MOVQ(size, stride)
	SHLQ(Imm(2), stride)
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, stride3)

	Label("dotsRows")
	sums := [][2]VecVirtual{pair(), pair(), pair(), pair()}
	a, b, n := GP64(), GP64(), GP64()
	MOVQ(q, a)
	MOVQ(p, b)
	MOVQ(size, n)
	rows := []Mem{{Base: b}, {Base: b, Index: stride, Scale: 1}, {Base: b, Index: stride, Scale: 2}, {Base: b, Index: stride3, Scale: 1}}
	next := GP64()
	LEAQ(Mem{Base: b, Index: stride, Scale: 4}, next)
	products("dots", Mem{Base: a}, rows, n, sums, func(bytes int) {
		for _, r := range []Mem{{Base: next}, {Base: next, Index: stride, Scale: 1}, {Base: next, Index: stride, Scale: 2}, {Base: next, Index: stride3, Scale: 1}} {
			PREFETCHT0(r)
		}
		ADDQ(Imm(uint64(bytes)), next)
		ADDQ(Imm(uint64(bytes)), a)
		ADDQ(Imm(uint64(bytes)), b)
	})
	for i, s := range sums {
		VMOVSS(total(s), Mem{Base: out, Disp: 4 * i})
	}
	ADDQ(Imm(16), out)
	LEAQ(Mem{Base: p, Index: stride, Scale: 4}, p)
	DECQ(fours)
	JNZ(LabelRef("dotsRows"))
	VZEROUPPER()
	RET()
}

// dotsOf takes four rows that lie anywhere at a time, so that their memory is waited for together.
func dotsOf() {
	TEXT("dotsOfAVX2", 4, "func(q, a, b, c, d, out *float32, n int)")
	Pragma("noescape")
	Doc("dotsOfAVX2 is dotAVX2 of q and each of four rows.")
	q, out, n := Load(Param("q"), GP64()), Load(Param("out"), GP64()), Load(Param("n"), GP64())
	var rows []Mem
	for _, name := range []string{"a", "b", "c", "d"} {
		rows = append(rows, Mem{Base: Load(Param(name), GP64())})
	}
	sums := [][2]VecVirtual{pair(), pair(), pair(), pair()}
	products("dotsOf", Mem{Base: q}, rows, n, sums, func(bytes int) {
		ADDQ(Imm(uint64(bytes)), q)
		for _, r := range rows {
			ADDQ(Imm(uint64(bytes)), r.Base)
		}
	})
	for i, s := range sums {
		VMOVSS(total(s), Mem{Base: out, Disp: 4 * i})
	}
	VZEROUPPER()
	RET()
}

const (
	precisionBits = 22
	half          = 1 << (precisionBits - 1)
)

var planes Mem // the order of words in horizontal

// A weight is high*65536 + low with signed 16-bit halves, so that VPMADDWD
// multiplies it; sums are kept apart and put together modulo 2^32 in the end,
// where the plain sum is exact. Four taps are four high halves, then four low.

// horizontal: of four pixels, twelve bytes, VPSHUFB makes words
//
//	r0 r1 r2 r3 g0 g1 g2 g3 | b0 b1 b2 b3 0 0 0 0
//
// so that the four weights, repeated, fit beneath without a shuffle of their own.
// Four rows share the weights.
func horizontal() {
	planes = GLOBL("planes", 8|16)
	for lane := range 2 {
		for word := range 8 {
			v := uint16(0x8080)
			if channel := 2*lane + word/4; channel < 3 {
				v = 0x8000 | uint16(3*(word%4)+channel)
			}
			DATA(16*lane+2*word, U16(v))
		}
	}
	rounding := GLOBL("rounding", 8|16)
	for i := range 8 {
		DATA(4*i, U32(half*((i+1)%2)))
	}

	TEXT("horizontalAVX2", 4, "func(dst, src *byte, dstStride, srcStride int, spans *uint32, n int, quads *int16)")
	Pragma("noescape")
	Doc("horizontalAVX2 is horizontalGo for four rows. It reads up to 13 bytes after a row.")
	fourRows("horizontal", planes, &rounding, 3, func(sums [4]VecVirtual, dst []Mem) {
		VPHADDD(sums[1], sums[0], sums[0]) // r0 g0 r1 g1 | b0 0 b1 0
		VPHADDD(sums[3], sums[2], sums[2])
		VPSRAD(Imm(precisionBits), sums[0], sums[0])
		VPSRAD(Imm(precisionBits), sums[2], sums[2])
		VPACKSSDW(sums[2], sums[0], sums[0])
		VPACKUSWB(sums[0], sums[0], sums[0])
		blue := XMM()
		VEXTRACTI128(Imm(1), sums[0], blue)
		for i, row := range dst {
			VPEXTRW(Imm(uint64(i)), sums[0].AsX(), row)
			VPEXTRB(Imm(uint64(2*i)), blue, row.Offset(2))
		}
	})
}

// horizontalFloats is horizontal without its rounding to bytes: the sums are exact until they become float32.
func horizontalFloats() {
	step := GLOBL("step", 8|16)
	for i := range 8 {
		DATA(4*i, U32(math.Float32bits(1./(1<<precisionBits))))
	}

	TEXT("horizontalFloatsAVX2", 4, "func(dst *float32, src *byte, dstStride, srcStride int, spans *uint32, n int, quads *int16)")
	Pragma("noescape")
	Doc("horizontalFloatsAVX2 is horizontalFloatsGo for four rows; dstStride is in bytes. It reads up to 13 bytes after a row.")
	fourRows("horizontalFloats", planes, nil, 12, func(sums [4]VecVirtual, dst []Mem) {
		for i := 0; i < 4; i += 2 {
			s, blue := sums[i], XMM()
			VPHADDD(sums[i+1], s, s) // r0 g0 r1 g1 | b0 0 b1 0
			VCVTDQ2PS(s, s)
			VMULPS(step, s, s)
			VEXTRACTF128(Imm(1), s, blue)
			VMOVLPS(s.AsX(), dst[i])
			VMOVHPS(s.AsX(), dst[i+1])
			VMOVSS(blue, dst[i].Offset(8))
			VEXTRACTPS(Imm(2), blue, dst[i+1].Offset(8))
		}
	})
}

// fourRows makes one pixel of each of four rows after another; sums begin with start, or 0. store gets
// those of each row, as r r g g | b b 0 0.
func fourRows(label string, shuffle Mem, start *Mem, size int, store func(sums [4]VecVirtual, dst []Mem)) {
	dst := Load(Param("dst"), GP64())
	src := Load(Param("src"), GP64())
	dstStride := Load(Param("dstStride"), GP64())
	srcStride := Load(Param("srcStride"), GP64())
	spans := Load(Param("spans"), GP64())
	n := Load(Param("n"), GP64())
	w := Load(Param("quads"), GP64())
	dstStride3, srcStride3 := GP64(), GP64()
	LEAQ(Mem{Base: dstStride, Index: dstStride, Scale: 2}, dstStride3)
	LEAQ(Mem{Base: srcStride, Index: srcStride, Scale: 2}, srcStride3)
	order := YMM()
	VMOVDQU(shuffle, order)

	Label(label + "Pixel")
	p, count := GP64(), GP64()
	MOVL(Mem{Base: spans}, p.As32())
	MOVL(Mem{Base: spans, Disp: 4}, count.As32())
	ADDQ(src, p)
	var high, low [4]VecVirtual
	for i := range 4 {
		high[i], low[i] = YMM(), YMM()
		VPXOR(high[i], high[i], high[i])
		if start == nil {
			VPXOR(low[i], low[i], low[i])
		} else {
			VMOVDQU(*start, low[i])
		}
	}
	rows := []Mem{{Base: p}, {Base: p, Index: srcStride, Scale: 1}, {Base: p, Index: srcStride, Scale: 2}, {Base: p, Index: srcStride3, Scale: 1}}
	Label(label + "Taps")
	highs, lows := YMM(), YMM()
	VPBROADCASTQ(Mem{Base: w}, highs)
	VPBROADCASTQ(Mem{Base: w, Disp: 8}, lows)
	for i, row := range rows {
		words, product := YMM(), YMM()
		VBROADCASTI128(row, words)
		VPSHUFB(order, words, words)
		VPMADDWD(highs, words, product)
		VPADDD(product, high[i], high[i])
		VPMADDWD(lows, words, words)
		VPADDD(words, low[i], low[i])
	}
	ADDQ(Imm(12), p)
	ADDQ(Imm(16), w)
	DECQ(count)
	JNZ(LabelRef(label + "Taps"))

	for i := range 4 {
		VPSLLD(Imm(16), high[i], high[i])
		VPADDD(high[i], low[i], low[i])
	}
	store(low, []Mem{{Base: dst}, {Base: dst, Index: dstStride, Scale: 1}, {Base: dst, Index: dstStride, Scale: 2}, {Base: dst, Index: dstStride3, Scale: 1}})
	ADDQ(Imm(uint64(size)), dst)
	ADDQ(Imm(8), spans)
	DECQ(n)
	JNZ(LabelRef(label + "Pixel"))
	VZEROUPPER()
	RET()
}

// vertical: two rows are interleaved byte by byte and widened with zeros, so that
// a pair of weights, repeated, fits beneath; 32 bytes of the row at a time.
func vertical() {
	rounding := GLOBL("halves", 8|16)
	for i := range 8 {
		DATA(4*i, U32(half))
	}

	TEXT("verticalAVX2", 4, "func(dst, src *byte, n, stride, rows int, quads *int16)")
	Pragma("noescape")
	Doc("verticalAVX2 is verticalGo for a row of n bytes, at least 32.")
	dst := Load(Param("dst"), GP64())
	src := Load(Param("src"), GP64())
	n := Load(Param("n"), GP64())
	stride := Load(Param("stride"), GP64())
	quads := Load(Param("quads"), GP64())
	stride3, x, last := GP64(), GP64(), GP64()
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, stride3)
	MOVQ(n, last)
	SUBQ(Imm(32), last)
	XORQ(x, x)
	zero := YMM()
	VPXOR(zero, zero, zero)

	Label("verticalBlock")
	p, w := GP64(), GP64()
	LEAQ(Mem{Base: src, Index: x, Scale: 1}, p)
	MOVQ(quads, w)
	count := Load(Param("rows"), GP64())
	var high, low [4]VecVirtual
	for i := range 4 {
		high[i], low[i] = YMM(), YMM()
		VPXOR(high[i], high[i], high[i])
		VMOVDQU(rounding, low[i])
	}
	step := func(a, b Mem, weights int) {
		highs, lows := YMM(), YMM()
		VPBROADCASTD(Mem{Base: w, Disp: weights}, highs)
		VPBROADCASTD(Mem{Base: w, Disp: weights + 8}, lows)
		first, second := YMM(), YMM()
		VMOVDQU(a, first)
		if b.Base == nil {
			VPUNPCKHBW(zero, first, second)
			VPUNPCKLBW(zero, first, first)
		} else {
			other := YMM()
			VMOVDQU(b, other)
			VPUNPCKHBW(other, first, second)
			VPUNPCKLBW(other, first, first)
		}
		for i, bytes := range []VecVirtual{first, first, second, second} {
			words, product := YMM(), YMM()
			if i%2 == 0 {
				VPUNPCKLBW(zero, bytes, words)
			} else {
				VPUNPCKHBW(zero, bytes, words)
			}
			VPMADDWD(highs, words, product)
			VPADDD(product, high[i], high[i])
			VPMADDWD(lows, words, words)
			VPADDD(words, low[i], low[i])
		}
	}
	SUBQ(Imm(4), count)
	JL(LabelRef("verticalTwo"))
	Label("verticalFour")
	step(Mem{Base: p}, Mem{Base: p, Index: stride, Scale: 1}, 0)
	step(Mem{Base: p, Index: stride, Scale: 2}, Mem{Base: p, Index: stride3, Scale: 1}, 4)
	LEAQ(Mem{Base: p, Index: stride, Scale: 4}, p)
	ADDQ(Imm(16), w)
	SUBQ(Imm(4), count)
	JGE(LabelRef("verticalFour"))
	Label("verticalTwo")
	TESTQ(U32(2), count)
	JZ(LabelRef("verticalOne"))
	step(Mem{Base: p}, Mem{Base: p, Index: stride, Scale: 1}, 0)
	LEAQ(Mem{Base: p, Index: stride, Scale: 2}, p)
	ADDQ(Imm(4), w)
	Label("verticalOne")
	TESTQ(U32(1), count)
	JZ(LabelRef("verticalStore"))
	step(Mem{Base: p}, Mem{}, 0)

	Label("verticalStore")
	for i := range 4 {
		VPSLLD(Imm(16), high[i], high[i])
		VPADDD(high[i], low[i], low[i])
		VPSRAD(Imm(precisionBits), low[i], low[i])
	}
	VPACKSSDW(low[1], low[0], low[0])
	VPACKSSDW(low[3], low[2], low[2])
	VPACKUSWB(low[2], low[0], low[0])
	VMOVDQU(low[0], Mem{Base: dst, Index: x, Scale: 1})
	// The last block begins where it still fits, and repeats a few bytes.
	CMPQ(x, last)
	JE(LabelRef("verticalDone"))
	ADDQ(Imm(32), x)
	CMPQ(x, last)
	CMOVQGT(last, x)
	JMP(LabelRef("verticalBlock"))
	Label("verticalDone")
	VZEROUPPER()
	RET()
}

// verticalFloats takes 32 columns at a time, and adds products in the order of the rows.
func verticalFloats() {
	TEXT("verticalFloatsAVX2", 4, "func(dst, src *float32, n, stride, rows int, weights *float32)")
	Pragma("noescape")
	Doc("verticalFloatsAVX2 is verticalFloatsGo for a row of n numbers, at least 32; stride is in bytes.")
	dst := Load(Param("dst"), GP64())
	src := Load(Param("src"), GP64())
	n := Load(Param("n"), GP64())
	stride := Load(Param("stride"), GP64())
	weights := Load(Param("weights"), GP64())
	x, last := GP64(), GP64()
	MOVQ(n, last)
	SUBQ(Imm(32), last)
	XORQ(x, x)

	Label("verticalFloatsBlock")
	p, w := GP64(), GP64()
	LEAQ(Mem{Base: src, Index: x, Scale: 4}, p)
	MOVQ(weights, w)
	count := Load(Param("rows"), GP64())
	var sums [4]VecVirtual
	for i := range sums {
		sums[i] = YMM()
		VXORPS(sums[i], sums[i], sums[i])
	}
	Label("verticalFloatsRow")
	weight := YMM()
	VBROADCASTSS(Mem{Base: w}, weight)
	for i, sum := range sums {
		product := YMM()
		VMULPS(Mem{Base: p, Disp: 32 * i}, weight, product)
		VADDPS(product, sum, sum)
	}
	ADDQ(stride, p)
	ADDQ(Imm(4), w)
	DECQ(count)
	JNZ(LabelRef("verticalFloatsRow"))
	for i, sum := range sums {
		VMOVUPS(sum, Mem{Base: dst, Index: x, Scale: 4, Disp: 32 * i})
	}
	// The last block begins where it still fits, and repeats a few numbers.
	CMPQ(x, last)
	JE(LabelRef("verticalFloatsDone"))
	ADDQ(Imm(32), x)
	CMPQ(x, last)
	CMOVQGT(last, x)
	JMP(LabelRef("verticalFloatsBlock"))
	Label("verticalFloatsDone")
	VZEROUPPER()
	RET()
}
