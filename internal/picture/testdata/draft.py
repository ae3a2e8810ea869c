#!/usr/bin/env python3
"""Makes the files of testdata/draft, and expected.npz: for each file and scale the upright pixels that Pillow gives
after Image.draft, under the name "FILE@SCALE".

    pip install pillow numpy
    python3 draft.py
"""
import io, os, sys
import numpy as np
from PIL import Image, ImageOps

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "draft")
expected = {}
random = np.random.default_rng(1)


def scene(width, height):
    """Waves of all lengths, edges and noise: what fills all coefficients."""
    y, x = np.mgrid[:height, :width].astype(float)
    out = np.empty((height, width, 3))
    for c in range(3):
        a, b, p = random.uniform(0.02, 0.9, 3)
        out[..., c] = 128 + 60 * np.sin(a * x + b * y * y / height) + 50 * np.sign(np.sin(p * (x + c * y) / 5))
    return np.clip(out + random.normal(0, 12, out.shape), 0, 255).astype(np.uint8)


def case(name, image, **options):
    exif = Image.Exif()
    if turn := options.pop("orientation", 0):
        exif[0x0112] = turn
        options["exif"] = exif
    b = io.BytesIO()
    image.save(b, "JPEG", **options)
    with open(os.path.join(HERE, name), "wb") as f:
        f.write(b.getvalue())
    for scale in (2, 4, 8):
        im = Image.open(io.BytesIO(b.getvalue()))
        whole = im.size
        im.draft(None, (whole[0] // scale, whole[1] // scale))
        assert im.size == tuple(-(-side // scale) for side in whole), (name, scale, im.size)
        expected[f"{name}@{scale}"] = np.asarray(ImageOps.exif_transpose(im).convert("RGB"))


for w, h in (67, 45), (64, 48), (33, 90), (17, 9):
    rgb = Image.fromarray(scene(w, h))
    for sampling in "4:4:4", "4:2:2", "4:2:0":
        case(f"{w}x{h}_{sampling.replace(':', '')}.jpg", rgb, quality=92, subsampling=sampling)
rgb = Image.fromarray(scene(71, 53))
case("progressive.jpg", rgb, quality=85, progressive=True, subsampling="4:2:0")
case("restarts.jpg", rgb, quality=85, restart_marker_blocks=3, subsampling="4:2:0")
case("coarse.jpg", rgb, quality=5, subsampling="4:2:0")
case("fine.jpg", rgb, quality=100, subsampling="4:2:0")
case("grey.jpg", rgb.convert("L"), quality=90)
case("cmyk.jpg", rgb.convert("CMYK"), quality=90)
case("rgb.jpg", rgb, quality=90, keep_rgb=True)
for turn in range(2, 9):
    case(f"turned_{turn}.jpg", rgb, quality=75, subsampling="4:2:0", orientation=turn)
np.savez_compressed(os.path.join(HERE, "expected.npz"), **expected)
print(len(expected), "pictures,", sum(os.path.getsize(os.path.join(HERE, f)) for f in os.listdir(HERE)), "bytes", file=sys.stderr)
