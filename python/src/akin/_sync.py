"""Collections and servers.

Made by tools/generate.py from _async.py: change that, and run it again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from . import _embeddings, _errors, _program, _progress, _thumbnails, records
from ._query import Picture, Query, Term, query_of

Progress = bool | Callable[[records.Progress], None]
R = TypeVar("R")


class Connection:
    """HTTP requests to one server."""

    def __init__(self, address: str, token: str | None, *, local: bool):
        socket = address.removeprefix("unix:") if address.startswith("unix:") else None
        self.thumbnails = _thumbnails.Source(address, token)
        self.local = local
        self._closed = False
        self._client = httpx.Client(
            transport=httpx.HTTPTransport(uds=socket) if socket else None,
            base_url=("http://localhost" if socket else address.rstrip("/")) + "/api/v1",
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=httpx.Timeout(150, connect=10),
        )

    def ask(self, method: str, path: str, *, params: Mapping[str, Any] | None = None, body: Any = None, content: bytes | None = None) -> Any:
        answer = self.send(method, path, params=params, body=body, content=content)
        return answer.json() if answer.content else None

    def send(self, method: str, path: str, *, params: Mapping[str, Any] | None = None, body: Any = None, content: bytes | None = None) -> httpx.Response:
        if self._closed:
            raise _errors.Error("the collection was closed")
        given = {k: v for k, v in (params or {}).items() if v is not None}
        headers = {"Content-Type": "application/octet-stream"} if content is not None else None
        try:
            answer = self._client.request(method, path, params=given, json=body, content=content, headers=headers)
        except httpx.TransportError as e:
            raise _errors.Error(f"the server does not answer: {e}") from e
        self.check(answer)
        return answer

    def events(self, path: str) -> Iterator[Any]:
        """The server-sent events of a job."""
        try:
            with self._client.stream("GET", path, timeout=httpx.Timeout(None, connect=10)) as answer:
                if answer.status_code >= 300:
                    answer.read()
                self.check(answer)
                for line in answer.iter_lines():
                    if line.startswith("data: "):
                        yield json.loads(line[6:])
        except httpx.TransportError as e:
            raise _errors.Error(f"the server does not answer: {e}") from e

    def check(self, answer: httpx.Response) -> None:
        if answer.status_code < 300:
            return
        try:
            body = answer.json()
        except ValueError:
            body = None
        raise _errors.error_of(answer.status_code, body, answer.headers.get("Retry-After"))

    def close(self) -> None:
        self._closed = True
        self.thumbnails.close()
        self._client.close()

    def run(self, path: str, kind: str, options: dict[str, Any], progress: Progress) -> Any:
        """Runs a job to its end. Cancelling cancels it."""
        options = {k: v for k, v in options.items() if v is not None}
        job = self.ask("POST", path, body={"kind": kind, "options": options})
        bar = _progress.bar(kind, progress)
        try:
            for event in self.events(f"/jobs/{job['id']}/events"):
                bar.show(records.Progress._of(event["progress"]))
                if event.get("finished"):
                    break
        except BaseException:
            try:
                self.ask("DELETE", f"/jobs/{job['id']}")
            except _errors.Error:
                pass  # the first error says more
            raise
        finally:
            bar.close()
        job = self.ask("GET", f"/jobs/{job['id']}")
        if job["state"] == "failed":
            problem = job["error"]
            raise _errors.error_of(problem["status"], problem)
        if job["state"] == "cancelled":
            raise _errors.CancelledError(f"the {kind} job was cancelled")
        return job["result"]


class Collection:
    """The pictures of a collection, their embeddings and their tags. See `akin.open`.

    Errors are those of `akin.Error`.
    """

    def __init__(self, connection: Connection, name: str, server: Server | None = None):
        self.name = name
        self._at = connection
        self._path = f"/collections/{quote(name, safe='')}"
        self._server = server  # to be closed with the collection

    def __enter__(self) -> Collection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the server, if `akin.open` started one."""
        if self._server:
            self._server.close()

    def __repr__(self) -> str:
        return f"<akin collection {self.name}>"

    # What is in it

    def info(self) -> records.CollectionInfo:
        """How many pictures, which models, which folders."""
        return records.CollectionInfo._of(self._at.ask("GET", self._path))

    def pictures(self, *, typed: str | None = None, under: str | None = None, tag: str | None = None) -> Iterator[records.PictureInfo]:
        """All pictures, or those whose names hold what was typed, whose source lies under a folder, or that have a tag."""
        cursor = None
        while True:
            params = {"q": typed, "under": under, "tag": tag, "cursor": cursor, "limit": 500}
            page = records.PictureList._of(self._at.ask("GET", self._path + "/pictures", params=params))
            for p in page.pictures:
                yield p
            if not page.next:
                return
            cursor = page.next

    def facets(self, *, limit: int = 50) -> records.Facets:
        """The cameras, lenses, labels, keywords, ratings and years of the pictures, each with the number of pictures."""
        return records.Facets._of(self._at.ask("GET", self._path + "/facets", params={"limit": limit}))

    def picture(self, name: str) -> records.PictureInfo:
        """What is known of one picture."""
        return records.PictureInfo._of(self._at.ask("GET", self._path + "/picture", params={"name": name}))

    def file(self, name: str) -> bytes:
        """The bytes of a picture's file, as they were indexed."""
        return (self._at.send("GET", self._path + "/file", params={"name": name})).content

    def image(self, name: str) -> Any:
        """A picture as a PIL image."""
        import io

        from PIL import Image

        return Image.open(io.BytesIO(self.file(name)))

    def embeddings(self, model: str | None = None) -> _embeddings.Embeddings:
        """The embeddings of a model as a NumPy array: mapped from the collection's file, not copied, if the collection
        lies on this machine."""
        if self._at.local:
            stored = self._at.ask("GET", self._path + "/vectors", params={"model": model})
            return _embeddings.mapped(records.StoredVectors._of(stored))
        model = model or (self.info()).default_model
        names = self._at.send("GET", self._path + "/export", params={"model": model, "format": "names"})
        npy = self._at.send("GET", self._path + "/export", params={"model": model, "format": "npy"})
        return _embeddings.sent(model, names.text, npy.content)

    def export(self, file: str | os.PathLike[str], model: str | None = None) -> None:
        """Writes the embeddings of a model to a file: .csv, .parquet, .arrow, .feather, .npz, .safetensors,
        .npy, .faiss or .tsv."""
        path = Path(file)
        answer = self._at.send("GET", self._path + "/export", params={"model": model, "format": path.suffix[1:]})
        path.write_bytes(answer.content)

    # Changing it

    def index(
        self, *paths: str | os.PathLike[str], models: Iterable[str] | None = None, include: Iterable[str] = (), exclude: Iterable[str] = (),
        prune: bool = False, archives: bool = False, frames: int = 0, pages: int = 0, parts: bool = False, regions: bool = False,
        precision: str | None = None, progress: Progress = True,
    ) -> records.IndexReport:  # fmt: skip
        """Indexes folders, files, archives, lists and addresses; without any, those that were indexed before. What is unchanged
        is not embedded again. Interrupting it loses nothing. ``frames`` of each film and ``pages`` of each PDF file are indexed too,
        where the server has FFmpeg and Poppler. ``parts`` makes the index of parts, which ``search(…, parts=True)`` needs; from then on
        it is kept up to date. ``regions`` embeds overlapping regions of each picture, which ``search(…, within="regions")`` needs."""
        options = {
            "paths": [p if "://" in (p := os.fspath(path)) else os.path.abspath(p) for path in paths] if self._at.local else [os.fspath(p) for p in paths],
            "models": _list(models), "include": list(include), "exclude": list(exclude), "prune": prune, "archives": archives,
            "frames": frames, "pages": pages, "parts": parts, "regions": regions, "precision": precision,
        }  # fmt: skip
        return records.IndexReport._of(self._run("index", options, progress))

    def tags(self) -> list[records.TagInfo]:
        """All tags, and how many pictures have each."""
        return records.Tags._of(self._at.ask("GET", self._path + "/tags")).tags

    def add_tag(self, tag: str, *pictures: str) -> records.TagReport:
        """Adds a tag to pictures: names, files, folders or globs."""
        return records.TagReport._of(self._at.ask("PUT", self._path + "/tags", body={"tag": tag, "pictures": list(pictures)}))

    def remove_tag(self, tag: str, *pictures: str) -> records.TagReport:
        """Removes a tag from pictures."""
        return records.TagReport._of(self._at.ask("DELETE", self._path + "/tags", body={"tag": tag, "pictures": list(pictures)}))

    # Asking

    def search(
        self, query: Query | Picture | Iterable[Any], *, top: int = 10, model: str | None = None, models: Iterable[str] | None = None,
        fusion: str | None = None, min_score: float | None = None, max_chance: float | None = None, include_self: bool = False,
        fold: bool = False, verify: int = 0, parts: bool = False, within: str | None = None, metadata: bool = False, recall: float | None = None, under: str | None = None,
        names: Iterable[str] = (), after: str | None = None,
        before: str | None = None, tags: Iterable[str] = (), not_tags: Iterable[str] = (), only: Iterable[str] | None = None,
        taken: str | None = None, cameras: Iterable[str] = (), lenses: Iterable[str] = (), labels: Iterable[str] = (),
        keywords: Iterable[str] = (), captions: Iterable[str] = (), rating: int = 0, near: tuple[float, float, float] | None = None,
        box: tuple[float, float, float, float] | None = None,
    ) -> records.Result:  # fmt: skip
        """The pictures most like a query, exactly, the best first.

        ``query``: an indexed picture's name, an address, a ``Path``, bytes, a PIL image or an array; or what `akin.like`
        and `akin.text` return, added and weighted. ``fusion`` ("rrf", "scores" or "csls") or ``models`` fuse several
        models. ``recall`` below 1 is an approximate search. ``verify`` proves of so many hits which show a part of the query, or are
        a part of it, in their ``match``; these come first. ``parts`` finds all of the collection that do, by its index of parts and not by a
        model. ``within="regions"`` finds each picture by its region that is most like the query, named in ``box``. ``metadata`` adds what the files of the hits tell. The rest filters inside the search: the best of those that
        pass are found. ``cameras``, ``lenses``, ``labels`` and ``keywords`` may be globs; ``captions`` are words of title or caption; ``rating`` is the fewest stars,
        ``near`` a latitude, a longitude and kilometres, ``box`` south, west, north and east.
        """
        body: dict[str, Any] = {
            "query": self._terms(query_of(query)), "top": top, "model": model, "min_score": min_score, "max_chance": max_chance,
            "include_self": include_self, "fold": fold, "verify": verify, "parts": parts, "in": within, "metadata": metadata, "recall": recall,
            "filter": _filter(under, names, after, before, tags, not_tags, only, taken, cameras, lenses, labels, keywords, captions, rating, near, box),
        }  # fmt: skip
        if fusion or models is not None:
            body |= {"fuse": True, "models": _list(models), "fusion": {"method": fusion} if fusion else None}
        return self._shown(records.Result._of(self._at.ask("POST", self._path + "/search", body=_given(body))))

    def compare(
        self, query: Query | Picture | Iterable[Any], *, top: int = 10, models: Iterable[str] | None = None, fusion: str | None = None,
        under: str | None = None, names: Iterable[str] = (), after: str | None = None, before: str | None = None,
        tags: Iterable[str] = (), not_tags: Iterable[str] = (), only: Iterable[str] | None = None,
        taken: str | None = None, cameras: Iterable[str] = (), lenses: Iterable[str] = (), labels: Iterable[str] = (),
        keywords: Iterable[str] = (), captions: Iterable[str] = (), rating: int = 0, near: tuple[float, float, float] | None = None,
        box: tuple[float, float, float, float] | None = None,
    ) -> records.Comparison:  # fmt: skip
        """The same question to every model, side by side, and to all of them fused."""
        body = {
            "query": self._terms(query_of(query)), "top": top, "models": _list(models), "fusion": {"method": fusion} if fusion else None,
            "filter": _filter(under, names, after, before, tags, not_tags, only, taken, cameras, lenses, labels, keywords, captions, rating, near, box),
        }  # fmt: skip
        return self._shown(records.Comparison._of(self._at.ask("POST", self._path + "/compare", body=_given(body))))

    def explain(self, a: Query | Picture, b: Query | Picture, *, model: str | None = None) -> records.Explained:
        """Which regions make two pictures alike to a model."""
        body = {"a": (self._terms(query_of(a)))[0], "b": (self._terms(query_of(b)))[0], "model": model}
        return records.Explained._of(self._at.ask("POST", self._path + "/explain", body=_given(body)))

    def match(self, a: Query | Picture, b: Query | Picture, *, pairs: float = 1, max_false: float | None = None) -> records.Matching:
        """The parts of ``a`` that ``b`` shows, each with its place in both and the number of matches of its quality that are
        expected by chance among so many ``pairs`` of pictures. Nothing is listed that is not proven."""
        body = {"a": (self._terms(query_of(a)))[0], "b": (self._terms(query_of(b)))[0], "pairs": pairs, "max_false": max_false}
        return records.Matching._of(self._at.ask("POST", self._path + "/match", body=_given(body)))

    def evaluate(
        self, set: str | None = None, *, pairs: Iterable[tuple[str, str]] | None = None, labels: Mapping[str, str] | None = None,
        triplets: Iterable[tuple[str, str, str, float]] | None = None, models: Iterable[str] | None = None, progress: Progress = True,
    ) -> records.Evaluation | records.GroupEvaluation | records.TripletEvaluation:  # fmt: skip
        """How well each model finds pairs that people call alike (``set``, one that comes with akin, or ``pairs``), or
        pictures with the same label (``labels``, by name); or how often it answers as people do which of two pictures
        is more like a third (``triplets``: the third, left, right, and the share of people who preferred right)."""
        options: dict[str, Any] = {"set": set, "models": _list(models)}
        if pairs is not None:
            options["pairs"] = [{"a": a, "b": b} for a, b in pairs]
        if labels is not None:
            options["labels"] = [{"name": name, "group": group} for name, group in labels.items()]
        if triplets is not None:
            options["triplets"] = [{"ref": ref, "left": left, "right": right, "share": share} for ref, left, right, share in triplets]
        result = self._run("eval", options, progress)
        if "majority" in result:
            return records.TripletEvaluation._of(result)
        return records.GroupEvaluation._of(result) if "groups" in result else records.Evaluation._of(result)

    def parts(
        self, *, candidates: int = 0, under: str | None = None, names: Iterable[str] = (), tags: Iterable[str] = (), progress: Progress = True,
    ) -> records.Parts:  # fmt: skip
        """The pictures that are proven to show parts of others: crops, collages, prints in photos. Each is compared with all others by
        the index of parts, which is made where it lacks something; the ``candidates`` (20) likeliest of each are verified."""
        options = {
            "candidates": candidates,
            "filter": _filter(under, names, None, None, tags, (), None, None, (), (), (), (), (), 0, None, None),
        }  # fmt: skip
        return records.Parts._of(self._run("parts", _given(options), progress))

    def duplicates(
        self, *, exact: bool = False, mirrored: bool = False, rotated: bool = False, model: str | None = None, max_wrong: float | None = None,
        under: str | None = None, names: Iterable[str] = (), tags: Iterable[str] = (), not_tags: Iterable[str] = (), progress: Progress = True,
        taken: str | None = None, cameras: Iterable[str] = (), lenses: Iterable[str] = (), labels: Iterable[str] = (),
        keywords: Iterable[str] = (), captions: Iterable[str] = (), rating: int = 0, near: tuple[float, float, float] | None = None,
        box: tuple[float, float, float, float] | None = None,
    ) -> records.Duplicates:  # fmt: skip
        """Copies of pictures, judged by their pixels, with the expected number of false ones. Removes nothing."""
        options = {
            "exact": exact, "mirrored": mirrored, "rotated": rotated, "model": model, "max_wrong": max_wrong,
            "filter": _filter(under, names, None, None, tags, not_tags, None, taken, cameras, lenses, labels, keywords, captions, rating, near, box),
        }  # fmt: skip
        return self._shown(records.Duplicates._of(self._run("dupes", options, progress)))

    def map(self, *, models: Iterable[str] | None = None, neighbors: int | None = None, fresh: bool = False, progress: Progress = True) -> records.Map:
        """All pictures in two dimensions, with clusters."""
        return records.Map._of(self._run("map", {"models": _list(models), "neighbors": neighbors, "fresh": fresh}, progress))

    def disagree(self, *, top: int | None = None, pictures: int | None = None, models: Iterable[str] | None = None, progress: Progress = True) -> records.CollectionDisagreement:
        """The pictures about whose neighbours the models disagree most."""
        return records.CollectionDisagreement._of(self._run("disagree", {"top": top, "pictures": pictures, "models": _list(models)}, progress))

    def bias(self, set: str | None = None, *, pairs: Iterable[tuple[str, str]] | None = None, top: int | None = None, language: Iterable[str] | None = None, models: Iterable[str] | None = None, progress: Progress = True) -> records.Bias:
        """Pairs that models trained on language rank nearer than purely visual models do."""
        options = {"set": set, "pairs": None if pairs is None else [{"a": a, "b": b} for a, b in pairs], "top": top, "language": _list(language), "models": _list(models)}
        return records.Bias._of(self._run("bias", options, progress))

    def probe(self, *names: str, sample: int | None = None, models: Iterable[str] | None = None, progress: Progress = True) -> records.ProbeReport:
        """How far controlled changes of pictures move their embeddings."""
        return records.ProbeReport._of(self._run("probe", {"names": list(names) or None, "sample": sample, "models": _list(models)}, progress))

    def advise(self, set: str | None = None, *, models: Iterable[str] | None = None, progress: Progress = True) -> records.Advice:
        """Which model fits these pictures."""
        return records.Advice._of(self._run("advise", {"set": set, "models": _list(models)}, progress))

    def verify(self, *, repair: bool = False, progress: Progress = True) -> records.Verified:
        """Checks every stored byte; repairs what can be repaired if asked to."""
        return records.Verified._of(self._run("verify", {"repair": repair}, progress))

    def _run(self, kind: str, options: dict[str, Any], progress: Progress) -> Any:
        return self._at.run(self._path + "/jobs", kind, options, progress)

    def _terms(self, query: Query) -> list[dict[str, Any]]:
        return [self._term(t) for t in query.terms]

    def _term(self, t: Term) -> dict[str, Any]:
        out: dict[str, Any] = {"weight": t.weight}
        if t.crop is not None:
            out["crop"] = t.crop_json()
        if t.data is not None:
            sent = self._at.ask("POST", "/uploads", content=t.data)
            return out | {"upload": sent["upload"]}
        return out | ({"picture": t.picture} if t.picture is not None else {"url": t.url} if t.url is not None else {"text": t.text})

    def _shown(self, answer: R) -> R:
        answer._shown_by(self._at.thumbnails.of(self._path))  # type: ignore[attr-defined]
        return answer


