#!/usr/bin/env python3
"""Makes the files of testdata/cases from one picture, and expected.npz: the upright pixels that
Pillow gives for each, as ImageOps.exif_transpose(im).convert("RGB"), and the alpha of its "RGBA"
where it has any. Where Pillow refuses, or is wrong by its own account (16-bit grey is clipped),
the right value is given here and README.md says why.

    pip install pillow numpy imagecodecs; apt-get install imagemagick
    python3 cases.py PICTURE.png

The files are made once and committed. Run it again to add cases, with any picture of many colours: files that are there
stay as they are, with what is expected of them. To make one anew, delete it first.
"""
import io, lzma, os, shutil, struct, subprocess, sys, tempfile, zlib
import imagecodecs
import numpy as np
from PIL import Image, ImageOps

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases")
EXPECTED, README = os.path.join(HERE, "expected.npz"), os.path.join(HERE, "README.md")
expected, notes = {}, []
kept = dict(np.load(EXPECTED)) if os.path.exists(EXPECTED) else {}
kept_notes = {}
if os.path.exists(README):
    for line in open(README):
        if line.startswith("| `"):
            cells = [cell.strip() for cell in line.strip().strip("|").split(" | ", 2)]
            kept_notes[cells[0].strip("`")] = cells[1:]


def pillow(data):
    im = Image.open(io.BytesIO(data))
    im.load()
    im = ImageOps.exif_transpose(im)
    alpha = None
    if im.has_transparency_data:
        alpha = np.asarray(im.convert("RGBA"))[..., 3]
        if (alpha == 255).all():
            alpha = None
    return np.asarray(im.convert("RGB")), alpha


def case(name, data, right=None, alpha=None, why=""):
    """right stands where Pillow gives nothing or something else; why says so in README.md."""
    if name in kept and os.path.exists(os.path.join(HERE, name)):
        expected.update({key: kept[key] for key in (name, name + ":alpha") if key in kept})
        if name in kept_notes:
            notes.append((name, *kept_notes[name]))
        return
    with open(os.path.join(HERE, name), "wb") as f:
        f.write(data)
    try:
        rgb, a = pillow(data)
        said = ""
    except Exception as e:  # noqa: BLE001
        rgb, a, said = None, None, f"refused ({str(e).splitlines()[0].split(' <')[0][:60]})"
    if right is not None:
        if rgb is not None and rgb.shape == right.shape and (rgb == right).all():
            said = "the same colours"
        elif rgb is not None:
            said = "other pixels"
        rgb, a = right, alpha
        notes.append((name, said, why))
    if rgb is None:
        sys.exit(f"{name}: {said}, and no right value is given")
    expected[name] = np.ascontiguousarray(rgb, np.uint8)
    if a is not None:
        expected[name + ":alpha"] = np.ascontiguousarray(a, np.uint8)


# The picture: colours, an alpha, a palette.
photo = Image.open(sys.argv[1]).convert("RGB")
W, H = 23, 17
rgb = np.asarray(photo.resize((W, H), Image.Resampling.LANCZOS))
grey = np.asarray(photo.convert("L").resize((W, H)))
ramp = ((np.arange(W)[None, :] * 13 + np.arange(H)[:, None] * 5) % 256).astype(np.uint8)
rgba = np.dstack([rgb, ramp])
pal_im = Image.fromarray(rgb).quantize(11)
index = np.asarray(pal_im)
if index.max() < 10:
    sys.exit(f"{sys.argv[1]} has too few colours for a palette of 11: take another picture, such as a photo")
palette = np.array(pal_im.getpalette()[: 11 * 3], np.uint8).reshape(-1, 3)
bit = (grey > 120).astype(np.uint8)
rng = np.random.default_rng(7)
grey16 = (grey.astype(np.uint16) << 8) | rng.integers(0, 256, grey.shape, dtype=np.uint16)
rgb16 = (rgb.astype(np.uint16) << 8) | rng.integers(0, 256, rgb.shape, dtype=np.uint16)
rgba16 = (rgba.astype(np.uint16) << 8) | rng.integers(0, 256, rgba.shape, dtype=np.uint16)
g3 = lambda g: np.dstack([g, g, g])


# ---- PNG
def chunk(kind, body=b"", crc=None):
    crc = zlib.crc32(kind + body) if crc is None else crc
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)


def pack_bits(row, depth):
    bits = "".join(f"{v:0{depth}b}" for v in row)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


def png_row(row, depth):
    row = np.asarray(row)
    if depth == 16:
        return row.astype(">u2").tobytes()
    if depth == 8:
        return row.astype(np.uint8).tobytes()
    return pack_bits(row, depth)


def filtered(rows, bpp):
    """Each row with another filter."""
    out, above = b"", bytes(len(rows[0])) if rows else b""
    for n, row in enumerate(rows):
        kind, line = n % 5, bytearray()
        for i, v in enumerate(row):
            a = row[i - bpp] if i >= bpp else 0
            b = above[i]
            c = above[i - bpp] if i >= bpp else 0
            p = a + b - c
            pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
            paeth = a if pa <= pb and pa <= pc else b if pb <= pc else c
            line.append((v - [0, a, b, (a + b) // 2, paeth][kind]) & 255)
        out += bytes([kind]) + bytes(line)
        above = row
    return out


PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
BITS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def png_raw(pix, depth, colour, interlaced):
    bpp = max(1, depth * BITS[colour] // 8)
    if not interlaced:
        return filtered([png_row(r, depth) for r in pix], bpp)
    out = b""
    for x, y, dx, dy in PASSES:
        part = pix[y::dy, x::dx]
        if part.size:
            out += filtered([png_row(r, depth) for r in part], bpp)
    return out


MAGIC = b"\x89PNG\r\n\x1a\n"


def ihdr(depth, colour, interlaced=0, w=W, h=H):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, depth, colour, 0, 0, interlaced))


def png(pix, depth, colour, interlaced=0, before=b"", after=b"", raw=None, end=None, h=H, w=W, z=None):
    raw = png_raw(pix, depth, colour, interlaced) if raw is None else raw
    z = zlib.compress(raw) if z is None else z
    end = chunk(b"IEND") if end is None else end
    return MAGIC + ihdr(depth, colour, interlaced, w, h) + before + chunk(b"IDAT", z) + after + end


plte = chunk(b"PLTE", palette.tobytes())
high = lambda a: (a >> 8).astype(np.uint8)
for il in (0, 1):
    n = "png_interlaced_" if il else "png_"
    for depth in (1, 2, 4):
        v = grey >> (8 - depth)
        case(f"{n}grey{depth}.png", png(v, depth, 0, il))
    for depth, colours in ((1, 2), (2, 4), (4, 11), (8, 11)):
        case(f"{n}palette{depth}.png", png(index % colours, depth, 3, il, plte))
    case(f"{n}grey8.png", png(grey, 8, 0, il))
    case(f"{n}grey16.png", png(grey16, 16, 0, il), right=g3(high(grey16)), why="Pillow clips 16-bit grey to 255; the high byte is kept")
    case(f"{n}rgb8.png", png(rgb.reshape(H, W, 3), 8, 2, il))
    case(f"{n}rgb16.png", png(rgb16, 16, 2, il))
    case(f"{n}grey_alpha8.png", png(np.dstack([grey, ramp]), 8, 4, il))
    case(f"{n}grey_alpha16.png", png(np.dstack([grey16, grey16[::-1]]), 16, 4, il))
    case(f"{n}rgba8.png", png(rgba, 8, 6, il))
    case(f"{n}rgba16.png", png(rgba16, 16, 6, il))
for w, h in ((1, 1), (2, 1), (3, 5), (5, 4), (9, 2)):
    case(f"png_interlaced_{w}x{h}.png", png(rgb[:h, :w], 8, 2, 1, w=w, h=h))
trns = lambda b: chunk(b"tRNS", b)
case("png_trns_in_rgba.png", png(rgba, 8, 6, before=trns(b"\0\1\0\2\0\3")))
case("png_trns_in_grey_alpha.png", png(np.dstack([grey, ramp]), 8, 4, before=trns(b"\0\1")))
case("png_trns_rgb.png", png(rgb, 8, 2, before=trns(struct.pack(">3H", *map(int, rgb[3, 4])))))
case("png_trns_grey.png", png(grey, 8, 0, before=trns(struct.pack(">H", int(grey[3, 4])))))
g2 = grey >> 6
case("png_trns_grey2.png", png(g2, 2, 0, before=trns(b"\0\2")), right=g3(g2 * 85), alpha=np.where(g2 == 2, 0, 255),
     why="Pillow compares the key with the scaled value, libpng with the sample")
k = tuple(map(int, rgb16[3, 4]))
case("png_trns_rgb16.png", png(rgb16, 16, 2, before=trns(struct.pack(">3H", *k))), right=high(rgb16),
     alpha=np.where((rgb16 == k).all(-1), 0, 255), why="Pillow compares 8 bits with a key of 16, libpng all 16")
case("png_trns_palette.png", png(index, 8, 3, before=plte + trns(bytes(range(0, 250, 25)))))
case("png_trns_palette_index.png", png(index, 8, 3, before=plte + trns(b"\xff\xff\0")))
case("png_trns_before_plte.png", png(index, 8, 3, before=trns(b"\xff\x80\0") + plte))
case("png_trns_after_idat.png", png(index, 8, 3, before=plte, after=trns(b"\xff\x80\0")), right=palette[index], why="libpng ignores a tRNS after the pixels")
case("png_trns_short.png", png(rgb, 8, 2, before=trns(b"\0\1")), right=rgb, why="libpng ignores it")
case("png_trns_long.png", png(index, 8, 3, before=plte + trns(bytes([255] * 40))))
case("png_trns_bad_checksum.png", png(rgb, 8, 2, before=chunk(b"tRNS", b"\0\1\0\2\0\3", 1)), right=rgb, why="libpng ignores an ancillary chunk whose checksum is wrong")
case("png_text_bad_checksum.png", png(rgb, 8, 2, before=chunk(b"tEXt", b"a\0b", 1)), right=rgb, why="the same")
case("png_plte_in_grey.png", png(grey, 8, 0, before=plte))
case("png_plte_in_rgb.png", png(rgb, 8, 2, before=plte))
case("png_plte_too_long.png", png(index % 4, 2, 3, before=plte))
case("png_plte_odd_length.png", png(index % 10, 8, 3, before=chunk(b"PLTE", palette.tobytes()[:31])))
case("png_plte_twice.png", png(index, 8, 3, before=chunk(b"PLTE", palette[::-1].tobytes()) + plte))
case("png_trns_twice.png", png(index, 8, 3, before=plte + trns(b"\0\0") + trns(b"\xff\x80")))
case("png_before_ihdr.png", MAGIC + chunk(b"tEXt", b"a\0b") + png(rgb, 8, 2)[8:])
case("png_long_ihdr.png", MAGIC + chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, 8, 2, 0, 0, 0) + b"xy") + png(rgb, 8, 2)[33:])
case("png_odd_order.png", png(rgb, 8, 2, before=chunk(b"pHYs", b"\0" * 9) + chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(b"tIME", b"\7\xd0\1\1\0\0\0"),
     after=chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(b"sRGB", b"\0") + chunk(b"cHRM", b"\0" * 32)))
