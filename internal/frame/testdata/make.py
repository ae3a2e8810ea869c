"""Writes the tables that the tests read, with pyarrow 26, pandas 3 and polars 2.

python make.py
"""
import json

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq

names = ["Chad", "Mali", "Tchad é", None, "a;b"]
vectors = np.array([[1, 2, 3], [-0.5, 0, 1e-3], [4, 5, 6], [7, 8, 9], [10, 11, 12]], dtype=np.float32)
table = pa.table({
    "id": pa.array([1, 2, 3, 4, 5], pa.int64()),
    "name": pa.array(names, pa.string()),
    "score": pa.array([0.5, None, 1.25, -2, 1e300], pa.float64()),
    "good": pa.array([True, False, None, True, True]),
    "tags": pa.array([["red", "blue"], [], None, ["x"], ["y", "z"]], pa.list_(pa.string())),
    "embedding": pa.array(list(vectors), pa.list_(pa.float32())),
    "fixed": pa.FixedSizeListArray.from_arrays(pa.array(vectors.astype(np.float64).ravel()), 3),
    "half": pa.array(list(vectors.astype(np.float16)), pa.list_(pa.float16())),
    "whole": pa.array([[1, 2], [3, 4], [5, 6], [7, 8], [9, 10]], pa.list_(pa.int32())),
    "nested": pa.array([[[1.0], [2.0]]] * 5, pa.list_(pa.list_(pa.float32()))),
    "image": pa.array([{"bytes": b"\x89PNG\xff", "path": f"{i}.png"} for i in range(5)]),
})
kinds = {
    "plain": dict(compression="none", use_dictionary=False),
    "snappy": dict(compression="snappy"),
    "gzip": dict(compression="gzip"), "zstd": dict(compression="zstd"), "brotli": dict(compression="brotli"), "lz4": dict(compression="lz4"),
    "groups": dict(row_group_size=2), "v2": dict(data_page_version="2.0", compression="zstd"),
    "pages": dict(data_page_size=1, write_batch_size=1),
    "split": dict(use_dictionary=False, use_byte_stream_split=["score"]),
    "delta": dict(use_dictionary=False, column_encoding={"id": "DELTA_BINARY_PACKED", "name": "DELTA_BYTE_ARRAY"}),
}
for name, options in kinds.items():
    pq.write_table(table, name + ".parquet", **options)
words = pa.array(names).dictionary_encode()
arrow = table.append_column("word", words).append_column("large", table["name"].cast(pa.large_string())).append_column(
    "view", pa.array(["short", None, "longer than twelve bytes", "", "x" * 20], pa.string_view())).append_column(
    "day", pa.array([1, 2, None, 3, -4], pa.int32()).cast(pa.date32()))
for name, options in {"plain": {}, "lz4": dict(compression="lz4"), "zstd": dict(compression="zstd")}.items():
    with pa.ipc.new_file(name + ".arrow", arrow.schema, options=pa.ipc.IpcWriteOptions(**options)) as out:
        out.write_table(arrow, max_chunksize=2)
with pa.ipc.new_stream("stream.arrows", arrow.schema, options=pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True)) as out:
    out.write_table(arrow.slice(0, 1))
    out.write_table(arrow.slice(1).combine_chunks())
pyarrow.feather.write_feather(arrow.drop_columns(["view"]), "pyarrow.feather")
pl.from_arrow(table).write_ipc("polars.arrow")
pd.DataFrame({"name": ["a", "b"], "e": list(np.eye(2))}).to_parquet("pandas.parquet")
pq.write_table(table.slice(0, 0), "empty.parquet")


def cell(value):
    """As Frame gives it: numbers and texts as text, lists of numbers as they are."""
    if value is None or value == []:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return {"other": True}
    if isinstance(value, list):
        if isinstance(value[0], list):
            return {"other": True}
        return ";".join(value) if isinstance(value[0], str) else [float(v) for v in value]
    return value if isinstance(value, str) else float(value)


back = pq.read_table("snappy.parquet")
rows = []
for row in back.to_pylist():
    image = row.pop("image")
    rows.append({**{k: cell(v) for k, v in row.items()}, "image.bytes": cell(image["bytes"]), "image.path": image["path"]})
json.dump(rows, open("want.json", "w"), indent=1)
table.drop_columns(["image", "nested"]).to_pandas().to_json("pandas.jsonl", orient="records", lines=True)
