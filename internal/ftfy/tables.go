package ftfy

// categories are the characters that occur where UTF-8 was decoded as something else, by what they do in a text that is
// right (MOJIBAKE_CATEGORIES of ftfy.badness), and by the bytes that they stand for in one that is not (UTF8_CLUES of
// ftfy.chardata).
var categories = map[string]string{
	"common":            "\u00a0\u00ad·´–—―…’",
	"c1":                "\u0080-\u009f",
	"bad":               "¦¤¨¬¯¸ƒˆˇ˘˛˜†‡‰⌐◊�ªº",
	"law":               "¶§",
	"currency":          "¢£¥₧€",
	"start_punctuation": "¡«¿©΄΅‘‚“„•‹\uf8ff",
	"end_punctuation":   "®»˝”›™",
	"numeric":           "²³¹±¼½¾×µ÷⁄∂∆∏∑√∞∩∫≈≠≡≤≥№",
	"kaomoji":           "Ò-ÖÙ-Üò-öø-üŐŌŪŲ°",
	"upper_accented":    "À-ÑØÜÝĂĀĄĆČĎĐĘĚĒĖĞĢİĪĶĹĽŁĻŃŇŅŒŘŚŞŠŢŤŮŰŸŹŻŽҐ",
	"lower_accented":    "ßà-ñăąāćčďđęěēėğģįīķĺľłļœŕśşšťüźżžґﬁﬂ",
	"upper_common":      "ÞΑ-ΩΆΈΉΊΌΎΏΪΫЁ-Я",
	"lower_common":      "α-ωάέήίΰа-џ",
	"box":               "│┌┐┘├┤┬┼═-╬▀▄█▌▐░▒▓",
	"utf8_first_of_2": "ĂÂÄĀÅÃÆĆČÇĎĐÉĚÊËĖÈĒĘÐĞĢÍÎÏİÌĪĶĹĻŁŃŇŅÑÓÔÖŐÒŌØÕŘŚŠŞŢÞÚÛÜŰÙŪŲŮÝŹŽŻß×ΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫάέήίВГДЕЖЗ" +
		"ИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ",
	"utf8_first_of_3": "áăâäàāąåãæćčçďéěêëėèēęęģíîïìīįķĺļŕźΰαβγδεζηθικλμνξοабвгдежзийклмноп",
	"utf8_first_of_4": "đðğóšπσру",
	"utf8_continuation": "\u0080-¿ ĄÆĽŁØŖŚŠŞŤŸŹŽŻŒąæƒľłøŗśšşťźžżœˆˇ˘˛˜˝΄΅ΆΈΉΊΌΎΏЁЂЃЄЅІЇЈЉЊЋЌЎЏёђѓєѕіїјљњћќўџҐґ–—―‘’‚“”„†‡•…‰‹›" +
		"€№™",
	"utf8_continuation_strict": "\u0080-¿ĄÆĽŁØŖŚŠŞŤŸŹŽŻŒąæƒľłøŗśšşťźžżœˆˇ˘˛˜˝΄΅ΆΈΉΊΌΎΏЁЂЃЄЅІЇЈЉЊЋЌЎЏёђѓєѕіїјљњћќўџҐґ†‡‰‹›€№™",
}

