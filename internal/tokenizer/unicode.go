package tokenizer

import (
	"errors"
	"strconv"
	"strings"
	"unicode"
)

// lower makes letters small one by one, as Unicode's default does: a final sigma is
// no exception, and the one letter that becomes two does.
func lower(s string) string {
	return strings.ReplaceAll(strings.Map(func(r rune) rune {
		if r == 'İ' {
			return r
		}
		return young.ToLower(r)
	}, s), "İ", "i\u0307")
}

// young are the letters that Unicode 16 and 17 brought: the reference knows them, Go's
// tables end before.
var young = unicode.SpecialCase{
	{Lo: 0x1C89, Hi: 0x1C89, Delta: [3]rune{0, 1}},
	{Lo: 0xA7CB, Hi: 0xA7CB, Delta: [3]rune{0, 0x264 - 0xA7CB}},
	{Lo: 0xA7CC, Hi: 0xA7CC, Delta: [3]rune{0, 1}},
	{Lo: 0xA7CE, Hi: 0xA7CE, Delta: [3]rune{0, 1}},
	{Lo: 0xA7D2, Hi: 0xA7D2, Delta: [3]rune{0, 1}},
	{Lo: 0xA7D4, Hi: 0xA7D4, Delta: [3]rune{0, 1}},
	{Lo: 0xA7DA, Hi: 0xA7DA, Delta: [3]rune{0, 1}},
	{Lo: 0xA7DC, Hi: 0xA7DC, Delta: [3]rune{0, 0x19B - 0xA7DC}},
	{Lo: 0x10D50, Hi: 0x10D65, Delta: [3]rune{0, 0x20}}, // Garay
	{Lo: 0x16EA0, Hi: 0x16EB8, Delta: [3]rune{0, 0x1B}}, // Beria Erfe
}

// youngLetters and youngNumbers are those of Unicode 15.1 and 16: the reference's
// pattern, Oniguruma's, knows no later ones.
var youngLetters = &unicode.RangeTable{
	R16: []unicode.Range16{{0x1C89, 0x1C8A, 1}, {0xA7CB, 0xA7CD, 1}, {0xA7DA, 0xA7DC, 1}},
	R32: []unicode.Range32{
		{0x105C0, 0x105F3, 1}, {0x10D4A, 0x10D65, 1}, {0x10D6F, 0x10D85, 1}, {0x10EC2, 0x10EC4, 1}, {0x11380, 0x11389, 1},
		{0x1138B, 0x1138B, 1}, {0x1138E, 0x1138E, 1}, {0x11390, 0x113B5, 1}, {0x113B7, 0x113B7, 1}, {0x113D1, 0x113D1, 1},
		{0x113D3, 0x113D3, 1}, {0x11BC0, 0x11BE0, 1}, {0x13460, 0x143FA, 1}, {0x16100, 0x1611D, 1}, {0x16D40, 0x16D6C, 1},
		{0x18CFF, 0x18CFF, 1}, {0x1E5D0, 0x1E5ED, 1}, {0x1E5F0, 0x1E5F0, 1}, {0x2EBF0, 0x2EE5D, 1},
	},
}

var youngNumbers = &unicode.RangeTable{R32: []unicode.Range32{
	{0x10D40, 0x10D49, 1}, {0x116D0, 0x116E3, 1}, {0x11BF0, 0x11BF9, 1}, {0x16130, 0x16139, 1}, {0x16D70, 0x16D79, 1},
	{0x1CCF0, 0x1CCF9, 1}, {0x1E5F1, 0x1E5FA, 1},
}}

