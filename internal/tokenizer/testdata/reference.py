"""Makes small tokenizers of the kinds below, and the ids that the reference gives for texts, as lines of JSON: [text, ids].

    pip install open_clip_torch==3.3.0 transformers==5.23.0 sentencepiece==0.2.3 protobuf ftfy==6.3.1
    python reference.py                                   the committed folders
    python reference.py FOLDER                            larger ones in FOLDER, with SentencePiece's whole nmt_nfkc
    python reference.py KIND FOLDER COUNT SEED            FOLDER/texts.jsonl of the tokenizer that lies there

    AKIN_TEST_TOKENIZERS=KIND=FOLDER,… go test -run TestMany ./internal/tokenizer compares those, and prints differences

Ids are those of a text without padding, at most 64.
"""
import gzip, io, json, random, sys, tempfile, unicodedata
from pathlib import Path

here = Path(__file__).parent
sys.path.insert(0, str(here.parent.parent / "ftfy" / "testdata"))
import make as damaged

import sentencepiece
from open_clip import tokenizer as open_clip_tokenizer
from transformers import AutoTokenizer, BertTokenizer, SiglipTokenizer

limit = 64

ugly = [
    "", " ", "   ", "\t\n", "a", "\0", "a\0b", "🐈‍⬛👩🏽‍🚀🇨🇭❤️", "x" * 10000, "word " * 2000, "é" * 500, "שלום עולם", "\u202eabc\u202c مرحبا",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L", "日本の国旗です", "한국어 텍스트", "<start_of_text> sneaky <end_of_text>", "<|startoftext|>x<|endoftext|>", "!<end_of_text>",
    "<START_OF_TEXT>", "it'ſ <ſtart_of_text>", "[CLS] a [SEP] b [MASK] [UNK] [PAD] [DEC] [ENC] [cls]", "a[SEP]b", "</s> a </s> b", "<unk> x<unk>y <pad> <s>",
    "<0x41> <bos>", "a ▁ b ▁▁c▁", "▁", "ΟΔΟΣ ΣΑΣ. Α'Σ", "DON'T they're I'LL", "İstanbul ıIi", "ſtraße ẞ", "½ ² ① Ⅷ ㍿ ﷺ ｶﾞ ﬁ", "e\u0301 a\u0323\u0308 \u1100\u1161 ｅ\u0301 が",
    "a\u200bb\u200dc\u00adx\ufeff", "\ufffd \ue000 \U0010ffff \u0378", "tab\tnl\nnbsp\u00a0ideo\u3000end", "a" * 101 + " " + "b" * 100, "𝒜𝓁𝓅𝒽𝒶 𝕏", "a\x1cb\x85c\u2028d",
    "1234567890 3.14 1,000", "price: $5 & 10% off!!! (new) #tag @me", "snake_case CamelCase kebab-case", "___ --- ...", "http://example.com/a?b=c",
]


def texts(count, seed):
    g = random.Random(seed)
    base = damaged.texts(count, seed)[24:]
    out = list(ugly)
    letters = "".join(damaged.phrases) + "".join(ugly[7:])
    words = (" ".join(damaged.phrases) + " " + " ".join(u for u in ugly if len(u) < 200)).split()
    while len(out) < count:
        kind = g.randrange(4)
        if kind == 0:
            out.append(base[len(out) % len(base)])
        elif kind == 1:
            out.append(g.choice([" ", " ", "  ", "", "\n"]).join(g.choice(words) for _ in range(g.randrange(1, 14))))
        elif kind == 2:
            out.append("".join(g.choice(letters) for _ in range(g.randrange(1, 60))))
        else:
            out.append(g.choice([str.upper, str.title, str.lower, lambda s: s[::-1]])(g.choice(damaged.phrases + ugly[5:9] + ugly[11:])))
    return [t for t in out if not any(0xD800 <= ord(c) < 0xE000 for c in t)][:count]


def simple(folder):
    with tempfile.NamedTemporaryFile(suffix=".gz") as f:
        f.write(gzip.compress((folder / "merges.txt").read_bytes().rstrip(b"\n")))
        f.flush()
        t = open_clip_tokenizer.SimpleTokenizer(bpe_path=f.name)
    names = {"<start_of_text>": "<|startoftext|>", "<end_of_text>": "<|endoftext|>"}
    vocabulary = {names.get(k, k): v for k, v in t.encoder.items()}
    path = folder / "vocab.json"
    if path.exists():
        assert json.loads(path.read_text()) == vocabulary
    else:
        path.write_text(json.dumps(vocabulary, ensure_ascii=False, indent=0) + "\n")

    def encode(text):
        ids = [t.sot_token_id] + t.encode(text) + [t.eot_token_id]
        ids = ids[: ids.index(t.eot_token_id) + 1]  # the embedding is of the first end
        if len(ids) > limit:
            ids = ids[: limit - 1] + [t.eot_token_id]
        return ids

    return encode


def bert(folder):
    t = BertTokenizer.from_pretrained(folder)
    return lambda text: t(text, truncation=True, max_length=limit).input_ids


def clipa(folder):
    t = open_clip_tokenizer.HFTokenizer(str(folder), context_length=limit, strip_sep_token=True)

    def encode(text):
        ids = t(text)[0].tolist()
        while ids and ids[-1] == 0:
            ids.pop()
        return ids

    return encode


