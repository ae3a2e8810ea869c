package tokenizer

import (
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
