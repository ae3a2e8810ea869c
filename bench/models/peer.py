"""Times a checkpoint of make.py in PyTorch, ONNX Runtime and OpenVINO.

    python bench/models/peer.py DIR NAME ENGINE [processor]

The engines are pytorch (eager, as most programs run it), onnxruntime, openvino (told to compute
in float32) and openvino-default (as it comes, in bfloat16 where the processor has it), these
on the graph that torch exports; engine "export" writes it, in a process of its own, since torch
is no part of another engine's memory. All have THREADS threads. When it is ready it prints a line
of JSON: the seconds to load the model and run a picture, and the embeddings of one fixed
batch, so that whoever compares speed compares answers as well. Then it reads lines of
"BATCH SECONDS", and prints for each how many milliseconds a picture each run took: with "processor"
those of the processor, on one thread.
"""

import importlib
import json
import pathlib
import sys
import time
import warnings

import numpy as np

warnings.filterwarnings("ignore")
PROCESSOR = sys.argv[4:] == ["processor"]
THREADS = 1 if PROCESSOR else 2


def pixels(shape, batch):
    """The same values in every program: a linear congruential generator's."""
    n = batch * int(np.prod(shape))
    state = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
    values = (state >> np.uint64(40)).astype(np.float32) / np.float32(1 << 24) * 2 - 1
    return values.reshape(batch, *shape)


def export(name, folder):
    import torch

    from networks import NETWORKS

    if (folder / "exported.json").exists():
        return
    torch.backends.mha.set_fastpath_enabled(False)  # it has no operator of ONNX
    network = NETWORKS[name]
    with torch.no_grad():
        torch.onnx.export(network.load(folder), (torch.from_numpy(pixels(network.shape(), 2)),), str(folder / "exported.onnx"), dynamo=True, optimize=True,
                          input_names=["pixels"], output_names=["features"], dynamic_shapes={"pixels": {0: torch.export.Dim("n")}})
    (folder / "exported.json").write_text(json.dumps(network.shape()))


def pytorch(name, folder):
    import torch

    from networks import NETWORKS

    torch.set_num_threads(THREADS)
    model = NETWORKS[name].load(folder)

    def run(x):
        with torch.inference_mode():
            return model(torch.from_numpy(x)).numpy()

    return run


def onnxruntime(path):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda x: session.run(["features"], {"pixels": x})[0]


def openvino(path, **options):
    import openvino

    compiled = openvino.Core().compile_model(path, "CPU", {"INFERENCE_NUM_THREADS": THREADS, **options})
    return lambda x: compiled(x)[0]


def main(root, name, engine, *_):
    folder = pathlib.Path(root) / name
    if engine == "export":
        return export(name, folder)
    # Imports are no part of loading a model.
    for module in ("networks", "open_clip", "timm", "torchvision", "transformers") if engine == "pytorch" else (engine.removesuffix("-default"),):
        importlib.import_module(module)
    if engine == "pytorch":
        from networks import NETWORKS

        shape, load = NETWORKS[name].shape(), lambda: pytorch(name, folder)
    else:
        path, shape = folder / "exported.onnx", json.loads((folder / "exported.json").read_text())
        engines = {"onnxruntime": onnxruntime, "openvino": lambda p: openvino(p, INFERENCE_PRECISION_HINT="f32"), "openvino-default": openvino}
        load = lambda: engines[engine](path)  # noqa: E731
    x, before = pixels(shape, 1), time.perf_counter()
    run = load()
    run(x)
    first = time.perf_counter() - before
    print(json.dumps({"first": first, "embedding": run(pixels(shape, 2)).tolist()}), flush=True)
    for line in sys.stdin:
        batch, seconds = line.split()
        x = pixels(shape, int(batch))
        run(x)
        clock = time.process_time if PROCESSOR else time.perf_counter
        runs, start = [], clock()
        while not runs or clock() - start < float(seconds):
            before = clock()
            run(x)
            runs.append((clock() - before) * 1000 / int(batch))
        print(json.dumps(runs), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
