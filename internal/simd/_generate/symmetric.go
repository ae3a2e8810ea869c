package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// symmetric writes four registers at a time, then one. Products are rounded before they are added, as in Go.
func symmetric() {
	TEXT("symmetricAVX2", 4, "func(dst, src, weights *float32, n, taps, stride int)")
	Pragma("noescape")
	Doc("symmetricAVX2 is symmetricGo for n pixels, a multiple of 8; src is the middle of the first one, and stride is in bytes.")
	dst, src, weights := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("weights"), GP64())
	n, taps, stride := Load(Param("n"), GP64()), Load(Param("taps"), GP64()), Load(Param("stride"), GP64())
	low, high, w, left := GP64(), GP64(), GP64(), GP64()
	pixels := func(name string, count int) {
		sums := make([]VecVirtual, count)
		by := YMM()
		VBROADCASTSS(Mem{Base: weights}, by)
		for i := range sums {
			sums[i] = YMM()
			VMULPS(Mem{Base: src, Disp: 32 * i}, by, sums[i])
		}
		MOVQ(src, low)
		MOVQ(src, high)
		MOVQ(weights, w)
		MOVQ(taps, left)
		Label(name + "Tap")
		DECQ(left)
		JZ(LabelRef(name + "Done"))
		SUBQ(stride, low)
		ADDQ(stride, high)
		ADDQ(Imm(4), w)
		VBROADCASTSS(Mem{Base: w}, by)
		for i, sum := range sums {
			both := YMM()
			VMOVUPS(Mem{Base: low, Disp: 32 * i}, both)
			VADDPS(Mem{Base: high, Disp: 32 * i}, both, both)
			VMULPS(by, both, both)
			VADDPS(both, sum, sum)
		}
		JMP(LabelRef(name + "Tap"))
		Label(name + "Done")
		for i, sum := range sums {
			VMOVUPS(sum, Mem{Base: dst, Disp: 32 * i})
		}
		ADDQ(U32(uint32(32*count)), dst)
		ADDQ(U32(uint32(32*count)), src)
		SUBQ(U32(uint32(8*count)), n)
	}
	Label("symmetricFour")
	CMPQ(n, Imm(32))
	JLT(LabelRef("symmetricOne"))
	pixels("symmetricFour", 4)
	JMP(LabelRef("symmetricFour"))
	Label("symmetricOne")
	CMPQ(n, Imm(8))
	JLT(LabelRef("symmetricEnd"))
	pixels("symmetricOne", 1)
	JMP(LabelRef("symmetricOne"))
	Label("symmetricEnd")
	VZEROUPPER()
	RET()
}
