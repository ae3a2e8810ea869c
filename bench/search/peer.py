"""Searches with FAISS, hnswlib, usearch or NumPy, as it is told on stdin.

Each line of stdin is a job and gets one line of JSON (see job and answer in main.go):

    {"do": "build", "engine": "faiss HNSW32", "rows": "rows.npy", "threads": 2}
    {"do": "search", "queries": "queries.npy", "count": 1000, "k": 10, "setting": "efSearch=64",
     "threads": 1, "batch": false, "ids": true}
    {"do": "limits", "threads": 2}

The index stays in memory between searches, so that engines can take turns. Memory is what
the process grew by, without the pages of files; it counts the rows where the index keeps
them.
"""

import json
import os
import sys
import time

import numpy as np


def memory():
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) * 1024 for line in f if line.startswith("RssAnon"))


class Faiss:
    def __init__(self, spec, threads):
        import faiss

        self.faiss, self.spec = faiss, spec
        faiss.omp_set_num_threads(threads)

    def build(self, rows):
        spec, *options = self.spec.split(" ")
        if spec == "2xFlat":  # both threads on one query
            index = self.faiss.IndexShards(rows.shape[1], True, True)
            half = len(rows) // 2
            for part in (rows[:half], rows[half:]):
                flat = self.faiss.IndexFlatIP(rows.shape[1])
                flat.add(part)
                index.add_shard(flat)
                setattr(self, f"part{index.count()}", flat)
            self.index = index
            return
        index = self.faiss.index_factory(rows.shape[1], spec, self.faiss.METRIC_INNER_PRODUCT)
        for option in options:
            name, value = option.split("=")
            setattr(index.hnsw, name, int(value))
        if not index.is_trained:
            index.train(rows)
        index.add(rows)
        self.index = index

    def size(self):
        if self.spec == "2xFlat":  # has no file format
            return self.index.ntotal * self.index.d * 4
        total = 0

        def write(data):
            nonlocal total
            total += len(data)
            return len(data)

        writer = self.faiss.PyCallbackIOWriter(write)
        self.faiss.write_index(self.index, writer)
        return total

    def set(self, setting, threads):
        self.faiss.omp_set_num_threads(threads)
        if setting:
            self.faiss.ParameterSpace().set_index_parameters(self.index, setting)

    def search(self, queries, k):
        return self.index.search(queries, k)[::-1]


class Hnswlib:
    def __init__(self, spec, threads):
        import hnswlib

        self.hnswlib, self.threads = hnswlib, threads
        self.options = dict(option.split("=") for option in spec.split(" "))

    def build(self, rows):
        self.index = self.hnswlib.Index("ip", rows.shape[1])
        self.index.init_index(len(rows), M=int(self.options["M"]), ef_construction=int(self.options["efConstruction"]))
        self.index.set_num_threads(self.threads)
        self.index.add_items(rows)

    def size(self):
        return self.index.index_file_size()

    def set(self, setting, threads):
        self.index.set_num_threads(threads)
        self.index.set_ef(int(setting.split("=")[1]))

    def search(self, queries, k):
        ids, distances = self.index.knn_query(queries, k)
        return ids, 1 - distances


class Usearch:
    def __init__(self, spec, threads):
        import usearch.index

        self.usearch, self.threads = usearch.index, threads
        self.type, *options = spec.split(" ")
        self.options = dict(option.split("=") for option in options)

    def build(self, rows):
        if self.type == "exact":
            self.rows = np.array(rows)
            return
        self.index = self.usearch.Index(
            ndim=rows.shape[1], metric="ip", dtype=self.type,
            connectivity=int(self.options["connectivity"]), expansion_add=int(self.options["expansion_add"]))
        for first in range(0, len(rows), 1 << 16):  # what it makes of memory-mapped rows is a copy
            part = rows[first : first + (1 << 16)]
            self.index.add(np.arange(first, first + len(part)), np.array(part), threads=self.threads)

    def size(self):
        return self.rows.nbytes if self.type == "exact" else self.index.serialized_length

    def set(self, setting, threads):
        self.threads = threads
        if setting:
            self.index.expansion_search = int(setting.split("=")[1])

    def search(self, queries, k):
        if self.type == "exact":
            found = self.usearch.search(self.rows, queries, k, "ip", exact=True, threads=self.threads)
        else:
            found = self.index.search(queries, k, threads=self.threads)
        return np.atleast_2d(found.keys).astype(np.int64), 1 - np.atleast_2d(found.distances)


class Numpy:
    """What is written without a library: threads are BLAS's, as OPENBLAS_NUM_THREADS says."""

    def __init__(self, spec, threads):
        pass

    def build(self, rows):
        self.rows = np.array(rows)

    def size(self):
        return self.rows.nbytes

    def set(self, setting, threads):
        pass

    def search(self, queries, k):
        scores = self.rows @ queries[0] if len(queries) == 1 else queries @ self.rows.T
        scores = np.atleast_2d(scores)
        ids = np.argpartition(-scores, k - 1)[:, :k]
        best = np.take_along_axis(scores, ids, 1)
        order = np.argsort(-best, axis=1, kind="stable")
        return np.take_along_axis(ids, order, 1), np.take_along_axis(best, order, 1)


ENGINES = {"faiss": Faiss, "hnswlib": Hnswlib, "usearch": Usearch, "numpy": Numpy}


def build(job):
    name, _, spec = job["engine"].partition(" ")
    engine = ENGINES[name](spec, job["threads"])
    rows = np.load(job["rows"], mmap_mode="r")
    before, started = memory(), time.perf_counter()
    engine.build(rows)
    seconds = time.perf_counter() - started
    grown = memory() - before
    return engine, {"seconds": seconds, "memory": grown, "size": engine.size()}


def search(engine, job):
    queries = np.load(job["queries"])[: job["count"]]
    engine.set(job.get("setting", ""), job["threads"])
    k = job["k"]
    calls = [queries] if job.get("batch") else [queries[i : i + 1] for i in range(len(queries))]
    engine.search(queries[:1], k)
    times, found, busy = [], [], time.process_time()
    for call in calls:
        started = time.perf_counter()
        found.append(engine.search(call, k))
        times.append((time.perf_counter() - started) * 1000 / len(call))
    busy = time.process_time() - busy
    answer = {"times": times, "busy": busy}
    if job.get("ids"):
        answer["ids"] = np.vstack([ids for ids, _ in found]).astype(np.int64).tolist()
    return answer


def limits(job):
    """Multiplications and additions a second that a matrix product reaches."""
    n = 3072
    a, b = (np.random.default_rng(i).standard_normal((n, n), np.float32) for i in (1, 2))
    best = float("inf")
    for _ in range(5):
        started = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - started)
    return {"operations": 2 * n**3 / best}


def main():
    engine = None
    for line in sys.stdin:
        job = json.loads(line)
        try:
            if job["do"] == "build":
                engine, answer = build(job)
            elif job["do"] == "search":
                answer = search(engine, job)
            else:
                answer = limits(job)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