def tips(folder):
    t = AutoTokenizer.from_pretrained(folder)
    assert type(t).__name__ == "Tipsv2Tokenizer", type(t)
    return lambda text: t(text, truncation=True, max_length=limit).input_ids


def siglip(folder):
    t = SiglipTokenizer.from_pretrained(folder)
    return lambda text: t(text, truncation=True, max_length=limit).input_ids


kinds = dict(simple=simple, bert=bert, clipa=clipa, tips=tips, siglip=siglip)


def write(kind, folder, count, seed):
    encode = kinds[kind](folder)
    lines = []
    for text in texts(count, seed):
        try:
            lines.append(json.dumps([text, encode(text)], ensure_ascii=False))
        except Exception as e:
            print(f"{kind}: {text[:60]!r}: {e!r}", file=sys.stderr)
    (folder / "texts.jsonl").write_text("\n".join(lines) + "\n")


def configs(folder, **kwargs):
    (folder / "tokenizer_config.json").write_text(json.dumps(kwargs) + "\n")


def rules():
    """A part of nmt_nfkc, whose table has 240 kB: NFKC of some blocks; controls go, and spaces are made one."""
    out = {(c,): "" for c in [*range(1, 9), 11, *range(14, 32), 127, 0x200E, 0xFEFF]}
    out |= {(c,): " " for c in (9, 10, 12, 13, 0xA0, 0x2028, 0x3000, 0x200B)}
    for block in (range(0xA0, 0x180), range(0x1100, 0x1113), range(0x2100, 0x2190), range(0x3040, 0x3100), range(0xAC00, 0xAC40), range(0xFB00, 0xFB07), range(0xFF00, 0xFFEF)):
        for c in map(chr, block):
            composed = unicodedata.normalize("NFKC", c)
            for form in {c, unicodedata.normalize("NFD", c), unicodedata.normalize("NFKD", c)}:
                if form != composed:
                    out.setdefault(tuple(map(ord, form)), composed)
    return "".join(" ".join(f"{c:X}" for c in k) + "\t" + " ".join(f"{ord(c):X}" for c in v) + "\n" for k, v in sorted(out.items()))


def sentences(folder, name, whole, **kwargs):
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as f:
        f.write(rules())
        f.flush()
        train(folder / name, **kwargs, **(dict(normalization_rule_name="nmt_nfkc") if whole else dict(normalization_rule_tsv=f.name)))


def train(path, **kwargs):
    buffer = io.BytesIO()
    corpus = [p for p in (damaged.phrases if kwargs["vocab_size"] > 500 else damaged.phrases[:4]) + damaged.phrases[10:13] for _ in range(20)] + [w for p in damaged.phrases[:4] for w in p.split()]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus), model_writer=buffer, hard_vocab_limit=False, minloglevel=2, num_threads=1, **kwargs
    )
    path.write_bytes(buffer.getvalue())


def make(here, whole):
    for kind in kinds:
        (here / kind).mkdir(exist_ok=True, parents=True)
    merges = gzip.open(open_clip_tokenizer.default_bpe()).read().decode().split("\n")[1 : 48895 if whole else 331]
    (here / "simple" / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
    (here / "simple" / "vocab.json").unlink(missing_ok=True)

    letters = sorted(set("".join(damaged.phrases[:6]).lower()) - set(" \n\x85äöü") | set("0123456789!?.,-_<>|[]'日本α国"))
    pieces = [w.lower() for w in "all human beings are born free photo of cat the flag don they re it alle menschen und 1 12".split()]
    tail = ["##" + c for c in letters if c.isalpha()] + ["##s", "##ing", "##e", "##er", "##34", "##ns"]
    vocabulary = ["[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(letters + pieces + tail), "[DEC]", "[ENC]"]
    for kind in ("bert", "clipa"):
        (here / kind / "vocab.txt").write_text("\n".join(dict.fromkeys(vocabulary)) + "\n")
        configs(here / kind, tokenizer_class="BertTokenizer", do_lower_case=True, model_max_length=512)
    configs(here / "bert", tokenizer_class="BertTokenizer", do_lower_case=True, model_max_length=512, bos_token="[DEC]", additional_special_tokens=["[ENC]"])

    sentences(here / "tips", "tokenizer.model", whole, vocab_size=1200 if whole else 420, model_type="bpe", byte_fallback=True, pad_id=0, unk_id=1, bos_id=-1, eos_id=-1, character_coverage=0.98)
    configs(here / "tips", tokenizer_class="Tipsv2Tokenizer", do_lower_case=True, model_max_length=64, pad_token="<pad>", unk_token="<unk>")
    sentences(here / "siglip", "spiece.model", whole, vocab_size=900 if whole else 300, model_type="unigram", pad_id=0, eos_id=1, unk_id=2, bos_id=-1, character_coverage=0.99, user_defined_symbols=["cat"])
    configs(here / "siglip", tokenizer_class="SiglipTokenizer", do_lower_case=True, model_max_length=64)
    for kind in kinds:
        write(kind, here / kind, 20000 if whole else 170, 5)


if len(sys.argv) > 2:
    write(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
elif len(sys.argv) > 1:
    make(Path(sys.argv[1]), True)
else:
    make(here, False)
