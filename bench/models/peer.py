"""Times a checkpoint of make.py in PyTorch, ONNX Runtime and OpenVINO.

    python bench/models/peer.py DIR NAME ENGINE

The engines are pytorch (eager, as most programs run it), onnxruntime and openvino, both
on the graph that torch exports. All have THREADS threads. When it is ready it prints a line
of JSON: the seconds to load the model and run a picture, and the embeddings of one fixed
batch, so that whoever compares speed compares answers as well. Then it reads lines of
"BATCH SECONDS", and prints for each how many milliseconds a picture each run took.
"""

import importlib
import json
import pathlib
import sys
import time
import warnings

import numpy as np
import torch

warnings.filterwarnings("ignore")
THREADS = 2


class Embedding(torch.nn.Module):
    """What akin calls the embedding of each model."""

    def __init__(self, name, folder):
        super().__init__()
        import torchvision
        import transformers

        self.name = name
        classes = {
            "vit-large": transformers.ViTModel, "dinov2-base": transformers.Dinov2Model,
            "clip-vit-base-patch32": transformers.CLIPModel, "blip2-opt-2.7b": transformers.Blip2ForConditionalGeneration,
            "efficientnet-b7": transformers.EfficientNetModel,
        }
        if name == "vgg16":
            self.model = torchvision.models.vgg16(weights=None)
            self.model.load_state_dict(torch.load(folder / "vgg16.pth"))
        else:
            # The article's way, and what can be exported.
            self.model = classes[name].from_pretrained(folder, attn_implementation="eager" if "eff" not in name else None)
        self.eval()

    def forward(self, pixels):
        m = self.model
        if self.name in ("vit-large", "dinov2-base"):
            return m(pixels).last_hidden_state[:, 0]
        if self.name == "clip-vit-base-patch32":
            return m.visual_projection(m.vision_model(pixel_values=pixels).pooler_output)
        if self.name == "efficientnet-b7":
            return m(pixels, output_hidden_states=True).hidden_states[-1].mean((2, 3))
        if self.name == "blip2-opt-2.7b":
            seen = m.vision_model(pixels).last_hidden_state
            queries = m.query_tokens.expand(pixels.shape[0], -1, -1)
            return m.qformer(query_embeds=queries, encoder_hidden_states=seen).last_hidden_state[:, 0]
        return m(pixels)


def side(name):
    return 600 if name == "efficientnet-b7" else 224


def pixels(name, batch):
    """The same values in every program: a linear congruential generator's."""
    n = batch * 3 * side(name) ** 2
    state = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
    values = (state >> np.uint64(40)).astype(np.float32) / np.float32(1 << 24) * 2 - 1
    return values.reshape(batch, 3, side(name), side(name))


def exported(name, folder):
    path = folder / "exported.onnx"
    if not path.exists():
        with torch.no_grad():
            torch.onnx.export(Embedding(name, folder), (torch.from_numpy(pixels(name, 2)),), str(path), dynamo=True, optimize=True,
                              input_names=["pixels"], output_names=["features"], dynamic_shapes={"pixels": {0: torch.export.Dim("n")}})
    return path


def runner(engine, name, folder):
    if engine == "pytorch":
        torch.set_num_threads(THREADS)
        model = Embedding(name, folder)

        def run(x):
            with torch.inference_mode():
                return model(torch.from_numpy(x)).numpy()
    elif engine == "onnxruntime":
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = THREADS
        session = onnxruntime.InferenceSession(exported(name, folder), options, providers=["CPUExecutionProvider"])

        def run(x):
            return session.run(["features"], {"pixels": x})[0]
    else:
        import openvino

        core = openvino.Core()
        # Without the hint it computes in bfloat16 where the processor has it.
        compiled = core.compile_model(exported(name, folder), "CPU", {
            "INFERENCE_NUM_THREADS": THREADS, "INFERENCE_PRECISION_HINT": "f32"})

        def run(x):
            return compiled(x)[0]
    return run


def main(root, name, engine):
    folder = pathlib.Path(root) / name
    # Neither is part of loading a model.
    for module in ("torchvision", "transformers") if engine == "pytorch" else (engine,):
        importlib.import_module(module)
    if engine != "pytorch":
        exported(name, folder)
    x, before = pixels(name, 1), time.perf_counter()
    run = runner(engine, name, folder)
    run(x)
    first = time.perf_counter() - before
    print(json.dumps({"first": first, "embedding": run(pixels(name, 2)).tolist()}), flush=True)
    for line in sys.stdin:
        batch, seconds = line.split()
        x = pixels(name, int(batch))
        run(x)
        runs, start = [], time.perf_counter()
        while not runs or time.perf_counter() - start < float(seconds):
            before = time.perf_counter()
            run(x)
            runs.append((time.perf_counter() - before) * 1000 / int(batch))
        print(json.dumps(runs), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
