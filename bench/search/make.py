"""Makes the vectors that the searches are measured on.

    python bench/search/make.py DIR SET…

A set is named KIND-ROWS-DIM, as clustered-500k-768. Of each are written NAME.npy, 1000
queries as NAME-queries.npy, and with --truth the true neighbours: NAME-truth.json, ids of
the 100 best rows of each query by their scores in float64, equal ones by id. What is there
already is kept. All is drawn from seeds, so that two machines measure the same vectors.

clustered   looks like embeddings of pictures: what varies is of few dimensions, and most
            of it is between groups. A centre for every 250 rows is drawn in a subspace
            of 48 dimensions, whose standard deviations fall as 1/sqrt(i). A row is a
            centre, drawn with chances that fall as 1/sqrt(rank), plus a variation of 24
            dimensions that are the centre's own (drawn with standard deviations falling
            as 1/sqrt(i) over all dimensions, so that groups share directions), 0.4 to 0.9
            times as long as the centre, plus isotropic noise of length 0.15; made unit
            length and turned by a random rotation. The queries are drawn by the same
            recipe and are no rows.
isotropic   every direction is equally likely: nothing that an index could use.
duplicates  clustered, each row up to 50 times, and the queries are rows.
zeros       clustered, every third row and a few queries zero.
denormals   values of 1e-42 to 1e-38, whose products vanish or nearly.
ties        rows that differ from one another in the last bit of one value.
"""

import argparse
import json
import os
import pathlib
import zlib

import numpy as np

QUERIES, NEIGHBOURS = 1000, 100
CHUNK = 1 << 16  # rows that are made at a time


