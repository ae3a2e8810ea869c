"""Makes the lora-* checkpoints beside it: LoRA adapters of transformers' and timm's networks, as peft saves them.

    pip install torch==2.15.0 transformers==5.24.0 timm==1.0.31 peft==0.21.2 && python make_lora.py

In memory, transformers 5 calls some layers otherwise than their checkpoints do, and peft saves the names in
memory. The embeddings are those of the network with its adapter.
"""
import copy, json, shutil, sys, tempfile
from pathlib import Path

import numpy as np
import peft
import torch
import transformers as tf
from torch import nn

here = Path(__file__).parent
only = sys.argv[1:]
torch.manual_seed(0)


def pixels(side, count=2):
    n = count * 3 * side * side
    return torch.from_numpy(np.sin(0.61 * np.arange(n)).astype(np.float32).reshape(count, 3, side, side))


def wild(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in sorted(model.named_parameters()):
            p.copy_(torch.randn(p.shape, generator=generator) * 0.25 + (1 if p.dim() == 1 and "norm" in name and name.endswith("weight") else 0))
    return model.eval()


def case(name, base, trained, side, embed, text=None, bin=False, write=None, keys=None, seed=7, **lora):
    """base is what is published; trained(dir) reads it for training, and embed runs it."""
    if only and name not in only:
        return
    dir = here / name
    shutil.rmtree(dir, ignore_errors=True)
    dir.mkdir()
    base = wild(base, seed)
    if write:
        write(base, dir)
    else:
        base.save_pretrained(dir)
        config = json.loads((dir / "config.json").read_text())
        (dir / "config.json").write_text(json.dumps({k: v for k, v in config.items() if k in keys}) + "\n")
        (dir / "generation_config.json").unlink(missing_ok=True)
        (dir / "preprocessor_config.json").write_text(json.dumps(
            {"size": {"shortest_edge": side}, "crop_size": {"height": side, "width": side}} if "clip" in name or "dinov2" in name else
            {"size": {"shortest_edge": side}, "crop_pct": 0.875} if "convnext" in name else
            {"size": {"height": side, "width": side}}) + "\n")
    published = Path(tempfile.mkdtemp()) / "base"  # where no adapter is, which transformers would load as well
    shutil.copytree(dir, published)
    torch.manual_seed(seed)
    model = peft.get_peft_model(trained(published), peft.LoraConfig(**lora))
    generator = torch.Generator().manual_seed(seed + 1)
    with torch.no_grad():
        for key, p in sorted(model.named_parameters()):
            if "lora_" in key or "modules_to_save" in key or lora.get("bias", "none") != "none" and key.endswith("bias"):
                p.copy_(torch.randn(p.shape, generator=generator) * 0.3)
    model.eval().save_pretrained(dir, safe_serialization=not bin)
    for file in dir.iterdir():
        if file.name in ("README.md", "adapter_config.json"):
            file.unlink() if file.name == "README.md" else file.write_text(json.dumps(
                {k: v for k, v in json.loads(file.read_text()).items() if k != "base_model_name_or_path"}) + "\n")
    with torch.no_grad():
        merged = peft.PeftModel.from_pretrained(trained(published), dir).eval().merge_and_unload()  # what was saved
        np.save(dir / "embeddings.npy", embed(merged)(pixels(side)).numpy())
        if text:
            ids, run = text
            np.save(dir / "tokens.npy", ids.numpy())
            np.save(dir / "text_embeddings.npy", run(merged)(ids).numpy())
            (dir / "vocab.json").write_text("{}\n")
    shutil.rmtree(published.parent)


vit = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, image_size=24, patch_size=8)
vit_keys = ("model_type", *vit, "hidden_act", "layer_norm_eps", "qkv_bias")
cls = lambda m: lambda x: m(x).last_hidden_state[:, 0]

# As tutorials train it: a network without a classifier, published, and one that is trained whole.
case("lora-vit-classifier", tf.ViTModel(tf.ViTConfig(**vit), add_pooling_layer=False),
     lambda dir: tf.ViTForImageClassification.from_pretrained(dir, num_labels=3), 24, lambda m: cls(m.vit), keys=vit_keys,
     r=3, lora_alpha=5, target_modules=["q_proj", "v_proj"], modules_to_save=["classifier"], bias="none")

# Everything that has a weight of its own, and a classifier of other classes than the published one's.
case("lora-vit-all", tf.ViTForImageClassification(tf.ViTConfig(**vit, num_labels=5)),
     lambda dir: tf.ViTForImageClassification.from_pretrained(dir, num_labels=3, ignore_mismatched_sizes=True), 24, lambda m: cls(m.vit), keys=vit_keys,
     bin=True, r=4, lora_alpha=6, target_modules="all-linear", modules_to_save=["classifier"], bias="all", use_rslora=True,
     rank_pattern={r"layers\.1\.attention\.k_proj": 2, "mlp.fc1": 5}, alpha_pattern={"o_proj": 3})

case("lora-dinov2", tf.Dinov2Model(tf.Dinov2Config(**{**vit, "patch_size": 7, "image_size": 28}, mlp_ratio=2)), tf.Dinov2Model.from_pretrained, 28, cls,
     keys=("model_type", "hidden_size", "num_hidden_layers", "num_attention_heads", "mlp_ratio", "image_size", "patch_size", "layer_norm_eps"),
     r=2, lora_alpha=4, target_modules=["q_proj", "k_proj", "o_proj", "fc1", "projection"], bias="lora_only")

