"""Makes the checkpoints openclip-* beside it, and what the reference gives for them.

    pip install torch==2.15.0 timm==1.0.31 open_clip_torch==3.3.0 transformers==5.23.0 && python make_openclip.py

They are as make.py's: small, with random weights, for what the golden data does not have.
"""
import copy, functools, json, math, shutil, sys
from pathlib import Path

import numpy as np
import open_clip
import timm
import torch
from safetensors.torch import save_file
from timm.models.vision_transformer import VisionTransformer
from timm.models.vision_transformer_hybrid import ConvStem, HybridEmbed

here = Path(__file__).parent
only = sys.argv[1:]


def pixels(side, count=3):
    n = count * 3 * side * side
    return torch.from_numpy(np.sin(0.61 * np.arange(n)).astype(np.float32).reshape(count, 3, side, side))


def wild(model):
    """Weights that matter: those of a fresh model are near 0, its norms near 1."""
    generator = torch.Generator().manual_seed(7)
    def random(t, size): return torch.randn(t.shape, generator=generator) * size
    with torch.no_grad():
        for name, p in sorted(model.named_parameters()):
            if p.dim() > 0:
                p.copy_(random(p, min(0.4, 1.3 / math.sqrt(p[0].numel()))) + (1 if p.dim() == 1 and name.endswith("weight") else 0))
        for name, b in sorted(model.named_buffers()):
            if name.endswith("running_mean"):
                b.copy_(random(b, 0.2))
            if name.endswith("running_var"):
                b.copy_(random(b, 1).abs() + 0.5)
    return model.eval()


create = timm.create_model


def sized(name, img_size=None, pretrained=False, **kwargs):
    """timm's networks in small."""
    if name == "fastvit_mci3":
        return create(name, layers=(1, 1, 1, 1, 1), embed_dims=(4, 8, 16, 32, 32), mlp_ratios=(1.5, 2, 2, 1, 0.5), **kwargs)
    if name == "vit_base_mci_224":
        stem = ConvStem(channels=(4, 6, 64), stride=(4, 2, 2), kernel_size=(4, 2, 2), padding=0, act_layer=torch.nn.GELU)
        return VisionTransformer(img_size=64, patch_size=1, embed_dim=64, depth=1, num_heads=1, mlp_ratio=1, no_embed_class=True,
                                 embed_layer=functools.partial(HybridEmbed, backbone=stem, proj=False), **kwargs)
    return create(name, img_size=32, embed_dim=64, depth=1, num_heads=1, mlp_ratio=1, **kwargs)


timm.create_model = sized


def make(name, config, half=False, change=None, prefix="", ids=None, tokenizer=None):
    if only and name not in only:
        return
    kind = open_clip.CoCa if "multimodal_cfg" in config else open_clip.CustomTextCLIP if config.get("custom_text") else open_clip.CLIP
    m = wild(kind(**copy.deepcopy({k: v for k, v in config.items() if k != "custom_text"})))
    if half:
        m.half()
    stored = {k: v.clone().contiguous() for k, v in m.state_dict().items() if not k.endswith("num_batches_tracked")}
    m.float()
    if change:
        stored = change(m, stored)
    dir = here / name
    shutil.rmtree(dir, ignore_errors=True)
    dir.mkdir()
    save_file({prefix + k: v for k, v in stored.items()}, dir / "open_clip_model.safetensors")
    (dir / "open_clip_config.json").write_text(json.dumps({"model_cfg": config, "preprocess_cfg": {"mean": None, "resize_mode": "squash"}}, indent=1) + "\n")
    if tokenizer:
        shutil.copy(tokenizer, dir)
        (dir / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "<pad>", "eos_token": "<eos>"}) + "\n")
        texts = ["", "All_human beings", "Born FREE &amp; equal, in “dignity”… and rights!", "it's\n\n a  test"]
        words = open_clip.get_tokenizer(f"local-dir:{dir}")
        (dir / "tokenizer_config.json").unlink()
        end = words.tokenizer.convert_tokens_to_ids("<eos>")
        # The small vocabulary's file says nothing of an end, which SigLIP 2's adds.
        ids = torch.zeros(len(texts), config["text_cfg"]["context_length"], dtype=torch.long)
        for i, text in enumerate(texts):
            row = words.tokenizer(words.clean_fn(text)).input_ids[:ids.shape[1] - 1] + [end]
            ids[i, :len(row)] = torch.tensor(row)
        (dir / "texts.json").write_text(json.dumps(texts) + "\n")
    else:
        (dir / "vocab.json").write_text("{}\n")  # it has a tokenizer, whose words nobody asks for
    with torch.no_grad():
        np.save(dir / "embeddings.npy", m.encode_image(pixels(config["vision_cfg"]["image_size"]), normalize=False).numpy())
        np.save(dir / "tokens.npy", ids.numpy())
        np.save(dir / "text_embeddings.npy", m.encode_text(ids, normalize=False).numpy())


