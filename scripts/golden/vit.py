#!/usr/bin/env python3
"""Makes models/vit/embeddings.npy and expected.npz of a checkpoint, with NumPy and Pillow alone.

    python3 vit.py OUT --inputs FOLDER --from GOLDEN

A second opinion on models.py: the Vision Transformer as the paper has it (https://arxiv.org/abs/2010.11929),
in float64, and preprocessing as preprocessor_config.json says. It agrees with transformers within 1e-6 of
the largest value.
"""
import argparse
import json
import math
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from safetensors.numpy import load_file

PIXELS = [0, 2, 6, 7, 8]


def prepare(picture, config):
    size = config["size"]
    picture = picture.resize((size["width"], size["height"]), config["resample"])
    x = np.asarray(picture).astype(np.float64) * config["rescale_factor"]
    x = (x - np.array(config["image_mean"])) / np.array(config["image_std"])
    return x.transpose(2, 0, 1)  # (3, height, width)


def norm(x, w, name, epsilon):
    x = x - x.mean(-1, keepdims=True)
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + epsilon) * w[name + ".weight"] + w[name + ".bias"]


def linear(x, w, name):
    return x @ w[name + ".weight"].T + w[name + ".bias"]


gelu = np.vectorize(lambda v: 0.5 * v * (1 + math.erf(v / math.sqrt(2))))


def embed(x, w, c):
    side = c["patch_size"]
    rows, columns = x.shape[1] // side, x.shape[2] // side
    patches = x.reshape(3, rows, side, columns, side).transpose(1, 3, 0, 2, 4).reshape(rows * columns, -1)
    kernel = w["embeddings.patch_embeddings.projection.weight"]
    x = patches @ kernel.reshape(len(kernel), -1).T + w["embeddings.patch_embeddings.projection.bias"]
    x = np.concatenate([w["embeddings.cls_token"][0], x]) + w["embeddings.position_embeddings"][0]  # (tokens, dim)
    heads, epsilon = c["num_attention_heads"], c["layer_norm_eps"]
    for i in range(c["num_hidden_layers"]):
        layer = f"encoder.layer.{i}."
        y = norm(x, w, layer + "layernorm_before", epsilon)
        split = lambda z: z.reshape(len(z), heads, -1).transpose(1, 0, 2)  # (heads, tokens, dim/heads)
        q, k, v = (split(linear(y, w, layer + "attention.attention." + part)) for part in ["query", "key", "value"])
        scores = q @ k.transpose(0, 2, 1) / math.sqrt(q.shape[-1])
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        y = (scores / scores.sum(-1, keepdims=True)) @ v
        x = x + linear(y.transpose(1, 0, 2).reshape(len(x), -1), w, layer + "attention.output.dense")
        y = gelu(linear(norm(x, w, layer + "layernorm_after", epsilon), w, layer + "intermediate.dense"))
        x = x + linear(y, w, layer + "output.dense")
    return norm(x, w, "layernorm", epsilon)[0]


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("out", type=Path)
    a.add_argument("--inputs", type=Path, required=True)
    a.add_argument("--from", dest="source", type=Path, required=True)
    o = a.parse_args()
    checkpoint, out = o.source / "models/vit", o.out / "models/vit"
    out.mkdir(parents=True, exist_ok=True)
    weights = {k: v.astype(np.float64) for k, v in load_file(checkpoint / "model.safetensors").items()}
    config = json.loads((checkpoint / "config.json").read_text())
    preprocess = json.loads((checkpoint / "preprocessor_config.json").read_text())
    names = json.loads((o.inputs / "inputs.json").read_text())
    pictures = [ImageOps.exif_transpose(Image.open(o.inputs / "inputs" / n)).convert("RGB") for n in names]
    pixels = [prepare(p, preprocess) for p in pictures]
    np.save(out / "embeddings.npy", np.stack([embed(x, weights, config) for x in pixels]).astype(np.float32))
    np.savez_compressed(out / "expected.npz", **{f"pixels_{i}": pixels[i].astype(np.float32) for i in PIXELS})


if __name__ == "__main__":
    main()
