"""Makes the checkpoints beside it, and what the reference gives for them.

    pip install torch==2.15.0 transformers==5.23.0 timm==1.0.31 && python make.py

They are small and their weights random, in widths, depths, patch sizes and prefixes
that the golden data does not have. Value i of the pixels is sin(0.61 i), in float32.
"""
import json, shutil, sys
from pathlib import Path

import numpy as np
import torch
import transformers as tf
from tokenizers import Tokenizer, normalizers, processors
from safetensors import safe_open
from safetensors.torch import save_file

here = Path(__file__).parent
only = sys.argv[1:]


def pixels(side, count=3):
    n = count * 3 * side * side
    return torch.from_numpy(np.sin(0.61 * np.arange(n)).astype(np.float32).reshape(count, 3, side, side))


def wild(model):
    """Weights that matter: those of a fresh model are near 0, its norms near 1."""
    with torch.no_grad():
        for name, p in sorted(model.named_parameters()):
            p.copy_(torch.randn(p.shape, generator=generator) * 0.25 + (1 if p.dim() == 1 and "norm" in name and name.endswith("weight") else 0))
    return model.eval()


def save(name, model, config, side, embed, text=None, preprocess=None, keep=lambda key: True, half=False):
    dir = here / name
    shutil.rmtree(dir, ignore_errors=True)
    dir.mkdir()
    if half:
        model.half()
    if config:  # with the names that the hub's checkpoints have
        model.save_pretrained(dir)
        with safe_open(dir / "model.safetensors", "pt") as f:
            state = {k: f.get_tensor(k) for k in f.keys() if keep(k)}
        (dir / "generation_config.json").unlink(missing_ok=True)
        (dir / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    else:
        state = model.state_dict()
    save_file(state, dir / "model.safetensors")
    model.float()
    (dir / "preprocessor_config.json").write_text(json.dumps(preprocess or {"size": {"height": side, "width": side}}) + "\n")
    with torch.no_grad():
        np.save(dir / "embeddings.npy", embed(pixels(side)).numpy())
        if text:
            ids, run = text
            np.save(dir / "tokens.npy", ids.numpy())
            np.save(dir / "text_embeddings.npy", run(ids).numpy())


def chosen(name):
    global generator
    generator = torch.Generator().manual_seed(7)
    return not only or name in only


def told(config, *keys):
    """The part of a config that the hub's have."""
    return {k: v for k, v in config.to_dict().items() if k in keys}


dinov2_keys = ("model_type", "hidden_size", "num_hidden_layers", "num_attention_heads", "mlp_ratio", "hidden_act", "layer_norm_eps",
               "image_size", "patch_size", "use_swiglu_ffn", "num_register_tokens", "qkv_bias")
crop = {"size": {"shortest_edge": 30}, "crop_size": {"height": 28, "width": 28}}

for name, antialias_side in (("dinov2-registers", 49), ("dinov2-registers-upwards", 21)):
    if chosen(name):
        c = tf.Dinov2WithRegistersConfig(hidden_size=24, num_hidden_layers=2, num_attention_heads=3, mlp_ratio=2, image_size=antialias_side,
                                         patch_size=7, num_register_tokens=3)
        m = wild(tf.Dinov2WithRegistersModel(c))
        save(name, m, told(c, *dinov2_keys), 28, lambda x: m(x).last_hidden_state[:, 0], preprocess=crop)

if chosen("dinov2-swiglu-prefix"):
    c = tf.Dinov2Config(hidden_size=24, num_hidden_layers=3, num_attention_heads=2, mlp_ratio=4, image_size=42, patch_size=7, use_swiglu_ffn=True)
    m = wild(tf.Dinov2ForImageClassification(c))
    save("dinov2-swiglu-prefix", m, told(c, *dinov2_keys), 28, lambda x: m.dinov2(x).last_hidden_state[:, 0], preprocess=crop)

# Rows of 1024 values, which are spaced where a network is for many runs.
if chosen("dinov2-swiglu-1024"):
    c = tf.Dinov2Config(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, mlp_ratio=192, image_size=28, patch_size=7, use_swiglu_ffn=True)
    m = wild(tf.Dinov2Model(c))
    save("dinov2-swiglu-1024", m, told(c, *dinov2_keys), 28, lambda x: m(x).last_hidden_state[:, 0], preprocess=crop)

if chosen("blip2-1024"):
    vision, qformer = (dict(hidden_size=8, num_hidden_layers=n, num_attention_heads=2, intermediate_size=1024) for n in (1, 2))
    c = tf.Blip2Config(num_query_tokens=3, vision_config={**vision, "image_size": 28, "patch_size": 14}, qformer_config={**qformer, "encoder_hidden_size": 8},
                       text_config=dict(model_type="opt", hidden_size=8, ffn_dim=8, num_hidden_layers=1, num_attention_heads=2, word_embed_proj_dim=8, vocab_size=9))
    m = wild(tf.Blip2ForConditionalGeneration(c))
    keys = ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act", "layer_norm_eps", "image_size", "patch_size",
            "cross_attention_frequency", "encoder_hidden_size")
    config = {"model_type": "blip-2", "num_query_tokens": 3, "vision_config": told(c.vision_config, *keys), "qformer_config": told(c.qformer_config, *keys)}
    save("blip2-1024", m, config, 28, lambda x: m.qformer(query_embeds=m.query_tokens.expand(len(x), -1, -1), encoder_hidden_states=m.vision_model(x).last_hidden_state)
         .last_hidden_state[:, 0], keep=lambda key: not key.startswith("language"))