// badness has the sequences that hardly occur in a text that is right (BADNESS_RE).
var badness = newSequences(
	"[{c1}]",
	"[{bad}{lower_accented}{upper_accented}{box}{start_punctuation}{end_punctuation}{currency}{numeric}{law}][{bad}]",
	"[a-zA-Z][{lower_common}{upper_common}][{bad}]",
	"[{bad}][{lower_accented}{upper_accented}{box}{start_punctuation}{end_punctuation}{currency}{numeric}{law}]",
	"[{lower_accented}{lower_common}{box}{end_punctuation}{currency}{numeric}][{upper_accented}]",
	"[{box}{end_punctuation}{currency}{numeric}][{lower_accented}]",
	"[{lower_accented}{box}{end_punctuation}][{currency}]",
	"\\s[{upper_accented}][{currency}]",
	"[{upper_accented}{box}][{numeric}{law}]",
	"[{lower_accented}{upper_accented}{box}{currency}{end_punctuation}][{start_punctuation}][{numeric}]",
	"[{lower_accented}{upper_accented}{currency}{numeric}{box}{law}][{end_punctuation}][{start_punctuation}]",
	"[{currency}{numeric}{box}][{start_punctuation}]",
	"[a-z][{upper_accented}][{start_punctuation}{currency}]",
	"[{box}][{kaomoji}]",
	"[{lower_accented}{upper_accented}{currency}{numeric}{start_punctuation}{end_punctuation}{law}][{box}]",
	"[{box}][{end_punctuation}]",
	"[{lower_accented}{upper_accented}][{start_punctuation}{end_punctuation}]\\w",
	// the ligature œ when no plain letter follows it
	"[Œœ][^A-Za-z]",
	// degree signs after capitals
	"[{upper_accented}]°",
	// Windows-1252
	"[ÂÃÎÐ][€œŠš¢£Ÿž\u00a0\u00ad®©°·»{start_punctuation}{end_punctuation}–—´]",
	"×[²³]",
	// Windows-1252 of Arabic
	"[ØÙ][{common}{currency}{bad}{numeric}{start_punctuation}ŸŠ®°µ»][ØÙ][{common}{currency}{bad}{numeric}{start_punctuation}ŸŠ®°µ»]",
	// Windows-1252 of South Asian letters
	"à[²µ¹¼½¾]",
	// Mac Roman
	"√[±∂†≠®™´≤≥¥µø]",
	"≈[°¢]",
	"‚Ä[ìîïòôúùû†°¢π]",
	"‚[âó][àä°ê]",
	// Windows-1251
	"вЂ",
	"[ВГРС][{c1}{bad}{start_punctuation}{end_punctuation}{currency}°µ][ВГРС]",
	// Windows-1251 of Latin-1 of Windows-1252
	"ГўВЂВ.[A-Za-z ]",
	// Windows-1252 of à, á and the no-break space
	"Ã[\u00a0¡]",
	"[a-z][ÃÂ][ ]",
	"[a-z]\\s[ÃÂ][ ]",
	"^[ÃÂ][ ]",
	// Â before the character that it came with
	"[a-z.,?!{end_punctuation}]Â[ {start_punctuation}{end_punctuation}]",
	// Windows-1253
	"β€[™\u00a0Ά\u00ad®°]",
	"[ΒΓΞΟ][{c1}{bad}{start_punctuation}{end_punctuation}{currency}°][ΒΓΞΟ]",
	// Windows-1257
	"ā€",
)

// utf8Sequence is a character of UTF-8 that was decoded as one byte each. A space stands for a no-break space as well.
// What continuesStrictly precedes it is in the middle of a larger tangle, of which no part is to be fixed
// (UTF8_DETECTOR_RE).
var (
	utf8Sequence = newSequences(
		"[{utf8_first_of_2}][{utf8_continuation}]",
		"[{utf8_first_of_3}][{utf8_continuation}][{utf8_continuation}]",
		"[{utf8_first_of_4}][{utf8_continuation}][{utf8_continuation}][{utf8_continuation}]",
	)
	strictContinuation = newSequences("[{utf8_continuation_strict}]")
)

func continuesStrictly(r rune) bool { return strictContinuation().of(r)[0] != 0 }

// alteredUTF8 would be UTF-8 if a space were the byte A0 (ALTERED_UTF8_RE).
var alteredUTF8 = byteSequences(newSequences(
	"[\u00c2\u00c3\u00c5\u00ce\u00d0\u00d9][ ]",
	"[\u00e2\u00e3][ ][\u0080-\u0084\u0086-\u009f\u00a1-\u00bf]",
	"[\u00e0-\u00e3][\u0080-\u0084\u0086-\u009f\u00a1-\u00bf][ ]",
	"[\u00f0][ ][\u0080-\u00bf][\u0080-\u00bf]",
	"[\u00f0][\u0080-\u00bf][ ][\u0080-\u00bf]",
	"[\u00f0][\u0080-\u00bf][\u0080-\u00bf][ ]",
))

// lossyUTF8 is UTF-8, or CESU-8, of which bytes are lost: 1A stands for U+FFFD, "?" for itself or a lost one
// (LOSSY_UTF8_RE).
var lossyUTF8 = byteSequences(newSequences(
	"[\u00c2-\u00df][\u001a]",
	"[\u00c2-\u00c3][?]",
	"\u00ed[\u00a0-\u00af][\u001a?]\u00ed[\u00b0-\u00bf][\u001a?\u0080-\u00bf]",
	"\u00ed[\u00a0-\u00af][\u001a?\u0080-\u00bf]\u00ed[\u00b0-\u00bf][\u001a?]",
	"[\u00e0-\u00ef][\u001a?][\u001a\u0080-\u00bf]",
	"[\u00e0-\u00ef][\u001a\u0080-\u00bf][\u001a?]",
	"[\u00f0-\u00f4][\u001a?][\u001a\u0080-\u00bf][\u001a\u0080-\u00bf]",
	"[\u00f0-\u00f4][\u001a\u0080-\u00bf][\u001a?][\u001a\u0080-\u00bf]",
	"[\u00f0-\u00f4][\u001a\u0080-\u00bf][\u001a\u0080-\u00bf][\u001a?]",
	"\u001a",
))
