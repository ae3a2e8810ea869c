#!/usr/bin/env python3
"""Compares the arrays of two golden folders.

    python3 compare.py A B [--tolerance 1e-6]

Every .npy and .npz that both have is compared. Integers must be equal; a float may differ by the
tolerance times the largest value of its array. Ends with status 1 where one is not.
"""
import argparse
import sys
from pathlib import Path

import numpy as np


def arrays(path):
    if path.suffix == ".npy":
        return {"": np.load(path)}
    with np.load(path) as z:
        return dict(z)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("a", type=Path)
    a.add_argument("b", type=Path)
    a.add_argument("--tolerance", type=float, default=1e-6)
    o = a.parse_args()
    failed = files = 0
    for path in sorted(p for p in o.a.rglob("*.np[yz]")):
        other = o.b / path.relative_to(o.a)
        if not other.exists():
            continue
        files += 1
        mine, theirs = arrays(path), arrays(other)
        if mine.keys() != theirs.keys():
            print(f"{path.relative_to(o.a)}: only one has {sorted(mine.keys() ^ theirs.keys())[:5]}")
            failed += 1
        worst = 0.0
        for key in mine.keys() & theirs.keys():
            x, y = mine[key], theirs[key]
            if x.shape != y.shape or x.dtype != y.dtype:
                print(f"{path.relative_to(o.a)} {key}: {x.dtype}{x.shape}, {y.dtype}{y.shape}")
                failed += 1
                continue
            off = np.abs(x.astype(np.float64) - y.astype(np.float64)).max(initial=0)
            allowed = o.tolerance * np.abs(y).max(initial=0) if x.dtype.kind == "f" else 0
            worst = max(worst, off)
            if off > allowed:
                print(f"{path.relative_to(o.a)} {key}: off by {off:.3g}, {allowed:.3g} allowed")
                failed += 1
        print(f"{path.relative_to(o.a)}: {len(mine)} arrays, at most {worst:.3g} apart")
    print(f"{files} files, {failed} differences")
    sys.exit(1 if failed or not files else 0)


if __name__ == "__main__":
    main()
