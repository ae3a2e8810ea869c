#!/usr/bin/env python3
"""Writes torch.zip beside it: checkpoints as torch, its trainers and TorchScript save them.

expected.json has, for each file, what torch itself says of the network's state dict: type, shape and
the sum of the values. Usage: python make_torch.py (torch 2.15.0, numpy 2.4.6)
"""
import argparse, collections, json, pathlib, tempfile, zipfile
import numpy as np
import torch
from torch import nn

folder = tempfile.TemporaryDirectory()
here = pathlib.Path(folder.name)
expected = {}


def note(name, state):
    expected[name] = {
        k: {"type": str(v.dtype).removeprefix("torch."), "shape": list(v.shape), "sum": float(v.detach().double().sum())}
        for k, v in state.items()
    }


class Block(nn.Module):
    def __init__(self, inside, out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inside, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride != 1:
            self.downsample = nn.Sequential(nn.Conv2d(inside, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        shortcut = x
        if self.downsample is not None:
            shortcut = self.downsample(x)
        return self.relu(self.bn1(self.conv1(x)) + shortcut)


class Attention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width)
        self.scale = nn.Parameter(torch.rand(()))
        self.register_buffer("mask", torch.ones(4, 4, dtype=torch.bool).tril())
        self.register_buffer("passing", torch.ones(2), persistent=False)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, -1)
        weights = (q @ k.transpose(-1, -2) * self.scale).masked_fill(~self.mask, -1e4).softmax(-1)
        return weights @ v * self.passing[0]


class Net(nn.Module):
    """Modules in modules, lists and dicts of them, parameters and buffers of several types, one shared module."""

    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(
            collections.OrderedDict(stem=nn.Conv2d(3, 2, 3, 2, 1), layer1=nn.Sequential(Block(2, 2, 1), Block(2, 4, 2)))
        )
        self.towers = nn.ModuleList([nn.Linear(4, 4), Attention(4)])
        self.heads = nn.ModuleDict({"a": nn.Linear(4, 2), "b": nn.LayerNorm(2)})
        self.table = nn.Embedding(3, 4)
        self.shared = self.towers[0]
        self.names: list[str] = ["x", "y"]
        self.sizes = (1, 2)

    def forward(self, x):
        y = self.backbone(x).flatten(2).transpose(1, 2)[:, :4]
        y = self.shared(self.towers[1](self.towers[0](y))) + self.table.weight[0]
        return self.heads["b"](self.heads["a"](y.mean(1)))


torch.manual_seed(20261130)
net = Net()
image = torch.rand(1, 3, 8, 8)
net.train()(image)  # the statistics of the norms are no longer those of a new network
net.eval()


def save(name, value, state, **how):
    torch.save(value, here / name, **how)
    note(name, state)


traced = torch.jit.trace(net, image)
traced.save(here / "traced.torchscript.pt")
note("traced.torchscript.pt", torch.jit.load(here / "traced.torchscript.pt").state_dict())
scripted = torch.jit.script(net)
scripted.save(here / "scripted.torchscript.pt", _extra_files={"extra/data.pkl": "not the network"})
note("scripted.torchscript.pt", torch.jit.load(here / "scripted.torchscript.pt").state_dict())
torch.jit.freeze(scripted).save(here / "frozen.torchscript.pt")

optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3)
net.train()(image).sum().backward()
optimizer.step()
net.eval()
settings = argparse.Namespace(arch="net", lr=np.float64(0.001), folder=pathlib.PurePosixPath("/data"), seeds={1, 2}, kinds=frozenset("ab"))
rest = {
    "optimizer": optimizer.state_dict(),
    "args": settings,
    "epoch": np.int64(3),
    "random": torch.get_rng_state(),
    "numpy": np.random.RandomState(0).get_state()[1][:8],
    "best": collections.defaultdict(list, {"acc": [0.5]}),
    "counts": collections.Counter("abca"),
    "device": torch.device("cpu"),
    "type": torch.float16,
    "waves": torch.ones(3, dtype=torch.complex64),
    "huge": 1 << 900,
}
wrapped = {"module." + k: v for k, v in net.state_dict().items()}
save("training.pth", {"model_state_dict": wrapped, **rest}, net.state_dict())
save("training-legacy.pth", {**rest, "state_dict": wrapped}, net.state_dict(), _use_new_zipfile_serialization=False)
save("training-protocol5.pth.tar", {"state_dict": wrapped, **rest}, net.state_dict(), pickle_protocol=5)
averaged = torch.optim.swa_utils.AveragedModel(net)
with torch.no_grad():
    for p in averaged.parameters():
        p.mul_(0.5)
save("ema.pth", {"model": net.state_dict(), "model_ema": averaged.state_dict()}, averaged.module.state_dict())
save("dino.pth", {"student": wrapped, "teacher": {"backbone." + k: v * 2 for k, v in net.state_dict().items()}},
     {"backbone." + k: v * 2 for k, v in net.state_dict().items()})
compiled = {"module._orig_mod." + k: v for k, v in net.state_dict().items()}
save("compiled.pth", {"epoch": 1, "model": {"state_dict": compiled}}, net.state_dict())
marked = nn.Linear(2, 2)
marked.weight.no_decay = True  # a parameter with an attribute is pickled by another function
buffered = torch.ones(2)
buffered.kind = "mean"
save("attributes.pth", {"weight": marked.weight, "bias": marked.bias, "mean": buffered}, {"weight": marked.weight, "bias": marked.bias, "mean": buffered})
views = torch.arange(12.0).reshape(3, 4)
save("views.pth", {"rows": views[1:], "transposed": views.t(), "column": views[:, 1:2], "channels": torch.rand(2, 3, 4, 4).to(memory_format=torch.channels_last)},
     {"rows": views[1:], "transposed": views.t()})
torch.save(net, here / "module.pth")  # not a state dict: a network as an object

(here / "expected.json").write_text(json.dumps(expected, sort_keys=True))

with zipfile.ZipFile(pathlib.Path(__file__).parent / "torch.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
    for path in sorted(here.iterdir()):
        z.writestr(zipfile.ZipInfo(path.name, (2026, 11, 30, 0, 0, 0)), path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