texts = torch.tensor([[58, 3, 17, 59, 0, 0, 0, 0, 0], [58, 59, 0, 0, 0, 0, 0, 0, 0], [58, 5, 6, 7, 8, 9, 10, 11, 59]])
text = dict(context_length=9, width=8, heads=2, layers=2, vocab_size=60)

# CoCa's poolers, where queries are of another width than the tokens, and its class token.
make("openclip-coca", {
    "embed_dim": 12, "custom_text": True,
    "vision_cfg": dict(image_size=36, layers=1, width=24, head_width=8, patch_size=9, attentional_pool=True, attn_pooler_queries=4, attn_pooler_heads=3, output_tokens=True),
    "text_cfg": {**text, "embed_cls": True, "output_tokens": True},
    "multimodal_cfg": dict(context_length=9, width=8, heads=2, layers=1, vocab_size=12),
}, ids=texts)

# The same where they are of one width, and all answers but the first are pooled.
make("openclip-coca-mean", {
    "embed_dim": 16, "custom_text": True, "quick_gelu": True,
    "vision_cfg": dict(image_size=24, layers=1, width=16, head_width=8, patch_size=8, attentional_pool=True, attn_pooler_queries=4, attn_pooler_heads=2,
                       pool_type="avg", output_tokens=True),
    "text_cfg": {**text, "embed_cls": True, "no_causal_mask": True, "pad_id": 3, "output_tokens": True},
    "multimodal_cfg": dict(context_length=9, width=8, heads=2, layers=1, vocab_size=12),
}, ids=texts)


def smaller(m, stored):
    """The stored positions are of a grid of 3 x 3."""
    side = torch.randn(10, 24, generator=torch.Generator().manual_seed(9)).half()
    stored["visual.positional_embedding"] = side
    resized = {"visual.positional_embedding": side.float()}
    open_clip.model.resize_pos_embed(resized, m)
    m.load_state_dict(resized, strict=False)
    return stored


make("openclip-resized-half", {
    "embed_dim": 12,
    "vision_cfg": dict(image_size=35, layers=2, width=24, head_width=12, patch_size=7, mlp_ratio=2.55, ls_init_value=0.1, pool_type="avg", norm_kwargs={"eps": 1e-3}),
    "text_cfg": {**text, "ls_init_value": 0.1, "mlp_ratio": 1.5, "pool_type": "eos", "eos_id": 59},
}, half=True, change=smaller, prefix="module.", ids=texts)

make("openclip-first", {
    "embed_dim": 16, "quick_gelu": True, "custom_text": True,
    "vision_cfg": dict(image_size=24, layers=1, width=16, head_width=8, patch_size=12, no_ln_pre=True, pool_type="tok", final_ln_after_pool=True),
    "text_cfg": {**text, "width": 16, "pool_type": "first", "no_causal_mask": True, "proj_type": "none"},
}, ids=texts)

make("openclip-siglip2", {
    "embed_dim": 64, "custom_text": True, "init_logit_bias": -10,
    "vision_cfg": dict(image_size=32, timm_model_name="vit_base_patch16_siglip_224", timm_model_pretrained=False, timm_pool="map", timm_proj="none"),
    "text_cfg": dict(context_length=16, vocab_size=440, width=16, heads=2, layers=1, hf_tokenizer_name="timm/ViT-B-16-SigLIP2", tokenizer_kwargs={"clean": "canonicalize"},
                     no_causal_mask=True, proj_bias=True, pool_type="last", norm_kwargs={"eps": 1e-6}, act_kwargs={"approximate": "tanh"}),
}, half=True, tokenizer=here.parents[2] / "tokenizer" / "testdata" / "gemma" / "tokenizer.json")

make("openclip-hybrid", {
    "embed_dim": 12, "custom_text": True,
    "vision_cfg": dict(timm_model_name="vit_base_mci_224", timm_model_pretrained=False, timm_pool="token", timm_proj=None, image_size=64),
    "text_cfg": text,
}, half=True, ids=texts)


def summed(m, stored):
    """Two stages and the stem are stored as sums of their branches."""
    trunk = m.visual.trunk
    for part in (trunk.stem, trunk.stages[1], trunk.stages[4]):
        for block in part.modules():
            if hasattr(block, "reparameterize"):
                with torch.no_grad():
                    block.reparameterize()
    stored = {k: v.half().contiguous() for k, v in m.state_dict().items()}
    m.load_state_dict({k: v.float() for k, v in stored.items()})
    return stored


mci3 = {
    "embed_dim": 12, "custom_text": True,
    "vision_cfg": dict(timm_model_name="fastvit_mci3", timm_model_pretrained=False, timm_pool="avg", timm_proj=None, image_size=64),
    "text_cfg": {**text, "no_causal_mask": True},
}
make("openclip-fastvit-summed", mci3, change=summed, ids=texts)
make("openclip-fastvit-mlp", {
    **mci3, "vision_cfg": {**mci3["vision_cfg"], "timm_pool": "", "timm_proj": "mlp", "timm_proj_bias": True},
}, half=True, ids=texts)
