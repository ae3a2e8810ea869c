package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// vnni writes an instruction of AVX-512 VNNI, which avo does not know: sum += a·b in
// each 32-bit lane. Of VPDPBUSD a is signed and b unsigned bytes; of VPDPWSSD both are
// signed words. With a suffix of BCST the 32 bits at a are in every lane.
func vnni(opcode string, suffixes []string, a, b, sum Op) {
	Instruction(&ir.Instruction{
		Opcode: opcode, Suffixes: suffixes,
		Operands: []Op{a, b, sum}, Inputs: []Op{a, b, sum}, Outputs: []Op{sum},
		ISA: []string{"AVX512F", "AVX512VNNI"},
	})
}

func zeros(vectors []VecVirtual) {
	for _, v := range vectors {
		VPXORD(v, v, v)
	}
}

// panelsVNNI: a quad of 16 rows is one register. Four sums hide the latency of one.
func panelsVNNI() {
	TEXT("panelSumsVNNI", 4, "func(q *int8, panels *uint8, out *int32, n, count int)") // NOSPLIT
	Pragma("noescape")
	Doc("panelSumsVNNI is panelSumsGo for count panels; n is a multiple of 16.")
	q, p, out := Load(Param("q"), GP64()), Load(Param("panels"), GP64()), Load(Param("out"), GP64())
	n, count := Load(Param("n"), GP64()), Load(Param("count"), GP64())
	a, left := GP64(), GP64()
	sums := []VecVirtual{ZMM(), ZMM(), ZMM(), ZMM()}

	Label("panelsVNNIPanel")
	MOVQ(q, a)
	MOVQ(n, left)
	zeros(sums)
	Label("panelsVNNIQuads")
	for i, sum := range sums {
		rows := ZMM()
		VMOVDQU32(Mem{Base: p, Disp: 64 * i}, rows)
		vnni("VPDPBUSD", []string{"BCST"}, Mem{Base: a, Disp: 4 * i}, rows, sum)
	}
	ADDQ(U32(256), p)
	ADDQ(Imm(16), a)
	SUBQ(Imm(16), left)
	JNZ(LabelRef("panelsVNNIQuads"))
	VPADDD(sums[1], sums[0], sums[0])
	VPADDD(sums[3], sums[2], sums[2])
	VPADDD(sums[2], sums[0], sums[0])
	VMOVDQU32(sums[0], Mem{Base: out})
	ADDQ(Imm(64), out)
	DECQ(count)
	JNZ(LabelRef("panelsVNNIPanel"))
	VZEROUPPER()
	RET()
}

var ones Mem // sixteen words

// panelsAVX2: pairs of products fit in 16 bits, because the rows' bytes are below 128.
func panelsAVX2() {
	ones = GLOBL("ones", 8|16)
	for i := range 16 {
		DATA(2*i, U16(1))
	}
	TEXT("panelSumsAVX2", 4, "func(q *int8, panels *uint8, out *int32, n, count int)")
	Pragma("noescape")
	Doc("panelSumsAVX2 is panelSumsGo for count panels; n is a multiple of 16.")
	q, p, out := Load(Param("q"), GP64()), Load(Param("panels"), GP64()), Load(Param("out"), GP64())
	n, count := Load(Param("n"), GP64()), Load(Param("count"), GP64())
	a, left := GP64(), GP64()
	one := YMM()
	VMOVDQU(ones, one)
	sums := []VecVirtual{YMM(), YMM(), YMM(), YMM()}

	Label("panelsAVX2Panel")
	MOVQ(q, a)
	MOVQ(n, left)
	for _, s := range sums {
		VPXOR(s, s, s)
	}
	Label("panelsAVX2Quads")
	for i := range 4 {
		quad := YMM()
		VPBROADCASTD(Mem{Base: a, Disp: 4 * i}, quad)
		for half := range 2 {
			rows, sum := YMM(), sums[i%2*2+half]
			VMOVDQU(Mem{Base: p, Disp: 64*i + 32*half}, rows)
			VPMADDUBSW(quad, rows, rows)
			VPMADDWD(one, rows, rows)
			VPADDD(rows, sum, sum)
		}
	}
	ADDQ(U32(256), p)
	ADDQ(Imm(16), a)
	SUBQ(Imm(16), left)
	JNZ(LabelRef("panelsAVX2Quads"))
	VPADDD(sums[2], sums[0], sums[0])
	VPADDD(sums[3], sums[1], sums[1])
	VMOVDQU(sums[0], Mem{Base: out})
	VMOVDQU(sums[1], Mem{Base: out, Disp: 32})
	ADDQ(Imm(64), out)
	DECQ(count)
	JNZ(LabelRef("panelsAVX2Panel"))
	VZEROUPPER()
	RET()
}