if chosen("vit-prefix"):
    c = tf.ViTConfig(hidden_size=20, num_hidden_layers=1, num_attention_heads=5, intermediate_size=44, image_size=36, patch_size=12, hidden_act="gelu_new")
    m = wild(tf.ViTForImageClassification(c))
    save("vit-prefix", m, told(c, "model_type", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act",
                               "layer_norm_eps", "image_size", "patch_size"), 36, lambda x: m.vit(x).last_hidden_state[:, 0])

tower = ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act", "layer_norm_eps", "image_size", "patch_size",
         "vocab_size", "max_position_embeddings", "projection_size")

if chosen("clip-gelu-half"):
    c = tf.CLIPConfig(projection_dim=12,
                      vision_config=dict(hidden_size=24, intermediate_size=40, num_hidden_layers=3, num_attention_heads=4, image_size=32, patch_size=8, hidden_act="gelu"),
                      text_config=dict(hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2, vocab_size=60,
                                       max_position_embeddings=9, hidden_act="gelu", eos_token_id=59))
    m = wild(tf.CLIPModel(c))
    ids = torch.tensor([[58, 3, 17, 59, 0, 0, 0, 0, 0], [58, 59, 0, 0, 0, 0, 0, 0, 0], [58, 5, 6, 7, 8, 9, 10, 11, 59]])
    config = {"model_type": "clip", "projection_dim": 12, "vision_config": told(c.vision_config, *tower), "text_config": told(c.text_config, *tower)}
    save("clip-gelu-half", m, config, 32, lambda x: m.get_image_features(x).pooler_output, (ids, lambda i: m.get_text_features(i).pooler_output),
         half=True, preprocess={"size": {"shortest_edge": 32}, "crop_size": {"height": 32, "width": 32}})
    (here / "clip-gelu-half" / "vocab.json").write_text("{}\n")  # it has a tokenizer, whose words nobody asks for

if chosen("siglip2"):
    c = tf.SiglipConfig(vision_config=dict(hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=3, image_size=32, patch_size=8),
                        text_config=dict(hidden_size=24, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2, vocab_size=440, max_position_embeddings=8))
    m = wild(tf.SiglipModel(c))
    tokenizer = Path(__file__).parents[3] / "tokenizer" / "testdata" / "gemma" / "tokenizer.json"
    words = Tokenizer.from_file(str(tokenizer))  # as transformers' Siglip2Tokenizer
    words.normalizer = normalizers.Sequence([normalizers.Lowercase(), normalizers.Replace(" ", "▁")])
    words.post_processor = processors.TemplateProcessing(single="$A <eos>", special_tokens=[("<eos>", 1)])
    words.enable_truncation(8)
    words.enable_padding(length=8, pad_id=0)
    texts = ["", "All human", "Born FREE and equal in dignity and rights"]
    ids = torch.tensor([words.encode(t).ids for t in texts])
    config = {"model_type": "siglip", "vision_config": told(c.vision_config, *tower), "text_config": told(c.text_config, *tower)}
    save("siglip2", m, config, 32, lambda x: m.get_image_features(x).pooler_output, (ids, lambda i: m.get_text_features(i).pooler_output),
         preprocess={"size": {"height": 32, "width": 32}, "resample": 2})
    shutil.copy(tokenizer, here / "siglip2")
    (here / "siglip2" / "texts.json").write_text(json.dumps(texts) + "\n")


