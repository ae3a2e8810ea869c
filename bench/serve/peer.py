"""Searches by name over HTTP with FastAPI and FAISS, as akin serve does:

    PEER_VECTORS=rows.npy PEER_NAMES=names.txt uvicorn --app-dir bench/serve peer:app

    GET /search?q=NAME&top=10

The vectors are unit vectors; a picture is left out of its own hits. The endpoint is a plain
function, which FastAPI runs on its pool of threads: FAISS lets go of the interpreter's lock.
"""

import os

import faiss
import numpy as np
from fastapi import FastAPI, HTTPException

faiss.omp_set_num_threads(int(os.environ.get("PEER_THREADS", "1")))
rows = np.load(os.environ["PEER_VECTORS"])
names = open(os.environ["PEER_NAMES"], encoding="utf-8").read().splitlines()
places = {name: i for i, name in enumerate(names)}
index = faiss.IndexFlatIP(rows.shape[1])
index.add(rows)
app = FastAPI()


@app.get("/search")
def search(q: str, top: int = 10):
    place = places.get(q)
    if place is None:
        raise HTTPException(404, f"{q} is not in the collection")
    scores, ids = index.search(rows[place : place + 1], top + 1)
    found = [(int(i), float(s)) for i, s in zip(ids[0], scores[0]) if i != place][:top]
    return {
        "query": [{"picture": q, "weight": 1}],
        "model": "made",
        "hits": [{"rank": n + 1, "name": names[i], "source": names[i], "score": s} for n, (i, s) in enumerate(found)],
    }
