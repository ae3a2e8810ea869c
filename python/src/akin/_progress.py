"""Progress of jobs as tqdm's bars."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .records import Progress


class Bar:
    """Shows progress by a function, a bar of tqdm for each step, or not at all."""

    def __init__(self, kind: str, show: bool | Callable[[Progress], None]):
        self._kind = kind
        self._call = show if callable(show) else None
        self._make: Any = None
        self._bar: Any = None
        self._step = ""
        if show is True:
            try:
                from tqdm.auto import tqdm
            except ImportError:
                return  # without tqdm there is no bar
            self._make = tqdm

    def show(self, p: Progress) -> None:
        if self._call:
            self._call(p)
        if not self._make or not p.total:
            return
        if self._bar is None or p.step != self._step:
            self.close()
            self._step = p.step
            self._bar = self._make(total=p.total, desc=p.step or self._kind, leave=False)
        self._bar.total = p.total
        self._bar.update(p.done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def bar(kind: str, show: bool | Callable[[Progress], None]) -> Bar:
    return Bar(kind, show)