// reaches works on one panel at a time.
func reachesAVX512() {
	TEXT("reachAVX512", 4, "func(sums *int32, slack *float32, scale, weight, limit float32, out *uint16, count int)")
	Pragma("noescape")
	Doc("reachAVX512 is reachGo for count panels.")
	sums, slack, out := Load(Param("sums"), GP64()), Load(Param("slack"), GP64()), Load(Param("out"), GP64())
	scale, weight, limit := ZMM(), ZMM(), ZMM()
	for i, v := range []VecVirtual{scale, weight, limit} {
		x, err := Param([]string{"scale", "weight", "limit"}[i]).Resolve()
		if err != nil {
			panic(err)
		}
		VBROADCASTSS(x.Addr, v)
	}
	count := Load(Param("count"), GP64())
	Label("reachAVX512Panel")
	x, y, k := ZMM(), ZMM(), K()
	VCVTDQ2PS(Mem{Base: sums}, x)
	VMULPS(scale, x, x)
	VMULPS(Mem{Base: slack}, weight, y)
	VADDPS(y, x, x)
	VCMPPS(Imm(13), limit, x, k) // greater or equal, ordered
	KMOVW(k, Mem{Base: out})
	ADDQ(Imm(64), sums)
	ADDQ(Imm(64), slack)
	ADDQ(Imm(2), out)
	DECQ(count)
	JNZ(LabelRef("reachAVX512Panel"))
	VZEROUPPER()
	RET()
}

func reachesAVX2() {
	TEXT("reachAVX2", 4, "func(sums *int32, slack *float32, scale, weight, limit float32, out *uint16, count int)")
	Pragma("noescape")
	Doc("reachAVX2 is reachGo for count panels.")
	sums, slack, out := Load(Param("sums"), GP64()), Load(Param("slack"), GP64()), Load(Param("out"), GP64())
	scale, weight, limit := YMM(), YMM(), YMM()
	for i, v := range []VecVirtual{scale, weight, limit} {
		x, err := Param([]string{"scale", "weight", "limit"}[i]).Resolve()
		if err != nil {
			panic(err)
		}
		VBROADCASTSS(x.Addr, v)
	}
	count := Load(Param("count"), GP64())
	Label("reachAVX2Panel")
	bits := []GPVirtual{GP64(), GP64()}
	for half, bit := range bits {
		x, y := YMM(), YMM()
		VCVTDQ2PS(Mem{Base: sums, Disp: 32 * half}, x)
		VMULPS(scale, x, x)
		VMULPS(Mem{Base: slack, Disp: 32 * half}, weight, y)
		VADDPS(y, x, x)
		VCMPPS(Imm(13), limit, x, x)
		VMOVMSKPS(x, bit.As32())
	}
	SHLQ(Imm(8), bits[1])
	ORQ(bits[1], bits[0])
	MOVW(bits[0].As16(), Mem{Base: out})
	ADDQ(Imm(64), sums)
	ADDQ(Imm(64), slack)
	ADDQ(Imm(2), out)
	DECQ(count)
	JNZ(LabelRef("reachAVX2Panel"))
	VZEROUPPER()
	RET()
}

