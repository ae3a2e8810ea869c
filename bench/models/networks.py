"""The networks that bench/models measures: their checkpoints at their true sizes with random
weights, in the layouts of their publishers, and their embeddings in the publishers' programs.

What akin must read is what transformers, timm, open_clip and torchvision write; what the weights
are makes no difference to speed and memory. A picture's embedding needs no text encoder: a small one
stands for it.
"""

import json

import torch

IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
OPENAI = {"image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711]}
HALF = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}


class Embedding(torch.nn.Module):
    """A model, and what akin calls its embedding of pictures."""

    def __init__(self, model, embed):
        super().__init__()
        self.model, self.embed = model.eval(), embed

    def forward(self, pixels):
        return self.embed(self.model, pixels)


def stir(model, scale=1.5, shift=0.02):
    """Changes weights a little from the usual initialisation, so that the embeddings of two pictures differ.

    Batch norm keeps no layer's output small here: convolutions are not scaled up."""
    torch.manual_seed(2)
    with torch.no_grad():
        for key, p in model.named_parameters():
            if "scale" in key or "gamma" in key or p.dim() == 1 and "norm" not in key:
                p.add_(shift * torch.randn_like(p))
            elif p.dim() in (2, 3):
                p.mul_(scale)
    return model


def squash(side, **more):
    return {"do_resize": True, "do_normalize": True, "do_rescale": True, "size": {"height": side, "width": side}, **more}


def cropped(short, **more):
    return squash(224, resample=3, do_center_crop=True, crop_size={"height": 224, "width": 224}, **more) | {"size": {"shortest_edge": short}}


class Network:
    side = 224

    def shape(self):
        """The shape of a picture as the network takes it."""
        return 3, self.side, self.side


class Transformers(Network):
    """A checkpoint as transformers' save_pretrained writes it."""

    def __init__(self, kind, config, preprocess, embed, side=224, attention="eager", stir=stir):
        self.kind, self.config, self.preprocess, self.embed = kind, config, preprocess, embed
        self.side, self.attention, self.stir = side, attention, stir

    def make(self, folder):
        import transformers

        model = self.stir(getattr(transformers, self.kind)(self.config(transformers)))
        model.save_pretrained(folder)
        (folder / "preprocessor_config.json").write_text(json.dumps(self.preprocess, indent=2))

    def load(self, folder):
        import transformers

        # Eager attention is what can be exported.
        return Embedding(getattr(transformers, self.kind).from_pretrained(folder, attn_implementation=self.attention), self.embed)


def efficientnet_stir(model):
    torch.manual_seed(1)
    with torch.no_grad():
        for key, p in model.named_parameters():
            if p.dim() != 1 or "norm" not in key:
                p.add_(0.02 * torch.randn_like(p))
    return model


def blip2(tf):
    text = tf.OPTConfig(hidden_size=64, ffn_dim=64, num_hidden_layers=1, num_attention_heads=2, word_embed_proj_dim=64)
    return tf.Blip2Config(text_config=text.to_dict())


def blip2_embedding(m, pixels):
    seen = m.vision_model(pixels).last_hidden_state
    queries = m.query_tokens.expand(pixels.shape[0], -1, -1)
    return m.qformer(query_embeds=queries, encoder_hidden_states=seen).last_hidden_state[:, 0]


