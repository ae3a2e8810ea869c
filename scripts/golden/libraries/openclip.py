"""OpenCLIP's checkpoints, with the towers of timm that it names: open_clip_config.json."""
import json

import open_clip

from . import Model, read_weights, vector


def knows(folder):
    return (folder / "open_clip_config.json").exists()


def open_model(folder):
    name = f"local-dir:{folder}"
    model, prepare = open_clip.create_model_from_pretrained(name, precision="fp32", device="cpu")
    model.eval()
    tokenizer = open_clip.get_tokenizer(name)
    text = json.loads((folder / "open_clip_config.json").read_text())["model_cfg"]["text_cfg"]

    def ids(line):
        row = tokenizer([line])[0].tolist()
        while row and row[-1] == 0 and len(row) > 1 and (row[-2] == 0 or text.get("hf_tokenizer_name") is None):
            row.pop()
        return row

    return Model(
        prepare=lambda p: prepare(p)[None], embed=lambda x: vector(model.encode_image(x)), weights=read_weights(folder),
        made_by=["open_clip_torch", "timm", "torch", "torchvision", "pillow"],
        tokens=ids, embed_text=lambda line: vector(model.encode_text(tokenizer([line]))),
    )
