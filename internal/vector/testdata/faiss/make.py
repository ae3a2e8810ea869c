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


def trained(factory, metric=faiss.METRIC_L2, add_ids=None):
    """A factory's index, small enough to be looked at: two lists."""
    index = faiss.index_factory(dim, factory, metric)
    index.train(x)
    if add_ids is None:
        index.add(x)
    else:
        index.add_with_ids(x, add_ids)
    return index


quantizer = faiss.IndexFlatL2(dim)  # the index does not keep it alive


def empty_lists():
    """Three of its four lists are empty, which FAISS writes as pairs of a list and its size."""
    quantizer.add(np.concatenate([np.zeros((1, dim)), 100 + np.eye(3, dim)]).astype(np.float32))
    index = faiss.IndexIVFFlat(quantizer, dim, 4)
    index.is_trained = True
    index.add(x)
    return index


def mapped_direct(kind):
    index = trained("IVF2,Flat")
    index.set_direct_map_type(kind)
    return index


# What is rounded is compared with what FAISS makes of it again.
rounded = {
    "sq8": trained("SQ8"), "fp16": trained("SQfp16"), "bf16": trained("SQbf16"), "ivf_sq8": trained("IVF2,SQ8"),
    "ivf_sq8_ip": trained("IVF2,SQ8", faiss.METRIC_INNER_PRODUCT), "ivf_fp16": trained("IVF2,SQfp16"),
}
uniform = faiss.IndexScalarQuantizer(dim, faiss.ScalarQuantizer.QT_8bit_uniform)
uniform.train(x)
uniform.add(x)
rounded["sq8_uniform"] = uniform
coarse = faiss.IndexFlatL2(dim)
absolute = faiss.IndexIVFScalarQuantizer(coarse, dim, 2, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_L2, False)
absolute.train(x)
absolute.add(x)
rounded["ivf_sq8_absolute"] = absolute
for name, index in rounded.items():
    faiss.write_index(index, name + ".faiss")
    if name.startswith("ivf"):
        index.make_direct_map()
    np.save(name + ".npy", index.reconstruct_n(0, rows))

for name, index in {
    "ivf": trained("IVF2,Flat"), "ivf_ip": trained("IVF2,Flat", faiss.METRIC_INNER_PRODUCT),
    "ivf_ids": trained("IVF2,Flat", add_ids=ids), "ivf_sparse": empty_lists(),
    "ivf_array": mapped_direct(faiss.DirectMap.Array), "ivf_hash": mapped_direct(faiss.DirectMap.Hashtable),
    "ivf_hnsw": trained("IVF2_HNSW4,Flat"), "pq": trained("PQ1x3"), "ivf_pq": trained("IVF2,PQ1x3"), "lsh": trained("LSH"),
    "sq4": trained("SQ4"), "ivf_sq4": trained("IVF2,SQ4"),
    "flat_ip": flat(faiss.IndexFlatIP), "flat_l2": flat(faiss.IndexFlatL2), "empty": faiss.IndexFlatIP(dim),
    "idmap": mapped(faiss.IndexIDMap, faiss.IndexFlatIP(dim)), "idmap2": mapped(faiss.IndexIDMap2, faiss.IndexFlatL2(dim)),
    "hnsw": hnsw, "idmap_hnsw": mapped(faiss.IndexIDMap, faiss.IndexHNSWFlat(dim, 4, faiss.METRIC_INNER_PRODUCT)),
    "l1": untyped, "pretransform": pq,
}.items():
    faiss.write_index(index, name + ".faiss")