case("png_unknown_critical.png", png(rgb, 8, 2, before=chunk(b"ABCD", b"xyz")))
raw = png_raw(rgb, 8, 2, 0)
case("png_more_rows.png", png(rgb, 8, 2, raw=raw + raw[:200]))
case("png_no_iend.png", png(rgb, 8, 2, end=b""))
case("png_cut_after_pixels.png", png(rgb, 8, 2, end=b"")[:-2])
case("png_rubbish_at_the_end.png", png(rgb, 8, 2, end=b"\0" * 30))
z = zlib.compress(raw)
case("png_bad_adler.png", png(rgb, 8, 2, z=z[:-4] + b"abcd"), right=rgb, why="the chunk's own checksum is right")
case("png_no_adler.png", png(rgb, 8, 2, z=z[:-4]))
m = len(z) // 3
case("png_idats.png", MAGIC + ihdr(8, 2) + chunk(b"IDAT", z[:1]) + chunk(b"IDAT") + chunk(b"IDAT", z[1:m]) + chunk(b"IDAT", z[m:]) + chunk(b"IEND"))
case("png_idats_apart.png", MAGIC + ihdr(8, 2) + chunk(b"IDAT", z[:m]) + chunk(b"tEXt", b"a\0b") + chunk(b"IDAT", z[m:]) + chunk(b"IEND"),
     right=rgb, why="pixels are taken from every IDAT")
frames = [Image.fromarray(rgb), Image.fromarray(rgb[::-1].copy())]
b = io.BytesIO()
frames[0].save(b, "PNG", save_all=True, append_images=frames[1:])
case("png_animated.png", b.getvalue())
case("png_text_bomb.png", png(rgb, 8, 2, before=chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(bytes(3 << 20), 9))),
     right=rgb, why="Pillow refuses texts of more than 1 MB; a text that long is not read")
big = palette.copy()
case("png_index_beyond_palette.png", png(index, 8, 3, before=chunk(b"PLTE", palette[:5].tobytes())),
     right=np.where(index[..., None] < 5, palette[index], 0), why="black, as libpng gives it")


# ---- Orientation
def exif(turn=None, kind=3, order="<", extra=b""):
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    if turn is None:
        return head + struct.pack(order + "HHHII", 1, 0x010F, 2, 4, 0x30303030) + b"\0" * 4
    value = {1: "B3x", 3: "H2x", 4: "I", 6: "b3x", 8: "h2x", 9: "i", 11: "f", 13: "I"}.get(kind)
    if value:
        return head + struct.pack(order + "HHHI", 1, 0x0112, kind, 1) + struct.pack(order + value, turn) + b"\0" * 4
    body = {5: struct.pack(order + "II", turn, 1), 10: struct.pack(order + "ii", turn, 1), 12: struct.pack(order + "d", turn)}[kind]
    return head + struct.pack(order + "HHHII", 1, 0x0112, kind, 1, 26) + b"\0" * 4 + body


attr = lambda t: f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="{t}"/></x:xmpmeta>'.encode()
elem = lambda t: f"<x:xmpmeta><rdf:Description><tiff:Orientation>{t}</tiff:Orientation></rdf:Description></x:xmpmeta>".encode()
base_jpg = io.BytesIO()
Image.fromarray(rgb).save(base_jpg, "JPEG", quality=90, subsampling=0)
base_jpg = base_jpg.getvalue()
app1 = lambda b: b"\xff\xe1" + struct.pack(">H", len(b) + 2) + b
jx = lambda p: app1(b"http://ns.adobe.com/xap/1.0/\0" + p)
je = lambda e: app1(b"Exif\0\0" + e)
jpg = lambda *seg: base_jpg[:2] + b"".join(seg) + base_jpg[2:]
for t in range(1, 9):
    case(f"xmp_{t}.jpg", jpg(jx((attr if t % 2 else elem)(t))))
case("xmp_element.jpg", jpg(jx(elem(6))))
case("xmp_single_quotes.jpg", jpg(jx(attr(6).replace(b'"', b"'"))))
case("xmp_9.jpg", jpg(jx(attr(9))))
case("xmp_twice_in_one.jpg", jpg(jx(attr(3) + attr(6))))
case("xmp_two_segments.jpg", jpg(jx(attr(3)), jx(attr(6))))
case("xmp_and_exif.jpg", jpg(jx(attr(3)), je(exif(6))))
case("xmp_and_exif_0.jpg", jpg(jx(attr(3)), je(exif(0))))
case("xmp_and_exif_9.jpg", jpg(jx(attr(3)), je(exif(9))))
case("xmp_and_exif_without.jpg", jpg(jx(attr(3)), je(exif())))
case("exif_twice_prefixed.jpg", jpg(je(b"Exif\0\0" + exif(6))))
case("exif_two_segments.jpg", jpg(je(exif(6)[:20]), app1(b"Exif\0\0" + exif(6)[20:])))
for kind in (1, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13):
    case(f"exif_type_{kind}.jpg", jpg(je(exif(6, kind, "<" if kind % 2 else ">"))))
itxt = lambda k, v, packed=0: chunk(b"iTXt", k + b"\0" + bytes([packed, 0]) + b"\0\0" + (zlib.compress(v) if packed else v))
XMP = b"XML:com.adobe.xmp"
P = lambda before=b"", after=b"": png(rgb, 8, 2, before=before, after=after)
raw_profile = lambda e: f"\nexif\n{len(e):8}\n".encode() + b"\n".join(e.hex().encode()[i : i + 72] for i in range(0, 2 * len(e), 72)) + b"\n"
RAW = b"Raw profile type exif"
case("xmp_itxt.png", P(itxt(XMP, attr(6))))
case("xmp_itxt_packed.png", P(itxt(XMP, elem(5), 1)))
case("xmp_itxt_after.png", P(after=itxt(XMP, attr(8))))
case("xmp_text.png", P(chunk(b"tEXt", XMP + b"\0" + attr(6))))
case("xmp_ztxt.png", P(chunk(b"zTXt", XMP + b"\0\0" + zlib.compress(attr(6)))))
case("xmp_not_utf8.png", P(itxt(XMP, attr(6) + b"\xff\xfe")))
case("exif.png", P(chunk(b"eXIf", exif(6, order=">"))))
case("exif_after.png", P(after=chunk(b"eXIf", exif(8))))
case("exif_and_xmp.png", P(itxt(XMP, attr(3)) + chunk(b"eXIf", exif(6))))
case("exif_without_and_xmp.png", P(itxt(XMP, attr(3)) + chunk(b"eXIf", exif())))
case("exif_twice.png", P(chunk(b"eXIf", exif(3)), chunk(b"eXIf", exif(6))))
case("exif_raw_text.png", P(chunk(b"tEXt", RAW + b"\0" + raw_profile(b"Exif\0\0" + exif(6)))))
case("exif_raw_ztxt.png", P(chunk(b"zTXt", RAW + b"\0\0" + zlib.compress(raw_profile(exif(7))))))
case("exif_raw_itxt.png", P(itxt(RAW, raw_profile(exif(5)))))
case("exif_raw_and_exif.png", P(chunk(b"tEXt", RAW + b"\0" + raw_profile(exif(3))) + chunk(b"eXIf", exif(6))))
case("exif_raw_and_xmp.png", P(itxt(XMP, attr(3)) + chunk(b"tEXt", RAW + b"\0" + raw_profile(exif(6)))))
case("exif_raw_app1.png", P(chunk(b"tEXt", b"Raw profile type APP1\0" + raw_profile(b"Exif\0\0" + exif(6)))))
case("exif_text.png", P(chunk(b"tEXt", b"exif\0" + exif(6))), right=np.rot90(rgb, -1), why="Pillow takes a text of this name for an EXIF block")


def webp(im, **k):
    b = io.BytesIO()
    im.save(b, "WEBP", **k)
    return b.getvalue()


