#!/usr/bin/env python3
"""Makes the OpenEXR files of this folder with OpenEXR's own library, and expected.npz: what that reads again, with sRGB's
encoding of light, rounded, and everything above 1 white.

    pip install openexr pillow numpy
    python3 make.py ../cases/png_rgba8.png
"""
import os, sys
import numpy as np, OpenEXR
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
expected = {}
photo = np.asarray(Image.open(sys.argv[1]).convert("RGBA").resize((61, 43), Image.Resampling.BICUBIC)) / 255.0
light = (np.where(photo[..., :3] <= 0.04045, photo[..., :3] / 12.92, ((photo[..., :3] + 0.055) / 1.055) ** 2.4) * 1.6).astype("f4")
light[0, :4] = [[-1, 0, 1e-4], [np.inf, -np.inf, np.nan], [9, 1, 0.5], [65504, 1, 1e-7]]
alpha = np.clip(photo[..., 3], 0, 1).astype("f4")
alpha[1, :3] = [0, 1, 2]
rng = np.random.default_rng(3)


def encode(v):
    v = np.nan_to_num(np.asarray(v, np.float64), nan=0)
    v = np.clip(v, 0, 1)
    return np.floor(np.where(v <= 0.0031308, v * 12.92, 1.055 * v ** (1 / 2.4) - 0.055) * 255 + 0.5).astype(np.uint8)


def case(name, channels, packing, dtype="f2", right=None, **header):
    channels = {k: np.ascontiguousarray(np.asarray(v).astype(dtype)) if isinstance(v, np.ndarray) else v for k, v in channels.items()}
    path = os.path.join(HERE, name)
    OpenEXR.File({"compression": packing, "type": OpenEXR.scanlineimage, **header}, channels).write(path)
    got = OpenEXR.File(path, separate_channels=True).channels()
    read = lambda k: got[k].pixels.astype(np.float64)
    rgb = np.dstack([read(k) for k in "RGB"]) if "R" in got else np.repeat(read("Y")[..., None], 3, 2)
    if "A" in got:
        a = np.nan_to_num(read("A"), nan=0)
        expected[name + ":alpha"] = np.floor(np.clip(a, 0, 1) * 255 + 0.5).astype(np.uint8)
        with np.errstate(all="ignore"):
            rgb = np.where(((a > 0) & (a < 1))[..., None], rgb / a[..., None], rgb)
    expected[name] = encode(rgb)


RGB = {"R": light[..., 0], "G": light[..., 1], "B": light[..., 2]}
for packing in ("NO", "RLE", "ZIPS", "ZIP", "PIZ", "PXR24"):
    for dtype, n in (("f2", "half"), ("f4", "float")):
        with np.errstate(over="ignore"):
            case(f"{packing.lower()}_{n}.exr", RGB, getattr(OpenEXR, packing + "_COMPRESSION"), dtype)
case("alpha.exr", {**RGB, "A": alpha}, OpenEXR.ZIP_COMPRESSION)
case("grey.exr", {"Y": light[..., 1]}, OpenEXR.PIZ_COMPRESSION)
case("layers.exr", {**RGB, "diffuse.R": light[..., 2], "Z": light[..., 0], "id": light[..., 1]}, OpenEXR.PIZ_COMPRESSION)
case("window.exr", RGB, OpenEXR.ZIP_COMPRESSION, dataWindow=(np.array([-7, -5], np.int32), np.array([53, 37], np.int32)))
noise = rng.random((40, 224, 3), np.float32)
case("piz_noise.exr", {k: noise[..., i] for i, k in enumerate("RGB")}, OpenEXR.PIZ_COMPRESSION, "f4")
smooth = (np.add.outer(np.arange(70), np.arange(90)) / 200).astype("f4")
case("piz_smooth.exr", {"R": smooth, "G": smooth.copy(), "B": smooth * 0.5}, OpenEXR.PIZ_COMPRESSION)
t = OpenEXR.TileDescription()
t.xSize, t.ySize = 16, 32
case("tiles.exr", RGB, OpenEXR.PIZ_COMPRESSION, type=OpenEXR.tiledimage, tiles=t)
np.savez_compressed(os.path.join(HERE, "expected.npz"), **expected)
print(len(expected), "arrays")
