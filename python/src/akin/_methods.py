"""What answers can do besides holding values: tables, frames, and how a notebook shows them."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from . import records

Thumbnails = Callable[[str], "tuple[str, bytes] | None"]  # of a picture's name: its media type and bytes


class Record:
    """An answer, or a part of one."""

    def _shown_by(self, thumbnails: Thumbnails) -> None:
        object.__setattr__(self, "_thumbnails", thumbnails)

    def _figure(self, name: str, caption: str = "") -> str:
        """A picture with its name, as HTML."""
        thumbnails: Thumbnails | None = getattr(self, "_thumbnails", None)
        found = thumbnails(name) if thumbnails else None
        shown = f"<b>{html.escape(name)}</b>"
        if found:
            kind, data = found
            address = f"data:{kind};base64,{base64.b64encode(data).decode()}"
            shown = f'<img src="{address}" alt="{html.escape(name)}" style="height:96px;max-width:192px;object-fit:contain"><br>{html.escape(name)}'
        return f'<figure style="display:inline-block;margin:4px 8px;vertical-align:top;text-align:center;font-size:12px">{shown}<br><span style="opacity:.7">{html.escape(caption)}</span></figure>'


class Table(Record):
    """An answer that is a table."""

    def table(self) -> list[dict[str, Any]]:
        """The rows, each as a dictionary."""
        raise NotImplementedError

    def to_pandas(self) -> Any:
        """A pandas.DataFrame."""
        import pandas

        return pandas.DataFrame.from_records(self.table())

    def to_polars(self) -> Any:
        """A polars.DataFrame."""
        import polars

        return polars.DataFrame(self.table(), infer_schema_length=None)

    def to_arrow(self) -> Any:
        """A pyarrow.Table."""
        import pyarrow

        return pyarrow.Table.from_pylist(self.table())


class Hit(Record):
    name: str
    source: str

    @property
    def path(self) -> Path | None:
        """The picture's file on the server's machine; None of an address or an import."""
        return None if ":" in self.source.split("/", 1)[0] and not _is_drive(self.source) else Path(self.source)


def _is_drive(source: str) -> bool:
    return len(source) > 2 and source[1] == ":" and source[2] in "\\/"


def _row(h: records.Hit) -> dict[str, Any]:
    return {"rank": h.rank, "name": h.name, "score": h.score, "grade": h.grade, "chance": h.chance, "by_luck": h.by_luck, "source": h.source}


class Result(Table):
    hits: list[records.Hit]

    def table(self) -> list[dict[str, Any]]:
        return [_row(h) for h in self.hits]

    def __len__(self) -> int:
        return len(self.hits)

    def __iter__(self) -> Iterator[records.Hit]:
        return iter(self.hits)

    @overload
    def __getitem__(self, i: int) -> records.Hit: ...
    @overload
    def __getitem__(self, i: slice) -> list[records.Hit]: ...
    def __getitem__(self, i: int | slice) -> Any:
        return self.hits[i]

    def __str__(self) -> str:
        lines = [f"{h.rank:>4}  {h.name}  {h.score:.3f}  {h.grade or ''}".rstrip() for h in self.hits]
        return "\n".join(lines) or "no hits"

    def _repr_html_(self) -> str:
        return "".join(self._figure(h.name, f"{h.score:.3f} {h.grade or ''}".strip()) for h in self.hits) or "no hits"


class Comparison(Table):
    rows: list[records.Row]

    def table(self) -> list[dict[str, Any]]:
        """A row a hit, with its model."""
        return [{"model": r.model, **_row(h)} for r in self.rows for h in r.hits]

    def __getitem__(self, model: str) -> list[records.Hit]:
        """The hits of a model."""
        for row in self.rows:
            if row.model == model:
                return row.hits
        raise KeyError(model)

    def _repr_html_(self) -> str:
        shown = ""
        for row in self.rows:
            figures = "".join(self._figure(h.name, f"{h.score:.3f}") for h in row.hits)
            shown += f'<tr><th style="text-align:left">{html.escape(row.model)}</th><td style="text-align:left;white-space:nowrap">{figures}</td></tr>'
        return f"<table>{shown}</table>"


class Evaluation(Table):
    pairs: list[records.PairRanks]
    summary: dict[str, records.Summary]

    def table(self) -> list[dict[str, Any]]:
        """A row a model: its measures with their intervals."""
        return [{"model": model, **vars(s)} for model, s in self.summary.items()]

    def ranks(self) -> list[dict[str, Any]]:
        """A row a pair and model: where each finds the other."""
        return [{"a": p.a, "b": p.b, "model": m, "b_in_a": r[0], "a_in_b": r[1]} for p in self.pairs for m, r in p.ranks.items()]


class GroupEvaluation(Table):
    summary: dict[str, records.GroupSummary]

    def table(self) -> list[dict[str, Any]]:
        """A row a model: its measures with their intervals."""
        return [{"model": model, **vars(s)} for model, s in self.summary.items()]


class TripletEvaluation(Table):
    summary: dict[str, records.TripletSummary]

    def table(self) -> list[dict[str, Any]]:
        """A row a model: how often it answers as people do, with the interval."""
        return [{"model": model, **vars(s)} for model, s in self.summary.items()]


class Duplicates(Table):
    groups: list[records.DuplicateGroup]

    def table(self) -> list[dict[str, Any]]:
        """A row a picture of a group; the first of each is the best."""
        return [
            {"group": g.id, "name": d.name, "kind": d.kind, "best": d.best, "remove": d.remove, "width": d.width, "height": d.height, "bytes": d.bytes, "source": d.source}
            for g in self.groups
            for d in g.copies
        ]

    def __len__(self) -> int:
        return len(self.groups)

    def __iter__(self) -> Iterator[records.DuplicateGroup]:
        return iter(self.groups)

    def _repr_html_(self) -> str:
        shown = ""
        for g in self.groups:
            shown += "<div>" + "".join(self._figure(d.name, f"{d.width} x {d.height}" + (", best" if d.best else "")) for d in g.copies) + "</div>"
        return shown or "no duplicates"


class Map(Table):
    pictures: list[records.MapPicture]

    def table(self) -> list[dict[str, Any]]:
        """A row a picture, with its place and its cluster."""
        return [{"name": p.name, "x": p.x, "y": p.y, "cluster": p.cluster, "source": p.source} for p in self.pictures]
