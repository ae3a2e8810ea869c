"""Makes the pictures of this folder and expected.npz, which holds what Pillow makes of them.

Needs avifenc (libavif 0.11 or later), and of Python pillow (13.0, for AVIF), pillow-heif (1.8) and numpy:

    python make.py PICTURE

Names: matrix (of ITU-T H.273), f for full and l for limited range, chroma, bits.
"""
import os
import struct
import subprocess
import sys

import numpy as np
import pillow_heif
from PIL import Image, ImageOps

pillow_heif.register_heif_opener()
os.chdir(os.path.dirname(os.path.abspath(__file__)))


def encode(name, args, picture="plain.png"):
    command = ["avifenc", "-s", "6", "--min", "10", "--max", "20", "--ignore-icc", *args, picture, name + ".avif"]
    subprocess.run(command, check=True, capture_output=True)


def boxes(b):
    at = 0
    while at < len(b):
        (size,) = struct.unpack(">I", b[at : at + 4])
        yield b[at + 4 : at + 8], b[at + 8 : at + size], at
        at += size


def box(kind, body):
    return struct.pack(">I", len(body) + 8) + kind + body


def with_properties(data, properties):
    """The same file, whose item 1 has more properties; its new meta box stands at the end."""
    out = bytearray(data)
    for kind, body, at in boxes(data):
        if kind == b"meta":
            out[at + 4 : at + 8], meta = b"free", body
    new = meta[:4]
    for kind, body, _ in boxes(meta[4:]):
        if kind == b"iprp":
            changed = b""
            for kind2, body2, _ in boxes(body):
                if kind2 == b"ipco":
                    had = len(list(boxes(body2)))
                    body2 += b"".join(properties)
                else:
                    (items,), at, rest = struct.unpack(">I", body2[4:8]), 8, b""
                    for _ in range(items):
                        item, count = struct.unpack(">HB", body2[at : at + 3])
                        of = body2[at + 3 : at + 3 + count]
                        at += 3 + count
                        if item == 1:
                            of += bytes(0x80 | had + 1 + i for i in range(len(properties)))
                        rest += struct.pack(">HB", item, len(of)) + of
                    body2 = body2[:8] + rest
                changed += box(kind2, body2)
            body = changed
        new += box(kind, body)
    return bytes(out) + box(b"meta", new)


def clap(*numbers):
    return box(b"clap", struct.pack(">iIiIiIiI", *numbers))


def without_colour(name, ending):
    data = bytearray(open(name + ending, "rb").read())
    at = data.index(b"colr")
    data[at : at + 4] = b"free"
    open("nocolr_" + name + ending, "wb").write(data)


plain = Image.open(sys.argv[1]).convert("RGB").resize((32, 24), Image.BICUBIC)
plain.save("plain.png")
plain.resize((31, 23)).save("odd.png")
plain.resize((128, 128)).save("large.png")
see_through = plain.copy()
see_through.putalpha(Image.fromarray(np.tile(np.linspace(0, 255, 32).astype("uint8"), (24, 1))))
see_through.save("alpha.png")

for matrix, primaries in ((0, 1), (1, 1), (4, 4), (6, 6), (7, 1), (8, 1), (9, 9), (12, 12)):
    for full in "fl":
        for chroma, bits in (("444", 8), ("422", 10), ("420", 8), ("420", 12), ("400", 8)):
            if matrix == 0 and chroma != "444" or matrix == 8 and (chroma == "400" or full == "l"):
                continue
            encode(f"{matrix}_{full}_{chroma}_{bits}", ["--cicp", f"{primaries}/13/{matrix}", "-r", full, "-y", chroma, "-d", str(bits)])
for primaries in (1, 2, 5, 6, 9, 10, 11, 22):
    encode(f"12_of_{primaries}", ["--cicp", f"{primaries}/13/12", "-y", "444"])
encode("1_f_444_10", ["--cicp", "1/13/1", "-y", "444", "-d", "10"])
encode("odd_420", ["--cicp", "1/13/1", "-y", "420"], "odd.png")
encode("odd_422_10", ["--cicp", "1/13/1", "-y", "422", "-d", "10"], "odd.png")
for bits in "8", "10":
    encode("alpha_420_" + bits, ["-y", "420", "-d", bits, "--cicp", "1/13/1"], "alpha.png")
    encode("divided_444_" + bits, ["-p", "-y", "444", "-d", bits, "--cicp", "1/13/6"], "alpha.png")
for turn in "0123":
    encode("irot" + turn, ["--irot", turn, "-y", "420"])
for axis in "01":
    encode("imir" + axis, ["--imir", axis])
    encode("irot1_imir" + axis, ["--irot", "1", "--imir", axis])
encode("clap", ["--crop", "8,4,20,16"])
encode("clap_irot", ["--crop", "8,4,20,16", "--irot", "1"])
encode("grid", ["-g", "2x2", "--cicp", "1/13/1"], "large.png")
for name in "1_l_444_8", "0_f_444_8", "9_l_422_10":
    without_colour(name, ".avif")

for matrix in 0, 1, 6, 7, 8, 9:
    for full in "fl":
        for chroma, bits in ((444, 8), (420, 8), (422, 10), (420, 12)):
            if bits == 8:
                picture = pillow_heif.from_pillow(plain)
            else:
                pixels = np.asarray(plain).astype("uint16") * 257
                picture = pillow_heif.from_bytes(mode="RGB;16", size=plain.size, data=pixels.tobytes())
            pillow_heif.options.SAVE_HDR_TO_12_BIT = bits == 12
            picture.save(f"{matrix}_{full}_{chroma}_{bits}.heic", quality=90, chroma=chroma, matrix_coefficients=matrix,
                         color_primaries=9 if matrix == 9 else 1, transfer_characteristics=13, full_range_flag=full == "f")
pillow_heif.options.SAVE_HDR_TO_12_BIT = False
pillow_heif.from_pillow(see_through).save("alpha.heic", quality=90)
for name in "1_l_444_8", "7_f_420_8":
    without_colour(name, ".heic")
data = open("6_f_444_8.heic", "rb").read()
for name, properties in {
    "clap": [clap(20, 1, 15, 1, -2, 1, -3, 1)],
    "clap_fraction": [clap(41, 2, 31, 2, 1, 2, 1, 2)],
    "clap_irot": [clap(20, 1, 15, 1, -2, 1, -3, 1), box(b"irot", b"\1")],
    "irot_clap": [box(b"irot", b"\1"), clap(15, 1, 20, 1, -3, 1, 2, 1)],
    "irot3_imir0": [box(b"irot", b"\3"), box(b"imir", b"\0")],
}.items():
    open(name + ".heic", "wb").write(with_properties(data, properties))

expected = {}
for name in sorted(os.listdir(".")):
    if name.endswith((".avif", ".heic")):
        picture = ImageOps.exif_transpose(Image.open(name))
        expected[name] = np.asarray(picture.convert("RGBA" if "A" in picture.mode else "RGB"))
np.savez_compressed("expected.npz", **expected)
for name in "plain", "odd", "large", "alpha":
    os.remove(name + ".png")