SMALL_TEXT = {"hidden_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}


def blip(tf):
    text = {**SMALL_TEXT, "encoder_hidden_size": 768, "vocab_size": 512, "bos_token_id": 500}
    return tf.BlipConfig(text_config=text, vision_config={"image_size": 384}, image_text_hidden_size=256)


def siglip2(tf):
    text = {**SMALL_TEXT, "vocab_size": 512, "projection_size": 768}
    return tf.Siglip2Config(text_config=text, vision_config={"num_patches": 256, "patch_size": 16})


class Siglip2(Transformers):
    """A square of 16 by 16 patches, for which the table of positions is as it is: the exported graph is for it alone."""

    def shape(self):
        return 256, 16 * 16 * 3


def siglip2_embedding(m, patches):
    v = m.vision_model
    x = v.embeddings.patch_embedding(patches) + v.embeddings.position_embedding.weight
    return v.head(v.post_layernorm(v.encoder(inputs_embeds=x).last_hidden_state), None)


class OpenCLIP(Network):
    """A folder of the hub with open_clip_config.json."""

    def __init__(self, config, side=224, preprocess=None, prepare=lambda m: m):
        self.config, self.side, self.preprocess, self.prepare = config, side, preprocess, prepare

    def model(self):
        import open_clip

        config = open_clip.get_model_config(self.config)
        config["text_cfg"] |= {"vocab_size": 512, "width": 64, "heads": 1, "layers": 1}
        custom = config.pop("custom_text", False)
        model = (open_clip.CustomTextCLIP if custom else open_clip.CLIP)(**config)
        return model, config | ({"custom_text": True} if custom else {})

    def make(self, folder):
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        model, config = self.model()
        save_file({k: t.contiguous() for k, t in stir(model).state_dict().items()}, folder / "open_clip_model.safetensors")
        preprocess = self.preprocess or {"mean": OPENAI["image_mean"], "std": OPENAI["image_std"]}
        (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": config, "preprocess_cfg": preprocess}, indent=2))

    def load(self, folder):
        from safetensors.torch import load_file

        model, _ = self.model()
        model.load_state_dict(load_file(folder / "open_clip_model.safetensors"))
        return Embedding(self.prepare(model.eval()), lambda m, pixels: m.encode_image(pixels))


def merged(model):
    """The branches of training in one, as its authors export it."""
    import timm

    model.visual.trunk = timm.utils.reparameterize_model(model.visual.trunk)
    return model


class Timm(Network):
    """A folder as timm's save_for_hf writes it."""

    def __init__(self, architecture, side=224):
        self.architecture, self.side = architecture, side

    def make(self, folder):
        import timm

        model = stir(timm.create_model(self.architecture, pretrained=False))
        timm.models.save_for_hf(model, folder, safe_serialization=True)

    def load(self, folder):
        import timm

        from safetensors.torch import load_file

        model = timm.create_model(self.architecture, pretrained=False)
        model.load_state_dict(load_file(folder / "model.safetensors"))
        model.reset_classifier(0)
        return Embedding(model, lambda m, pixels: m(pixels))


class Torchvision(Network):
    """A file of torchvision's weights."""

    def __init__(self, name, file, embed=lambda m, pixels: m(pixels), side=224, prefix="", change=lambda m: m, stir=lambda m: m):
        self.name, self.file, self.embed, self.side, self.prefix = name, file, embed, side, prefix
        self.change, self.stir = change, stir

    def model(self):
        import torchvision

        return self.change(getattr(torchvision.models, self.name)(weights=None))

    def make(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        torch.save({self.prefix + k: t for k, t in self.stir(self.model()).state_dict().items()}, folder / self.file)

    def load(self, folder):
        model = self.model()
        weights = torch.load(folder / self.file)
        model.load_state_dict({k.removeprefix(self.prefix): t for k, t in weights.items()})
        return Embedding(model, self.embed)


def pooled(m, pixels):
    x = m.maxpool(m.relu(m.bn1(m.conv1(pixels))))
    return m.layer4(m.layer3(m.layer2(m.layer1(x))))


def copies(m):
    """SSCD: a projection of the generalised mean."""
    m.fc = torch.nn.Linear(2048, 512)
    return m


def copies_embedding(m, pixels):
    x = pooled(m, pixels).clamp(min=1e-6).pow(3).mean((2, 3)).pow(1 / 3)
    return torch.nn.functional.normalize(m.fc(x))


class DreamSim(Network):
    """DINO's weights, and an adapter as peft writes it."""

    adapter = {"peft_type": "LORA", "r": 16, "lora_alpha": 8, "lora_dropout": 0.3, "bias": "none", "target_modules": ["qkv"], "fan_in_fan_out": False}
    key = "base_model.model.extractor_list.0.model.blocks.%d.attn.qkv.lora_%s.weight"

    def paths(self, folder):
        return folder / "checkpoints" / "dino_vitbase16_pretrain.pth", folder / "dino_vitb16_single_lora"

    def model(self):
        import timm

        return timm.create_model("vit_base_patch16_224", pretrained=False, num_classes=0)

    def make(self, folder):
        base, adapter = self.paths(folder)
        base.parent.mkdir(parents=True)
        adapter.mkdir()
        torch.save(stir(self.model()).state_dict(), base)
        torch.manual_seed(3)
        r = self.adapter["r"]
        torch.save({self.key % (i, part): 0.02 * torch.randn(shape) for i in range(12) for part, shape in (("A", (r, 768)), ("B", (2304, r)))},
                   adapter / "adapter_model.bin")
        (adapter / "adapter_config.json").write_text(json.dumps(self.adapter, indent=2))

    def load(self, folder):
        base, adapter = self.paths(folder)
        model, lora = self.model(), torch.load(adapter / "adapter_model.bin")
        model.load_state_dict(torch.load(base))
        model.norm = torch.nn.Identity()
        with torch.no_grad():
            for i, block in enumerate(model.blocks):
                block.attn.qkv.weight += self.adapter["lora_alpha"] / self.adapter["r"] * lora[self.key % (i, "B")] @ lora[self.key % (i, "A")]
        return Embedding(model, self.embed)

    @staticmethod
    def embed(m, pixels):
        x = m.forward_features(pixels)[:, 0]
        return torch.nn.functional.normalize(x - x.mean(1, keepdim=True))


class CSD(Network):
    """OpenAI's ViT-L/14 and a projection, as its authors' training saves them."""

    def model(self):
        from open_clip.transformer import QuickGELU, VisionTransformer

        model = torch.nn.Module()
        model.backbone = VisionTransformer(224, 14, 1024, 24, 16, 4, output_dim=8, act_layer=QuickGELU)
        model.backbone.proj = None
        model.last_layer_style = torch.nn.Parameter(torch.randn(1024, 768) / 32)
        return model

    def make(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        weights = {"module." + k: t for k, t in stir(self.model()).state_dict().items()}
        torch.save({"model_state_dict": weights}, folder / "pytorch_model.bin")

    def load(self, folder):
        model = self.model()
        weights = torch.load(folder / "pytorch_model.bin")["model_state_dict"]
        model.load_state_dict({k.removeprefix("module."): t for k, t in weights.items()})
        return Embedding(model, lambda m, pixels: torch.nn.functional.normalize(m.backbone(pixels) @ m.last_layer_style))


def first(m, pixels):
    return m(pixels).last_hidden_state[:, 0]


NETWORKS = {
    "clip-vit-base-patch32": Transformers("CLIPModel", lambda tf: tf.CLIPConfig(), cropped(224, **OPENAI),
                                          lambda m, p: m.visual_projection(m.vision_model(pixel_values=p).pooler_output)),
    "dinov2-base": Transformers("Dinov2Model", lambda tf: tf.Dinov2Config(image_size=518, patch_size=14), cropped(256, **IMAGENET), first),
    "vgg16": Torchvision("vgg16", "vgg16.pth"),
    "vit-large": Transformers("ViTModel", lambda tf: tf.ViTConfig(hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096),
                              squash(224, resample=2, **HALF), first),
    "efficientnet-b7": Transformers(
        "EfficientNetForImageClassification", lambda tf: tf.EfficientNetConfig(),
        squash(600, resample=0, do_center_crop=False, include_top=True, rescale_offset=False,
               image_mean=IMAGENET["image_mean"], image_std=[0.47853944, 0.4732864, 0.47434163]),
        lambda m, p: m.efficientnet(p, output_hidden_states=True).hidden_states[-1].mean((2, 3)), side=600, attention=None, stir=efficientnet_stir),
    "blip2-opt-2.7b": Transformers("Blip2ForConditionalGeneration", blip2, squash(224, resample=3, **OPENAI), blip2_embedding),
    "openclip-b32-laion2b": OpenCLIP("ViT-B-32"),
    "pe-core-b16": OpenCLIP("PE-Core-B-16", preprocess={"mean": HALF["image_mean"], "std": HALF["image_std"], "interpolation": "bilinear", "resize_mode": "squash"}),
    "eva02-clip-b16": OpenCLIP("EVA02-B-16"),
    "mobileclip2-s0": OpenCLIP("MobileCLIP2-S0", side=256, prepare=merged,
                               preprocess={"mean": [0, 0, 0], "std": [1, 1, 1], "interpolation": "bilinear", "resize_mode": "shortest"}),
    "dinov3-base": Transformers(
        "DINOv3ViTModel", lambda tf: tf.DINOv3ViTConfig(hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3072, num_register_tokens=4),
        squash(224, resample=2, **IMAGENET), lambda m, p: m(p).pooler_output),
    "tipsv2-b14": Transformers("Tipsv2Model", lambda tf: tf.Tipsv2Config(text_config={**SMALL_TEXT, "vocab_size": 512, "hidden_size": 768, "hidden_act": "relu"}),
                               squash(448, resample=2) | {"do_normalize": False}, lambda m, p: m.vision_model(p).pooler_output, side=448),
    "siglip2-naflex": Siglip2("Siglip2Model", siglip2, {"do_resize": True, "patch_size": 16, "max_num_patches": 256, "resample": 2, **HALF}, siglip2_embedding),
    "blip-base": Transformers("BlipForImageTextRetrieval", blip, squash(384, resample=3, **OPENAI),
                              lambda m, p: m.vision_proj(m.vision_model(p).last_hidden_state[:, 0]), side=384),
    "timm-vit-base": Timm("vit_base_patch16_224"),
    "timm-eva02-small": Timm("eva02_small_patch14_336", side=336),
    "resnet50": Torchvision("resnet50", "resnet50-11ad3fa6.pth", lambda m, p: pooled(m, p).mean((2, 3))),
    "sscd": Torchvision("resnet50", "sscd_disc_mixup.torchvision.pt", copies_embedding, side=320, prefix="backbone.", change=copies),
    "convnext-tiny": Transformers("ConvNextForImageClassification", lambda tf: tf.ConvNextConfig(layer_norm_eps=1e-12),
                                  {"do_resize": True, "do_normalize": True, "size": 224, "crop_pct": 0.875, "resample": 3, **IMAGENET},
                                  lambda m, p: m.convnext(p).pooler_output, attention=None),
    "swin-tiny": Transformers("SwinForImageClassification", lambda tf: tf.SwinConfig(),
                              {"do_resize": True, "do_normalize": True, "size": 224, "resample": 3, **IMAGENET}, lambda m, p: m.swin(p).pooler_output),
    "dreamsim": DreamSim(),
    "csd-vit-l": CSD(),
}