// wide: rows of bytes become words as they are loaded.
func wideVNNI() {
	TEXT("wideDotsVNNI", 4, "func(q *int16, rows *uint8, out *int32, n, count int)")
	Pragma("noescape")
	Doc("wideDotsVNNI is wideDotsGo for count rows; n is a multiple of 64.")
	q, p, out := Load(Param("q"), GP64()), Load(Param("rows"), GP64()), Load(Param("out"), GP64())
	n, count := Load(Param("n"), GP64()), Load(Param("count"), GP64())
	a, left := GP64(), GP64()
	sums := []VecVirtual{ZMM(), ZMM()}
	Label("wideVNNIRow")
	MOVQ(q, a)
	MOVQ(n, left)
	zeros(sums)
	Label("wideVNNIWords")
	for i, sum := range sums {
		words := ZMM()
		VPMOVZXBW(Mem{Base: p, Disp: 32 * i}, words)
		vnni("VPDPWSSD", nil, Mem{Base: a, Disp: 64 * i}, words, sum)
	}
	PREFETCHT0(Mem{Base: p, Disp: 3072})
	ADDQ(Imm(64), p)
	ADDQ(U32(128), a)
	SUBQ(Imm(64), left)
	JNZ(LabelRef("wideVNNIWords"))
	VPADDD(sums[1], sums[0], sums[0])
	half := YMM()
	VEXTRACTI64X4(Imm(1), sums[0], half)
	VPADDD(half, sums[0].AsY(), sums[0].AsY())
	horizontalSum(sums[0], out)
	ADDQ(Imm(4), out)
	DECQ(count)
	JNZ(LabelRef("wideVNNIRow"))
	VZEROUPPER()
	RET()
}

func wideAVX2() {
	TEXT("wideDotsAVX2", 4, "func(q *int16, rows *uint8, out *int32, n, count int)")
	Pragma("noescape")
	Doc("wideDotsAVX2 is wideDotsGo for count rows; n is a multiple of 64.")
	q, p, out := Load(Param("q"), GP64()), Load(Param("rows"), GP64()), Load(Param("out"), GP64())
	n, count := Load(Param("n"), GP64()), Load(Param("count"), GP64())
	a, left := GP64(), GP64()
	sums := []VecVirtual{YMM(), YMM()}
	Label("wideAVX2Row")
	MOVQ(q, a)
	MOVQ(n, left)
	for _, s := range sums {
		VPXOR(s, s, s)
	}
	Label("wideAVX2Words")
	for i := range 4 {
		words := YMM()
		VPMOVZXBW(Mem{Base: p, Disp: 16 * i}, words)
		VPMADDWD(Mem{Base: a, Disp: 32 * i}, words, words)
		VPADDD(words, sums[i%2], sums[i%2])
	}
	PREFETCHT0(Mem{Base: p, Disp: 3072})
	ADDQ(Imm(64), p)
	ADDQ(U32(128), a)
	SUBQ(Imm(64), left)
	JNZ(LabelRef("wideAVX2Words"))
	VPADDD(sums[1], sums[0], sums[0])
	horizontalSum(sums[0], out)
	ADDQ(Imm(4), out)
	DECQ(count)
	JNZ(LabelRef("wideAVX2Row"))
	VZEROUPPER()
	RET()
}

