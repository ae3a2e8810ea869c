"""Measures akin's map beside umap-learn's.

    python bench/map/bench.py AKIN WORK [--sets flags,10k,100k] [--seeds 3]

AKIN is the built program of this folder, WORK a folder for what is made. Both lay out the
same unit vectors (15 neighbours, the vector itself among them; cosine distances; 200
epochs for more than 10 000, else 500), each time in a process of its own. Told are the
trustworthiness of scikit-learn at k = 15 (of 2000 rows drawn from sets of more than 20 000:
their true ranks among all), seconds, and the most memory that the process held.
"""

import argparse
import csv
import json
import os
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import time

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
FLAGS = HERE.parent.parent.parent / "shared" / "flags" / "embeddings"
K = 15


def flags(path):
    csv.field_size_limit(1 << 30)
    rows = []
    with open(path, newline="") as f:
        for record in list(csv.reader(f))[1:]:
            rows.append([float(x) for x in re.findall(r"[-+.\deE]+", record[2])])
    return np.array(rows, np.float32)


def made(rows, dim, work):
    sys.path.insert(0, str(HERE.parent / "search"))
    import make

    draw = make.clustered(rows, dim, 1)
    return draw(rows, np.random.default_rng(2)).astype(np.float32)


def trust(x, y, k=K, sample=2000):
    """Trustworthiness as scikit-learn's; of large sets, over a sample of the rows."""
    n = len(x)
    if n <= 20000:
        from sklearn.manifold import trustworthiness

        return trustworthiness(x, y, n_neighbors=k)
    rows = np.random.default_rng(0).choice(n, sample, replace=False)
    lost = 0
    for i in rows:
        near = ((y - y[i]) ** 2).sum(1)
        near[i] = np.inf
        score = x @ x[i]
        score[i] = -np.inf
        ranks = np.empty(n, np.int64)
        ranks[np.argsort(-score, kind="stable")] = np.arange(1, n + 1)
        lost += np.maximum(0, ranks[np.argsort(near, kind="stable")[:k]] - k).sum()
    return 1 - lost * 2 / (sample * k * (2 * n - 3 * k - 1))


def umap_child(path, out, seed, threads):
    import umap

    x = np.load(path)
    umap.UMAP(n_neighbors=2, n_epochs=2, init="random").fit(x[:50])  # compiling is not counted
    began = time.perf_counter()
    options = {"random_state": seed} if threads == 1 else {"n_jobs": threads}
    y = umap.UMAP(n_neighbors=K, metric="cosine", **options).fit_transform(x)
    seconds = time.perf_counter() - began
    np.save(out, y.astype(np.float32))
    print(json.dumps({"seconds": seconds, "bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))


def child(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(command)}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def main():
    p = argparse.ArgumentParser()
    p.add_argument("akin")
    p.add_argument("work", type=pathlib.Path)
    p.add_argument("--sets", default="flags,10k-512,100k-512")
    p.add_argument("--seeds", type=int, default=3)
    p.add_argument("--threads", type=int, default=os.cpu_count())
    p.add_argument("--umap-child", nargs=3)
    p.add_argument("--result", type=pathlib.Path, help="write the rows of bench/internal/result to this file")
    a = p.parse_args()
    if a.umap_child:
        path, out, seed = a.umap_child
        return umap_child(path, out, int(seed), a.threads)
    a.work.mkdir(parents=True, exist_ok=True)
    sets = []
    for name in a.sets.split(","):
        if name == "flags":
            if not FLAGS.is_dir():
                print(f"bench: {FLAGS} is absent: left out", file=sys.stderr)
            for f in sorted(FLAGS.glob("*.csv")):
                sets.append((f.stem.removeprefix("national_flag_embeddings_"), lambda f=f: flags(f)))
        else:
            rows, dim = name.split("-")
            rows = int(rows.removesuffix("k")) * 1000
            sets.append((name, lambda rows=rows, dim=int(dim): made(rows, dim, a.work)))
    print("| set | program | trustworthiness (median, least) | seconds (median, least) | MB |")
    print("|---|---|---|---|---|", flush=True)
    rows = []
    for name, load in sets:
        path = a.work / f"{name}.npy"
        if not path.exists():
            x = load()
            np.save(path, x / np.linalg.norm(x, axis=1, keepdims=True))
        x = np.load(path)
        out = a.work / "points.npy"
        programs = {
            "akin": lambda seed: [a.akin, str(path), str(out), str(seed), str(a.threads)],
            "umap-learn": lambda seed: [sys.executable, __file__, a.akin, str(a.work), "--threads", str(a.threads), "--umap-child", str(path), str(out), str(seed)],
        }
        measured = {}
        for program, command in programs.items():
            runs = []
            for seed in range(1, a.seeds + 1):
                r = child(command(seed))
                r["trust"] = trust(x, np.load(out))
                runs.append(r)
            of = lambda key, runs=runs: [r[key] for r in runs]  # the runs of this program, also after the next one's
            measured[program] = of
            print(f"| {name} | {program} | {statistics.median(of('trust')):.4f}, {min(of('trust')):.4f} "
                  f"| {statistics.median(of('seconds')):.2f}, {min(of('seconds')):.2f} | {max(of('bytes')) / 1e6:.0f} |", flush=True)

        for job, what, unit, key, best in (("seconds", f"map of {name}", "s", "seconds", min), ("trust", f"trustworthiness of the map of {name}", "%", "trust", max)):
            values = {who: [v * 100 if unit == "%" else v for v in of(key)] for who, of in measured.items()}
            measure = {who: {"best": best(v), "median": statistics.median(v)} for who, v in values.items()}
            rows.append({"name": f"map/{name}/{job}", "what": what, "unit": unit, "akin": measure.pop("akin"), "peers": [{"name": who, **m} for who, m in measure.items()]})
    if a.result:
        a.result.write_text(json.dumps({"rows": rows}))


if __name__ == "__main__":
    main()
