"""Makes the tables with pictures in this folder, as Hugging Face's datasets writes them. Needs pyarrow and Pillow.

    python3 tables.py
"""
import hashlib
import io
import json
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

here = pathlib.Path(__file__).parent


def encoded(n, form):
    out = io.BytesIO()
    Image.new("RGB", (8 + n, 8), (20 * n, 255 - 20 * n, n)).save(out, form)
    return out.getvalue()


def save(table, path, **more):
    if path.suffix == ".parquet":
        pq.write_table(table, path, **more)
        return
    # A file with places of its batches, or a stream, as datasets keeps its cache.
    make = pa.ipc.new_stream if path.suffix == ".arrows" else pa.ipc.new_file
    with make(path, table.schema, options=pa.ipc.IpcWriteOptions(compression=more.get("compression"))) as out:
        out.write_table(table, max_chunksize=more.get("row_group_size", 3))


def write(name, paths, captions, **more):
    rows = [None if n == 3 else encoded(n, "PNG" if n % 2 else "JPEG") for n in range(7)]
    image = pa.array([None if r is None else {"bytes": r, "path": p} for r, p in zip(rows, paths)],
                     pa.struct([("bytes", pa.binary()), ("path", pa.string())]))
    table = pa.table({"image": image, "label": pa.array([0, 1, 2, 0, 1, 2, None], pa.int64()), "caption": captions, "size": pa.array(range(7))})
    features = {"info": {"features": {"image": {"_type": "Image"}, "label": {"names": ["sea", "sky", "land"], "_type": "ClassLabel"}}}}
    table = table.replace_schema_metadata({"huggingface": json.dumps(features)})
    save(table, here / name, **more)
    kept = [(p, r) for p, r in zip(paths, rows) if r is not None]
    named = len({p for p, _ in kept}) == len(kept) and all(p for p, _ in kept)
    out = []
    for n, r in enumerate(rows):
        if r is not None:
            out.append([paths[n] if named else "%06d%s" % (n, ".png" if n % 2 else ".jpg"), len(r), hashlib.sha256(r).hexdigest()])
    (here / f"{name}.json").write_text(json.dumps(sorted(out), indent=0) + "\n")


write("named.parquet", [f"train/{n}.img" for n in range(7)], [f"caption {n}" for n in range(7)], row_group_size=2)
write("numbered.parquet", [None] * 7, ["same", "same", "other", "", "", None, "seventh"], compression="zstd")
write("named.arrow", [f"train/{n}.img" for n in range(7)], [f"caption {n}" for n in range(7)], row_group_size=2)
write("numbered.arrow", [None] * 7, ["same", "same", "other", "", "", None, "seventh"], compression="zstd")
write("named.arrows", [f"train/{n}.img" for n in range(7)], [f"caption {n}" for n in range(7)])
pq.write_table(pa.table({"file_name": ["a.png"], "hash": pa.array([b"\x00\xff"], pa.binary())}), here / "list.parquet")
rows = [b"\x89PNG\r\n\x1a\n" + n.to_bytes(2, "big") for n in range(2000)]  # begin as pictures do
save(pa.table({"image": pa.array(rows, pa.large_binary())}), here / "long.arrow", row_group_size=500)
