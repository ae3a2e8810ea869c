#!/usr/bin/env python3
"""Makes models/NAME: small checkpoints with random weights, and what the reference says of them.

    python3 models.py OUT --inputs FOLDER                  new weights, by the seed
    python3 models.py OUT --inputs FOLDER --from GOLDEN    GOLDEN's checkpoints: only the arrays are made anew
    ... --only vit,clip

FOLDER is a golden folder with inputs/ and inputs.json. The reference is transformers with its Pillow
image processors (use_fast=False) and torchvision, in float32 on the processor.
"""
import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import torch
import transformers as t
from PIL import Image, ImageOps

SEED = 7
PIXELS = [0, 2, 6, 7, 8]  # the inputs whose network input is stored
SMALL = dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4)
IMAGENET = dict(image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225])
CLIP = dict(image_mean=[0.48145466, 0.4578275, 0.40821073], image_std=[0.26862954, 0.26130258, 0.27577711])

# NAME: a new model, its image processor, and the embedding of prepared pixels.
MODELS = {
    "vit": (
        lambda: t.ViTModel(t.ViTConfig(**SMALL), add_pooling_layer=False),
        lambda: t.ViTImageProcessor(),
        lambda m, x: m(x).last_hidden_state[:, 0],
    ),
    "dinov2": (
        lambda: t.Dinov2Model(t.Dinov2Config(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, mlp_ratio=2, image_size=518)),
        lambda: t.BitImageProcessor(size={"shortest_edge": 256}, resample=3, crop_size=224, **IMAGENET),
        lambda m, x: m(x).last_hidden_state[:, 0],
    ),
    "clip": (
        lambda: t.CLIPModel(t.CLIPConfig(projection_dim=24, text_config=dict(SMALL, projection_dim=24), vision_config=dict(SMALL, hidden_size=48, projection_dim=24))),
        lambda: t.CLIPImageProcessor(),
        lambda m, x: m.get_image_features(pixel_values=x),
    ),
    "blip2": (
        lambda: t.Blip2ForConditionalGeneration(t.Blip2Config(
            vision_config=SMALL,
            qformer_config=dict(SMALL, num_hidden_layers=3, encoder_hidden_size=32, vocab_size=128),
            text_config=dict(model_type="opt", hidden_size=32, ffn_dim=64, num_hidden_layers=2, num_attention_heads=4, vocab_size=500, word_embed_proj_dim=32, max_position_embeddings=64),
            num_query_tokens=8)),
        lambda: t.BlipImageProcessor(size={"height": 224, "width": 224}, **CLIP),
        lambda m, x: m.get_qformer_features(pixel_values=x).last_hidden_state[:, 0],
    ),
    "efficientnet": (
        lambda: t.EfficientNetForImageClassification(t.EfficientNetConfig(width_coefficient=0.25, depth_coefficient=0.4, hidden_dim=320, num_labels=7)),
        lambda: t.EfficientNetImageProcessor(size={"height": 600, "width": 600}, resample=0, image_std=[0.47853944, 0.4732864, 0.47434163], image_mean=IMAGENET["image_mean"]),
        lambda m, x: m.efficientnet(x, output_hidden_states=True).hidden_states[-1].mean((2, 3)),
    ),
}
AUTO = {"vit": t.ViTModel, "dinov2": t.Dinov2Model, "clip": t.CLIPModel, "blip2": t.Blip2Model, "efficientnet": t.EfficientNetForImageClassification}
SLOW = {"vit": t.ViTImageProcessor, "dinov2": t.BitImageProcessor, "clip": t.CLIPImageProcessor, "blip2": t.BlipImageProcessor, "efficientnet": t.EfficientNetImageProcessor}
SHARDS = {"blip2": "80KB"}  # the size of a file, where the hub has several