case("lora-dinov2-swiglu", tf.Dinov2WithRegistersModel(tf.Dinov2WithRegistersConfig(**{**vit, "patch_size": 7, "image_size": 28}, mlp_ratio=2, use_swiglu_ffn=True)),
     tf.Dinov2WithRegistersModel.from_pretrained, 28, cls,
     keys=("model_type", "hidden_size", "num_hidden_layers", "num_attention_heads", "mlp_ratio", "image_size", "patch_size", "layer_norm_eps", "use_swiglu_ffn", "num_register_tokens"),
     r=2, lora_alpha=4, target_modules=["k_proj", "o_proj", "down_proj"])

case("lora-dinov3", tf.DINOv3ViTModel(tf.DINOv3ViTConfig(hidden_size=16, num_attention_heads=2, num_hidden_layers=2, intermediate_size=20, patch_size=8)),
     tf.DINOv3ViTModel.from_pretrained, 40, lambda m: lambda x: m(x).pooler_output,
     keys=("model_type", "hidden_size", "num_attention_heads", "num_hidden_layers", "intermediate_size", "patch_size"),
     r=2, lora_alpha=4, target_modules=["q_proj", "v_proj", "up_proj"], use_rslora=True)

case("lora-swin", tf.SwinModel(tf.SwinConfig(image_size=32, embed_dim=8, depths=[1, 2], num_heads=[1, 2], window_size=4)), tf.SwinModel.from_pretrained, 32,
     lambda m: lambda x: m(x).pooler_output,
     keys=("model_type", "image_size", "patch_size", "embed_dim", "depths", "num_heads", "window_size", "mlp_ratio", "hidden_act", "layer_norm_eps"),
     r=2, lora_alpha=4, target_modules="all-linear", bias="all")

case("lora-convnext", tf.ConvNextModel(tf.ConvNextConfig(hidden_sizes=[8, 12, 16, 20], depths=[1, 1, 2, 1])), tf.ConvNextModel.from_pretrained, 64,
     lambda m: lambda x: m(x).pooler_output, keys=("model_type", "hidden_sizes", "depths", "hidden_act", "layer_norm_eps"),
     r=2, lora_alpha=4, target_modules=["pwconv1", "pwconv2", "downsampling_layer.1"])

# Towers of one width, of which the vision tower alone was trained: in memory its names have no root.
tower = dict(hidden_size=16, intermediate_size=20, num_hidden_layers=2, num_attention_heads=2)
words = dict(**tower, vocab_size=30, max_position_embeddings=7)
tower_keys = ("model_type", "projection_dim", "vision_config", "text_config")
ids = torch.tensor([[28, 3, 17, 29, 0, 0, 0], [28, 29, 0, 0, 0, 0, 0], [28, 5, 6, 7, 8, 9, 29]])
clip = lambda: tf.CLIPModel(tf.CLIPConfig(projection_dim=12, vision_config=dict(**tower, image_size=24, patch_size=8), text_config=dict(**words, eos_token_id=29)))


def put(model, inner, into):
    model = copy.deepcopy(model)
    setattr(model, into, inner)
    return model.eval()


clip_base = clip()
case("lora-clip-vision", clip_base, tf.CLIPVisionModel.from_pretrained, 24, lambda m: lambda x: put(clip_base, m, "vision_model").get_image_features(x).pooler_output,
     (ids, lambda m: lambda i: clip_base.get_text_features(i).pooler_output), keys=tower_keys,
     r=2, lora_alpha=4, target_modules=["q_proj", "fc2"])

case("lora-clip-both", clip(), tf.CLIPModel.from_pretrained, 24, lambda m: lambda x: m.get_image_features(x).pooler_output,
     (ids, lambda m: lambda i: m.get_text_features(i).pooler_output), keys=tower_keys,
     r=2, lora_alpha=4, target_modules=["k_proj", "out_proj", "visual_projection", "patch_embedding", "token_embedding"], modules_to_save=["text_projection", "post_layernorm"])

case("lora-siglip", tf.SiglipModel(tf.SiglipConfig(vision_config=dict(**tower, image_size=24, patch_size=8), text_config=words)), tf.SiglipVisionModel.from_pretrained, 24,
     lambda m: lambda x: m(x).pooler_output, keys=tower_keys, r=2, lora_alpha=4, target_modules=["v_proj", "fc1"], modules_to_save=["head"])

case("lora-blip", tf.BlipForImageTextRetrieval(tf.BlipConfig(image_text_hidden_size=12, vision_config=dict(**tower, image_size=32, patch_size=16),
     text_config=dict(**tower, vocab_size=30, max_position_embeddings=9, encoder_hidden_size=16))), tf.BlipForImageTextRetrieval.from_pretrained, 32,
     lambda m: lambda x: m.vision_proj(m.vision_model(x).last_hidden_state[:, 0]), keys=("model_type", "image_text_hidden_size", "vision_config", "text_config"),
     r=2, lora_alpha=4, target_modules=["qkv", "projection", "vision_proj"])


def timm_base(**args):
    import timm
    return timm.create_model("vit_tiny_patch16_224", embed_dim=16, num_heads=2, depth=2, num_classes=4, img_size=48)


def write_timm(model, dir):
    import timm
    timm.models.save_for_hf(model, dir, model_args=dict(embed_dim=16, num_heads=2, depth=2, img_size=48), safe_serialization=True,
                            data_config={"input_size": (3, 48, 48)})
    (dir / "README.md").unlink(missing_ok=True)


def read_timm(dir):
    import timm
    return timm.create_model(f"local-dir:{dir}", pretrained=True).eval()


case("lora-timm", timm_base(), read_timm, 48, lambda m: lambda x: m.forward_head(m.forward_features(x), pre_logits=True), write=write_timm,
     r=2, lora_alpha=4, target_modules=["qkv", "fc1", "proj"], modules_to_save=["head"])
