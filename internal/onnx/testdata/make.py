"""Writes the ONNX files of this folder, as people export them, and expected.json:
what ONNX Runtime gives for the two pictures, prepared with Pillow and NumPy.

    python make.py      with torch, onnx, onnxruntime, onnxscript, pillow
"""
import json
import pathlib

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper
from PIL import Image
from torch import nn

here = pathlib.Path(__file__).parent
torch.manual_seed(7)
HEIGHT, WIDTH, MEAN, STD = 12, 10, [0.5, 0.4, 0.3], [0.2, 0.3, 0.4]
PREPROCESS = {"size": {"height": HEIGHT, "width": WIDTH}, "resample": 3, "image_mean": MEAN, "image_std": STD}


class Plane(nn.Module):  # (n, 3, h, w) to (n, 6, h/2, w/2)
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3, stride=2, padding=1)

    def forward(self, x):
        return torch.relu(self.conv(x))


class Vector(nn.Module):  # (n, 3, h, w) to (n, 5)
    def __init__(self):
        super().__init__()
        self.plane, self.head = Plane(), nn.Linear(180, 5)

    def forward(self, x):
        return self.head(self.plane(x).flatten(1))


class ChannelsLast(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        y = self.inner(x.permute(0, 3, 1, 2))
        return y.permute(0, 2, 3, 1) if y.dim() == 4 else y


class Tokens(nn.Module):  # (n, 3, h, w) to (n, 30, 6), (n, 4)
    def __init__(self):
        super().__init__()
        self.plane, self.pooler = Plane(), nn.Linear(6, 4)

    def forward(self, x):
        tokens = self.plane(x).flatten(2).transpose(1, 2)
        return tokens, self.pooler(tokens[:, 0])


def export(name, network, shape=(2, 3, HEIGHT, WIDTH), fixed=False, opset=20, outputs=("embedding",), edit=None, data=None):
    path = here / f"{name}.onnx"
    dynamic = None if fixed else ({0: torch.export.Dim("n")},)
    program = torch.onnx.export(network.eval(), (torch.zeros(shape),), input_names=["pixel_values"],
                                output_names=list(outputs), opset_version=opset, dynamic_shapes=dynamic, dynamo=True)
    model = program.model_proto
    for part in [model.graph, *model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output,
                 *model.graph.initializer]:
        del part.metadata_props[:]
        part.doc_string = ""
    if edit:
        model = edit(model) or model
    if data:
        onnx.save(model, path, save_as_external_data=True, location=data, size_threshold=256)
    else:
        onnx.save(model, path)


def to_half(model):
    """Takes and gives float16, and computes in float32."""
    g = model.graph
    g.node.insert(0, helper.make_node("Cast", ["pixel_values"], ["pixels32"], to=TensorProto.FLOAT))
    for node in g.node[1:]:
        node.input[:] = ["pixels32" if i == "pixel_values" else i for i in node.input]
        node.output[:] = ["embedding32" if o == "embedding" else o for o in node.output]
    g.node.append(helper.make_node("Cast", ["embedding32"], ["embedding"], to=TensorProto.FLOAT16))
    for v in [*g.input, *g.output]:
        v.type.tensor_type.elem_type = TensorProto.FLOAT16


def open_shapes(model):
    """Tells no length of any axis, as some exporters do."""
    for v in [*model.graph.input, *model.graph.output]:
        for i, axis in enumerate(v.type.tensor_type.shape.dim):
            axis.dim_param = f"{v.name}_{i}"


def quantize(model):
    """Rounds activations with one scale a call, as dynamic quantisation does."""
    g = model.graph
    g.node.insert(0, helper.make_node("DynamicQuantizeLinear", ["pixel_values"], ["q", "q_scale", "q_zero"]))
    g.node.insert(1, helper.make_node("DequantizeLinear", ["q", "q_scale", "q_zero"], ["pixels32"]))
    for node in g.node[2:]:
        node.input[:] = ["pixels32" if i == "pixel_values" else i for i in node.input]


def declare_int32(model):
    """Declares a type that akin does not give."""
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.INT32


last = (2, HEIGHT, WIDTH, 3)
export("nchw", Vector(), opset=20)
export("nhwc", ChannelsLast(Vector()), last, opset=18)
export("nhwc_plane", ChannelsLast(Plane()), last)
export("single", Vector(), (1, 3, HEIGHT, WIDTH), fixed=True)
export("eight", Vector(), (8, 3, HEIGHT, WIDTH), fixed=True)
export("plane", Plane())
export("tokens", Tokens(), outputs=["last_hidden_state", "pooler_output"])
export("several", Tokens(), outputs=["left", "right"])
export("external", Vector(), data="external.weights")
export("half", Vector(), edit=to_half)
export("open", Vector(), edit=open_shapes)
export("quantized", Vector(), edit=quantize)
export("int32", Vector(), edit=declare_int32)

# opset 17, written by hand, with an initializer that is listed as an input as in IR version 3
weights = np.random.default_rng(3).normal(size=(3 * HEIGHT * WIDTH, 4)).astype(np.float32)
graph = helper.make_graph(
    [helper.make_node("Flatten", ["x"], ["flat"], axis=1), helper.make_node("MatMul", ["flat", "w"], ["y"])], "old",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, HEIGHT, WIDTH]),
     helper.make_tensor_value_info("w", TensorProto.FLOAT, list(weights.shape))],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 4])],
    [onnx.numpy_helper.from_array(weights, "w")])
