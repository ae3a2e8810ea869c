"""What a model's own program computes: one file for each library that models are published for.

open_model(folder) returns a Model. Each library's file recognises its folders by what lies in them.
"""
import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Optional

import numpy as np
import torch


@dataclass
class Model:
    prepare: Callable  # an RGB picture of Pillow to the network's input, a float32 tensor with one axis more
    embed: Callable  # that input to a vector
    weights: dict  # the checkpoint's tensors
    made_by: list  # packages
    tokens: Optional[Callable] = None  # a text to ids, without what fills them up
    embed_text: Optional[Callable] = None  # a text to a vector
    pixels: Callable = lambda x: x[0]  # of the input, what akin's is compared with


# The first that knows a folder opens it.
LIBRARIES = ["openclip", "timm", "dreamsim", "transformers", "torchvision"]


def open_model(folder):
    folder = Path(folder)
    for name in LIBRARIES:
        library = importlib.import_module(f"libraries.{name}")
        if library.knows(folder):
            return library.open_model(folder)
    raise SystemExit(f"{folder}: no library knows what lies there")


def vector(x):
    return np.asarray(x.detach().float().numpy(), np.float32).reshape(-1)


def read_weights(folder):
    """The tensors of all files of weights in a folder and its folders, by their names in the files."""
    from safetensors.torch import load_file

    tensors = {}
    for path in sorted(Path(folder).rglob("*")):
        if path.name.endswith(".safetensors"):
            found = load_file(path)
        elif path.name.endswith((".bin", ".pth", ".pt", ".pth.tar")):
            found = torch.load(path, map_location="cpu", weights_only=False)
        else:
            continue
        tensors.update({f"{path.name}:{k}": v for k, v in flat(found)})
    return tensors


def flat(value, name=""):
    """The tensors of nested dicts, by their path."""
    if isinstance(value, torch.Tensor):
        yield name, value
    elif isinstance(value, torch.jit.ScriptModule):
        yield from value.state_dict().items()
    elif isinstance(value, dict):
        for k, v in value.items():
            yield from flat(v, f"{name}.{k}" if name else str(k))
