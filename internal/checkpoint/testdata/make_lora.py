#!/usr/bin/env python3
"""Writes lora.zip beside it: LoRA adapters as peft saves them, what they were trained on, and what peft merges.

base.safetensors is the network, NAME/adapter what save_pretrained writes, NAME/merged.safetensors those of the
network's tensors that merge_and_unload changes. Usage: python make_lora.py (torch 2.15.0, peft 0.21.2, transformers 5.23.0)
"""
import pathlib, tempfile, zipfile
import peft, torch
from safetensors.torch import save_file
from torch import nn
from transformers.pytorch_utils import Conv1D

folder = tempfile.TemporaryDirectory()
here = pathlib.Path(folder.name)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(4, 12)
        self.proj = nn.Linear(4, 4)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attn = Attention()
        self.fc = nn.Linear(4, 6)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([Block() for _ in range(3)])
        self.conv = nn.Conv2d(3, 5, 3, bias=False)
        self.narrow = nn.Conv2d(5, 4, 1)
        self.words = nn.Embedding(7, 4)
        self.old = Conv1D(4, 4)
        self.mha = nn.MultiheadAttention(4, 2)
        self.head = nn.Linear(4, 2)


class Outer(nn.Module):
    def __init__(self):
        super().__init__()
        self.extractor_list = nn.ModuleList([nn.ModuleDict({"model": Net()})])


def case(name, inner=lambda m: m, outer=Net, safe=True, dtype=torch.float32, **config):
    torch.manual_seed(1)
    net = outer()
    base = {k: v.clone() for k, v in inner(net).state_dict().items()}
    (here / name).mkdir()
    save_file(base, here / "base.safetensors")  # the same in every case
    model = peft.get_peft_model(net, peft.LoraConfig(**config))
    with torch.no_grad():
        for key, p in model.named_parameters():
            if "lora_" in key or config.get("bias", "none") != "none" and key.endswith("bias") or "modules_to_save" in key:
                p.copy_(torch.randn(p.shape))
    model.to(dtype).save_pretrained(here / name / "adapter", safe_serialization=safe)
    (here / name / "adapter" / "README.md").unlink(missing_ok=True)
    if "use_dora" not in config:
        # What was trained in 16 bits is merged in 32, as akin does.
        merged = inner(peft.PeftModel.from_pretrained(restored(outer, inner, base), here / name / "adapter").merge_and_unload())
        changed = {k: v.contiguous() for k, v in merged.float().state_dict().items() if not torch.equal(v, base[k])}
        save_file(changed, here / name / "merged.safetensors")


def restored(outer, inner, base):
    net = outer()
    inner(net).load_state_dict(base)
    return net


extractor = lambda m: m.extractor_list[0]["model"]
case("linear", r=2, lora_alpha=3, target_modules=["qkv"])
case("dreamsim", extractor, Outer, safe=False, r=2, lora_alpha=0.5, target_modules=["qkv"])
case("patterns", r=2, lora_alpha=4, target_modules=["qkv", "proj", "fc"],
     rank_pattern={"blocks.1.attn.qkv": 3, "proj": 1}, alpha_pattern={r"blocks\.(1|2)\.attn\.qkv": 5, "qkv": 7})
case("rslora", r=2, lora_alpha=4, target_modules=r".*\.1\.attn\.(qkv|proj)", use_rslora=True)
case("convolution", r=2, lora_alpha=4, target_modules=["conv", "narrow"])
case("embedding", r=2, lora_alpha=4, target_modules=["words"])
case("transposed", r=2, lora_alpha=4, target_modules=["old"], fan_in_fan_out=True)
case("attention", r=2, lora_alpha=4, target_modules=["mha"])
case("biases", r=2, lora_alpha=4, target_modules=["fc"], bias="all")
case("own-biases", r=2, lora_alpha=4, target_modules=["fc"], bias="lora_only")
case("saved", r=2, lora_alpha=4, target_modules=["fc"], modules_to_save=["head"])
case("half", r=2, lora_alpha=4, target_modules=["fc"], dtype=torch.float16)
case("dora", r=2, lora_alpha=4, target_modules=["fc"], use_dora=True)

with zipfile.ZipFile(pathlib.Path(__file__).parent / "lora.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
    for path in sorted(p for p in here.rglob("*") if p.is_file()):
        z.writestr(zipfile.ZipInfo(str(path.relative_to(here)), (2026, 11, 30, 0, 0, 0)), path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