def efficientnet(name, side, **sizes):
    c = tf.EfficientNetConfig(width_coefficient=1.0, image_size=side, hidden_dim=1280, squeeze_expansion_ratio=0.25, **sizes)
    m = tf.EfficientNetModel(c)
    wild(m)
    with torch.no_grad():
        for key, b in m.named_buffers():
            if key.endswith("running_mean"):
                b.copy_(torch.randn(b.shape, generator=generator) * 0.1)
            if key.endswith("running_var"):
                b.copy_(torch.rand(b.shape, generator=generator) + 0.5)
    config = told(c, "model_type", "width_coefficient", "depth_coefficient", "image_size", "hidden_dim", "depth_divisor", "kernel_sizes", "in_channels",
                  "out_channels", "strides", "num_block_repeats", "expand_ratios", "depthwise_padding", "squeeze_expansion_ratio", "hidden_act", "batch_norm_eps")
    save(name, m, config, side, lambda x: m(x, output_hidden_states=True).hidden_states[-1].mean((2, 3)),
         keep=lambda key: "top_" not in key)


if chosen("efficientnet-small"):
    efficientnet("efficientnet-small", 40, depth_coefficient=1.2, depth_divisor=4, kernel_sizes=[3, 5, 5], in_channels=[32, 8, 12],
                 out_channels=[8, 12, 16], strides=[1, 2, 2], num_block_repeats=[1, 2, 1], expand_ratios=[1, 4, 6], depthwise_padding=[1])

# Channels that fill blocks of eight and of sixteen.
if chosen("efficientnet-16"):
    efficientnet("efficientnet-16", 41, depth_coefficient=1.0, depth_divisor=16, kernel_sizes=[3, 5], in_channels=[32, 16],
                 out_channels=[16, 32], strides=[1, 2], num_block_repeats=[1, 2], expand_ratios=[1, 4], depthwise_padding=[])


def vgg(plan, normalised, last):
    layers, channels = [], 3
    for v in plan:
        if v == "M":
            layers.append(torch.nn.MaxPool2d(2, 2))
            continue
        layers += [torch.nn.Conv2d(channels, v, 3, padding=1), *([torch.nn.BatchNorm2d(v)] if normalised else []), torch.nn.ReLU()]
        channels = v
    m = torch.nn.Module()
    m.features = torch.nn.Sequential(*layers)
    m.classifier = torch.nn.Sequential(torch.nn.Linear(channels * 49, 12), torch.nn.ReLU(), torch.nn.Dropout(), torch.nn.Linear(12, 10),
                                       torch.nn.ReLU(), torch.nn.Dropout(), torch.nn.Linear(10, last))
    wild(m)
    return m, lambda x: m.classifier(m.features(x).flatten(1))


if chosen("vgg11-bn"):
    m, run = vgg((4, "M", 6, "M", 8, 8, "M", 8, 8, "M", 8, 8, "M"), True, 7)
    save("vgg11-bn", m, None, 224, run, preprocess={"do_resize": True})

# Planes of 62 and 31, which tiles of four do not fill.
if chosen("vgg13-250"):
    m, run = vgg((4, 4, "M", 6, 6, "M", 8, 8, "M", 8, 8, "M", 8, 8, "M"), False, 7)
    save("vgg13-250", m, None, 250, run, preprocess={"do_resize": True, "size": {"shortest_edge": 250}, "crop_size": {"height": 250, "width": 250}})


