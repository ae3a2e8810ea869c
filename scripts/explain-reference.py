"""Writes testdata/explain.json: which patches of two pictures have counterparts, by transformers.

    python scripts/explain-reference.py ../shared/golden > testdata/explain.json

needs torch, transformers and numpy. The tests compare akin's tokens of places with it."""
import json
import sys

import numpy as np
import torch
from transformers import CLIPModel, Dinov2Model, ViTModel


def tokens(name, folder, pixels):
    with torch.no_grad():
        if name == "clip":
            m = CLIPModel.from_pretrained(folder).eval()
            x = m.vision_model(pixel_values=pixels).last_hidden_state
            return m.visual_projection(m.vision_model.post_layernorm(x))
        cls = {"vit": ViTModel, "dinov2": Dinov2Model}[name]
        return cls.from_pretrained(folder).eval()(pixel_values=pixels).last_hidden_state


out = {}
golden = sys.argv[1]
for name in ["vit", "dinov2", "clip"]:
    folder = f"{golden}/models/{name}"
    arrays = np.load(f"{folder}/expected.npz")
    t = [tokens(name, folder, torch.tensor(arrays[f"pixels_{i}"])[None])[0] for i in (0, 2)]
    unit = [x / x.norm(dim=1, keepdim=True) for x in t]
    near = unit[0][1:] @ unit[1][1:].T
    out[name] = {
        "score": round(float(unit[0][0] @ unit[1][0]), 6),
        "a": [round(float(v), 5) for v in near.max(1).values],
        "b": [round(float(v), 5) for v in near.max(0).values],
    }
json.dump(out, sys.stdout, separators=(",", ":"))
print()
