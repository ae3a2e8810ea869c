"""Queries: pictures, texts and regions, each with a weight."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Union

Picture = Union[str, "os.PathLike[str]", bytes, Any]  # the last: a PIL image or an array of (height, width, 3) uint8


@dataclass(frozen=True)
class Term:
    """A part of a query: an indexed picture's name, a web address, a text, or the bytes of a picture."""

    picture: str | None = None
    url: str | None = None
    text: str | None = None
    data: bytes | None = None
    weight: float = 1.0
    crop: tuple[float, float, float, float] | None = None  # x, y, width, height, in pixels, or in shares below 1
    relative: bool = False

    def crop_json(self) -> dict[str, Any]:
        assert self.crop is not None
        x, y, width, height = self.crop
        return {"x": x, "y": y, "width": width, "height": height, "relative": self.relative}


@dataclass(frozen=True)
class Query:
    """What to look for. Add, subtract and scale queries:

    >>> like("sunset") + 0.5 * text("a boat") - like("harbour")
    like('sunset') + 0.5 * text('a boat') - like('harbour')
    """

    terms: tuple[Term, ...]

    def __add__(self, other: Query | str) -> Query:
        return Query(self.terms + query_of(other).terms)

    def __sub__(self, other: Query | str) -> Query:
        return self + -1.0 * query_of(other)

    def __mul__(self, weight: float) -> Query:
        return Query(tuple(replace(t, weight=t.weight * weight) for t in self.terms))

    __rmul__ = __mul__

    def __neg__(self) -> Query:
        return self * -1.0

    def cropped(self, x: float, y: float, width: float, height: float, *, relative: bool = False) -> Query:
        """The same query, by a region of its pictures only: in pixels, or in shares of 0 to 1 if ``relative``."""
        region = (x, y, width, height)
        return Query(tuple(t if t.text is not None else replace(t, crop=region, relative=relative) for t in self.terms))

    def __repr__(self) -> str:
        out = ""
        for i, t in enumerate(self.terms):
            name = f"text({t.text!r})" if t.text is not None else f"like({t.picture or t.url or '<picture>'!r})"
            size = "" if abs(t.weight) == 1 else f"{abs(t.weight):g} * "
            sign = "-" if t.weight < 0 else "+"
            out += (f" {sign} " if i else ("-" if t.weight < 0 else "")) + size + name
        return out


def like(picture: Picture) -> Query:
    """What looks like a picture: the name of an indexed one, a web address, a ``pathlib.Path``, the bytes of a file, a
    PIL image, or an array of (height, width, 3) uint8. A string that names a file by a path ("./cat.jpg",
    "photos/cat.jpg") is read as that file.
    """
    if isinstance(picture, str):
        if picture.startswith(("http://", "https://")):
            return Query((Term(url=picture),))
        if (os.sep in picture or "/" in picture) and os.path.isfile(picture):
            return Query((Term(data=Path(picture).read_bytes()),))
        return Query((Term(picture=picture),))
    if isinstance(picture, os.PathLike):
        return Query((Term(data=Path(picture).read_bytes()),))
    if isinstance(picture, (bytes, bytearray, memoryview)):
        return Query((Term(data=bytes(picture)),))
    return Query((Term(data=_encode(picture)),))


def text(words: str) -> Query:
    """What words describe, for models that read text."""
    return Query((Term(text=words),))


def query_of(what: Any) -> Query:
    """A query, or what `like` takes, or a sequence of either: their sum."""
    if isinstance(what, Query):
        return what
    if isinstance(what, Sequence) and not isinstance(what, (str, bytes, bytearray, memoryview)):
        terms: tuple[Term, ...] = ()
        for w in what:
            terms += query_of(w).terms
        return Query(terms)
    return like(what)


def _encode(image: Any) -> bytes:
    """A picture in memory as a PNG file, which loses nothing."""
    if not hasattr(image, "save"):
        try:
            from PIL import Image
        except ImportError:
            raise TypeError(f"{type(image).__name__} is no picture; arrays need Pillow: pip install pillow") from None
        image = Image.fromarray(image)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()
