"""The same job as `akin index`, as a careful Python program does it.

Pictures are decoded and resized by Pillow on THREADS threads (Pillow lets go of
the interpreter lock while it does so), whole or after Image.draft, ahead of ONNX
Runtime, which runs the same graph and weights in batches on THREADS threads. Unit
vectors, names and content hashes are written at the end.
"""

import collections
import concurrent.futures
import hashlib
import io
import json
import pathlib
import sys
import warnings

import numpy as np
import onnxruntime
from PIL import Image

warnings.filterwarnings("ignore", module="PIL")
THREADS = 2
BATCH = 8


FILTERS = [Image.Resampling.NEAREST, Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS]


def prepare(path):
    data = path.read_bytes()
    picture = Image.open(io.BytesIO(data))
    if DRAFT:
        picture.draft("RGB", (3 * SIZE[0], 3 * SIZE[1]))
    picture = picture.convert("RGB").resize(SIZE, FILTER)
    pixels = np.asarray(picture, dtype=np.float32).transpose(2, 0, 1)
    return hashlib.sha256(data).hexdigest(), (pixels * SCALE - MEAN) / STD


def prepared(paths):
    """Yields in order, with two batches decoded ahead and no more."""
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        ahead = collections.deque()
        for path in paths:
            ahead.append(pool.submit(prepare, path))
            if len(ahead) > 2 * BATCH:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def main(model, folder, out):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    paths = sorted(p for p in pathlib.Path(folder).rglob("*") if p.is_file())
    hashes, rows, batch = [], [], []

    def run():
        vectors = session.run(["embedding"], {"pixels": np.stack(batch)})[0]
        rows.append(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
        batch.clear()

    for digest, pixels in prepared(paths):
        hashes.append(digest)
        batch.append(pixels)
        if len(batch) == BATCH:
            run()
    if batch:
        run()
    np.save(out, np.concatenate(rows))
    pathlib.Path(out + ".json").write_text(json.dumps([[str(p), h] for p, h in zip(paths, hashes)]))
    print(json.dumps({"added": len(paths)}))


graph, preprocess, decode, pictures, npy = sys.argv[1:]
preprocess, DRAFT = json.loads(preprocess), decode == "draft"
SIZE, FILTER, SCALE = (preprocess["width"], preprocess["height"]), FILTERS[preprocess["filter"]], np.float32(preprocess["scale"])
MEAN, STD = (np.float32(preprocess[name]).reshape(3, 1, 1) for name in ("mean", "std"))
main(graph, pictures, npy)
