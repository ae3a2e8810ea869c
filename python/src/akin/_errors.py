"""Errors, in akin's own words."""

from __future__ import annotations

from typing import Any


class Error(Exception):
    """What akin answered instead of a result.

    ``str(error)`` is for people. ``status`` is the HTTP status, 0 if no server answered.
    """

    def __init__(self, message: str, status: int = 0):
        super().__init__(message)
        self.status = status


class InvalidError(Error):
    """The question cannot be answered as it was asked: an unknown option, a value out of range, a file that is no picture."""


class NotFoundError(Error):
    """There is no such collection, picture, model or job."""


class ForbiddenError(Error):
    """The server does not allow it, or needs a token."""


class BusyError(Error):
    """The server has too much to do; ``retry_after`` says when to try again, in seconds, if it is known."""

    retry_after: float | None = None


class CancelledError(Error):
    """The job was cancelled. What it had stored stays."""


class ProgramError(Error):
    """akin's program is not there, or does not start."""


def error_of(status: int, body: Any, retry_after: str | None = None) -> Error:
    """The exception for a problem (RFC 9457)."""
    text = f"the server answers {status}"
    if isinstance(body, dict):
        text = body.get("detail") or body.get("title") or text
        for e in body.get("errors") or ():
            text += f"; {e.get('location', '')}: {e.get('message', '')}"
    if status in (401, 403):
        return ForbiddenError(text, status)
    if status == 404:
        return NotFoundError(text, status)
    if status in (429, 503):
        busy = BusyError(text, status)
        if retry_after and retry_after.isdigit():
            busy.retry_after = float(retry_after)
        return busy
    if 400 <= status < 500:
        return InvalidError(text, status)
    return Error(text, status)
