"""OpenCLIP's checkpoints, with the towers of timm that it names: open_clip_config.json."""
import gzip
import json
import re
import tempfile

import open_clip
import timm

from . import Model, read_weights, vector


def knows(folder):
    return (folder / "open_clip_config.json").exists()


def sizes(trunk, folder):
    """What timm has to be told of a trunk that is not of its name's size."""
    state = {k.split(":", 1)[1].removeprefix("visual.trunk."): v for k, v in read_weights(folder).items() if ":visual.trunk." in k}
    if trunk.startswith("fastvit"):
        stages = sorted({k.split(".")[1] for k in state if k.startswith("stages.")})
        blocks = [{m[1] for k in state if (m := re.match(rf"stages\.{s}\.blocks\.(\d+)\.", k))} for s in stages]
        dims = [next(v.shape[0] for k, v in state.items() if re.fullmatch(rf"stages\.{s}\.blocks\.0\.mlp\.fc2\.weight", k)) for s in stages]
        ratios = [next(v.shape[0] for k, v in state.items() if re.fullmatch(rf"stages\.{s}\.blocks\.0\.mlp\.fc1\.weight", k)) / d for s, d in zip(stages, dims)]
        return dict(layers=tuple(len(b) for b in blocks), embed_dims=tuple(dims), mlp_ratios=tuple(ratios))
    dim = state["patch_embed.proj.weight"].shape[0]
    hidden = next(state[f"blocks.0.mlp.{n}.weight"].shape[0] for n in ["fc1_g", "fc1"] if f"blocks.0.mlp.{n}.weight" in state)
    image = json.loads((folder / "open_clip_config.json").read_text())["model_cfg"]["vision_cfg"]["image_size"]
    pool = state.get("attn_pool.mlp.fc1.weight")
    grid = image // state["patch_embed.proj.weight"].shape[2]
    return dict(
        **({} if pool is None else {"attn_pool_mlp_ratio": pool.shape[0] / dim}),
        **({"ref_feat_shape": (grid, grid)} if "_pe_" in trunk else {}),  # rotary positions are of the picture's own size
        img_size=image, embed_dim=dim, depth=len({k.split(".")[1] for k in state if k.startswith("blocks.")}),
        num_heads=dim // (96 if "gigantic" in trunk else 64), mlp_ratio=hidden / dim,
    )


def reader(name, folder):
    """open_clip's tokenizer. It has CLIP's vocabulary in itself; tests have a part of it in merges.txt."""
    tokenizer = open_clip.get_tokenizer(name)
    vocabulary = folder / "vocab.json"
    if not isinstance(tokenizer, open_clip.SimpleTokenizer) or len(json.loads(vocabulary.read_text())) == tokenizer.vocab_size:
        return tokenizer
    with tempfile.NamedTemporaryFile(suffix=".gz") as merges:
        merges.write(gzip.compress((folder / "merges.txt").read_bytes().rstrip(b"\n")))
        merges.flush()
        return open_clip.SimpleTokenizer(bpe_path=merges.name, context_length=tokenizer.context_length)


def open_model(folder):
    name = f"local-dir:{folder}"
    create = lambda: open_clip.create_model_from_pretrained(name, precision="fp32", device="cpu")
    try:
        model, prepare = create()
    except RuntimeError:  # a trunk of timm that is smaller than its name says, as tests have
        published = timm.create_model
        timm.create_model = lambda trunk, **o: published(trunk, **{**sizes(trunk, folder), **o})
        model, prepare = create()
        timm.create_model = published
    model.eval()
    tokenizer = reader(name, folder)
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
