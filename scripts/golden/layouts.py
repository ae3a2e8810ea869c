#!/usr/bin/env python3
"""Makes the arrays of small checkpoints anew that lie as their publishers lay out theirs.

    python3 layouts.py OUT --inputs FOLDER --from GOLDEN [--only blip,swin]

FOLDER is a golden folder with inputs/ and inputs.json; GOLDEN has models/NAME. For each NAME the library
that the checkpoint was published for (libraries/) computes OUT/models/NAME: embeddings.npy, expected.npz,
and, where it reads texts, tokens.json and text_embeddings.npy. compare.py compares them with GOLDEN's.
"""
import argparse
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps

from libraries import open_model

PIXELS = [2, 7, 8]  # the inputs whose network input is stored, unless GOLDEN has others


@torch.no_grad()
def make(out, source, pictures):
    model = open_model(source)
    out.mkdir(parents=True, exist_ok=True)
    inputs = [model.prepare(p) for p in pictures]
    np.save(out / "embeddings.npy", np.stack([model.embed(x) for x in inputs]))
    keys = [f"pixels_{i}" for i in PIXELS]
    if (source / "expected.npz").exists():
        keys = [k for k in np.load(source / "expected.npz") if k.startswith("pixels_")]
    np.savez_compressed(out / "expected.npz", **{k: model.pixels(inputs[int(k[7:])]).numpy().astype(np.float32) for k in keys})
    if model.tokens is None or not (source / "tokens.json").exists():
        return
    cases = json.loads((source / "tokens.json").read_text())
    differ = 0
    for case in cases:
        ids = model.tokens(case["text"])
        differ += ids[: len(case["ids"])] != case["ids"]
        case["ids"] = ids
    (out / "tokens.json").write_text(json.dumps(cases, indent=0, ensure_ascii=False))
    np.save(out / "text_embeddings.npy", np.stack([model.embed_text(c["text"]) for c in cases]))
    if differ:
        print(f"{source.name}: {differ} of {len(cases)} texts have other ids than {source}")


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("out", type=Path)
    a.add_argument("--inputs", type=Path, required=True)
    a.add_argument("--from", dest="source", type=Path, required=True)
    a.add_argument("--only", default="")
    o = a.parse_args()
    names = json.loads((o.inputs / "inputs.json").read_text())
    pictures = [ImageOps.exif_transpose(Image.open(o.inputs / "inputs" / n)).convert("RGB") for n in names]
    for source in sorted((o.source / "models").iterdir()):
        if o.only and source.name not in o.only.split(","):
            continue
        make(o.out / "models" / source.name, source, pictures)
        print(source.name, flush=True)


if __name__ == "__main__":
    main()
