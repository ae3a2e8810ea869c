"""Makes the checkpoints of networks.py that are not there yet.

    python bench/models/make.py DIR NAME…
"""

import pathlib
import sys

import torch

from networks import NETWORKS


def main(out, *names):
    for name in names:
        folder = pathlib.Path(out) / name
        if not folder.exists():
            torch.manual_seed(1)
            NETWORKS[name].make(folder)
            print(name, "made", flush=True)


main(*sys.argv[1:])