for n, k in (("exif", dict(exif=exif(6))), ("xmp", dict(xmp=attr(6))), ("exif_and_xmp", dict(exif=exif(3), xmp=attr(6))), ("exif_without_and_xmp", dict(exif=exif(), xmp=elem(8)))):
    case(f"{n}.webp", webp(Image.fromarray(rgb), lossless=True, **k))


# ---- WebP's alpha
case("webp_lossless_alpha.webp", webp(Image.fromarray(rgba), lossless=True, exact=True))


def alph(values, kind, width=W, height=H):
    """An ALPH chunk: 0 as it is, 1 packed; each of the filters in bits 2 and 3."""
    packed, filt = kind & 1, kind >> 2 & 3
    v = values.astype(int)
    if filt:
        p = np.zeros_like(v)
        left = np.zeros_like(v); left[:, 1:] = v[:, :-1]
        up = np.zeros_like(v); up[1:] = v[:-1]
        corner = np.zeros_like(v); corner[1:, 1:] = v[:-1, :-1]
        p = {1: left, 2: up, 3: np.clip(left + up - corner, 0, 255)}[filt].copy()
        p[0, 1:] = v[0, :-1]
        p[1:, 0] = v[:-1, 0]
        p[0, 0] = 0
        v = (v - p) % 256
    body = v.astype(np.uint8).tobytes()
    if packed:
        g = np.zeros((height, width, 3), np.uint8)
        g[..., 1] = v
        l = webp(Image.fromarray(g), lossless=True, quality=100)
        at = l.index(b"VP8L")
        size = struct.unpack("<I", l[at + 4 : at + 8])[0]
        body = l[at + 8 + 5 : at + 8 + size]
    return bytes([kind]) + body


def riff(*parts):
    out = b"WEBP"
    for k, v in parts:
        out += k + struct.pack("<I", len(v)) + v + b"\0" * (len(v) & 1)
    return b"RIFF" + struct.pack("<I", len(out)) + out


lossy = webp(Image.fromarray(rgb), quality=90)
vp8 = lossy[20 : 20 + struct.unpack("<I", lossy[16:20])[0]]
vp8x = lambda flags: (b"VP8X", bytes([flags, 0, 0, 0]) + struct.pack("<I", W - 1)[:3] + struct.pack("<I", H - 1)[:3])
for kind in (0, 4, 8, 12, 1, 5, 9, 13):
    case(f"webp_alpha_{'packed' if kind & 1 else 'plain'}_filter{kind >> 2}.webp", riff(vp8x(0x10), (b"ALPH", alph(ramp, kind)), (b"VP8 ", vp8)))
case("webp_alpha_flag_missing.webp", riff(vp8x(0), (b"ALPH", alph(ramp, 0)), (b"VP8 ", vp8)))
b = io.BytesIO()
Image.fromarray(rgba).save(b, "WEBP", save_all=True, append_images=[Image.fromarray(rgba[::-1].copy())], quality=80, exact=True)
case("webp_animated_alpha.webp", b.getvalue())


# ---- JPEG
wide = np.asarray(photo.resize((70, 50)))


def jpeg(arr, **k):
    b = io.BytesIO()
    Image.fromarray(arr).save(b, "JPEG", **{"quality": 85, **k})
    return b.getvalue()


J = jpeg(wide)
for v in ((0, 0), (0, 2), (2, 1), (1, 9)):
    i = J.index(b"JFIF\0") + 5
    case(f"jfif_{v[0]}_{v[1]}.jpg", J[:i] + bytes(v) + J[i + 2 :])
case("padded_zeros.jpg", J[:-2] + bytes(512))
case("padded_ones.jpg", J[:-2] + b"\xff" * 3 + bytes(40))
case("rubbish_after_end.jpg", J + b"rubbish" * 9)
sos = J.index(b"\xff\xda")
case("extraneous_bytes.jpg", J[:sos] + b"\0abc" + J[sos:])
case("extraneous_before_dqt.jpg", J[:20] + b"\x12\x34" + J[20:])
case("invalid_sos.jpg", J[: sos + 11] + b"\0\0\0" + J[sos + 14 :])
adobe = lambda t: b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0" + bytes([t])
nojfif = J[:2] + J[20:]
for t in (0, 1, 2, 7):
    case(f"adobe_{t}.jpg", nojfif[:2] + adobe(t) + nojfif[2:])