// tilesVNNI: four rows meet four queries, so that what is loaded is used four times.
func tilesVNNI() {
	TEXT("tileDotsVNNI", 4, "func(q *int8, rows *uint8, out *int32, n, fours int)")
	Pragma("noescape")
	Doc("tileDotsVNNI is tileDotsGo for four queries and 4 * fours rows; n is a multiple of 64.")
	q, p, out := Load(Param("q"), GP64()), Load(Param("rows"), GP64()), Load(Param("out"), GP64())
	n, fours := Load(Param("n"), GP64()), Load(Param("fours"), GP64())
	n3, outStride, outStride3 := GP64(), GP64(), GP64()
	LEAQ(Mem{Base: n, Index: n, Scale: 2}, n3)
	MOVQ(fours, outStride)
	SHLQ(Imm(4), outStride)
	LEAQ(Mem{Base: outStride, Index: outStride, Scale: 2}, outStride3)
	four := func(base Register, stride, stride3 Register) []Mem {
		return []Mem{{Base: base}, {Base: base, Index: stride, Scale: 1}, {Base: base, Index: stride, Scale: 2}, {Base: base, Index: stride3, Scale: 1}}
	}
	a, b, left := GP64(), GP64(), GP64()
	var sums [4][]VecVirtual // a query, a row
	for i := range sums {
		sums[i] = []VecVirtual{ZMM(), ZMM(), ZMM(), ZMM()}
	}
	Label("tileVNNIRows")
	MOVQ(q, a)
	MOVQ(p, b)
	MOVQ(n, left)
	for _, s := range sums {
		zeros(s)
	}
	Label("tileVNNIBytes")
	queries := []VecVirtual{ZMM(), ZMM(), ZMM(), ZMM()}
	for i, m := range four(a, n, n3) {
		VMOVDQU32(m, queries[i])
	}
	for j, m := range four(b, n, n3) {
		row := ZMM()
		VMOVDQU32(m, row)
		for i := range sums {
			vnni("VPDPBUSD", nil, queries[i], row, sums[i][j])
		}
	}
	ADDQ(Imm(64), a)
	ADDQ(Imm(64), b)
	SUBQ(Imm(64), left)
	JNZ(LabelRef("tileVNNIBytes"))
	for i, m := range four(out, outStride, outStride3) {
		s := sums[i]
		// Lanes of four rows are turned and added until each row's is one.
		fold := func(low, high func(ops ...Op), x, y VecVirtual) {
			t := ZMM()
			high(y, x, t)
			low(y, x, x)
			VPADDD(t, x, x)
		}
		fold(VPUNPCKLDQ, VPUNPCKHDQ, s[0], s[1])
		fold(VPUNPCKLDQ, VPUNPCKHDQ, s[2], s[3])
		fold(VPUNPCKLQDQ, VPUNPCKHQDQ, s[0], s[2])
		half, quarter := YMM(), XMM()
		VEXTRACTI64X4(Imm(1), s[0], half)
		VPADDD(half, s[0].AsY(), s[0].AsY())
		VEXTRACTI32X4(Imm(1), s[0].AsY(), quarter)
		VPADDD(quarter, s[0].AsX(), s[0].AsX())
		VMOVDQU32(s[0].AsX(), m)
	}
	LEAQ(Mem{Base: p, Index: n, Scale: 4}, p)
	ADDQ(Imm(16), out)
	DECQ(fours)
	JNZ(LabelRef("tileVNNIRows"))
	VZEROUPPER()
	RET()
}

