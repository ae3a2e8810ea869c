"""Embeds one picture, as a Python program does that is started for it: Pillow and ONNX Runtime.

    python bench/first/peer.py GRAPH.onnx PICTURE
"""

import sys

import numpy as np
import onnxruntime
from PIL import Image

THREADS = 2


def main(path, picture):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    height, width = session.get_inputs()[0].shape[-2:]
    pixels = np.asarray(Image.open(picture).convert("RGB").resize((width, height), Image.Resampling.BICUBIC), dtype=np.float32)
    vector = session.run(None, {session.get_inputs()[0].name: (pixels.transpose(2, 0, 1)[None] / 255 - 0.5) / 0.5})[0]
    print(float(np.linalg.norm(vector)))


main(*sys.argv[1:])