def filled(model):
    """Weights of such a size that no activation vanishes or grows, and statistics that matter."""
    with torch.no_grad():
        for name, p in sorted(model.named_parameters()):
            fan = p[0].numel() if p.dim() > 1 else 1
            if p.dim() == 1:
                p.copy_(torch.randn(p.shape, generator=generator) * 0.2 + (1 if name.endswith("weight") else 0))
            else:
                p.copy_(torch.randn(p.shape, generator=generator) * (1 if "bias_table" in name else 1.5 / fan ** 0.5))
        for name, b in model.named_buffers():
            if name.endswith("running_mean"):
                b.copy_(torch.randn(b.shape, generator=generator) * 0.1)
            if name.endswith("running_var"):
                b.copy_(torch.rand(b.shape, generator=generator) + 0.5)
    return model.eval()


def from_timm(architecture, name, side, safetensors=True, **args):
    if not chosen(name):
        return
    import timm
    dir = here / name
    shutil.rmtree(dir, ignore_errors=True)
    m = filled(timm.create_model(architecture, num_classes=2, **args))
    m.pretrained_cfg = {**m.pretrained_cfg, "input_size": (3, side, side)}
    timm.models.save_for_hf(m, dir, model_args=args, safe_serialization=safetensors)
    (dir / "README.md").unlink(missing_ok=True)
    with torch.no_grad():
        np.save(dir / "embeddings.npy", m.forward_head(m.forward_features(pixels(side)), pre_logits=True).numpy())


# A deep stem, means in shortcuts of odd planes, and each kind of attention to channels.
from_timm("seresnext26t_32x4d", "timm-seresnext-t", 75, layers=(1, 1, 1, 1), channels=(8, 8, 8, 8), cardinality=8, base_width=16, stem_width=8)
from_timm("ecaresnet26t", "timm-ecaresnet-t", 64, layers=(1, 1, 1, 1), channels=(4, 8, 8, 8), stem_width=8)
# Stems that overlap, a norm without means, and the global response.
from_timm("convnext_zepto_rms_ols", "timm-convnext-rms", 75, depths=(1, 1, 1, 1), dims=(8, 12, 16, 20))
from_timm("convnextv2_atto", "timm-convnextv2", 64, safetensors=False, depths=(1, 2, 1, 1), dims=(8, 12, 16, 20))
# Windows that do not divide the grid, which timm shifts before it pads, and transformers after.
from_timm("swin_tiny_patch4_window7_224", "timm-swin-padded", 44, embed_dim=8, depths=(2, 2), num_heads=(1, 2), img_size=44, window_size=4)

if chosen("swin-padded-half"):
    c = tf.SwinConfig(image_size=48, embed_dim=8, depths=[2, 2], num_heads=[1, 2], window_size=5, use_absolute_embeddings=True)
    m = filled(tf.SwinForImageClassification(c))
    save("swin-padded-half", m, told(c, "model_type", "image_size", "patch_size", "embed_dim", "depths", "num_heads", "window_size", "mlp_ratio",
                                     "hidden_act", "layer_norm_eps", "use_absolute_embeddings"), 48, lambda x: m.swin(x).pooler_output, half=True)

if chosen("resnet-early"):
    c = tf.ResNetConfig(embedding_size=8, hidden_sizes=[16, 24], depths=[1, 2], downsample_in_bottleneck=True, downsample_in_first_stage=True, hidden_act="gelu")
    m = filled(tf.ResNetForImageClassification(c))
    save("resnet-early", m, told(c, "model_type", "embedding_size", "hidden_sizes", "depths", "layer_type", "hidden_act", "downsample_in_first_stage",
                                 "downsample_in_bottleneck"), 63, lambda x: m.resnet(x).pooler_output.flatten(1),
         preprocess={"feature_extractor_type": "ConvNextFeatureExtractor", "size": 63, "crop_pct": 0.875})


def dinov3(name, seed, prefix, half, **config):
    generator.manual_seed(seed)
    config = dict(hidden_size=16, num_attention_heads=2, num_hidden_layers=2, intermediate_size=20, patch_size=8, **config)
    m = wild(tf.DINOv3ViTModel(tf.DINOv3ViTConfig(**config)))
    if half:
        m.half().float()
    dir = here / name
    shutil.rmtree(dir, ignore_errors=True)
    dir.mkdir()
    m.save_pretrained(dir)
    with safe_open(dir / "model.safetensors", "pt") as f:
        state = {prefix + k: f.get_tensor(k) for k in f.keys()}
    save_file({k: v.half() if half else v for k, v in state.items()}, dir / "model.safetensors")
    (dir / "config.json").write_text(json.dumps({"model_type": "dinov3_vit", **config}) + "\n")
    (dir / "preprocessor_config.json").write_text(json.dumps({"size": {"height": 44, "width": 44}}) + "\n")
    with torch.no_grad():
        np.save(dir / "embeddings.npy", m(pixels(44)).pooler_output.numpy())


