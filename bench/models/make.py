"""Makes checkpoints of the true architectures at their true sizes, with random weights,
in the layout in which the model hub has them.

    python bench/models/make.py DIR [NAME …]

What akin must read is what transformers and torchvision write; what the weights are
makes no difference to speed and memory. Weights are scaled up a little from the usual
initialisation, so that the embeddings of two pictures differ.
"""

import json
import pathlib
import sys

import torch
import torchvision
import transformers

IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
OPENAI = {"image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711]}
HALF = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
SQUARE = {"do_resize": True, "do_normalize": True, "do_rescale": True, "size": {"height": 224, "width": 224}}


def cropped(short, **more):
    size = {"size": {"shortest_edge": short}, "crop_size": {"height": 224, "width": 224}, "do_center_crop": True}
    return {"do_resize": True, "do_normalize": True, "do_rescale": True, "resample": 3, **size, **more}


def vit_large():
    config = transformers.ViTConfig(hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096)
    return transformers.ViTModel(config), {**SQUARE, **HALF, "resample": 2}


def dinov2_base():
    return transformers.Dinov2Model(transformers.Dinov2Config(image_size=518, patch_size=14)), cropped(256, **IMAGENET)


def clip():
    return transformers.CLIPModel(transformers.CLIPConfig()), cropped(224, **OPENAI)


def blip2():
    # The language model is never read: a small one stands for it.
    text = transformers.OPTConfig(hidden_size=64, ffn_dim=64, num_hidden_layers=1, num_attention_heads=2, word_embed_proj_dim=64)
    config = transformers.Blip2Config(text_config=text.to_dict())
    return transformers.Blip2ForConditionalGeneration(config), {**SQUARE, **OPENAI, "resample": 3}


def efficientnet_b7():
    config = transformers.EfficientNetConfig()
    size = {"do_resize": True, "do_normalize": True, "do_rescale": True, "do_center_crop": False, "size": {"height": 600, "width": 600}}
    std = [0.47853944, 0.4732864, 0.47434163]
    return transformers.EfficientNetForImageClassification(config), {
        **size, "image_mean": IMAGENET["image_mean"], "image_std": std, "include_top": True, "rescale_offset": False, "resample": 0}


MODELS = {
    "vit-large": vit_large, "dinov2-base": dinov2_base, "clip-vit-base-patch32": clip,
    "blip2-opt-2.7b": blip2, "efficientnet-b7": efficientnet_b7, "vgg16": None,
}


def make(name, folder):
    torch.manual_seed(1)
    if name == "vgg16":
        folder.mkdir(parents=True, exist_ok=True)
        torch.save(torchvision.models.vgg16(weights=None).state_dict(), folder / "vgg16.pth")
        return
    model, preprocess = MODELS[name]()
    with torch.no_grad():
        for key, p in model.named_parameters():
            if p.dim() > 1 and name != "efficientnet-b7":
                p.mul_(1.5)
            elif p.dim() == 0 or "norm" not in key:
                p.add_(0.02 * torch.randn_like(p))
    model.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocess, indent=2))


def main(out, *names):
    for name in names or MODELS:
        folder = pathlib.Path(out) / name
        if not folder.exists():
            make(name, folder)
            print(name, "made", flush=True)


main(*sys.argv[1:])
