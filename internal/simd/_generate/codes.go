package main

import (
	"math/bits"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

const nearSignature = "func(queries, blocks *uint64, out *uint8, count, n, limit int)"

// nearRegisters are the parameters of nearCodes, and a pointer to the blocks that moves.
type nearRegisters struct{ q, blocks, out, count, n, at, left Register }

func nearParams() nearRegisters {
	return nearRegisters{
		Load(Param("queries"), GP64()), Load(Param("blocks"), GP64()), Load(Param("out"), GP64()),
		Load(Param("count"), GP64()), Load(Param("n"), GP64()), GP64(), GP64(),
	}
}

// each writes the loops over queries and blocks.
func (r nearRegisters) each(name string, query, block func()) {
	Label(name + "Query")
	query()
	MOVQ(r.blocks, r.at)
	MOVQ(r.n, r.left)
	Label(name + "Block")
	block()
	ADDQ(Imm(1), r.out)
	ADDQ(U32(128), r.at)
	DECQ(r.left)
	JNZ(LabelRef(name + "Block"))
	ADDQ(Imm(16), r.q)
	DECQ(r.count)
	JNZ(LabelRef(name + "Query"))
	VZEROUPPER()
	RET()
}

// nearAVX512 needs VPOPCNTQ.
func nearAVX512() {
	TEXT("nearCodesAVX512", 4, nearSignature)
	Pragma("noescape")
	Doc("nearCodesAVX512 is nearCodesGo for count queries and n blocks.")
	r := nearParams()
	limit := ZMM()
	x, err := Param("limit").Resolve()
	if err != nil {
		panic(err)
	}
	VPBROADCASTQ(x.Addr, limit)
	low, high := ZMM(), ZMM()
	r.each("nearAVX512", func() {
		VPBROADCASTQ(Mem{Base: r.q}, low)
		VPBROADCASTQ(Mem{Base: r.q, Disp: 8}, high)
	}, func() {
		a, b, k := ZMM(), ZMM(), K()
		VPXORQ(Mem{Base: r.at}, low, a)
		VPXORQ(Mem{Base: r.at, Disp: 64}, high, b)
		VPOPCNTQ(a, a)
		VPOPCNTQ(b, b)
		VPADDQ(a, b, a)
		VPCMPUQ(Imm(2), limit, a, k) // less or equal
		KMOVB(k, Mem{Base: r.out})
	})
}

// nearAVX2 counts the bits of half a byte by a table.
func nearAVX2() {
	table := GLOBL("bitsOfNibble", 8|16)
	for i := range 32 {
		DATA(i, U8(bits.OnesCount(uint(i%16))))
	}
	nibble := GLOBL("nibble", 8|16)
	for i := range 32 {
		DATA(i, U8(15))
	}
	TEXT("nearCodesAVX2", 4, nearSignature)
	Pragma("noescape")
	Doc("nearCodesAVX2 is nearCodesGo for count queries and n blocks.")
	r := nearParams()
	limit, counts, mask, zero, low, high := YMM(), YMM(), YMM(), YMM(), YMM(), YMM()
	x, err := Param("limit").Resolve()
	if err != nil {
		panic(err)
	}
	VPBROADCASTQ(x.Addr, limit)
	VMOVDQU(table, counts)
	VMOVDQU(nibble, mask)
	VPXOR(zero, zero, zero)
	r.each("nearAVX2", func() {
		VPBROADCASTQ(Mem{Base: r.q}, low)
		VPBROADCASTQ(Mem{Base: r.q, Disp: 8}, high)
	}, func() {
		var far [2]Register
		for half := range far {
			var sum VecVirtual
			for part, of := range []VecVirtual{low, high} {
				a, b := YMM(), YMM()
				VPXOR(Mem{Base: r.at, Disp: 64*part + 32*half}, of, a)
				VPSRLW(Imm(4), a, b)
				VPAND(mask, a, a)
				VPAND(mask, b, b)
				VPSHUFB(a, counts, a)
				VPSHUFB(b, counts, b)
				VPADDB(a, b, a)
				if part == 1 {
					VPADDB(a, sum, a)
				}
				sum = a
			}
			VPSADBW(zero, sum, sum)
			VPCMPGTQ(limit, sum, sum)
			m := GP32()
			VMOVMSKPD(sum, m)
			far[half] = m
		}
		SHLL(Imm(4), far[1])
		ORL(far[1], far[0])
		XORL(U32(0xff), far[0])
		MOVB(far[0].(GPVirtual).As8(), Mem{Base: r.out})
	})
}
