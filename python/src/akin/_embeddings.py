"""Embeddings as NumPy arrays over the collection's own files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .records import StoredVectors


@dataclass(frozen=True)
class Embeddings:
    """The embeddings of a model: unit vectors, so that dot products are cosines.

    - ``names``: the pictures, in the order of the collection.
    - ``vectors``: (pictures, dimension) float32, row i of which is the embedding of ``names[i]``. It is read-only, and
      mapped from the collection's file if ``mapped``; else it was gathered, because pictures share a row or the rows
      lie in several files.
    - ``mapped``: whether ``vectors`` is the file itself.

    It may be used where NumPy takes an array: ``numpy.asarray(embeddings)``.
    """

    model: str
    names: list[str]
    vectors: Any
    mapped: bool

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        import numpy

        if dtype is not None and numpy.dtype(dtype) != self.vectors.dtype:
            if copy is False:
                raise ValueError("another type than float32 needs a copy")
            return self.vectors.astype(dtype)
        return self.vectors.copy() if copy else self.vectors

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, name: str) -> Any:
        """The embedding of a picture."""
        try:
            return self.vectors[self.names.index(name)]
        except ValueError:
            raise KeyError(name) from None


def mapped(stored: StoredVectors) -> Embeddings:
    """Maps the files of a collection on this machine."""
    import numpy

    parts: list[Any] = [
        numpy.memmap(f.path, dtype="<f4", mode="r", offset=f.offset, shape=(f.rows, stored.dim)) for f in stored.files
    ]
    rows = numpy.asarray(stored.rows, dtype=numpy.int64)
    if len(parts) == 1 and len(rows) <= len(parts[0]) and numpy.array_equal(rows, numpy.arange(len(rows))):
        return Embeddings(stored.model, stored.names, parts[0][: len(rows)], True)
    out: Any = numpy.empty((len(rows), stored.dim), dtype="<f4")
    first = 0
    for part in parts:
        here = (rows >= first) & (rows < first + len(part))
        out[here] = part[rows[here] - first]
        first += len(part)
    out.setflags(write=False)
    return Embeddings(stored.model, stored.names, out, False)


def sent(model: str, names: str, npy: bytes) -> Embeddings:
    """What a server on another machine sent: a .npy file, and a name a line."""
    import io

    import numpy

    vectors = numpy.load(io.BytesIO(npy), allow_pickle=False)
    vectors.setflags(write=False)
    return Embeddings(model, names.splitlines(), vectors, False)
