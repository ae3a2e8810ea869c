#!/usr/bin/env python3
"""Makes decode/, decode_expected.npz, decode.json, broken/, resize_*.png and resize_expected.npz.

    python3 pictures.py OUT                       everything, of a picture drawn here
    python3 pictures.py OUT --from FOLDER         of FOLDER's files: only the expected arrays are made anew

Right is what Pillow says: ImageOps.exif_transpose(image).convert("RGB"), and Image.resize.
"""
import argparse
import io
import json
import shutil
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

FILTERS = {"nearest": 0, "bilinear": 2, "bicubic": 3, "lanczos": 1}
SIZES = [(224, 224), (64, 48), (7, 200), (1, 1)]


def drawing(width, height, seed=1):
    """A gradient with noise and hard edges, so that every filter and every predictor has work."""
    y, x = np.mgrid[0:height, 0:width]
    rgb = np.stack([255 * x / max(width - 1, 1), 255 * y / max(height - 1, 1), 128 + 127 * np.sin(x * y / 97)], -1)
    rgb += np.random.default_rng(seed).normal(0, 12, rgb.shape)
    rgb[height // 4 : height // 2, width // 3 : width // 2] = (220, 30, 40)
    return Image.fromarray(np.clip(rgb, 0, 255).astype(np.uint8))


def encodings(rgb):
    """Yields (file name, bytes): one picture in every encoding."""
    def save(picture, kind, **options):
        out = io.BytesIO()
        picture.save(out, kind, **options)
        return out.getvalue()

    def exif(orientation):
        e = Image.Exif()
        e[0x0112] = orientation
        return e.tobytes()

    width, height = rgb.size
    ramp = Image.linear_gradient("L").resize(rgb.size)
    rgba = rgb.copy()
    rgba.putalpha(ramp)
    gray, palette = rgb.convert("L"), rgb.quantize(64)
    frames = [palette, ImageOps.mirror(rgb).quantize(64)]
    yield "rgb.png", save(rgb, "PNG")
    yield "rgba.png", save(rgba, "PNG")
    yield "rgb_trns.png", save(rgb, "PNG", transparency=rgb.getpixel((0, 0)))
    yield "gray.png", save(gray, "PNG")
    yield "gray_alpha.png", save(rgba.convert("LA"), "PNG")
    yield "gray16.png", save(Image.fromarray(np.asarray(gray).astype(np.uint16) * 257), "PNG")
    yield "onebit.png", save(gray.convert("1"), "PNG")
    yield "palette.png", save(palette, "PNG")
    yield "palette_trns_index.png", save(palette, "PNG", transparency=3)
    yield "palette_trns_bytes.png", save(palette, "PNG", transparency=bytes(range(0, 256, 4)))
    yield "exif_6.png", save(rgb, "PNG", exif=exif(6))
    for name, subsampling in [("420", 2), ("422", 1), ("444", 0)]:
        yield f"jpeg_{name}.jpg", save(rgb, "JPEG", quality=60, subsampling=subsampling)
    yield "jpeg_progressive.jpg", save(rgb, "JPEG", quality=60, progressive=True)
    yield "jpeg_gray.jpg", save(gray, "JPEG", quality=60)
    yield "jpeg_cmyk.jpg", save(rgb.convert("CMYK"), "JPEG", quality=80)
    yield "jpeg_odd_17x9.jpg", save(rgb.resize((17, 9)), "JPEG")
    yield "jpeg_odd_1x1.jpg", save(rgb.resize((1, 1)), "JPEG")
    for orientation in range(1, 9):
        yield f"exif_{orientation}.jpg", save(rgb, "JPEG", quality=90, exif=exif(orientation))
    yield "still.gif", save(palette, "GIF")
    yield "animated.gif", save(frames[0], "GIF", save_all=True, append_images=frames[1:])
    yield "lossy.webp", save(rgb, "WEBP", quality=60)
    yield "lossless.webp", save(rgb, "WEBP", lossless=True)
    yield "alpha.webp", save(rgba, "WEBP", lossless=True, exact=True)
    yield "animated.webp", save(rgb, "WEBP", lossless=True, save_all=True, append_images=[ImageOps.mirror(rgb)])
    yield "exif_6.webp", save(rgb, "WEBP", lossless=True, exif=exif(6))
    yield "rgb.bmp", save(rgb, "BMP")
    yield "palette.bmp", save(palette, "BMP")
    yield "raw.tiff", save(rgb, "TIFF")
    yield "lzw.tiff", save(rgb, "TIFF", compression="tiff_lzw")
    yield "deflate.tiff", save(rgb, "TIFF", compression="tiff_adobe_deflate")
    yield "gray.tiff", save(gray, "TIFF")
    yield "photo.avif", save(rgb, "AVIF", quality=60)


def broken(png, jpeg):
    """Yields (file name, bytes): what must end in a clear error."""
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    def header(width, height):
        return png[:8] + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))

    noise = np.random.default_rng(2).integers(0, 256, 2000, np.uint8).tobytes()
    at = png.index(b"IDAT") + 8
    yield "badcrc.png", png[:at] + bytes([png[at] ^ 1]) + png[at + 1 :]
    yield "bomb_100000x100000.png", header(100_000, 100_000) + chunk(b"IDAT", zlib.compress(bytes(10_000_000))) + chunk(b"IEND", b"")
    yield "empty.png", b""
    yield "garbage.jpg", b"\xff\xd8\xff\xe0" + noise
    yield "header_only.png", header(131, 87)
    yield "huge.gif", b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0x80, 0, 0) + bytes(6) + b",\0\0\0\0\xff\xff\xff\xff\0\2\0;"[:16]
    yield "noise.webp", b"RIFF" + struct.pack("<I", 508) + b"WEBPVP8 " + noise[:500]
    yield "page.html.png", b"<!DOCTYPE html><html><body>404 Not Found</body></html>"
    yield "text.jpg", b"This is no picture.\n" * 22
    yield "truncated.jpg", jpeg[: len(jpeg) // 2]
    yield "truncated.png", png[: len(png) // 2]
    yield "zero_width.png", header(0, 87) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def upright(path):
    with Image.open(path) as picture:
        facts = {"mode": picture.mode, "size": list(picture.size)}
        picture.load()
        turned = ImageOps.exif_transpose(picture)
        if turned.mode.startswith("I;16"):  # Pillow clips; akin keeps the high byte
            turned = Image.fromarray((np.asarray(turned) >> 8).astype(np.uint8))
        facts["upright_size"] = list(turned.size)
        return np.asarray(turned.convert("RGB")), facts


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("out", type=Path)
    a.add_argument("--from", dest="source", type=Path, help="take the files of this folder instead of making them")
    o = a.parse_args()
    (o.out / "decode").mkdir(parents=True, exist_ok=True)
    if o.source:
        for folder in ["decode", "broken"]:
            shutil.copytree(o.source / folder, o.out / folder, dirs_exist_ok=True)
        for name in ["resize_tiny.png", "resize_wide.png"]:
            shutil.copy(o.source / name, o.out / name)
    else:
        (o.out / "broken").mkdir(exist_ok=True)
        files = dict(encodings(drawing(131, 87)))
        for name, data in files.items():
            (o.out / "decode" / name).write_bytes(data)
        for name, data in broken(files["rgb.png"], files["jpeg_420.jpg"]):
            (o.out / "broken" / name).write_bytes(data)
        drawing(5, 3).save(o.out / "resize_tiny.png")
        drawing(300, 40).save(o.out / "resize_wide.png")

    pixels, facts = {}, {}
    for path in sorted((o.out / "decode").iterdir()):
        pixels[path.name], facts[path.name] = upright(path)
    np.savez_compressed(o.out / "decode_expected.npz", **pixels)
    (o.out / "decode.json").write_text(json.dumps(facts, indent=1))

    resized = {}
    for key, path in [("rgb.png", "decode/rgb.png"), ("tiny", "resize_tiny.png"), ("wide", "resize_wide.png")]:
        picture = Image.open(o.out / path).convert("RGB")
        for name, code in FILTERS.items():
            for width, height in SIZES:
                resized[f"{key}:{name}:{width}x{height}"] = np.asarray(picture.resize((width, height), code))
    np.savez_compressed(o.out / "resize_expected.npz", **resized)


if __name__ == "__main__":
    main()
