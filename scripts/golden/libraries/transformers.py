"""transformers' checkpoints: config.json with a model_type. Pictures are prepared by its Pillow backend,
where a processor has one."""
import json

import numpy as np
import torch
import transformers as t
from PIL import Image

from . import Model, read_weights, vector

CLS = lambda m, x: m(pixel_values=x).last_hidden_state[:, 0]
POOLED = lambda m, x: m(pixel_values=x).pooler_output


def features(m, x):
    out = m.get_image_features(pixel_values=x)
    return out if isinstance(out, torch.Tensor) else out.pooler_output


def text_features(m, tokens):
    out = m.get_text_features(**tokens)
    return out if isinstance(out, torch.Tensor) else out.pooler_output


def blip_text(m, tokens):
    return m.text_proj(m.text_encoder(**tokens, return_dict=True).last_hidden_state[:, 0])


# model_type: the class, the embedding of prepared pixels, and that of tokens.
FAMILIES = {
    "vit": (t.ViTModel, CLS, None),
    "dinov2": (t.Dinov2Model, CLS, None),
    "dinov2_with_registers": (t.Dinov2WithRegistersModel, CLS, None),
    "dinov3_vit": (t.DINOv3ViTModel, POOLED, None),
    "dinov3_convnext": (t.DINOv3ConvNextModel, POOLED, None),
    "convnext": (t.ConvNextModel, POOLED, None),
    "swin": (t.SwinModel, POOLED, None),
    "clip": (t.CLIPModel, features, text_features),
    "siglip": (t.SiglipModel, features, text_features),
    "siglip2": (t.Siglip2Model, None, None),
    "tipsv2": (t.AutoModel, features, text_features),
    "blip": (t.BlipForImageTextRetrieval, lambda m, x: m.vision_proj(m.vision_model(x).last_hidden_state[:, 0]), blip_text),
    "blip-2": (t.Blip2Model, lambda m, x: m.get_qformer_features(pixel_values=x).last_hidden_state[:, 0], None),
    "efficientnet": (t.EfficientNetForImageClassification, lambda m, x: m.efficientnet(x, output_hidden_states=True).hidden_states[-1].mean((2, 3)), None),
}
# Their processors resize with torch in float32 in every backend, or have no Pillow backend that does as the authors do.
TORCH = {"dinov3_vit", "dinov3_convnext"}
PADDING = {"tipsv2": dict(padding="max_length", max_length=64), "siglip": dict(padding="max_length"), "blip": dict()}


def kind(folder):
    config = folder / "config.json"
    return json.loads(config.read_text()).get("model_type") if config.exists() else None


def knows(folder):
    return kind(folder) in FAMILIES


def open_model(folder):
    family = kind(folder)
    cls, embed, embed_tokens = FAMILIES[family]
    model = cls.from_pretrained(folder, dtype=torch.float32).eval()
    out = Model(
        prepare=None, embed=None, weights=read_weights(folder), made_by=["transformers", "torch", "torchvision", "pillow"],
    )
    if family == "siglip2":
        return naflex(folder, model, out)
    if family == "tipsv2":
        out.prepare = authors(folder)
    else:
        processor = t.AutoImageProcessor.from_pretrained(folder, **({} if family in TORCH else {"backend": "pil"}))
        out.prepare = lambda p: processor(p, return_tensors="pt")["pixel_values"].float()
    out.embed = lambda x: vector(embed(model, x))
    if embed_tokens and (folder / "tokenizer_config.json").exists():
        tokenizer = t.AutoTokenizer.from_pretrained(folder)
        texts = lambda line, **o: tokenizer(line, truncation=True, return_tensors="pt", **o)
        out.tokens = lambda line: texts(line)["input_ids"][0].tolist()
        out.embed_text = lambda line: vector(embed_tokens(model, texts(line, **PADDING.get(family, {}))))
    return out


def naflex(folder, model, out):
    processor = t.AutoImageProcessor.from_pretrained(folder, backend="pil")
    out.prepare = lambda p: processor(p, return_tensors="pt")

    def real(x):
        h, w = x["spatial_shapes"][0].tolist()
        return x["pixel_values"][0, : h * w]

    def embed(x):
        got = model.get_image_features(**x)
        return vector(got if isinstance(got, torch.Tensor) else got.pooler_output)

    out.pixels, out.embed = real, embed
    return out


def authors(folder):
    """TIPSv2's authors squash with Pillow and divide by 255."""
    size = json.loads((folder / "config.json").read_text())["vision_config"]["image_size"]
    return lambda p: torch.from_numpy(np.asarray(p.resize((size, size), Image.BILINEAR), np.float32).transpose(2, 0, 1)[None] / 255)
