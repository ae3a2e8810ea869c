"""The same job as `akin index`, as a careful Python program does it.

Pictures are decoded and resized by Pillow on THREADS threads (Pillow lets go of
the interpreter lock while it does so), ahead of ONNX Runtime, which runs the
same graph and weights in batches on THREADS threads. Unit vectors, names and
content hashes are written at the end.
"""

import collections
import concurrent.futures
import hashlib
import io
import json
import pathlib
import resource
import sys
import time
import warnings

import numpy as np
import onnxruntime
from PIL import Image

warnings.filterwarnings("ignore", module="PIL")
THREADS = 2
BATCH = 8


def prepare(path):
    data = path.read_bytes()
    picture = Image.open(io.BytesIO(data)).convert("RGB").resize((224, 224), Image.Resampling.BICUBIC)
    pixels = np.asarray(picture, dtype=np.float32).transpose(2, 0, 1)
    return hashlib.sha256(data).hexdigest(), (pixels / 255 - 0.5) / 0.5


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
    start = time.perf_counter()
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
    print(json.dumps({
        "pictures": len(paths),
        "seconds": time.perf_counter() - start,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }))


main(*sys.argv[1:])
