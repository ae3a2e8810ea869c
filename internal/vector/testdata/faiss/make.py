"""Writes the indexes that TestFAISSIndexesAreRead reads, with faiss-cpu 1.15.1.

python make.py
"""
import faiss
import numpy as np

rows, dim = 12, 5
x = np.random.default_rng(1).standard_normal((rows, dim)).astype(np.float32)
x /= np.linalg.norm(x, axis=1, keepdims=True)
np.save("vectors.npy", x)
ids = np.arange(rows)[::-1].copy() * 3


def flat(kind):
    index = kind(dim)
    index.add(x)
    return index


def mapped(kind, inner):
    index = kind(inner)
    index.add_with_ids(x, ids)
    return index


hnsw = faiss.IndexHNSWFlat(dim, 4, faiss.METRIC_INNER_PRODUCT)
hnsw.add(x)
untyped = faiss.IndexFlat(dim, faiss.METRIC_L1)
untyped.add(x)
pq = faiss.index_factory(dim, "PCA4,Flat")
pq.train(x)
pq.add(x)
for name, index in {
    "flat_ip": flat(faiss.IndexFlatIP), "flat_l2": flat(faiss.IndexFlatL2), "empty": faiss.IndexFlatIP(dim),
    "idmap": mapped(faiss.IndexIDMap, faiss.IndexFlatIP(dim)), "idmap2": mapped(faiss.IndexIDMap2, faiss.IndexFlatL2(dim)),
    "hnsw": hnsw, "idmap_hnsw": mapped(faiss.IndexIDMap, faiss.IndexHNSWFlat(dim, 4, faiss.METRIC_INNER_PRODUCT)),
    "l1": untyped, "pretransform": pq,
}.items():
    faiss.write_index(index, name + ".faiss")