// youngestLetters and youngestNumbers are those of Unicode 17 and 18.
var (
	youngestLetters = table(`558 58B-58C 88F C5C CDC 208F 209D-209F A7CE-A7CF A7D2 A7D4 A7DD A7E2 A7F1 AB6C-AB6D 107BB-107BF
		10940-10959 10EC5-10EC7 10ED9-10EEE 11B0A 11DB0-11DDB 11DF1 16EA0-16EB8 16EBB-16ED3 16FF2-16FF3 187F8-187FF
		18CD6-18CDA 18D09-18D20 18D80-18DF2 18E00-19191 191A0-191D2 1B123-1B128 1B168 1D6A6 1DF1F-1DF24 1DF2B-1DF81
		1DF90-1DF96 1DFCD-1DFFF 1E6C0-1E6DE 1E6E0-1E6E2 1E6E4-1E6E5 1E6E7-1E6ED 1E6F0-1E6F4 1E6FE-1E6FF 2B73A-2B73F
		2B81E 2CEA2-2CEAD 323B0-33479 3D000-3FC3F`)
	youngestNumbers = table(`11DE0-11DE9 1246F 12475-1247F 12550-12686 16FF4-16FF6`)
)

// The tables of transformers' BERT tokenizer are those of Unicode 8: youngMarks and youngPunctuation came later, and are
// ordinary letters to it, as youngFormat is.
var (
	youngMarks = table(`7FD 898-89F 8CA-8E1 9FE AFA-AFF B55 C04 C3C D00 D3B-D3C D81 EBA ECE 180F 1885-1886 1ABF-1ACE
		1DF6-1DFB A82C A8C5 A8FF A9BD 10D24-10D27 10EAB-10EAC 10EFD-10EFF 10F46-10F50 10F82-10F85 11070 11073-11074
		110C2 111C9 111CF 1123E 11241 1133B 11438-1143F 11442-11444 11446 1145E 1182F-11837 11839-1183A 1193B-1193C
		1193E 11943 119D4-119D7 119DA-119DB 119E0 11A01-11A0A 11A33-11A38 11A3B-11A3E 11A47 11A51-11A56 11A59-11A5B
		11A8A-11A96 11A98-11A99 11C30-11C36 11C38-11C3D 11C3F 11C92-11CA7 11CAA-11CB0 11CB2-11CB3 11CB5-11CB6
		11D31-11D36 11D3A 11D3C-11D3D 11D3F-11D45 11D47 11D90-11D91 11D95 11D97 11EF3-11EF4 11F00-11F01 11F36-11F3A
		11F40 11F42 13440 13447-13455 16F4F 16FE4 1CF00-1CF2D 1CF30-1CF46 1E000-1E006 1E008-1E018 1E01B-1E021
		1E023-1E024 1E026-1E02A 1E08F 1E130-1E136 1E2AE 1E2EC-1E2EF 1E4EC-1E4EF 1E944-1E94A`)
	youngPunctuation = table(`61D 9FD A76 C77 C84 1B7D-1B7E 2E43-2E4F 2E52-2E5D 10EAD 10F55-10F59 10F86-10F89 1144B-1144F
		1145A-1145B 1145D 11660-1166C 116B9 1183B 11944-11946 119E2 11A3F-11A46 11A9A-11A9C 11A9E-11AA2 11B00-11B09
		11C41-11C45 11C70-11C71 11EF7-11EF8 11F43-11F4F 11FFF 12FF1-12FF2 16E97-16E9A 16FE2 1E95E-1E95F`)
	youngFormat = table("890-891 8E2 110CD 13430-1343F")
)

// table reads ranges such as "558 58B-58C".
func table(ranges string) *unicode.RangeTable {
	t := &unicode.RangeTable{}
	for _, r := range strings.Fields(ranges) {
		first, last, ok := strings.Cut(r, "-")
		if !ok {
			last = first
		}
		lo, err1 := strconv.ParseUint(first, 16, 32)
		hi, err2 := strconv.ParseUint(last, 16, 32)
		if err := errors.Join(err1, err2); err != nil {
			panic(err)
		}
		if hi < 1<<16 {
			t.R16 = append(t.R16, unicode.Range16{Lo: uint16(lo), Hi: uint16(hi), Stride: 1})
		} else {
			t.R32 = append(t.R32, unicode.Range32{Lo: uint32(lo), Hi: uint32(hi), Stride: 1})
		}
	}
	return t
}