// tilesAVX2: two rows meet four queries. A register takes the products of 32 bytes in pairs,
// as words; two such are added before they are widened, for which queries must be small.
func tilesAVX2() {
	TEXT("tileDotsAVX2", 4, "func(q *int8, rows *uint8, out *int32, n, twos int)")
	Pragma("noescape")
	Doc("tileDotsAVX2 is tileDotsGo for four queries of magnitudes up to 31 and 2 * twos rows; n is a multiple of 64.")
	q, p, out := Load(Param("q"), GP64()), Load(Param("rows"), GP64()), Load(Param("out"), GP64())
	n, twos := Load(Param("n"), GP64()), Load(Param("twos"), GP64())
	n3, outStride, outStride3 := GP64(), GP64(), GP64()
	LEAQ(Mem{Base: n, Index: n, Scale: 2}, n3)
	MOVQ(twos, outStride)
	SHLQ(Imm(3), outStride)
	LEAQ(Mem{Base: outStride, Index: outStride, Scale: 2}, outStride3)
	four := func(base Register, stride, stride3 Register) []Mem {
		return []Mem{{Base: base}, {Base: base, Index: stride, Scale: 1}, {Base: base, Index: stride, Scale: 2}, {Base: base, Index: stride3, Scale: 1}}
	}
	one := YMM()
	VMOVDQU(ones, one)
	a, b, left := GP64(), GP64(), GP64()
	var sums [4][2]VecVirtual // a query, a row
	for i := range sums {
		sums[i] = [2]VecVirtual{YMM(), YMM()}
	}
	Label("tileAVX2Rows")
	MOVQ(q, a)
	MOVQ(p, b)
	MOVQ(n, left)
	for _, s := range sums {
		VPXOR(s[0], s[0], s[0])
		VPXOR(s[1], s[1], s[1])
	}
	Label("tileAVX2Bytes")
	var rows [2][2]VecVirtual
	for j, m := range four(b, n, n3)[:2] {
		for half := range rows[j] {
			rows[j][half] = YMM()
			VMOVDQU(m.Offset(32*half), rows[j][half])
		}
	}
	for i, m := range four(a, n, n3) {
		for j, row := range rows {
			x, y := YMM(), YMM()
			VPMADDUBSW(m, row[0], x)
			VPMADDUBSW(m.Offset(32), row[1], y)
			VPADDW(y, x, x)
			VPMADDWD(one, x, x)
			VPADDD(x, sums[i][j], sums[i][j])
		}
	}
	ADDQ(Imm(64), a)
	ADDQ(Imm(64), b)
	SUBQ(Imm(64), left)
	JNZ(LabelRef("tileAVX2Bytes"))
	to := four(out, outStride, outStride3)
	for i := 0; i < len(sums); i += 2 {
		x, y := sums[i], sums[i+1]
		VPHADDD(x[1], x[0], x[0])
		VPHADDD(y[1], y[0], y[0])
		VPHADDD(y[0], x[0], x[0])
		high := XMM()
		VEXTRACTI128(Imm(1), x[0].AsY(), high)
		VPADDD(high, x[0].AsX(), x[0].AsX())
		VMOVQ(x[0].AsX(), to[i])
		VMOVHPS(x[0].AsX(), to[i+1])
	}
	LEAQ(Mem{Base: p, Index: n, Scale: 2}, p)
	ADDQ(Imm(8), out)
	DECQ(twos)
	JNZ(LabelRef("tileAVX2Rows"))
	VZEROUPPER()
	RET()
}

// rowsAhead rows are asked for before they are needed: one row takes a few nanoseconds, memory a hundred.
const rowsAhead = 8

// ask asks for the row that at[index] numbers.
func ask(rows, n Register, index Mem, label string) {
	row, end := GP64(), GP64()
	MOVL(index, row.As32())
	IMULQ(n, row)
	ADDQ(rows, row)
	LEAQ(Mem{Base: row, Index: n, Scale: 1}, end)
	Label(label)
	PREFETCHT0(Mem{Base: row})
	ADDQ(Imm(64), row)
	CMPQ(row, end)
	JL(LabelRef(label))
}

// askFirst asks for the first rows.
func askFirst(rows, n, at, count Register, label string) {
	i := GP64()
	XORQ(i, i)
	Label(label)
	ask(rows, n, Mem{Base: at, Index: i, Scale: 4}, label+"Line")
	INCQ(i)
	CMPQ(i, Imm(rowsAhead))
	JGE(LabelRef(label + "Done"))
	CMPQ(i, count)
	JL(LabelRef(label))
	Label(label + "Done")
}

