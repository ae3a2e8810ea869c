#!/usr/bin/env python3
"""Makes pictures with alpha, and the thumbnails that Pillow makes of them: NAME.png and NAME_BOX.png.

    pip install pillow numpy
    python3 alpha.py
"""
import os
import numpy as np
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))


def save(name, rgba, *boxes):
    whole = Image.fromarray(rgba, "RGBA")
    whole.save(os.path.join(HERE, f"{name}.png"), optimize=True)
    for box in boxes:
        ratio = box / max(whole.size)
        size = tuple(max(1, round(side * ratio)) for side in whole.size)
        # Resizing multiplies colours by alpha on the way, so that what is hidden stays so.
        small = whole.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)
        small.save(os.path.join(HERE, f"{name}_{box}.png"), optimize=True)


def disc(width, height):
    """A disc that is opaque in the middle and fades out, over a hidden magenta."""
    y, x = np.mgrid[:height, :width]
    r = np.hypot(x - width / 2, y - height / 2) / min(width, height)
    out = np.zeros((height, width, 4), np.uint8)
    out[..., 0] = 255 * x / width
    out[..., 1] = 200 - 150 * y / height
    out[..., 2] = 40
    out[..., 3] = np.clip(255 * (2.4 - 5 * r), 0, 255)
    out[out[..., 3] == 0] = (255, 0, 255, 0)
    return out


save("disc", disc(120, 90), 100, 40)
save("large", disc(702, 501), 64)  # averaged by blocks of three first
nothing = np.zeros((30, 40, 4), np.uint8)
nothing[..., 1] = 255
save("nothing", nothing, 20)