case("adobe_short.jpg", nojfif[:2] + b"\xff\xee\0\x09Adobe\0\0" + nojfif[2:])
case("jfif_short.jpg", nojfif[:2] + b"\xff\xe0\0\x09JFIF\0\1\1" + nojfif[2:])
R = jpeg(wide, restart_marker_blocks=2)
scan = R.index(b"\xff\xda")
marks = [i for i in range(scan, len(R) - 1) if R[i] == 0xFF and 0xD0 <= R[i + 1] <= 0xD7]
case("restart_lost.jpg", R[: marks[1]] + R[marks[2] :])
case("restart_twice.jpg", R[: marks[1]] + R[marks[1] : marks[1] + 2] + R[marks[1] :])
case("restart_wrong.jpg", R[: marks[2] + 1] + b"\xd6" + R[marks[2] + 2 :])
case("restart_far.jpg", R[: marks[2] + 1] + b"\xd4" + R[marks[2] + 2 :])
case("restart_segment_short.jpg", R[: marks[1] - 4] + R[marks[1] :])
case("restart_segment_long.jpg", R[: marks[1]] + b"\x55\xaa\x55" + R[marks[1] :])
case("restart_then_end.jpg", R[: marks[2]] + b"\xff\xd9")
case("end_early.jpg", J[: sos + (len(J) - sos) // 2] + b"\xff\xd9")
bad = bytearray(J)
at = sos + 14 + 150
bad[at : at + 3] = b"\xfe\xfe\xfe"
case("bad_codes.jpg", bytes(bad))
PR = jpeg(wide, progressive=True)
scans = [i for i in range(len(PR) - 1) if PR[i] == 0xFF and PR[i + 1] == 0xDA]
case("progressive_invalid_scan_end.jpg", PR[: scans[-1] + 40] + b"\xff\xd9")
case("progressive_extraneous.jpg", PR[: scans[2]] + b"\0\0\0" + PR[scans[2] :])
dht = []
i = 2
while J[i + 1] != 0xDA:
    n = struct.unpack(">H", J[i + 2 : i + 4])[0]
    dht.append((J[i + 1], J[i : i + 2 + n]))
    i += 2 + n
case("no_huffman_tables.jpg", b"\xff\xd8" + b"".join(s for m, s in dht if m != 0xC4) + J[i:])
case("markers_with_fill.jpg", J[:2] + b"\xff" * 5 + J[2:sos] + b"\xff\xff" + J[sos:])
ink = np.dstack([255 - wide[..., 0], wide[..., 1], 255 - wide[..., 2], wide[..., 0] // 4])
b = io.BytesIO()
Image.fromarray(ink, "CMYK").save(b, "JPEG", quality=90)
case("cmyk.jpg", b.getvalue())


# ---- GIF
def lzw(values, bits, clears=True, defer=False, end=True):
    clear = 1 << bits
    out, n = 0, 0
    data = bytearray()

    def put(code, size):
        nonlocal out, n
        out |= code << n
        n += size
        while n >= 8:
            data.append(out & 255)
            out >>= 8
            n -= 8

    size, nxt, table = bits + 1, clear + 2, {}
    put(clear, size)
    prefix = None
    for v in values:
        v = int(v)
        if prefix is None:
            prefix = (v,)
            continue
        if prefix + (v,) in table or False:
            prefix += (v,)
            continue
        put(prefix[0] if len(prefix) == 1 else table[prefix], size)
        if nxt < 4096:
            table[prefix + (v,)] = nxt
            nxt += 1
            if nxt == (1 << size) + 1 and size < 12:
                size += 1
        elif not defer:
            put(clear, size)
            size, nxt, table = bits + 1, clear + 2, {}
        prefix = (v,)
    put(prefix[0] if len(prefix) == 1 else table[prefix], size)
    if nxt == 1 << size and size < 12:
        size += 1
    if end:
        put(clear + 1, size)
    if n:
        data.append(out & 255)
    return bytes(data)


def blocks(b):
    out = b""
    for i in range(0, len(b), 255):
        out += bytes([len(b[i : i + 255])]) + b[i : i + 255]
    return out + b"\0"


def gif(values, w, h, canvas=None, bits=4, pal=palette, local=None, gce=b"", x=0, y=0, interlaced=0, data=None, end=b";", between=b""):
    cw, ch = (w, h) if canvas is None else canvas
    n = 0
    table = b""
    if pal is not None:
        n = max(1, (len(pal) - 1).bit_length())
        table = pal.tobytes().ljust(3 << n, b"\0")
    head = b"GIF89a" + struct.pack("<HHBBB", cw, ch, (0x80 | n - 1) if pal is not None else 0, 0, 0) + table
    lt, lf = b"", 0
    if local is not None:
        m = max(1, (len(local) - 1).bit_length())
        lt, lf = local.tobytes().ljust(3 << m, b"\0"), 0x80 | m - 1
    data = lzw(np.asarray(values).ravel(), bits) if data is None else data
    return head + gce + between + b"," + struct.pack("<HHHHB", x, y, w, h, lf | (0x40 if interlaced else 0)) + lt + bytes([bits]) + blocks(data) + end


gc = lambda t: b"!\xf9\4\1\0\0" + bytes([t]) + b"\0"
case("plain.gif", gif(index, W, H))
case("canvas_0.gif", gif(index, W, H, (0, 0)))


def beside(name, data, x=0, y=0):
    right, alpha = pillow(data)
    alpha = np.zeros(right.shape[:2], np.uint8)
    alpha[y : y + H, x : x + W] = 255
    case(name, data, right=right, alpha=alpha, why="nothing is drawn beside the frame: that is see-through")


beside("canvas_0_wide.gif", gif(index, W, H, (40, 0)))
case("canvas_small.gif", gif(index, W, H, (5, 4)))
beside("frame_offset.gif", gif(index, W, H, (30, 20), x=3, y=2), 3, 2)
beside("frame_beyond.gif", gif(index, W, H, (24, 18), x=10, y=9), 10, 9)
case("frame_beyond_transparent.gif", gif(index, W, H, (24, 18), x=10, y=9, gce=gc(3)))
case("code_size_1.gif", gif(bit, W, H, bits=1, pal=palette[:2]), right=palette[bit], why="Pillow reads one pixel only; giflib all")
case("code_size_1_one_pixel.gif", gif(bit[:1, :1], 1, 1, bits=1, pal=palette[:2]))
case("code_size_2_of_2_colours.gif", gif(bit, W, H, bits=2, pal=palette[:2]))
for n in (8, 9, 10, 11):
    case(f"code_size_{n}.gif", gif(index, W, H, bits=n))
case("code_size_12.gif", gif(index, W, H, bits=12, data=b"".join([(lambda v: int("".join(f"{c:013b}" for c in reversed(v)), 2).to_bytes((13 * len(v) + 7) // 8, "little"))([4096] + [int(i) for i in index.ravel()])])))
case("code_size_0.gif", gif(np.zeros((2, 4), int), 4, 2, bits=0, data=b"\x01" + b"\0" * 3, pal=palette[:2]))
case("no_trailer.gif", gif(index, W, H, end=b""))
case("rubbish_for_trailer.gif", gif(index, W, H, end=b"\x01\x02\x03"))
case("no_palette.gif", gif(index, W, H, pal=None))
case("palette_short.gif", gif(index, W, H, pal=palette[:4]))
case("palette_local.gif", gif(index, W, H, local=palette[::-1].copy()))
case("palette_local_grey.gif", gif(index, W, H, local=np.repeat(np.arange(16, dtype=np.uint8)[:, None], 3, 1)), right=g3(index), why="Pillow takes the global palette where the local one is a ramp of greys")
case("no_end_code.gif", gif(index, W, H, data=lzw(index.ravel(), 4, end=False)))
case("more_pixels.gif", gif(index, W, H, data=lzw(np.concatenate([index.ravel(), index.ravel()]), 4)))
noise = rng.integers(0, 11, (90, 97))
case("deferred_clear.gif", gif(noise, 97, 90, data=lzw(noise.ravel(), 4, defer=True)))
case("many_clears.gif", gif(noise, 97, 90))
order = [y for s, d in ((0, 8), (4, 8), (2, 4), (1, 2)) for y in range(s, H, d)]
case("interlaced.gif", gif(index[order], W, H, interlaced=1))
case("transparent.gif", gif(index, W, H, gce=gc(3)))
case("transparent_beyond_palette.gif", gif(index, W, H, gce=gc(200)))
case("rubbish_between.gif", gif(index, W, H, between=b"\0\0\1\7"))
case("extensions.gif", gif(index, W, H, between=b"!\xfe\5hello\0!\xff\x0bNETSCAPE2.0\3\1\0\0\0!\x01\x02ab\0"))


# ---- BMP
def bmp(w, h, depth, body, compression=0, masks=b"", size=40, extra=b"", pal=b"", offset=None, height=None):
    head = struct.pack("<IiiHHIIiiII", size, w, h if height is None else height, 1, depth, compression, len(body), 2835, 2835, len(pal) // 4, 0)
    head += extra
    at = 14 + len(head) + len(masks) + len(pal)
    return b"BM" + struct.pack("<IHHI", at + len(body), 0, 0, at if offset is None else offset) + head + masks + pal + body


bgra = np.dstack([rgb[..., ::-1], ramp])[::-1].tobytes()
M = lambda *m: struct.pack(f"<{len(m)}I", *m)
case("bmp_32_plain.bmp", bmp(W, H, 32, bgra))
case("bmp_32_masks.bmp", bmp(W, H, 32, bgra, 3, M(0xFF0000, 0xFF00, 0xFF)))
case("bmp_v3_alpha.bmp", bmp(W, H, 32, bgra, 3, size=56, extra=M(0xFF0000, 0xFF00, 0xFF, 0xFF000000)))
case("bmp_v5_alpha.bmp", bmp(W, H, 32, bgra, 3, size=124, extra=M(0xFF0000, 0xFF00, 0xFF, 0xFF000000) + b"BGRs" + b"\0" * 64))
case("bmp_v5_rgba.bmp", bmp(W, H, 32, rgba[::-1].tobytes(), 3, size=124, extra=M(0xFF, 0xFF00, 0xFF0000, 0xFF000000) + b"BGRs" + b"\0" * 64))
case("bmp_v5_abgr.bmp", bmp(W, H, 32, rgba[::-1, :, ::-1].tobytes(), 3, size=124, extra=M(0xFF000000, 0xFF0000, 0xFF00, 0xFF) + b"BGRs" + b"\0" * 64))
case("bmp_v5_no_masks.bmp", bmp(W, H, 32, bgra, 3, size=124, extra=M(0, 0, 0, 0) + b"BGRs" + b"\0" * 64))
case("bmp_v5_plain.bmp", bmp(W, H, 32, bgra, 0, size=124, extra=M(0xFF0000, 0xFF00, 0xFF, 0xFF000000) + b"BGRs" + b"\0" * 64))
case("bmp_alpha_zero.bmp", bmp(W, H, 32, np.dstack([rgb[..., ::-1], 0 * ramp])[::-1].tobytes(), 3, size=56, extra=M(0xFF0000, 0xFF00, 0xFF, 0xFF000000)), right=rgb,
     why="programs that know of no alpha leave it 0: it is opaque, as browsers show it")
case("bmp_top_down.bmp", bmp(W, H, 32, np.dstack([rgb[..., ::-1], ramp]).tobytes(), height=-H))


# ---- TIFF
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 11: 4, 12: 8, 13: 4, 16: 8}


def tiff(tags, strips, order="<", big=False, kinds=None, tiles=False, first=b""):
    """tags: {tag: values}; strips: the bytes of each."""
    kinds = {**{258: 3, 259: 3, 262: 3, 277: 3, 284: 3, 317: 3, 320: 3, 338: 3, 339: 3, 530: 3, 266: 3, 274: 3, 347: 7, 700: 1, 529: 5, 532: 5}, **(kinds or {})}
    head = {"<": b"II", ">": b"MM"}[order]
    body = bytearray(head + (struct.pack(order + "HHHQ", 43, 8, 0, 0) if big else struct.pack(order + "HI", 42, 0)))
    body += first
    offsets = []
    for s in strips:
        offsets.append(len(body))
        body += s
    tags = dict(tags)
    tags[324 if tiles else 273] = offsets
    tags[325 if tiles else 279] = [len(s) for s in strips]
    entries = []
    for t in sorted(tags):
        v = tags[t]
        kind = kinds.get(t, 16 if big and t in (273, 279, 324, 325) else 4)
        if isinstance(v, bytes):
            data, count = v, len(v)
        else:
            v = list(v) if isinstance(v, (list, tuple, np.ndarray)) else [v]
            if kind == 5:
                data = b"".join(struct.pack(order + "II", int(x * 1000), 1000) for x in v)
            else:
                data = struct.pack(f"{order}{len(v)}{ {1:'B',3:'H',4:'I',16:'Q',13:'I',7:'B'}[kind] }", *[int(x) for x in v])
            count = len(v)
        room = 8 if big else 4
        if len(data) > room:
            if len(body) % 2:
                body += b"\0"
            at = len(body)
            body += data
            data = struct.pack(order + ("Q" if big else "I"), at)
        entries.append(struct.pack(order + ("HHQ" if big else "HHI"), t, kind, count) + data.ljust(room, b"\0"))
    if len(body) % 2:
        body += b"\0"
    at = len(body)
    body += struct.pack(order + ("Q" if big else "H"), len(entries)) + b"".join(entries) + bytes(8 if big else 4)
    if big:
        body[8:16] = struct.pack(order + "Q", at)
    else:
        body[4:8] = struct.pack(order + "I", at)
    return bytes(body)


def tags(photo, depth, samples=1, compression=1, rows=H, w=W, h=H, **more):
    t = {256: w, 257: h, 258: [depth] * samples, 259: compression, 262: photo, 277: samples, 278: rows}
    t.update({int(k[1:]): v for k, v in more.items()})
    return t


RGBb = rgb.tobytes()
case("big.tif", tiff(tags(2, 8, 3), [RGBb], big=True))
case("big_mm.tif", tiff(tags(2, 8, 3), [RGBb], ">", big=True), right=rgb, why="Pillow reads the header of a big-endian BigTIFF as a TIFF's")
case("big_turned.tif", tiff(tags(2, 8, 3, t274=6), [RGBb], big=True))
case("mm.tif", tiff(tags(2, 8, 3), [RGBb], ">"))
for n, code, f in (("zstd", 50000, imagecodecs.zstd_encode), ("lzma", 34925, lambda b: lzma.compress(b, lzma.FORMAT_XZ, filters=[{"id": lzma.FILTER_DELTA, "dist": 1}, {"id": lzma.FILTER_LZMA2}])),
                   ("lzma_plain", 34925, lambda b: lzma.compress(b, lzma.FORMAT_XZ)), ("deflate", 8, zlib.compress), ("deflate_old", 32946, zlib.compress),
                   ("lzw", 5, imagecodecs.lzw_encode), ("packbits", 32773, imagecodecs.packbits_encode)):
    parts = [f(rgb[i : i + 6].tobytes()) for i in range(0, H, 6)]
    case(f"{n}.tif", tiff(tags(2, 8, 3, code, 6), parts))
    if code in (50000, 34925, 8, 5):
        d = rgb.astype(int)
        d[:, 1:] -= rgb.astype(int)[:, :-1]
        case(f"{n}_predictor.tif", tiff(tags(2, 8, 3, code, 6, t317=2), [f((d[i : i + 6] % 256).astype(np.uint8).tobytes()) for i in range(0, H, 6)]))
d16 = rgb16.astype(int)
d16[:, 1:] -= rgb16.astype(int)[:, :-1]
for o in "<>":
    n = "" if o == "<" else "_mm"
    case(f"rgb16{n}.tif", tiff(tags(2, 16, 3), [rgb16.astype(o + "u2").tobytes()], o))
    case(f"rgb16_predictor{n}.tif", tiff(tags(2, 16, 3, 8, t317=2), [zlib.compress((d16 % 65536).astype(o + "u2").tobytes())], o))
    case(f"grey16{n}.tif", tiff(tags(1, 16), [grey16.astype(o + "u2").tobytes()], o), right=g3(high(grey16)), why="Pillow clips 16-bit grey to 255; the high byte is kept")
    i16 = (grey.astype(np.int16) * 3 - 200)
    case(f"int16{n}.tif", tiff(tags(1, 16, t339=2), [i16.astype(o + "i2").tobytes()], o))
    case(f"int32{n}.tif", tiff(tags(1, 32, t339=2), [i16.astype(o + "i4").tobytes()], o))
    f32 = grey.astype(np.float32) * 1.7 - 30.6
    f32[0, :3] = [np.nan, np.inf, -np.inf]
    case(f"float32{n}.tif", tiff(tags(1, 32, t339=3), [f32.astype(o + "f4").tobytes()], o))
    f3 = f32.astype(">f4").view(np.uint8).reshape(H, W, 4).transpose(0, 2, 1).reshape(H, 4 * W).astype(int)
    f3[:, 1:] -= f3[:, :-1].copy()
    f3 = (f3 % 256).astype(np.uint8)
    case(f"float32_predictor{n}.tif", tiff(tags(1, 32, 1, 8, t339=3, t317=3), [zlib.compress(f3.tobytes())], o),
         **({} if o == "<" else dict(right=expected["float32_mm.tif"], why="Pillow takes libtiff's values for the other byte order")))
    above, levels = dict(why="Pillow knows no floating point of this kind; above 1 values are clipped to 0..255, fractions are cut off"), grey / 2.0 + 0.7
    unit, scaled01 = dict(why="Pillow clips to 0..255, so all is black; without a value above 1 white is 1"), rgb / 255.0 + 0.0002
    for bits in (16, 32, 64):
        f = lambda v: np.asarray(v).astype(f"{o}f{bits // 8}")
        cut = lambda v: np.clip(np.floor(v.astype(np.float64)), 0, 255).astype(np.uint8)
        case(f"float{bits}_unit_rgb{n}.tif", tiff(tags(2, bits, 3, t339=3), [f(scaled01).tobytes()], o), right=cut(f(scaled01).astype(np.float64) * 255), **unit)
        case(f"float{bits}_unit_grey{n}.tif", tiff(tags(1, bits, t339=3), [f(scaled01[..., 1]).tobytes()], o), right=g3(cut(f(scaled01[..., 1]).astype(np.float64) * 255)), **unit)
        if bits != 32:
            case(f"float{bits}{n}.tif", tiff(tags(1, bits, t339=3), [f(levels).tobytes()], o), right=g3(cut(f(levels))), **above)
    f64 = (rgb * 0.9).astype(">f8")
    p3 = f64.view(np.uint8).reshape(H, W * 3, 8).transpose(0, 2, 1).reshape(H, 24 * W).astype(int)
    p3[:, 3:] -= p3[:, :-3].copy()
    case(f"float64_rgb_predictor{n}.tif", tiff(tags(2, 64, 3, 50000, t339=3, t317=3), [imagecodecs.zstd_encode((p3 % 256).astype(np.uint8).tobytes())], o), right=(rgb * 0.9).astype(np.uint8), **above)
case("uint32.tif", tiff(tags(1, 32), [(grey.astype(np.uint32) * 3).tobytes()]))
case("int8.tif", tiff(tags(1, 8, t339=2), [grey.tobytes()]))
case("grey16_white_is_zero.tif", tiff(tags(0, 16), [(65535 - grey16).tobytes()]), right=g3(255 - high(65535 - grey16)), why="Pillow neither inverts it nor keeps the high byte")
case("grey12.tif", tiff(tags(1, 12), [b"".join(pack_bits(r, 12) for r in (grey16 >> 4))]), right=g3(high(grey16)), why="the upper 8 of 12 bits; Pillow clips")
for depth in (1, 2, 4, 8):
    v = grey >> (8 - depth)
    packed = b"".join(png_row(r, depth) for r in v)
    case(f"grey{depth}.tif", tiff(tags(1, depth), [packed]))
    case(f"white_is_zero{depth}.tif", tiff(tags(0, depth), [packed]))
    rev = bytes(int(f"{x:08b}"[::-1], 2) for x in packed)
    case(f"fill_order_2_grey{depth}.tif", tiff(tags(1, depth, t266=2), [rev]))
    cm = np.zeros((3, 1 << depth), np.uint16)
    m = min(11, 1 << depth)
    cm[:, :m] = palette[:m].T.astype(np.uint16) * 257
    pi = b"".join(png_row(r, depth) for r in index % m)
    case(f"palette{depth}.tif", tiff(tags(3, depth, t320=cm.ravel()), [pi]))
    case(f"palette{depth}_lzw.tif", tiff(tags(3, depth, 1, 5, t320=cm.ravel()), [imagecodecs.lzw_encode(pi)]))
rev = lambda b: bytes(int(f"{x:08b}"[::-1], 2) for x in b)
case("fill_order_2_lzw.tif", tiff(tags(2, 8, 3, 5, t266=2), [rev(imagecodecs.lzw_encode(RGBb))]))
case("fill_order_2_packbits.tif", tiff(tags(2, 8, 3, 32773, t266=2), [rev(imagecodecs.packbits_encode(RGBb))]))
RGBA = rgba.tobytes()
for n, e in (("unspecified", 0), ("associated", 1), ("unassociated", 2), ("corel", 999)):
    case(f"rgba_{n}.tif", tiff(tags(2, 8, 4, t338=e), [RGBA]))
    if e < 3:
        case(f"rgba16_{n}.tif", tiff(tags(2, 16, 4, t338=e), [rgba16.tobytes()]))
case("rgba_untold.tif", tiff(tags(2, 8, 4), [RGBA]))
case("rgbax.tif", tiff(tags(2, 8, 5, t338=[2, 0]), [np.dstack([rgba, grey]).tobytes()]))
GA = np.dstack([grey, ramp]).tobytes()
case("grey_alpha.tif", tiff(tags(1, 8, 2, t338=2), [GA]))
case("grey_extra.tif", tiff(tags(1, 8, 2, t338=0), [GA]))
un = np.where(ramp > 0, np.minimum(255, grey.astype(int) * 255 // np.maximum(ramp, 1)), 0).astype(np.uint8)
case("grey_associated.tif", tiff(tags(1, 8, 2, t338=1), [GA]), right=g3(un), alpha=ramp, why="Pillow opens it as La and cannot convert that; the colours are divided by alpha, as its RGBa")
cm = np.zeros((3, 256), np.uint16)
cm[:, :11] = palette.T.astype(np.uint16) * 257
case("palette_alpha.tif", tiff(tags(3, 8, 2, t338=2, t320=cm.ravel()), [np.dstack([index, ramp]).astype(np.uint8).tobytes()]))
cm8 = np.zeros((3, 256), np.uint16)
planes = [np.ascontiguousarray(rgb[..., c]).tobytes() for c in range(3)]
case("planes.tif", tiff(tags(2, 8, 3, t284=2), planes))
case("planes_strips_lzw.tif", tiff(tags(2, 8, 3, 5, 6, t284=2), [imagecodecs.lzw_encode(np.ascontiguousarray(rgb[i : i + 6, :, c]).tobytes()) for c in range(3) for i in range(0, H, 6)]))
case("planes_alpha.tif", tiff(tags(2, 8, 4, 8, t284=2, t338=2), [zlib.compress(np.ascontiguousarray(rgba[..., c]).tobytes()) for c in range(4)]))
case("planes16.tif", tiff(tags(2, 16, 3, 8, t284=2), [zlib.compress(np.ascontiguousarray(rgb16[..., c]).tobytes()) for c in range(3)]))


def tiles(arr, tw, th, f):
    h, w = arr.shape[:2]
    out = []
    for y in range(0, h, th):
        for x in range(0, w, tw):
            t = np.zeros((th, tw) + arr.shape[2:], arr.dtype)
            p = arr[y : y + th, x : x + tw]
            t[: p.shape[0], : p.shape[1]] = p
            out.append(f(t.tobytes()))
    return out


case("tiles.tif", tiff(tags(2, 8, 3, t322=16, t323=16), tiles(rgb, 16, 16, bytes), tiles=True))
case("tiles_deflate.tif", tiff(tags(2, 8, 3, 8, t322=16, t323=16), tiles(rgb, 16, 16, zlib.compress), tiles=True))
case("tiles_larger.tif", tiff(tags(2, 8, 3, 8, t322=64, t323=48), tiles(rgb, 64, 48, zlib.compress), tiles=True))
case("tiles_palette4.tif", tiff(tags(3, 4, 1, 8, t322=16, t323=16, t320=np.concatenate([np.pad(palette[:, c].astype(np.uint16) * 257, (0, 5)) for c in range(3)])),
     [zlib.compress(b"".join(pack_bits(r, 4) for r in np.frombuffer(t, np.uint8).reshape(16, 16))) for t in tiles(index.astype(np.uint8), 16, 16, bytes)], tiles=True))
inks = np.dstack([255 - rgb, grey // 3])
case("cmyk.tif", tiff(tags(5, 8, 4), [inks.tobytes()]))
case("cmyk16.tif", tiff(tags(5, 16, 4), [(inks.astype(np.uint16) * 256 + 77).tobytes()]))
case("cmyk_extra.tif", tiff(tags(5, 8, 5, t338=0), [np.dstack([inks, ramp]).tobytes()]))
case("cmyk_planes.tif", tiff(tags(5, 8, 4, 8, t284=2), [zlib.compress(np.ascontiguousarray(inks[..., c]).tobytes()) for c in range(4)]))
lab = np.dstack([grey, (rgb[..., 0].astype(int) // 3 - 40) & 255, (rgb[..., 2].astype(int) // 3 - 50) & 255]).astype(np.uint8)
case("lab.tif", tiff(tags(8, 8, 3), [lab.tobytes()]))
cube = np.array([[[l, a & 255, b & 255] for a in range(-120, 121, 40)] for l in range(0, 256, 51) for b in range(-120, 121, 40)], np.uint8)
case("lab_cube.tif", tiff(tags(8, 8, 3, rows=cube.shape[0], w=cube.shape[1], h=cube.shape[0]), [cube.tobytes()]))
ycc = np.asarray(Image.fromarray(rgb).convert("YCbCr"))


def units(a, sx, sy):
    h, w = a.shape[:2]
    p = np.pad(a, ((0, -h % sy), (0, -w % sx), (0, 0)), mode="edge")
    out = b""
    for y in range(0, p.shape[0], sy):
        for x in range(0, p.shape[1], sx):
            out += p[y : y + sy, x : x + sx, 0].tobytes() + bytes([p[y, x, 1], p[y, x, 2]])
    return out


for sx, sy in ((1, 1), (2, 1), (2, 2), (4, 1), (4, 2), (4, 4), (1, 2)):
    make = lambda code, f: tiff(tags(6, 8, 3, code, 8, t530=[sx, sy]), [f(units(ycc[i : i + 8], sx, sy)) for i in range(0, H, 8)])
    packed = make(5, imagecodecs.lzw_encode)
    case(f"ycbcr_{sx}{sy}_lzw.tif", packed)
    plain = {} if (sx, sy) == (1, 1) else dict(right=pillow(packed)[0], why="Pillow does not see the subsampling where nothing is packed; this is what libtiff gives it of the packed file")
    case(f"ycbcr_{sx}{sy}.tif", make(1, bytes), **plain)
case("ycbcr_video_range.tif", tiff(tags(6, 8, 3, 5, t530=[1, 1], t532=[16, 235, 128, 240, 128, 240], t529=[0.2126, 0.7152, 0.0722]), [imagecodecs.lzw_encode(ycc.tobytes())]))
for comp in ("group3", "group4", "tiff_ccitt"):
    b = io.BytesIO()
    Image.fromarray(bit * 255).convert("1").save(b, "TIFF", compression=comp)
    case(f"fax_{comp}.tif", b.getvalue())
big_bit = (np.asarray(photo.resize((120, 90)).convert("L")) > 110)
for comp in ("group3", "group4", "tiff_ccitt"):
    b = io.BytesIO()
    Image.fromarray(big_bit).save(b, "TIFF", compression=comp)
    case(f"fax_{comp}_wide.tif", b.getvalue())
b = io.BytesIO()
Image.fromarray(big_bit).save(b, "TIFF", compression="group3", tiffinfo={292: 1})
case("fax_group3_2d.tif", b.getvalue())
for comp, code, extra in (("group3", 3, {}), ("group4", 4, {}), ("tiff_ccitt", 2, {})):
    b = io.BytesIO()
    Image.fromarray(bit * 255).convert("1").save(b, "TIFF", compression=comp)
    t = Image.open(b).tag_v2
    whole = b"".join(b.getvalue()[o : o + n] for o, n in zip(t[273], t[279]))
    case(f"fax_{comp}_fill_order_2.tif", tiff(tags(t[262], 1, 1, code, t266=2), [rev(whole)]))
case("planes16_mm.tif", tiff(tags(2, 16, 3, t284=2), [np.ascontiguousarray(rgb16[..., c]).astype(">u2").tobytes() for c in range(3)], ">"), right=high(rgb16),
     why="Pillow reads bytes for samples where planes of 16 bits are not compressed")
J444 = jpeg(rgb, quality=95, subsampling=0)
for n, photo_, d in (("ycbcr", 6, J444), ("ycbcr_420", 6, jpeg(rgb, quality=95, subsampling=2))):
    case(f"jpeg_{n}.tif", tiff(tags(photo_, 8, 3, 7, t530=[2, 2] if "420" in n else [1, 1]), [d]))
case("jpeg_rgb.tif", tiff(tags(2, 8, 3, 7), [jpeg(rgb, quality=95, keep_rgb=True)]))
case("jpeg_grey.tif", tiff(tags(1, 8, 1, 7), [jpeg(grey, quality=95)]))
b = io.BytesIO()
Image.fromarray(inks, "CMYK").save(b, "TIFF", compression="jpeg")
case("jpeg_cmyk.tif", b.getvalue())
b = io.BytesIO()
Image.fromarray(wide).save(b, "TIFF", compression="jpeg")
case("jpeg_pillow.tif", b.getvalue())
case("jpeg_old.tif", tiff(tags(6, 8, 3, 6, t513=8, t514=len(J444), t530=[1, 1]), [b""], first=J444))


def parts(j):
    """The tables and the data of a baseline JPEG."""
    q, h, i = {}, {}, 2
    while True:
        m, n = j[i + 1], struct.unpack(">H", j[i + 2 : i + 4])[0]
        body = j[i + 4 : i + 2 + n]
        i += 2 + n
        while m == 0xDB and body:
            q[body[0]], body = body[1:65], body[65:]
        while m == 0xC4 and body:
            k = 17 + sum(body[1:17])
            h[body[0]], body = body[1:k], body[k:]
        if m == 0xDA:
            return q, h, j[i:-2]


for n, j, sub, more in (("444", J444, [1, 1], {}), ("420", jpeg(rgb, quality=95, subsampling=2), [2, 2], {}), ("range", J444, [1, 1], dict(t532=[16, 235, 128, 240, 128, 240]))):
    q, h, scan_data = parts(j)
    first, at = b"", {}
    for key, b in [(("q", k), v) for k, v in q.items()] + [(("h", k), v) for k, v in h.items()]:
        at[key] = 8 + len(first)
        first += b + b"\0" * (len(b) % 2)
    which = lambda c, base: [at[c, base], at[c, base + 1], at[c, base + 1]]
    case(f"jpeg_old_tables_{n}.tif", tiff(tags(6, 8, 3, 6, t512=1, t519=which("q", 0), t520=which("h", 0), t521=which("h", 16), t530=sub, **more), [scan_data], first=first))
case("webp_inside.tif", tiff(tags(2, 8, 3, 50001), [webp(Image.fromarray(rgb), lossless=True)]), right=rgb, why="Pillow's libtiff has no WebP; the strip is lossless")
case("webp_inside_alpha.tif", tiff(tags(2, 8, 4, 50001, t338=2), [webp(Image.fromarray(rgba), lossless=True, exact=True)]), right=rgb, alpha=ramp, why="the same")
case("xmp.tif", tiff(tags(2, 8, 3, t700=attr(6)), [RGBb]))
case("exif_and_xmp.tif", tiff(tags(2, 8, 3, t274=3, t700=attr(6)), [RGBb]))
case("no_photometric_rgb.tif", tiff({k: v for k, v in tags(2, 8, 3).items() if k != 262}, [RGBb]), right=rgb, why="Pillow takes it for grey and refuses; three samples are RGB, as libtiff reads it")
case("no_photometric_grey.tif", tiff({k: v for k, v in tags(2, 8).items() if k != 262}, [grey.tobytes()]))
case("no_rows_per_strip.tif", tiff({k: v for k, v in tags(2, 8, 3).items() if k != 278}, [RGBb]))
case("one_depth_for_all.tif", tiff({**tags(2, 8, 3), 258: 8}, [RGBb]))
pages = io.BytesIO()
Image.fromarray(rgb).save(pages, "TIFF", save_all=True, append_images=[Image.fromarray(rgb[::-1].copy())], compression="tiff_lzw")
case("pages.tif", pages.getvalue())

# ---- PNM, by hand: Pillow reads all but PAM, and clips 16-bit grey
def pnm(kind, values, white=None, text=False, comment=b"", sep=b"\n"):
    h, w = values.shape[:2]
    head = b"P%d" % kind + sep + comment + b"%d %d\n" % (w, h) + (b"" if white is None else b"%d\n" % white)
    if text:
        return head + b"\n".join(b" ".join(b"%d" % v for v in row.ravel()) for row in values) + b"\n"
    if kind == 4:
        return head + b"".join(pack_bits(row, 1) for row in values)
    return head + (values.astype(np.uint8).tobytes() if white < 256 else values.astype(">u2").tobytes())


def pam(values, white, kind=None):
    h, w, d = values.shape
    head = b"P7\n# made by hand\nWIDTH %d\nHEIGHT %d\nDEPTH %d\nMAXVAL %d\n" % (w, h, d, white)
    return head + (b"TUPLTYPE %s\n" % kind if kind else b"") + b"ENDHDR\n" + (values.astype(np.uint8).tobytes() if white < 256 else values.astype(">u2").tobytes())


scaled = lambda v, white: np.round(np.asarray(v, np.float64) / white * 255).astype(np.uint8)
rgb5, rgb10 = rgb // 50, rgb16 >> 6
case("p1.pbm", pnm(1, 1 - bit, text=True, comment=b"# a comment\n"))
case("p1_dense.pbm", pnm(1, 1 - bit, text=True).replace(b" ", b"").replace(b"23", b"23 ", 1))
case("p4.pbm", pnm(4, 1 - bit))
case("p2.pgm", pnm(2, grey, 255, text=True))
case("p2_5.pgm", pnm(2, grey // 60, 5, text=True))
case("p2_16.pgm", pnm(2, grey16, 65535, text=True), right=g3(scaled(grey16, 65535)), why="Pillow clips 16-bit grey to 255; it is scaled")
case("p5.pgm", pnm(5, grey, 255))
case("p5_comments.pgm", pnm(5, grey, 255, comment=b"# one\n# two\r\n", sep=b"\r\n"))
case("p5_16.pgm", pnm(5, grey16, 65535), right=g3(scaled(grey16, 65535)), why="Pillow clips 16-bit grey to 255; it is scaled")
case("p5_10.pgm", pnm(5, grey16 >> 6, 1023), right=g3(scaled(grey16 >> 6, 1023)), why="the same")
case("p3.ppm", pnm(3, rgb, 255, text=True))
case("p3_5.ppm", pnm(3, rgb5, 5, text=True))
case("p3_16.ppm", pnm(3, rgb16, 65535, text=True))
case("p6.ppm", pnm(6, rgb, 255))
case("p6_5.ppm", pnm(6, rgb5, 5))
case("p6_10.ppm", pnm(6, rgb10, 1023))
case("p6_16.ppm", pnm(6, rgb16, 65535))
case("p6_two.ppm", pnm(6, rgb, 255) + pnm(6, rgb[::-1], 255))
by_hand = "Pillow knows no PAM; the values are the file's"
case("bw.pam", pam(bit[..., None], 1, b"BLACKANDWHITE"), right=g3(bit * 255), why=by_hand)
case("grey.pam", pam(grey[..., None], 255, b"GRAYSCALE"), right=g3(grey), why=by_hand)
case("grey_alpha.pam", pam(np.dstack([grey, ramp]), 255, b"GRAYSCALE_ALPHA"), right=g3(grey), alpha=ramp, why=by_hand)
case("rgb.pam", pam(rgb, 255), right=rgb, why=by_hand)
case("rgba.pam", pam(rgba, 255, b"RGB_ALPHA"), right=rgb, alpha=ramp, why=by_hand)
case("rgba16.pam", pam(rgba16, 65535, b"RGB_ALPHA"), right=scaled(rgba16[..., :3], 65535), alpha=scaled(rgba16[..., 3], 65535), why=by_hand)
if magick := shutil.which("magick") or shutil.which("convert"):
    def by_magick(name, *how, im=Image.fromarray(rgb), **k):
        """A file as ImageMagick writes it."""
        with tempfile.TemporaryDirectory() as d:
            im.save(d + "/in.png")
            out = f"{d}/{name}"
            subprocess.run([magick, d + "/in.png", *how, out], check=True)
            case(name, open(out, "rb").read(), **k)


# ---- QOI
def qoi(pix, channels):
    """Every operation of the specification."""
    out, seen, prev, run = b"", {}, (0, 0, 0, 255), 0
    flat = [tuple(int(v) for v in p) + ((255,) if len(p) == 3 else ()) for p in pix.reshape(-1, pix.shape[2])]
    for p in flat + [None]:
        if p == prev and run < 62:
            run += 1
            continue
        if run:
            out, run = out + bytes([0xC0 | run - 1]), 0
        if p is None:
            break
        if p == prev:
            run = 1
            continue
        k = (p[0] * 3 + p[1] * 5 + p[2] * 7 + p[3] * 11) % 64
        d = [(a - b + 128) % 256 - 128 for a, b in zip(p, prev)]
        if seen.get(k) == p:
            out += bytes([k])
        elif d[3]:
            out += b"\xff" + bytes(p)
        elif all(-2 <= v < 2 for v in d[:3]):
            out += bytes([0x40 | d[0] + 2 << 4 | d[1] + 2 << 2 | d[2] + 2])
        elif -32 <= d[1] < 32 and all(-8 <= d[i] - d[1] < 8 for i in (0, 2)):
            out += bytes([0x80 | d[1] + 32, (d[0] - d[1] + 8) << 4 | d[2] - d[1] + 8])
        else:
            out += b"\xfe" + bytes(p[:3])
        seen[k], prev = p, p
    return b"qoif" + struct.pack(">IIBB", pix.shape[1], pix.shape[0], channels, 0) + out + bytes(7) + b"\1"


flat = np.repeat(np.repeat(rgba[::4, ::4], 4, 0), 40, 1)[:H]  # long runs, and pixels that come again
case("rgb.qoi", qoi(rgb, 3))
case("rgba.qoi", qoi(rgba, 4))
case("runs.qoi", qoi(flat, 4))
case("runs_rgb.qoi", qoi(flat[..., :3].copy(), 3))


# ---- TGA
def tga(kind, body, depth, w=W, h=H, flags=0, colours=b"", first=0, entry=0, name=b""):
    n = len(colours) // max(1, (entry + 7) // 8)
    return struct.pack("<BBBHHBHHHHBB", len(name), n > 0, kind, first, n, entry, 0, 0, w, h, depth, flags) + name + colours + body


def tga_runs(pix, across=True):
    """Runs and literals by turns; across: over the ends of rows."""
    out = b""
    for row in [pix.reshape(-1, pix.shape[-1])] if across else list(pix):
        px, i = [bytes(p) for p in row], 0
        while i < len(px):
            n = 1
            while i + n < len(px) and n < 128 and px[i + n] == px[i]:
                n += 1
            if n > 1:
                out, i = out + bytes([127 + n]) + px[i], i + n
                continue
            while i + n < len(px) and n < 128 and (i + n + 1 >= len(px) or px[i + n] != px[i + n + 1]):
                n += 1
            out, i = out + bytes([n - 1]) + b"".join(px[i : i + n]), i + n
    return out


bgr, bgra = rgb[..., ::-1].copy(), rgba[..., [2, 1, 0, 3]].copy()
turns = {0x20: lambda v: v, 0: lambda v: v[::-1].copy(), 0x30: lambda v: v[:, ::-1].copy(), 0x10: lambda v: v[::-1, ::-1].copy()}
for f, t in turns.items():
    case(f"tga_rgb_{f:02x}.tga", tga(2, t(bgr).tobytes(), 24, flags=f))
    case(f"tga_rgba_rle_{f:02x}.tga", tga(10, tga_runs(t(bgra), False), 32, flags=f | 8))
case("tga_grey.tga", tga(3, grey.tobytes(), 8, flags=0x20))
case("tga_grey_rle.tga", tga(11, tga_runs(grey[..., None], False), 8, flags=0x20, name=b"a name"))
case("tga_grey_alpha.tga", tga(3, np.dstack([grey, ramp]).tobytes(), 16, flags=0x28))
case("tga_palette24.tga", tga(1, index.tobytes(), 8, colours=palette[:, ::-1].tobytes(), entry=24, flags=0x20))
case("tga_palette32.tga", tga(1, index.tobytes(), 8, colours=b"".join(bytes(c[::-1]) + bytes([i * 20 + 9]) for i, c in enumerate(palette)), entry=32, flags=0x20))
case("tga_palette_from_3.tga", tga(1, (index + 3).astype(np.uint8).tobytes(), 8, colours=palette[:, ::-1].tobytes(), entry=24, first=3, flags=0x20))
case("tga_palette_rle.tga", tga(9, tga_runs(index[..., None], False), 8, colours=palette[:, ::-1].tobytes(), entry=24))
five = (rgb >> 3).astype(np.uint16)
case("tga_555.tga", tga(2, (five[..., 0] << 10 | five[..., 1] << 5 | five[..., 2]).astype("<u2").tobytes(), 16, flags=0x20))
flat_bgra = flat[..., [2, 1, 0, 3]].copy()
fw, fh = flat.shape[1], flat.shape[0]
case("tga_runs.tga", tga(10, tga_runs(flat_bgra, False), 32, fw, fh, flags=0x28))
case("tga_runs_across.tga", tga(10, tga_runs(flat_bgra), 32, fw, fh, flags=0x28), right=flat[..., :3], alpha=flat[..., 3], why="a run over the end of a row, which Pillow refuses")
case("tga_alpha_0.tga", tga(2, np.dstack([bgr, ramp * 0]).tobytes(), 32, flags=0x20), right=rgb, why="alpha is 0 everywhere: programs that know of none leave it so, as in BMP")
for n, im in (("rgb", Image.fromarray(rgb)), ("rgba", Image.fromarray(rgba)), ("grey", Image.fromarray(grey)), ("palette", pal_im)):
    for packing in (None, "tga_rle"):
        b = io.BytesIO()
        im.save(b, "TGA", compression=packing)
        case(f"pillow_{n}{'_rle' if packing else ''}.tga", b.getvalue())


# ---- ICO
def ico(*pictures, kind=1):
    """Of (width, height, bits, body)."""
    at, head, rest = 6 + 16 * len(pictures), struct.pack("<HHH", 0, kind, len(pictures)), b""
    for w, h, depth, body in pictures:
        head += struct.pack("<BBBBHHII", w % 256, h % 256, 0, 0, 1, depth, len(body), at + len(rest))
        rest += body
    return head + rest


def dib(depth, body, w, h, mask=b"", pal=b"", colours=0):
    return struct.pack("<IiiHHIIiiII", 40, w, 2 * h, 1, depth, 0, len(body) + len(mask), 0, 0, colours, 0) + pal + body + mask


def dib_rows(pix, depth):
    """From the bottom up, each filled up to 4 bytes."""
    rows = [pack_bits(r, depth) if depth < 8 else r.astype(np.uint8).tobytes() for r in pix[::-1]]
    return b"".join(r + bytes(-len(r) % 4) for r in rows)


hidden = (ramp > 128).astype(np.uint8)
shown = ((1 - hidden) * 255).astype(np.uint8)
AND = dib_rows(hidden, 1)
bgr0 = b"".join(bytes(c[::-1]) + b"\0" for c in palette)
case("32.ico", ico((W, H, 32, dib(32, dib_rows(bgra.reshape(H, -1), 8), W, H, AND))))
case("24.ico", ico((W, H, 24, dib(24, dib_rows(bgr.reshape(H, -1), 8), W, H, AND))))
case("8.ico", ico((W, H, 8, dib(8, dib_rows(index, 8), W, H, AND, bgr0, 11))))
case("4.ico", ico((W, H, 4, dib(4, dib_rows(index, 4), W, H, AND, bgr0 + bytes(20)))))
case("1.ico", ico((W, H, 1, dib(1, dib_rows(bit, 1), W, H, AND, b"\x10\x20\x30\0\xf0\xe0\xd0\0"))))
case("32_alpha_0.ico", ico((W, H, 32, dib(32, dib_rows(np.dstack([bgr, ramp * 0]).reshape(H, -1), 8), W, H, AND))), right=rgb, alpha=shown, why="without alpha the mask counts, as in Windows")
small = rgba[:8, :8]
b, s = io.BytesIO(), io.BytesIO()
Image.fromarray(rgba).save(b, "PNG")
Image.fromarray(small).save(s, "PNG")
case("png.ico", ico((W, H, 32, b.getvalue())))
case("largest.ico", ico((8, 8, 32, s.getvalue()), (W, H, 32, b.getvalue()), (8, 8, 32, s.getvalue())))
case("deepest.ico", ico((W, H, 4, dib(4, dib_rows(index, 4), W, H, AND, bgr0 + bytes(20))), (W, H, 32, b.getvalue())), right=rgb, alpha=ramp, why="of two of one size Pillow takes the one with fewer colours")
big = Image.fromarray(rgba).resize((256, 256), 0)
b = io.BytesIO()
big.save(b, "ICO", sizes=[(16, 16), (48, 48), (256, 256)])
case("pillow.ico", b.getvalue())
b = io.BytesIO()
big.resize((48, 48), 0).save(b, "ICO", sizes=[(16, 16), (48, 48)], bitmap_format="bmp")
case("pillow_bmp.ico", b.getvalue())
case("24.cur", ico((W, H, 7, dib(24, dib_rows(bgr.reshape(H, -1), 8), W, H, AND)), kind=2), right=rgb, alpha=shown, why="Pillow leaves a cursor's mask alone")
case("32.cur", ico((W, H, 7, dib(32, dib_rows(bgra.reshape(H, -1), 8), W, H, AND)), kind=2), right=rgb, alpha=ramp, why="the same")


# ---- PSD
def psd(mode, planes, depth=8, packing=0, big=False, colours=b"", section=b"", resources=b"", resource=None):
    """planes are of all channels, section is what is said of layers."""
    h, w = planes[0].shape
    rows = [[pack_bits(r, 1) if depth == 1 else r.astype(f">u{depth // 8}").tobytes() for r in p] for p in planes]
    if packing:
        packed = [[imagecodecs.packbits_encode(r) for r in p] for p in rows]
        body = b"".join(struct.pack(">I" if big else ">H", len(r)) for p in packed for r in p) + b"".join(b"".join(p) for p in packed)
    else:
        body = b"".join(b"".join(p) for p in rows)
    for number, value in (resource or {}).items():
        resources += b"8BIM" + struct.pack(">H", number) + b"\0\0" + struct.pack(">I", len(value)) + value + bytes(len(value) % 2)
    return (b"8BPS" + struct.pack(">H6xHIIHH", 2 if big else 1, len(planes), h, w, depth, mode) + struct.pack(">I", len(colours)) + colours
            + struct.pack(">I", len(resources)) + resources + struct.pack(">Q" if big else ">I", len(section)) + section + struct.pack(">H", packing) + body)


of = lambda pix: [pix[..., c] for c in range(pix.shape[2])]
no_psb, no_16, no_alpha = "Pillow refuses PSB", "Pillow refuses 16 bits; the high byte is kept", "Pillow takes every fourth channel for alpha; the sign of the number of layers tells"
one_layer = struct.pack(">Ih", 18, -1) + bytes(20)
for packing, n in ((0, "raw"), (1, "rle")):
    case(f"rgb_{n}.psd", psd(3, of(rgb), packing=packing))
    case(f"grey_{n}.psd", psd(1, [grey], packing=packing))
    case(f"cmyk_{n}.psd", psd(4, of(np.dstack([255 - rgb, ramp])), packing=packing))
    case(f"rgba_{n}.psd", psd(3, of(rgba), packing=packing, section=one_layer))
    case(f"rgb_{n}.psb", psd(3, of(rgb), packing=packing, big=True), right=rgb, why=no_psb)
    case(f"rgb16_{n}.psd", psd(3, of(rgb16), 16, packing), right=high(rgb16), why=no_16)
case("rgba.psb", psd(3, of(rgba), packing=1, big=True, section=struct.pack(">Qh", 18, -1) + bytes(20)), right=rgb, alpha=ramp, why=no_psb)
case("grey16.psd", psd(1, [grey16], 16, 1), right=g3(high(grey16)), why=no_16)
case("cmyk16.psd", psd(4, of(np.dstack([65535 - rgb16, grey16])), 16, 1), right=np.asarray(Image.fromarray(np.dstack([high(rgb16), 255 - high(grey16)]), "CMYK").convert("RGB")), why=no_16)
case("grey_alpha.psd", psd(1, [grey, ramp], section=one_layer), right=g3(grey), alpha=ramp, why="Pillow leaves the alpha of grey pictures away")
case("saved_mask.psd", psd(3, of(rgba)), right=rgb, why=no_alpha)
case("alpha16.psd", psd(3, of(rgba16), 16, section=bytes(8) + b"8BIMMt16" + bytes(4)), right=high(rgba16[..., :3]), alpha=high(rgba16[..., 3]), why=no_16)
case("five_channels.psd", psd(3, of(rgba) + [grey], packing=1), right=rgb, why=no_alpha)
case("indexed.psd", psd(2, [index], colours=b"".join(bytes(palette[:, c]) + bytes(256 - 11) for c in range(3))))
case("duotone.psd", psd(8, [grey], colours=b"inks"))
case("lab.psd", psd(9, of(np.dstack([grey, rgb[..., :2]]))))
case("bitmap.psd", psd(0, [1 - bit], 1), right=g3(bit * 255), why="in this mode 1 is black")
case("odd_names.psd", psd(3, of(rgb), resources=b"8BIM\x04\x04\x04name\0" + struct.pack(">I", 3) + b"abc\0", resource={1057: b"\0\0\0\1\1", 1058: exif(6)}))
if magick:
    by_magick("magick_rgb.psd")
    by_magick("magick_rgb16.psd", "-depth", "16", right=rgb, why=no_16)
    by_magick("magick_grey.psd", im=Image.fromarray(grey))
    by_magick("magick_rgb.psb", right=rgb, why=no_psb)
    by_magick("magick.ico")
    by_magick("magick.tga")
    by_magick("magick_rgba.tga", im=Image.fromarray(rgba))
    by_magick("magick.qoi", im=Image.fromarray(rgba))
    by_magick("magick.pam", im=Image.fromarray(rgba), right=rgb, alpha=ramp, why=by_hand)
    by_magick("magick_16.ppm", "-depth", "16")
    by_magick("magick_plain.pgm", "-compress", "none", im=Image.fromarray(grey))
    by_magick("magick.pbm", im=Image.fromarray(bit * 255).convert("1"))

np.savez_compressed(EXPECTED, **expected)
with open(README, "w") as f:
    import PIL
    f.write(f"""# One picture in {len(set(k.split(':')[0] for k in expected))} encodings
Made by `../cases.py`. `expected.npz` has the upright RGB pixels of each file, and under `NAME:alpha` its alpha where
it has any, as Pillow {PIL.__version__} gives them. For these files it does not, and the value is another:

| file | Pillow | right |
|---|---|---|
""")
    for name, said, why in notes:
        f.write(f"| `{name}` | {said} | {why} |\n")
print(len(expected), "arrays")