// askNext asks for the row that comes rowsAhead rows later, if there is one.
func askNext(rows, n, at, count Register, label string) {
	CMPQ(count, Imm(rowsAhead))
	JLE(LabelRef(label))
	ask(rows, n, Mem{Base: at, Disp: 4 * rowsAhead}, label+"Line")
	Label(label)
}

func wideAtVNNI() {
	TEXT("wideDotsAtVNNI", 4, "func(q *int16, rows *uint8, at *uint32, out *int32, n, count int)")
	Pragma("noescape")
	Doc("wideDotsAtVNNI is wideDotsAtGo for count rows; n is a multiple of 64.")
	q, rows, at, out := Load(Param("q"), GP64()), Load(Param("rows"), GP64()), Load(Param("at"), GP64()), Load(Param("out"), GP64())
	n, count := Load(Param("n"), GP64()), Load(Param("count"), GP64())
	a, p, left := GP64(), GP64(), GP64()
	sums := []VecVirtual{ZMM(), ZMM()}
	askFirst(rows, n, at, count, "wideAtVNNIFirst")
	Label("wideAtVNNIRow")
	askNext(rows, n, at, count, "wideAtVNNINext")
	MOVL(Mem{Base: at}, p.As32())
	IMULQ(n, p)
	ADDQ(rows, p)
	MOVQ(q, a)
	MOVQ(n, left)
	zeros(sums)
	Label("wideAtVNNIWords")
	for i, sum := range sums {
		words := ZMM()
		VPMOVZXBW(Mem{Base: p, Disp: 32 * i}, words)
		vnni("VPDPWSSD", nil, Mem{Base: a, Disp: 64 * i}, words, sum)
	}
	ADDQ(Imm(64), p)
	ADDQ(U32(128), a)
	SUBQ(Imm(64), left)
	JNZ(LabelRef("wideAtVNNIWords"))
	VPADDD(sums[1], sums[0], sums[0])
	half := YMM()
	VEXTRACTI64X4(Imm(1), sums[0], half)
	VPADDD(half, sums[0].AsY(), sums[0].AsY())
	horizontalSum(sums[0], out)
	ADDQ(Imm(4), out)
	ADDQ(Imm(4), at)
	DECQ(count)
	JNZ(LabelRef("wideAtVNNIRow"))
	VZEROUPPER()
	RET()
}

func wideAtAVX2() {
	TEXT("wideDotsAtAVX2", 4, "func(q *int16, rows *uint8, at *uint32, out *int32, n, count int)")
	Pragma("noescape")
	Doc("wideDotsAtAVX2 is wideDotsAtGo for count rows; n is a multiple of 64.")
	q, rows, at, out := Load(Param("q"), GP64()), Load(Param("rows"), GP64()), Load(Param("at"), GP64()), Load(Param("out"), GP64())
	n, count := Load(Param("n"), GP64()), Load(Param("count"), GP64())
	a, p, left := GP64(), GP64(), GP64()
	sums := []VecVirtual{YMM(), YMM()}
	askFirst(rows, n, at, count, "wideAtAVX2First")
	Label("wideAtAVX2Row")
	askNext(rows, n, at, count, "wideAtAVX2Next")
	MOVL(Mem{Base: at}, p.As32())
	IMULQ(n, p)
	ADDQ(rows, p)
	MOVQ(q, a)
	MOVQ(n, left)
	for _, s := range sums {
		VPXOR(s, s, s)
	}
	Label("wideAtAVX2Words")
	for i := range 4 {
		words := YMM()
		VPMOVZXBW(Mem{Base: p, Disp: 16 * i}, words)
		VPMADDWD(Mem{Base: a, Disp: 32 * i}, words, words)
		VPADDD(words, sums[i%2], sums[i%2])
	}
	ADDQ(Imm(64), p)
	ADDQ(U32(128), a)
	SUBQ(Imm(64), left)
	JNZ(LabelRef("wideAtAVX2Words"))
	VPADDD(sums[1], sums[0], sums[0])
	horizontalSum(sums[0], out)
	ADDQ(Imm(4), out)
	ADDQ(Imm(4), at)
	DECQ(count)
	JNZ(LabelRef("wideAtAVX2Row"))
	VZEROUPPER()
	RET()
}