class Server:
    """A server and its collections: one that `akin.open` started, or one elsewhere."""

    def __init__(self, connection: Connection, process: _program.Server | None = None):
        self._at = connection
        self._process = process

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection, and ends the server if this process started it."""
        self._at.close()
        if self._process:
            self._process.stop()

    def collections(self) -> list[records.CollectionInfo]:
        """All collections."""
        return [records.CollectionInfo._of(c) for c in (self._at.ask("GET", "/collections"))["collections"]]

    def collection(self, name: str) -> Collection:
        """A collection, which need not be there yet: see `create`."""
        return Collection(self._at, name)

    def create(self, name: str) -> Collection:
        """A collection, made if it is not there."""
        self._at.ask("POST", "/collections", body={"name": name})
        return Collection(self._at, name)

    def models(self) -> list[records.ModelInfo]:
        """The models that akin knows, and which are installed."""
        return records.Models._of(self._at.ask("GET", "/models")).models

    def pull(self, model: str, *, accept_licence: bool = False, progress: Progress = True) -> records.PullReport:
        """Fetches a model's weights."""
        return records.PullReport._of(self._at.run("/jobs", "pull", {"model": model, "accept_licence": accept_licence}, progress))

    def version(self) -> str:
        """The server's version."""
        return records.Version._of(self._at.ask("GET", "/version")).version