def spread(model):
    """Fresh layers are nearly linear: larger weights make every operator count."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.normal_(1 if name.endswith("norm.weight") else 0, 0.2)
        for name, b in model.named_buffers():
            if name.endswith("running_var"):
                b.uniform_(0.5, 1.5)
            elif name.endswith("running_mean"):
                b.normal_(0, 0.2)


def store(dir, pixels, embeddings):
    np.save(dir / "embeddings.npy", embeddings)
    np.savez_compressed(dir / "expected.npz", **{f"pixels_{i}": pixels[i] for i in PIXELS})


def transformer(name, dir, pictures, source):
    make, processor, embed = MODELS[name]
    if source:
        shutil.copytree(source / "models" / name, dir, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.np[yz]"))
        for path in dir.iterdir():
            path.chmod(0o644)
    else:
        torch.manual_seed(SEED)
        model = make()
        spread(model)
        model.save_pretrained(dir, max_shard_size=SHARDS.get(name, "5GB"))
        processor().save_pretrained(dir)
    model = AUTO[name].from_pretrained(dir, torch_dtype=torch.float32).eval()
    prepare = SLOW[name].from_pretrained(dir)
    pixels = [np.asarray(prepare(p, return_tensors="np")["pixel_values"][0], np.float32) for p in pictures]
    rows = [embed(model, torch.from_numpy(x[None])).numpy()[0] for x in pixels]
    store(dir, pixels, np.stack(rows))
    if name == "clip" and source:
        texts(dir, model)


def texts(dir, model):
    """The tokenizer's files are the published ones, so text needs --from."""
    tokenizer = t.CLIPTokenizerFast.from_pretrained(dir)
    cases = json.loads((dir / "tokens.json").read_text())
    rows = []
    for case in cases:
        case["ids"] = tokenizer(case["text"], truncation=True)["input_ids"]
        rows.append(model.get_text_features(torch.tensor([case["ids"]])).numpy()[0])
    (dir / "tokens.json").write_text(json.dumps(cases, indent=0, ensure_ascii=False))
    np.save(dir / "text_embeddings.npy", np.stack(rows))


def vgg(dir, pictures, source):
    import torchvision

    channels = [4, 4, "M", 8, 8, "M", 8, 8, 8, "M", 16, 16, 16, "M", 16, 16, 16, "M"]
    dir.mkdir(parents=True, exist_ok=True)
    if source:
        shutil.copy(source / "models/vgg16/vgg16.pth", dir)
    else:
        torch.manual_seed(SEED)
        model = torchvision.models.VGG(torchvision.models.vgg.make_layers(channels), num_classes=10)
        model.classifier = torch.nn.Sequential(*(torch.nn.Linear(*n) if n else torch.nn.ReLU() for n in [(16 * 49, 32), None, None, (32, 32), None, None, (32, 10)]))
        spread(model)
        torch.save(model.state_dict(), dir / "vgg16.pth")
    state = torch.load(dir / "vgg16.pth", weights_only=True)
    x = [torchvision.models.VGG16_Weights.DEFAULT.transforms()(p).numpy() for p in pictures]
    store(dir, x, np.stack([vgg_forward(state, torch.from_numpy(p[None])).numpy()[0] for p in x]))


def vgg_forward(state, x):
    """torchvision.models.VGG.forward, of whatever sizes the state has."""
    f = torch.nn.functional
    convs = sorted({int(k.split(".")[1]) for k in state if k.startswith("features.")})
    for i, at in enumerate(convs):
        x = torch.relu(f.conv2d(x, state[f"features.{at}.weight"], state[f"features.{at}.bias"], padding=1))
        if i + 1 == len(convs) or convs[i + 1] > at + 2:
            x = f.max_pool2d(x, 2)
    x = f.adaptive_avg_pool2d(x, 7).flatten(1)
    layers = sorted({int(k.split(".")[1]) for k in state if k.startswith("classifier.")})
    for at in layers:
        x = f.linear(x, state[f"classifier.{at}.weight"], state[f"classifier.{at}.bias"])
        if at != layers[-1]:
            x = torch.relu(x)
    return x


@torch.no_grad()
def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("out", type=Path)
    a.add_argument("--inputs", type=Path, required=True)
    a.add_argument("--from", dest="source", type=Path)
    a.add_argument("--only", default=",".join([*MODELS, "vgg16"]))
    o = a.parse_args()
    names = json.loads((o.inputs / "inputs.json").read_text())
    pictures = [ImageOps.exif_transpose(Image.open(o.inputs / "inputs" / n)).convert("RGB") for n in names]
    for name in o.only.split(","):
        dir = o.out / "models" / name
        if name == "vgg16":
            vgg(dir, pictures, o.source)
        else:
            transformer(name, dir, pictures, o.source)
        print(name)


if __name__ == "__main__":
    main()
