"""Writes what ftfy makes of texts, as lines of JSON: [text, fixed, unescaped].

    pip install ftfy==6.3.1 && python make.py > texts.jsonl        the committed ones
    python make.py 20000 SEED > all.jsonl                          many
    AKIN_TEST_FTFY=all.jsonl go test -run TestMany ./internal/ftfy compares them, and prints differences

Texts are phrases in many scripts, what mistakes make of them (encoded and decoded once or twice with the wrong encodings,
bytes lost, spaces changed, escaped for HTML), random characters of the kinds that mistakes leave, and any characters.
"unescaped" is html.unescape of the fixed text.
"""
import html, html.entities, json, random, sys, unicodedata

import ftfy
from ftfy.badness import MOJIBAKE_CATEGORIES
from ftfy.chardata import CHARMAP_ENCODINGS, HTML_ENTITIES, UTF8_CLUES

phrases = """All human beings are born free and equal in dignity and rights.
“They’re endowed with reason”, she said – ‘and conscience’…
Alle Menschen sind frei und gleich an Würde und Rechten geboren. Straße ÄÖÜ
Tous les êtres humains naissent libres et égaux; à la mode, voilà, cœur, Œuvre, ça coûte 5 €
Todos los seres humanos nacen libres ¿Qué? ¡Año! São João, às vezes, àquele
Wszyscy ludzie rodzą się wolni i równi: zażółć gęślą jaźń
Všichni lidé rodí se svobodní: příliš žluťoučký kůň
Minden emberi lény szabadon születik: árvíztűrő tükörfúrógép
Tüm insanlar özgür doğar: İstanbul Iğdır şükür
Visi cilvēki piedzimst brīvi: glāžšķūņu rūķīši
Все люди рождаются свободными и равными в своем достоинстве и правах.
Усі люди народжуються вільними: ґанок, їжа, є
Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι. ΟΔΥΣΣΕΥΣ
يولد جميع الناس أحرارا متساوين في الكرامة والحقوق.
כל בני האדם נולדו בני חורין
すべての人間は、生まれながらにして自由であり。ﾊﾝｶｸ ＦＵＬＬ　ＷＩＤＴＨ
人人生而自由，在尊严和权利上一律平等。
모든 인간은 태어날 때부터 자유로우며
सभी मनुष्यों को गौरव और अधिकारों
มนุษย์ทั้งหลายเกิดมามีอิสระ
a photo of a cat 🐈‍⬛👩🏽‍🚀🇨🇭 ❤️ ✔ ☃ ½ ² ① Ⅷ № ™ ©
25°C ±5 µm × 3 ÷ 2 ≠ √2 ∞ │┌─┐ ▒▓ ° ( ͡° ͜ʖ ͡°) ┻━┻
ﬂubberiﬁc ﬀ ﬃ Ĳ ŉ Ǆ ǅ ﬆ ſ
line\\r\\nbreak\\rand\\u2028more\\u2029or\\x85less\\ttab\\x0b\\x0c
\\x1b[36;44mblue\\x1b[0m \\ufeffbom \\ufffc \\x00nul\\x7f \\u200d\\u200e\\u202a
e\\u0301 n\\u0303 a\\u0323\\u0308 \\u1100\\u1161 \\u212b \\u0344""".split("\n")
phrases = [p.encode("raw_unicode_escape").decode("raw_unicode_escape") if "\\" in p else p for p in phrases]
phrases = [p.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t") for p in phrases]
entities = sorted(HTML_ENTITIES) + sorted("&" + n for n in html.entities.html5)
encodings = CHARMAP_ENCODINGS + ["utf-8", "cp1256", "cp1255", "utf-8-variants"]


def members(spec):
    out = []
    i = 0
    while i < len(spec):
        if i + 2 < len(spec) and spec[i + 1] == "-":
            out += map(chr, range(ord(spec[i]), ord(spec[i + 2]) + 1))
            i += 3
        else:
            out.append(spec[i])
            i += 1
    return out


kinds = [members(v) for d in (MOJIBAKE_CATEGORIES, UTF8_CLUES) for v in d.values()] + [list(" aZ.?'\"<&;#0\n\t\x1a\x1b[m"), list("ÂÃÎÐØÙàâó√≈‚вГŽœŒ° \xa0")]
all_kinds = [c for k in kinds for c in k]


def cesu(text):
    out = b""
    for c in text:
        if ord(c) > 0xFFFF:
            n = ord(c) - 0x10000
            out += (chr(0xD800 + (n >> 10)) + chr(0xDC00 + (n & 0x3FF))).encode("utf-8", "surrogatepass")
        elif c == "\0":
            out += b"\xc0\x80"
        else:
            out += c.encode("utf-8", "replace")
    return out


def mistake(g, text):
    kind = g.randrange(12)
    if kind < 6:
        encoding = g.choice(CHARMAP_ENCODINGS)
        data = cesu(text) if g.random() < 0.15 else text.encode("utf-8", "replace")
        text = data.decode(encoding, g.choice(["replace", "ignore"]))
    elif kind == 6:
        text = text.encode(g.choice(CHARMAP_ENCODINGS), "replace").decode(g.choice(CHARMAP_ENCODINGS), "replace")
    elif kind == 7:
        text = html.escape(text)
        text = text.encode("ascii", "xmlcharrefreplace").decode() if g.random() < 0.5 else text
    elif kind == 8:
        text = text.replace("\xa0", " ")
    elif kind == 9 and text:
        i = g.randrange(len(text))
        text = text[:i] + g.choice(["", "?", "\ufffd", "\x1a", g.choice(entities), g.choice(all_kinds)]) + text[i + g.randrange(2) :]
    elif kind == 10:
        text = g.choice([str.upper, str.title, str.swapcase])(text)
    else:
        text += g.choice(["", " ", "\n"]) + g.choice(phrases)
    return text


def texts(count, seed):
    g = random.Random(seed)
    out = ["", " ", "&", "&amp;amp;amp;lt;", "<b>&amp;</b>", "&lt;b&gt; &amp;amp;", "a\n<b>&amp;\n&amp;", "&NTILDE;&SZLIG;&GT;&semi;&#59;&#x26;&#0;&#128;&#xD800;&#x110000;&#1;",
           "Ã la mode", "Ã s vezes", "voilÃ le travail", "Â  hi", "Ã ", " Ã ", "sÃ³", "â€œ like this â€�", "cafÃ© itâ€™s", "(ã\x83\x84)", "í\xa0\xbdí¸\x8d", "í\xa0\xbdí¸\n", "éÀ\n",
           "Ã©" * 400, "&amp;" * 3 + "amp;" * 60, "ÃƒÂ©" * 20, "x" * 500 + "Ã©", *phrases]
    while len(out) < count:
        kind = g.randrange(10)
        if kind < 6:
            p = g.choice(phrases)
            a = g.randrange(len(p)) if g.random() < 0.5 else 0
            text = p[a : a + g.randrange(1, 40)] if g.random() < 0.6 else p
            for _ in range(g.choice([0, 1, 1, 1, 2, 2, 3, 4])):
                text = mistake(g, text)
        elif kind < 8:
            pools = g.sample(kinds, 3)
            text = "".join(g.choice(g.choice(pools)) for _ in range(g.randrange(1, 25)))
        elif kind == 8:
            text = "".join(g.choice(entities) + g.choice([""] * 3 + [" ", "x", ";", "&"]) for _ in range(g.randrange(1, 6)))
        else:
            text = "".join(c for c in map(chr, g.choices(range(0x30000), k=g.randrange(1, 20))) if not 0xD800 <= ord(c) < 0xE000)
        if not any(0xD800 <= ord(c) < 0xE000 for c in text) and len(text) < 400:
            out.append(text)
    return out


if __name__ == "__main__":
    for text in texts(int(sys.argv[1]) if len(sys.argv) > 1 else 400, int(sys.argv[2]) if len(sys.argv) > 2 else 11):
        fixed = ftfy.fix_text(text)
        print(json.dumps([text, fixed, html.unescape(fixed)], ensure_ascii=False))
