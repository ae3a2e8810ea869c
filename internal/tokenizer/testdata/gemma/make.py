"""Makes a small tokenizer.json of Gemma's kind beside it, and the ids that the reference
gives for some texts.

    pip install tokenizers==0.23.3 && python make.py            both
    python make.py FOLDER 5000                                  FOLDER/texts.json of the tokenizer.json there

The reference is transformers' Siglip2Tokenizer: Gemma's tokenizer after Lowercase.
"""
import json, random, sys
from pathlib import Path

from tokenizers import Tokenizer, AddedToken, models, normalizers, trainers, processors

here = Path(__file__).parent
# From the Universal Declaration of Human Rights, and what trips tokenizers.
phrases = """All human beings are born free and equal in dignity and rights.
They are endowed with reason and conscience and should act towards one another in a spirit of brotherhood.
Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt.
Tous les êtres humains naissent libres et égaux en dignité et en droits.
Все люди рождаются свободными и равными в своем достоинстве и правах.
Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια. ΟΔΥΣΣΕΥΣ
يولد جميع الناس أحرارا متساوين في الكرامة والحقوق.
すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。
人人生而自由，在尊严和权利上一律平等。
모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.
सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।
İstanbul IĞDIR ıi ǅ ﬁ ẞ SS ß ŉ
three green stars on a red-white-blue flag, 3:2
a photo of a cat 🐈‍⬛👩🏽‍🚀🇨🇭 ❤️
zero\u200bwidth\u200djoin\ufeff soft\u00adhyphen
tab\there\nand\n\n\nlines\r\nend
<b>bold</b><eos><EOS><bos><pad><unk> <table> <unused1> <0x41>
  two  spaces   three    four     \u00a0nbsp\u3000wide ▁ ▁▁
x\u0000y\u0001\u001f\u007f\u0085\ud7ff\ue000\ufffd\U0010ffff
ạ̈́̀̃ n\u0303 é e\u0301 Å ﬀ ½ ² ① Ⅷ""".split("\n")


def texts(count):
    generator = random.Random(7)
    out = ["", " ", "  ", "\n", "<eos>", "a", *phrases]
    letters = "".join(phrases)
    while len(out) < count:
        kind = generator.randrange(4)
        if kind == 0:
            out.append(" ".join(generator.choices(letters.split(), k=generator.randrange(1, 12))))
        elif kind == 1:
            out.append("".join(generator.choices(letters, k=generator.randrange(1, 60))))
        elif kind == 2:
            p = generator.choice(phrases)
            a, b = sorted(generator.choices(range(len(p) + 1), k=2))
            out.append(p[a:b].upper())
        else:
            out.append("".join(c for c in map(chr, generator.choices(range(0x20, 0x30000), k=generator.randrange(1, 20))) if not 0xD800 <= ord(c) < 0xE000))
    return out


def reference(path):
    t = Tokenizer.from_file(str(path))
    t.normalizer = normalizers.Sequence([normalizers.Lowercase(), normalizers.Replace(" ", "▁")])
    t.post_processor = processors.TemplateProcessing(single="$A <eos>", special_tokens=[("<eos>", t.token_to_id("<eos>"))])
    t.enable_truncation(64)
    return t


def train():
    t = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    t.normalizer = normalizers.Sequence([normalizers.Lowercase(), normalizers.Replace(" ", "▁")])
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", *(f"<0x{b:02X}>" for b in range(256))]
    # Fewer letters than the texts have: what is left becomes bytes.
    t.train_from_iterator(phrases[:5] + phrases[12:13], trainers.BpeTrainer(vocab_size=420, special_tokens=special, show_progress=False))
    data = json.loads(t.to_str())
    data["added_tokens"] = [a for a in data["added_tokens"] if not a["content"].startswith("<0x")]
    for content, normalized in (("\n", False), ("\n\n", False), ("<table>", False), ("▁▁", False), ("menschen", True)):
        vocab = data["model"]["vocab"]
        vocab.setdefault(content, len(vocab))
        data["added_tokens"].append(dict(id=vocab[content], content=content, single_word=False, lstrip=False, rstrip=False, normalized=normalized, special=False))
    data["normalizer"] = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
    data["pre_tokenizer"] = {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False}
    (here / "tokenizer.json").write_text(json.dumps(data, ensure_ascii=False, indent=0) + "\n")


def write(folder, count):
    t = reference(folder / "tokenizer.json")
    lines = [json.dumps({"text": x, "ids": t.encode(x).ids}) for x in texts(count)]
    (folder / "texts.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")


if len(sys.argv) > 1:
    write(Path(sys.argv[1]), int(sys.argv[2]))
else:
    train()
    write(here, 120)
