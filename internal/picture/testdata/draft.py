#!/usr/bin/env python3
"""Makes the files of testdata/draft, and expected.npz: for each file and scale the upright pixels that Pillow gives
after Image.draft, under the name "FILE@SCALE"; of HEIC files those of the previews, as pillow-heif gives them, under
"FILE@WIDTHxHEIGHT".

    pip install pillow numpy pillow-heif
    python3 draft.py
"""
import io, os, sys
import numpy as np
import pillow_heif
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


def previews(name, image, thumbnails, **options):
    b = io.BytesIO()
    pillow_heif.from_pillow(image).save(b, quality=60, thumbnails=thumbnails, **options)
    with open(os.path.join(HERE, name), "wb") as f:
        f.write(b.getvalue())
    main = pillow_heif.open_heif(io.BytesIO(b.getvalue()))[0]
    for i in range(len(main.info["thumbnails"])):
        t = main.get_thumbnail(i)
        expected[f"{name}@{t.size[0]}x{t.size[1]}"] = np.asarray(t.to_pillow().convert("RGB"))


y, x = np.mgrid[:240, :320].astype(float)
smooth = np.stack([128 + 90 * np.sin(x / 30 + c) * np.cos(y / 22 - c) for c in range(3)], -1).astype(np.uint8)
previews("previews.heic", Image.fromarray(smooth), [160, 80])
exif = Image.Exif()
exif[0x0112] = 6
previews("previews_turned.heic", Image.fromarray(smooth), [160], exif=exif.tobytes())
previews("previews_tiles.heic", Image.fromarray(smooth), [160], tile_size=128)
previews("previews_alpha.heic", Image.fromarray(np.dstack([smooth, (x / 2).astype(np.uint8)]), "RGBA"), [160])
np.savez_compressed(os.path.join(HERE, "expected.npz"), **expected)
print(len(expected), "pictures,", sum(os.path.getsize(os.path.join(HERE, f)) for f in os.listdir(HERE)), "bytes", file=sys.stderr)