def open(path: str | os.PathLike[str] | None = None, *, program: str | os.PathLike[str] | None = None) -> Collection:
    """Opens a collection on this machine, and makes it if it is not there.

    ``path`` is its folder, or the name of one in your data folder; without it, it is the default collection. A server
    of akin's runs until the collection is closed, on a socket that only you can connect to.
    """
    name = os.fspath(path) if path is not None else "default"

    def start() -> _program.Server:
        return _program.Server(program, name)

    process = start()
    server = Server(Connection(process.address, None, local=True), process)
    try:
        served = server.collections()
        at = served[0].name if served else os.path.basename(os.path.normpath(name))
        if not served:
            server.create(at)
    except BaseException:
        server.close()
        raise
    return Collection(server._at, at, server)


def connect(address: str, *, token: str | None = None, local: bool = False) -> Server:
    """Connects to a server that runs already: ``http://host:7777`` or ``unix:PATH``.

    ``token``: the server's; without it, $AKIN_TOKEN. ``local`` says that the server's files are this machine's, so that
    embeddings can be mapped.
    """
    server = Server(Connection(address, token or os.environ.get("AKIN_TOKEN"), local=local or address.startswith("unix:")))
    try:
        server.version()
    except BaseException:
        server.close()
        raise
    return server


def _list(of: Iterable[str] | None) -> list[str] | None:
    if of is None:
        return None
    return [of] if isinstance(of, str) else list(of)


def _given(body: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in body.items() if v is not None}


def _filter(
    under: str | None, names: Iterable[str], after: str | None, before: str | None, tags: Iterable[str], not_tags: Iterable[str], only: Iterable[str] | None,
    taken: str | None, cameras: Iterable[str], lenses: Iterable[str], labels: Iterable[str], keywords: Iterable[str],
    captions: Iterable[str], rating: int, near: Iterable[float] | None, box: Iterable[float] | None,
) -> dict[str, Any] | None:  # fmt: skip
    given = {
        "under": under, "names": _list(names), "after": after, "before": before, "tags": _list(tags), "not_tags": _list(not_tags),
        "taken": taken, "cameras": _list(cameras), "lenses": _list(lenses), "labels": _list(labels), "keywords": _list(keywords),
        "captions": _list(captions), "rating": rating, "near": list(near or ()), "box": list(box or ()),
    }  # fmt: skip
    out: dict[str, Any] = {k: v for k, v in given.items() if v}
    if only is not None:
        out["only"] = _list(only)
    return out or None