// horizontalSum stores the sum of the lower eight lanes.
func horizontalSum(v VecVirtual, out Register) {
	high := XMM()
	VEXTRACTI128(Imm(1), v.AsY(), high)
	VPADDD(high, v.AsX(), v.AsX())
	VPSHUFD(Imm(0x4e), v.AsX(), high)
	VPADDD(high, v.AsX(), v.AsX())
	VPSHUFD(Imm(0xb1), v.AsX(), high)
	VPADDD(high, v.AsX(), v.AsX())
	VMOVD(v.AsX(), Mem{Base: out})
}

// product writes the kernel of one or four rows and a tile of columns: each row's number
// is spread over a register, and no lane is ever added to another.
func product(name string, rows, registers int, vector func() VecVirtual, bytes int) {
	TEXT(name, 4, "func(a, b, out *float32, n, aStride, bStride, outStride int)")
	Pragma("noescape")
	a, b, out := Load(Param("a"), GP64()), Load(Param("b"), GP64()), Load(Param("out"), GP64())
	n := Load(Param("n"), GP64())
	aStride, bStride, outStride := Load(Param("aStride"), GP64()), Load(Param("bStride"), GP64()), Load(Param("outStride"), GP64())
	for _, s := range []Register{aStride, bStride, outStride} {
		SHLQ(Imm(2), s)
	}
	a3 := GP64()
	LEAQ(Mem{Base: aStride, Index: aStride, Scale: 2}, a3)
	sums := make([][]VecVirtual, rows)
	for i := range sums {
		for range registers {
			v := vector()
			sums[i] = append(sums[i], v)
			VXORPS(v.AsX(), v.AsX(), v.AsX())
		}
	}
	from := []Mem{{Base: a}, {Base: a, Index: aStride, Scale: 1}, {Base: a, Index: aStride, Scale: 2}, {Base: a, Index: a3, Scale: 1}}[:rows]
	Label(name + "Step")
	columns := make([]Op, registers)
	for j := range columns {
		columns[j] = Mem{Base: b, Disp: bytes * j}
		if rows > 1 {
			v := vector()
			VMOVUPS(columns[j], v)
			columns[j] = v
		}
	}
	for i, row := range from {
		x := vector()
		VBROADCASTSS(row, x)
		for j, c := range columns {
			VFMADD231PS(c, x, sums[i][j])
		}
	}
	ADDQ(Imm(4), a)
	ADDQ(bStride, b)
	DECQ(n)
	JNZ(LabelRef(name + "Step"))
	for i := range sums {
		for j, v := range sums[i] {
			VMOVUPS(v, Mem{Base: out, Disp: bytes * j})
		}
		if i < rows-1 {
			ADDQ(outStride, out)
		}
	}
	VZEROUPPER()
	RET()
}

func matrices() {
	z, y := func() VecVirtual { return ZMM() }, func() VecVirtual { return YMM() }
	product("productAVX512", 4, 4, z, 64)
	product("productAVX2", 4, 2, y, 32)
	product("productOneAVX512", 1, 4, z, 64)
	product("productOneAVX2", 1, 8, y, 32)
}

// prefetches: Go has no instruction for it.
func prefetches() {
	TEXT("prefetch", 4, "func(p *uint32, lines int)")
	Pragma("noescape")
	Doc("prefetch asks for lines of 64 bytes.")
	p, lines := Load(Param("p"), GP64()), Load(Param("lines"), GP64())
	Label("prefetchLine")
	PREFETCHT0(Mem{Base: p})
	ADDQ(Imm(64), p)
	DECQ(lines)
	JNZ(LabelRef("prefetchLine"))
	RET()
}
