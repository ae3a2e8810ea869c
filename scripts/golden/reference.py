#!/usr/bin/env python3
"""Writes a reference file of a model: what its own program computes of a few pictures and texts, for
`akin verify-model`. docs/reference/model-reference.md is the format.

    python3 reference.py FOLDER --model NAME [--repository ORG/NAME --revision COMMIT] --out NAME.reference

FOLDER is a checkpoint as published, such as the folder of a snapshot in the hub's cache; of torchvision's
and others' single files, the file. The pictures are drawn here, the same on every machine. The file is not
signed: `go run ./scripts/golden/sign` signs it.
"""
import argparse
import base64
import hashlib
import importlib.metadata
import io
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from libraries import open_model

STRETCHES = 256
TEXTS = ["a photo of a cat", "The flag of Côte d’Ivoire", "two  spaces, and it's THE END!", "日本の国旗"]


def drawing():
    """Shapes, edges and a gradient, larger than any network's input."""
    picture = Image.new("RGB", (620, 430), (244, 240, 226))
    d = ImageDraw.Draw(picture)
    for i in range(31):
        d.rectangle([20 * i, 0, 20 * i + 19, 119], fill=(8 * i, 255 - 8 * i, (40 * i) % 256))
    d.ellipse([60, 150, 300, 390], fill=(190, 30, 45), outline=(20, 20, 60), width=7)
    d.polygon([(340, 400), (450, 140), (590, 380)], fill=(30, 90, 170))
    for i in range(12):
        d.line([330, 130 + 6 * i, 600, 130 + 23 * i], fill=(15 * i, 60, 20), width=1 + i % 3)
    return picture


def noise():
    """A tall picture of 16 colours, pixel by pixel, from a formula that has no library's seed in it."""
    width, height, state = 47, 83, 1
    picture = Image.new("RGB", (width, height))
    for y in range(height):
        for x in range(width):
            state = (state * 48271) % 2147483647
            k = state >> 7 & 15
            picture.putpixel((x, y), (17 * k, 255 - 15 * k, (k * 83) % 256))
    return picture.quantize(16, dither=Image.Dither.NONE).convert("P")


def transparent():
    """A disc whose surroundings are transparent, and not grey beneath: alpha is dropped."""
    picture = Image.new("RGBA", (256, 256), (250, 200, 0, 0))
    ImageDraw.Draw(picture).ellipse([30, 30, 225, 225], fill=(0, 110, 120, 255))
    return picture


PICTURES = {"drawing": drawing, "noise": noise, "transparent": transparent}


def floats(values):
    return base64.b64encode(np.asarray(values, "<f4").tobytes()).decode()


def summary(pixels):
    """One value and the mean of each stretch of the network's input."""
    x = np.ascontiguousarray(pixels, np.float32).reshape(-1)
    step = -(-len(x) // STRETCHES)
    starts = range(0, len(x), step)
    return {
        "count": len(x), "samples": floats(x[::step]),
        "means": floats([x[i : i + step].astype(np.float64).mean() for i in starts]),
    }


def digest(tensor):
    return hashlib.sha256(tensor.float().contiguous().numpy().astype("<f4").tobytes()).hexdigest()[:32]


@torch.no_grad()
def make(o):
    model = open_model(o.folder)
    pictures = []
    for name, draw in PICTURES.items():
        data = io.BytesIO()
        draw().save(data, "PNG", optimize=True)
        x = model.prepare(Image.open(io.BytesIO(data.getvalue())).convert("RGB"))
        vector = model.embed(x)
        pictures.append({"name": name, "data": base64.b64encode(data.getvalue()).decode(), "pixels": summary(model.pixels(x)), "embedding": floats(vector)})
    out = {"model": o.model}
    if o.repository:
        out |= {"repository": o.repository, "revision": o.revision}
    out |= {
        "made_by": ", ".join(f"{p} {importlib.metadata.version(p)}" for p in model.made_by),
        "dim": len(vector),
        "weights": sorted({digest(w) for w in model.weights.values() if w.is_floating_point() and w.numel()}),
        "pictures": pictures,
    }
    if model.tokens:
        out["texts"] = [{"text": t, "ids": model.tokens(t), "embedding": floats(model.embed_text(t))} for t in TEXTS]
    body = json.dumps(out, ensure_ascii=False, indent=1) + "\n"
    o.out.write_bytes(b"akin reference 1\nunsigned\n" + body.encode())


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("folder", type=Path)
    a.add_argument("--model", required=True, help="the name that akin knows it by")
    a.add_argument("--repository", default="")
    a.add_argument("--revision", default="")
    a.add_argument("--out", type=Path, required=True)
    make(a.parse_args())


if __name__ == "__main__":
    main()