onnx.save(helper.make_model(graph, ir_version=3, opset_imports=[helper.make_opsetid("", 17)]), here / "old.onnx")

# takes the bytes of (n, H, W, 3) and normalises them itself, as networks for phones do
last3 = helper.make_graph(
    [helper.make_node("Cast", ["image"], ["pixels"], to=TensorProto.FLOAT), helper.make_node("Sub", ["pixels", "m"], ["centred"]),
     helper.make_node("Div", ["centred", "s"], ["scaled"]), helper.make_node("Flatten", ["scaled"], ["flat"], axis=1),
     helper.make_node("MatMul", ["flat", "w"], ["embedding"])], "bytes",
    [helper.make_tensor_value_info("image", TensorProto.UINT8, ["n", HEIGHT, WIDTH, 3])],
    [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 4])],
    [onnx.numpy_helper.from_array(weights, "w"), onnx.numpy_helper.from_array(255 * np.float32(MEAN), "m"),
     onnx.numpy_helper.from_array(255 * np.float32(STD), "s")])
onnx.save(helper.make_model(last3, ir_version=9, opset_imports=[helper.make_opsetid("", 17)]), here / "bytes.onnx")

# two pictures whose shapes are not the networks'
rng = np.random.default_rng(1)
ramp = np.linspace(0, 255, 24 * 20 * 3).reshape(24, 20, 3)
Image.fromarray(ramp.astype(np.uint8)).save(here / "ramp.png")
Image.fromarray(rng.integers(0, 256, (9, 16, 3), dtype=np.uint8)).save(here / "noise.png")


def resized(name):
    return Image.open(here / name).convert("RGB").resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)


def pixels(name):
    x = (np.asarray(resized(name), np.float32) / np.float32(255) - np.float32(MEAN)) / np.float32(STD)
    return x.transpose(2, 0, 1)[None]


def run(name, picture, output, pool):
    session = onnxruntime.InferenceSession(here / f"{name}.onnx", providers=["CPUExecutionProvider"])
    first, x = session.get_inputs()[0], pixels(picture)
    if name.startswith("nhwc"):
        x = x.transpose(0, 2, 3, 1)
    if first.type == "tensor(float16)":
        x = x.astype(np.float16)
    if first.type == "tensor(uint8)":
        x = np.asarray(resized(picture), np.uint8)[None]
    y = session.run([output], {first.name: x})[0].astype(np.float32)
    if pool == "first":
        y = y[:, 0]
    elif pool == "mean":
        y = y.mean(axis=(2, 3) if y.ndim == 4 and not name.startswith("nhwc") else (1, 2) if y.ndim == 4 else 1)
    return y[0].tolist()


cases = [("nchw", "embedding", ""), ("nhwc", "embedding", ""), ("nhwc_plane", "embedding", "mean"), ("single", "embedding", ""),
         ("plane", "embedding", "mean"), ("tokens", "last_hidden_state", "first"), ("tokens", "last_hidden_state", "mean"),
         ("tokens", "pooler_output", ""), ("several", "right", ""), ("external", "embedding", ""), ("half", "embedding", ""),
         ("open", "embedding", ""), ("quantized", "embedding", ""), ("old", "y", ""), ("bytes", "embedding", "")]
names = ["ramp.png", "noise.png"]
expected = []
for name, output, pool in cases:
    expected.append({"file": f"{name}.onnx", "output": output, "pool": pool,
                     "embeddings": [run(name, p, output, pool) for p in names]})
(here / "expected.json").write_text(json.dumps({"pictures": names, "preprocess": PREPROCESS, "cases": expected}, indent=1) + "\n")
