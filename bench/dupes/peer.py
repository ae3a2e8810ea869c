"""What other programs call copies: peer.py METHOD FOLDER [WEIGHTS], a JSON list of pairs of paths below FOLDER.

phash    imagededup's PHash, as it comes: 64 bits, pairs of at most 10 different ones
cnn      imagededup's CNN, as it comes: cosine of at least 0.9; its weights come from the network
gradient czkawka's method: a gradient hash of 16 x 16 bits, pairs as its default lists them
sscd     SSCD (Pizzi and others, CVPR 2022), an ONNX file of it, cosine of at least 0.75, as its authors advise
"""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 320  # of SSCD's input where the file does not tell


def pictures(folder):
    return sorted(p for p in Path(folder).rglob("*") if p.suffix.lower() in {".png", ".jpg", ".jpeg", ".webp"})


def below(folder, pairs):
    return sorted({tuple(sorted((str(a.relative_to(folder)), str(b.relative_to(folder))))) for a, b in pairs})


def flat(path):
    """The picture on white, as a person sees it: the best that a peer can be given."""
    im = Image.open(path).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", im.size, "white"), im).convert("RGB")


def phash(folder):
    from imagededup.methods import PHash

    method = PHash(verbose=False)
    files = pictures(folder)
    hashes = {str(p): method.encode_image(image_array=np.asarray(Image.open(p).convert("RGB"))) for p in files}
    found = method.find_duplicates(encoding_map=hashes, max_distance_threshold=10)
    return [(Path(a), Path(b)) for a, others in found.items() for b in others]


def cnn(folder):
    from imagededup.methods import CNN

    method = CNN(verbose=False)
    found = method.find_duplicates(image_dir=folder, min_similarity_threshold=0.9, recursive=True)
    return [(Path(folder) / a, Path(folder) / b) for a, others in found.items() for b in others]


def gradient(folder):
    # image_hasher's Gradient: each row of a (side + 1) x side grey picture, a bit where it gets lighter.
    # czkawka 12 by default: side 16, "High" similarity: at most 15 of the 256 bits differ.
    side, most = 16, 15
    files = pictures(folder)
    bits = []
    for p in files:
        grey = np.asarray(Image.open(p).convert("L").resize((side + 1, side), Image.LANCZOS), dtype=np.int16)
        bits.append((grey[:, :-1] < grey[:, 1:]).ravel())
    bits = np.array(bits, dtype=np.int16)
    pairs = []
    for i in range(len(files)):
        near = np.nonzero(np.abs(bits[i + 1 :] - bits[i]).sum(axis=1) <= most)[0]
        pairs += [(files[i], files[i + 1 + j]) for j in near]
    return pairs


def sscd(folder, weights):
    import onnxruntime

    session = onnxruntime.InferenceSession(weights, providers=["CPUExecutionProvider"])
    given = session.get_inputs()[0]
    bytes_in = "uint8" in given.type  # (batch, height, width, 3), which it normalises itself
    height, width = (n if isinstance(n, int) else SIDE for n in (given.shape[1:3] if bytes_in else given.shape[2:]))
    kind = np.float16 if "float16" in given.type else np.float32
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    files = pictures(folder)
    rows = []
    for p in files:
        x = np.asarray(flat(p).resize((width, height), Image.BILINEAR))[None]
        if not bytes_in:
            x = ((x / 255 - mean) / std).transpose(0, 3, 1, 2).astype(kind)
        v = session.run(None, {given.name: x})[0].astype(np.float32).ravel()
        rows.append(v / max(np.linalg.norm(v), 1e-12))
    rows = np.array(rows)
    pairs = []
    for i in range(len(files)):
        near = np.nonzero(rows[i + 1 :] @ rows[i] >= 0.75)[0]
        pairs += [(files[i], files[i + 1 + j]) for j in near]
    return pairs


if __name__ == "__main__":
    method, folder = sys.argv[1], sys.argv[2]
    json.dump(below(folder, globals()[method](folder, *sys.argv[3:])), sys.stdout)
