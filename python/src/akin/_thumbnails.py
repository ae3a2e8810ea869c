"""Thumbnails for notebooks, which ask for HTML without awaiting it."""

from __future__ import annotations

import httpx

from ._methods import Thumbnails


class Source:
    """Thumbnails of one server."""

    def __init__(self, address: str, token: str | None):
        self._address, self._token = address, token
        self._client: httpx.Client | None = None

    def of(self, collection: str) -> Thumbnails:
        """The thumbnails of a collection, by the name of the picture; None of one without a file."""

        def thumbnail(name: str) -> tuple[str, bytes] | None:
            try:
                answer = self._connected().get(collection + "/thumbnail", params={"name": name, "size": "128"})
            except httpx.HTTPError:
                return None  # the server has ended: the name stands alone
            if answer.status_code != 200:
                return None
            return answer.headers["Content-Type"], answer.content

        return thumbnail

    def _connected(self) -> httpx.Client:
        if self._client is None:
            socket = self._address.removeprefix("unix:") if self._address.startswith("unix:") else None
            self._client = httpx.Client(
                transport=httpx.HTTPTransport(uds=socket) if socket else None,
                base_url=("http://localhost" if socket else self._address.rstrip("/")) + "/api/v1",
                headers={"Authorization": f"Bearer {self._token}"} if self._token else {},
            )
        return self._client

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
