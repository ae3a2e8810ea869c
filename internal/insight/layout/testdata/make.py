"""Writes umap.json: what umap-learn 0.5.12 and scikit-learn 1.9.1 make of 60 points."""

import json
import pathlib

import numpy as np
from sklearn.cluster import HDBSCAN
from sklearn.manifold import trustworthiness
from umap.umap_ import find_ab_params, fuzzy_simplicial_set

r = np.random.default_rng(7)
centres = r.standard_normal((3, 4)) * 3
x = np.concatenate([c + r.standard_normal((20, 4)) * s for c, s in zip(centres, [0.3, 0.6, 0.4])])
x[5] = x[4]  # the same twice
x = np.round(x, 3)
d = np.sqrt(((x[:, None] - x[None]) ** 2).sum(2))
k = 8
ids = np.argsort(d + np.where(np.eye(60), -1, 0), axis=1, kind="stable")[:, :k]
near = np.take_along_axis(d, ids, 1)
g, _, _ = fuzzy_simplicial_set(x, k, None, "euclidean", knn_indices=ids, knn_dists=near.astype(np.float32))
g = g.tocoo()
y = np.round(x[:, :2] + 0.2 * r.standard_normal((60, 2)), 3)
json.dump({
    "rows": x.tolist(),
    "neighbors": [[[int(j), float(e)] for j, e in zip(i[1:], n[1:])] for i, n in zip(ids, near)],
    "edges": sorted([int(i), int(j), round(float(w), 7)] for i, j, w in zip(g.row, g.col, g.data)),
    "points": y.tolist(),
    "trustworthiness": {str(q): float(trustworthiness(np.delete(x, 5, 0), np.delete(y, 5, 0), n_neighbors=q)) for q in (1, 5, 15, 29)},
    "curves": [[m, s, *map(float, find_ab_params(s, m))] for m, s in [(0.1, 1), (0.01, 1), (0.5, 1), (0.25, 2)]],
    "clusters": {str(m): HDBSCAN(min_cluster_size=m, copy=True).fit_predict(y).tolist() for m in (3, 5, 8)},
}, open(pathlib.Path(__file__).parent / "umap.json", "w"))