# A side that is no multiple of the patches' size.
if chosen("dinov3-plain"):
    dinov3("dinov3-plain", 60, "model.", True, key_bias=True, num_register_tokens=0)
if chosen("dinov3-gelu-gated"):
    dinov3("dinov3-gelu-gated", 61, "", False, use_gated_mlp=True, mlp_bias=False, query_bias=False, value_bias=False, num_register_tokens=1, rope_theta=50.0)


def timm_folder(name, seed, architecture, side, saved=None, half=False, **args):
    """As timm's save_for_hf writes it; the positions of what was saved for another side are resized."""
    import timm
    from timm.models._hub import save_for_hf

    generator.manual_seed(seed)
    args = {"embed_dim": 16, "num_heads": 2, "depth": 2, "num_classes": 0, "img_size": saved or side, **args}
    m = wild(timm.create_model(architecture, **args))
    if half:
        m.half().float()
    dir = here / name
    shutil.rmtree(dir, ignore_errors=True)
    save_for_hf(m, dir, safe_serialization=True, data_config={"input_size": (3, args["img_size"], args["img_size"])})
    for file in dir.iterdir():
        if file.name not in ["config.json", "model.safetensors"]:
            file.unlink()
    config = json.loads((dir / "config.json").read_text())
    config["model_args"]["img_size"] = side
    config["pretrained_cfg"]["input_size"] = [3, side, side]
    (dir / "config.json").write_text(json.dumps(config) + "\n")
    m = timm.create_model(f"local-dir:{dir}", pretrained=True).eval()
    if half:
        state = {k: v.half() for k, v in m.state_dict().items()}
        save_file(state, dir / "model.safetensors")
    with torch.no_grad():
        np.save(dir / "embeddings.npy", m.forward_head(m.forward_features(pixels(side)), pre_logits=True).numpy())


for seed, (name, architecture, side, more) in enumerate([
    ("timm-siglip", "vit_so400m_patch14_siglip_384", 60, dict(embed_dim=24, half=True)),  # the last pixels are in no patch
    ("timm-map-tanh", "vit_large_patch16_siglip_512", 48, {}),
    ("timm-distilled", "deit_tiny_distilled_patch16_224", 48, {}),
    ("timm-reg4-resized", "vit_small_patch14_reg4_dinov2", 42, dict(saved=70)),
    ("timm-gap-resized", "vit_so150m2_patch16_reg1_gap_256", 64, dict(saved=48)),
    ("timm-swiglu-packed", "vit_giant_patch14_dinov2", 42, dict(mlp_ratio=3)),
    ("timm-quickgelu", "vit_base_patch32_clip_quickgelu_224", 64, dict(half=True)),
    ("timm-aimv2", "aimv2_large_patch14_224", 42, {}),
    ("timm-beit3", "beit3_base_patch16_224", 48, {}),
    ("timm-norm-last", "eva02_enormous_patch14_clip_224", 42, dict(mlp_ratio=2)),
    ("timm-rope-mixed", "vit_small_patch16_rope_mixed_ape_224", 48, dict(embed_dim=24)),
    ("timm-rope-axial", "vit_small_patch16_rope_224", 48, {}),
    ("timm-pe-spatial", "vit_pe_spatial_tiny_patch16_512", 64, {}),
    ("timm-pe-core-resized", "vit_pe_core_small_patch16_384", 64, dict(saved=48)),
    ("timm-eva02-base", "eva02_base_patch14_448", 56, {}),
    ("timm-dinov3-qkvb", "vit_base_patch16_dinov3_qkvb", 80, dict(global_pool="token")),
    ("timm-qk-norm", "vit_base_patch16_224", 48, dict(qk_norm=True, act_layer="relu", global_pool="avg", fc_norm=False)),
]):
    if chosen(name):
        timm_folder(name, 70 + seed, architecture, side, **more)
