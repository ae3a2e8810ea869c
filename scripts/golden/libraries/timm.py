"""timm's checkpoints: config.json with an architecture, and model_args where sizes are not the name's."""
import json

import timm
from timm.data import create_transform, resolve_model_data_config

from . import Model, read_weights, vector


def knows(folder):
    config = folder / "config.json"
    return config.exists() and "architecture" in json.loads(config.read_text())


def open_model(folder):
    model = timm.create_model(f"local-dir:{folder}", pretrained=True, num_classes=0).eval()
    prepare = create_transform(**resolve_model_data_config(model), is_training=False)
    return Model(
        prepare=lambda p: prepare(p)[None], embed=lambda x: vector(model(x)), weights=read_weights(folder),
        made_by=["timm", "torch", "torchvision", "pillow"],
    )
