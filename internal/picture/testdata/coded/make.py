#!/usr/bin/env python3
"""Makes the JPEG XL and JPEG 2000 files of this folder, and expected.npz: what djxl and opj_decompress, or Pillow, give for
each, in 8 bits; of 16 the high byte.

    apt-get install libjxl-tools libopenjp2-tools; pip install pillow numpy imagecodecs
    python3 make.py ../cases/png_rgba8.png
"""
import io, os, struct, subprocess, sys, tempfile
import imagecodecs
import numpy as np
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
expected, tmp = {}, tempfile.mkdtemp()
photo = Image.open(sys.argv[1]).convert("RGBA").resize((61, 43), Image.Resampling.BICUBIC)
rgba = np.asarray(photo)
rgb, grey = rgba[..., :3].copy(), np.asarray(photo.convert("L"))
rgb16 = rgb.astype(np.uint16) * 257 - 77


def put(name, data, pixels):
    with open(os.path.join(HERE, name), "wb") as f:
        f.write(data)
    pixels = np.asarray(pixels)
    if pixels.dtype == np.uint16:
        pixels = pixels >> 8
    pixels = pixels.astype(np.uint8)
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    if pixels.shape[2] in (2, 4):
        expected[name + ":alpha"], pixels = pixels[..., -1].copy(), pixels[..., :-1]
    expected[name] = np.ascontiguousarray(np.broadcast_to(pixels, pixels.shape[:2] + (3,)))


def at(name, data=None):
    path = os.path.join(tmp, name)
    if data is not None:
        with open(path, "wb") as f:
            f.write(data)
    return path


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def png(im, name="in.png", **k):
    im.save(at(name), **k)
    return at(name)


def ppm(values, name):
    """A PNM file of 16 bits, which Pillow does not write."""
    kind = b"P6" if values.ndim == 3 else b"P5"
    return at(name, kind + b"\n%d %d\n65535\n" % values.shape[1::-1] + values.astype(">u2").tobytes())


def read_pnm16(path):
    data = open(path, "rb").read()
    kind, w, h, white = [t for line in data[:200].splitlines() if not line.startswith(b"#") for t in line.split()][:4]
    body = data[-int(w) * int(h) * (3 if kind == b"P6" else 1) * 2 :]
    assert white == b"65535"
    return np.frombuffer(body, ">u2").astype(np.uint16).reshape((int(h), int(w), 3) if kind == b"P6" else (int(h), int(w)))


# ---- JPEG XL
def jxl(name, source, *how, sixteen=False):
    run("cjxl", source, at(name), *how)
    data = open(at(name), "rb").read()
    if sixteen:
        run("djxl", at(name), at("out.ppm"), "--bits_per_sample=16")
        return put(name, data, read_pnm16(at("out.ppm")))
    run("djxl", at(name), at("out.png"), "--color_space=RGB_D65_SRG_Rel_SRG" if "grey" not in name else "--color_space=Gra_D65_Rel_SRG")
    put(name, data, Image.open(at("out.png")))


lossless = "-d", "0"
jxl("rgb.jxl", png(Image.fromarray(rgb)), *lossless)
jxl("rgb_container.jxl", png(Image.fromarray(rgb)), *lossless, "--container=1")
jxl("grey.jxl", png(Image.fromarray(grey)), *lossless)
jxl("rgba.jxl", png(photo), *lossless, "--keep_invisible=1")
jxl("rgb16.jxl", ppm(rgb16, "in.ppm"), *lossless, sixteen=True)
jxl("lossy.jxl", png(Image.fromarray(rgb)), "-d", "1")
jxl("lossy_alpha.jxl", png(photo), "-d", "2")
jxl("lossy_progressive.jxl", png(Image.fromarray(rgb)), "-d", "1", "-p")
Image.fromarray(rgb).save(at("in.jpg"), quality=90)
jxl("from_jpeg.jxl", at("in.jpg"))
frames = [Image.fromarray(np.roll(rgb, n * 9, 1)) for n in range(3)]
frames[0].save(at("in.gif"), save_all=True, append_images=frames[1:], duration=100)
jxl_first = np.asarray(Image.open(at("in.gif")).convert("RGB"))
run("cjxl", at("in.gif"), at("animation.jxl"), *lossless)
put("animation.jxl", open(at("animation.jxl"), "rb").read(), jxl_first)
for turn in (3, 6):
    e = Image.Exif()
    e[0x0112] = turn
    e.get_ifd(0x8769)[0x9003] = "2024:07:31 12:00:00"
    name = f"turned_{turn}.jxl"
    jxl(name, png(Image.fromarray(rgb), exif=e), *lossless, "--container=1")
    # cjxl keeps the orientation and leaves the rest away: a box as it is, and one that is packed with Brotli.
    body = bytes(4) + e.tobytes().removeprefix(b"Exif\0\0")
    kind, body = (b"Exif", body) if turn == 3 else (b"brob", b"Exif" + imagecodecs.brotli_encode(body))
    data = open(os.path.join(HERE, name), "rb").read()
    with open(os.path.join(HERE, name), "wb") as f:
        f.write(data[:32] + struct.pack(">I", 8 + len(body)) + kind + body + data[32:])


# ---- JPEG 2000
def jp2(name, im, right=None, **k):
    b = io.BytesIO()
    im.save(b, "JPEG2000", no_jp2=not name.endswith(".jp2"), **k)
    put(name, b.getvalue(), Image.open(io.BytesIO(b.getvalue())) if right is None else right)


def opj(name, source, *how, out="out.png"):
    run("opj_compress", "-i", source, "-o", at(name), *how)
    run("opj_decompress", "-i", at(name), "-o", at(out))
    put(name, open(at(name), "rb").read(), read_pnm16(at(out)) if out.endswith("ppm") or out.endswith("pgm") else Image.open(at(out)))


jp2("rgb.jp2", Image.fromarray(rgb))
jp2("rgb.j2k", Image.fromarray(rgb))
jp2("rgba.jp2", photo)
jp2("grey.jp2", Image.fromarray(grey))
jp2("grey_alpha.jp2", photo.convert("LA"))
jp2("tiles.jp2", Image.fromarray(rgb), tile_size=(32, 32))
jp2("lossy.jp2", Image.fromarray(rgb), irreversible=True, quality_mode="rates", quality_layers=[10])
opj("rgb16.jp2", ppm(rgb16, "in.ppm"), out="out.ppm")
opj("grey16.j2k", ppm(rgb16[..., 0].copy(), "in.pgm"), out="out.pgm")
ycc = np.asarray(Image.fromarray(rgb).convert("YCbCr"))
raw = at("in.raw", ycc[..., 0].tobytes() + ycc[::2, ::2, 1].tobytes() + ycc[::2, ::2, 2].tobytes())
opj("ycc_420.jp2", raw, "-F", "61,43,3,8,u@1x1:2x2:2x2", "-mct", "0")

np.savez_compressed(os.path.join(HERE, "expected.npz"), **expected)
print(len(expected), "arrays")