def count(text):
    units = {"k": 1000, "m": 1000000}
    return int(float(text[:-1]) * units[text[-1]]) if text[-1] in units else int(text)


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def clustered(rows, dim, seed):
    """A function that draws n rows from a generator."""
    r = np.random.default_rng(seed)
    centres, spread, inner = max(4, rows // 250), min(48, dim), min(24, dim)
    falling = 1 / np.sqrt(np.arange(1, dim + 1, dtype=np.float32))
    centre = np.zeros((centres, dim), np.float32)
    centre[:, :spread] = unit(r.standard_normal((centres, spread), np.float32) * falling[:spread])
    directions = r.standard_normal((centres, inner, dim), np.float32) * falling
    directions /= np.linalg.norm(directions, axis=2, keepdims=True)
    length = r.uniform(0.4, 0.9, centres).astype(np.float32)
    chance = 1 / np.sqrt(np.arange(1, centres + 1))
    chance /= chance.sum()
    rotation = np.linalg.qr(r.standard_normal((dim, dim)))[0].astype(np.float32)

    def draw(n, r):
        which = r.choice(centres, n, p=chance)
        place = r.standard_normal((n, inner), np.float32) / np.sqrt(inner)
        x = r.standard_normal((n, dim), np.float32) * np.float32(0.15 / np.sqrt(dim))
        order = np.argsort(which, kind="stable")
        for group in np.split(order, np.flatnonzero(np.diff(which[order])) + 1):
            c = which[group[0]]
            x[group] += centre[c] + length[c] * (place[group] @ directions[c])
        return unit(unit(x) @ rotation)

    return draw


def isotropic(rows, dim, seed):
    return lambda n, r: unit(r.standard_normal((n, dim), np.float32))


def duplicates(rows, dim, seed):
    few = clustered(rows, dim, seed)(max(1, rows // 25), np.random.default_rng(seed + 1))
    return lambda n, r: few[r.integers(0, len(few), n)]


def zeros(rows, dim, seed):
    draw = clustered(rows, dim, seed)

    def some(n, r):
        x = draw(n, r)
        x[:: 3 if n > QUERIES else 100] = 0
        return x

    return some


def denormals(rows, dim, seed):
    def draw(n, r):
        sign = r.choice(np.float32([-1, 1]), (n, dim))
        x = sign * (10 ** r.uniform(-42, -38, (n, dim))).astype(np.float32)
        if n <= QUERIES:
            x[: n // 2] = unit(r.standard_normal((n // 2, dim), np.float32))
        return x

    return draw


def ties(rows, dim, seed):
    few = clustered(rows, dim, seed)(max(1, rows // 100), np.random.default_rng(seed + 1))

    def draw(n, r):
        x = few[r.integers(0, len(few), n)]
        at = np.arange(n), r.integers(0, dim, n)
        x[at] = np.nextafter(x[at], r.choice(np.float32([-9, 9]), n))
        return x

    return draw


def create(path, shape, dtype=np.float32):
    return np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape)


def make(folder, name):
    kind, rows, dim = name.split("-")
    rows, dim, seed = count(rows), int(dim), zlib.crc32(name.encode())
    draw = globals()[kind](rows, dim, seed)
    for suffix, n, stream in (("-queries", QUERIES, 2), ("", rows, 3)):
        path = folder / f"{name}{suffix}.npy"
        if path.exists():
            continue
        partial, r = path.with_suffix(".partial"), np.random.default_rng([seed, stream])
        out = create(partial, (n, dim))
        for first in range(0, n, CHUNK):
            out[first : first + CHUNK] = draw(min(CHUNK, n - first), r)
        out.flush()
        os.rename(partial, path)


def truth(folder, name):
    path = folder / f"{name}-truth.json"
    if path.exists():
        return
    rows = np.load(folder / f"{name}.npy", mmap_mode="r")
    queries = np.load(folder / f"{name}-queries.npy")
    found = nearest(rows, queries) if len(rows) <= CHUNK else nearest_of_many(rows, queries)
    path.with_suffix(".partial").write_text(json.dumps(found))
    os.rename(path.with_suffix(".partial"), path)


def nearest(rows, queries):
    """The best rows of each query, all scored in float64."""
    k, wide = min(NEIGHBOURS, len(rows)), rows.astype(np.float64)
    found = []
    for q in np.array_split(queries.astype(np.float64), len(queries) // 50 + 1):
        for scores in q @ wide.T:
            ids = np.sort(np.argpartition(-scores, k - 1)[:k])
            found.append(ids[np.argsort(-scores[ids], kind="stable")].tolist())
    return found


def nearest_of_many(rows, queries):
    """The same, where float32 chooses candidates; a query whose neighbours its error could
    hide is asked of all rows in float64."""
    k, keep = NEIGHBOURS, 2 * NEIGHBOURS + 50
    error = rows.shape[1] * 2.0**-24  # of a sum of products of unit vectors
    best = np.full((len(queries), keep), -np.inf, np.float32)
    ids = np.zeros((len(queries), keep), np.int64)
    for first in range(0, len(rows), CHUNK):
        scores = queries @ rows[first : first + CHUNK].T
        at = np.argpartition(-scores, min(keep, scores.shape[1]) - 1)[:, :keep]
        best = np.hstack([best, np.take_along_axis(scores, at, 1)])
        ids = np.hstack([ids, at + first])
        at = np.argpartition(-best, keep - 1)[:, :keep]
        best, ids = np.take_along_axis(best, at, 1), np.take_along_axis(ids, at, 1)
    found = []
    for q, candidates, least in zip(queries.astype(np.float64), np.sort(ids, axis=1), best.min(axis=1)):
        scores = rows[candidates].astype(np.float64) @ q
        if np.partition(scores, -k)[-k] < least + 2 * error:
            scores = np.concatenate([rows[f : f + CHUNK].astype(np.float64) @ q for f in range(0, len(rows), CHUNK)])
            candidates = np.sort(np.argpartition(-scores, k - 1)[:k])
            scores = scores[candidates]
        found.append(candidates[np.argsort(-scores, kind="stable")[:k]].tolist())
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--truth", action="store_true")
    parser.add_argument("dir", type=pathlib.Path)
    parser.add_argument("sets", nargs="+")
    args = parser.parse_args()
    args.dir.mkdir(parents=True, exist_ok=True)
    for name in args.sets:
        if not (args.dir / f"{name}.npy").exists():
            make(args.dir, name)
        if args.truth:
            truth(args.dir, name)
