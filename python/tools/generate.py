"""Writes src/akin/records.py from the API's description, and src/akin/_sync.py from src/akin/_async.py.

    python tools/generate.py            writes both
    python tools/generate.py --check    fails if either is out of date
"""

import json
import keyword
import re
import sys
from pathlib import Path

here = Path(__file__).resolve().parent.parent
source = here / "src" / "akin"

HEADER = '"""{about}\n\nMade by tools/generate.py from {origin}: change that, and run it again."""\n\n'


def schemas() -> dict:
    api = json.loads((here.parent / "web" / "openapi.json").read_text())
    return api["components"]["schemas"]


def is_result(name: str, schema: dict) -> bool:
    return schema.get("type") == "object" and "-" not in name and not name.endswith("Request") and name not in ("ErrorModel", "ErrorDetail")


class Kind:
    """A type: as it is written in Python, and how it is read from JSON."""

    def __init__(self, schema: dict, known: set[str]):
        kinds = schema.get("type")
        kinds = [k for k in (kinds if isinstance(kinds, list) else [kinds]) if k != "null"]
        self.read = "@"  # of the JSON value @
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            if name not in known:
                raise SystemExit(f"{name} is no record")
            self.text, self.read = name, name + "._of(@)"
        elif "enum" in schema and kinds == ["string"]:
            self.text = "Literal[" + ", ".join(json.dumps(v) for v in schema["enum"]) + "]"
        elif kinds == ["array"]:
            item = Kind(schema["items"], known)
            self.text = f"list[{item.text}]"
            self.read = "list(@ or ())" if item.read == "@" else f"[{item.read.replace('@', 'x')} for x in @ or ()]"
        elif kinds == ["object"] and isinstance(schema.get("additionalProperties"), dict):
            value = Kind(schema["additionalProperties"], known)
            self.text = f"dict[str, {value.text}]"
            self.read = "dict(@ or {})" if value.read == "@" else "{k: " + value.read.replace("@", "x") + " for k, x in (@ or {}).items()}"
        elif kinds in (["string"], ["integer"], ["number"], ["boolean"]):
            self.text = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}[kinds[0]]
        else:
            self.text = "Any"


def attribute(name: str) -> str:
    name = re.sub("^2", "two_", name.replace("@", "_at_"))
    return name + "_" if keyword.iskeyword(name) else name


def record(name: str, schema: dict, known: set[str], methods: set[str]) -> str:
    required = schema.get("required", [])
    fields, reads, about = [], [], []
    for key, prop in schema["properties"].items():
        if prop.get("deprecated"):
            continue
        kind = Kind(prop, known)
        said = prop.get("description", "").strip().rstrip(".")
        if said:
            about.append(f"    - ``{attribute(key)}``: {said}")
        if key in required:
            fields.append(f"    {attribute(key)}: {kind.text}")
            given = f"d[{key!r}]"
        else:
            optional = kind.text in ("str", "int", "float", "bool", "Any") or kind.text.startswith("Literal") or kind.text in known
            if kind.text == "bool":
                fields.append(f"    {attribute(key)}: bool = False")
            elif optional:
                fields.append(f"    {attribute(key)}: {kind.text} | None = None")
            else:
                fields.append(f"    {attribute(key)}: {kind.text} = field(default_factory={kind.text.split('[')[0]})")
            given = f"d.get({key!r})"
        value = kind.read.replace("@", given)
        if key not in required and kind.text in known:
            value += f" if d.get({key!r}) is not None else None"
        if key not in required and kind.text == "bool":
            value = f"d.get({key!r}, False)"
        reads.append(f"            {attribute(key)}={value},")
    base = f"methods.{name}" if name in methods else "methods.Record"
    doc = f'    """{name}, as the API\'s description has it.'
    doc += ("\n\n" + "\n".join(about) + '\n    """' if about else '"""') + "\n"
    body = "\n".join(fields) or "    pass"
    return (
        f"@dataclass(frozen=True, kw_only=True)\nclass {name}({base}):\n{doc}\n{body}\n\n"
        f"    @classmethod\n    def _of(cls, d: Any) -> {name}:\n        return cls(\n" + "\n".join(reads) + "\n        )\n"
    )


def records() -> str:
    all_schemas = schemas()
    known = {n for n, s in all_schemas.items() if is_result(n, s)}
    methods = set(re.findall(r"^class (\w+)", (source / "_methods.py").read_text(), re.MULTILINE)) - {"Record", "Table"}
    out = HEADER.format(about="What akin answers.", origin="web/openapi.json")
    out += "from __future__ import annotations\n\nfrom dataclasses import dataclass, field\nfrom typing import Any, Literal\n\nfrom . import _methods as methods\n\n"
    out += "__all__ = [" + ", ".join(json.dumps(n) for n in sorted(known)) + "]\n\n\n"
    return out + "\n\n".join(record(n, all_schemas[n], known, methods) for n in sorted(known))


SYNC = [
    (r"\basync def\b", "def"), (r"\bawait ", ""), (r"\basync with\b", "with"), (r"\basync for\b", "for"),
    (r"\bAsyncIterator\b", "Iterator"), (r"__aenter__", "__enter__"), (r"__aexit__", "__exit__"),
    (r"\bhttpx\.AsyncClient\b", "httpx.Client"), (r"\bhttpx\.AsyncHTTPTransport\b", "httpx.HTTPTransport"),
    (r"\.aclose\(", ".close("), (r"\.aiter_lines\(", ".iter_lines("), (r"\.aiter_bytes\(", ".iter_bytes("),
    (r"\.aread\(", ".read("), (r"akin\.aio\.", "akin."), (r"asyncio\.to_thread\(([^,()]+)\)", r"\1()"),
    (r"^import asyncio\n", ""),
]  # fmt: skip


def sync() -> str:
    text = (source / "_async.py").read_text()
    for pattern, by in SYNC:
        text = re.sub(pattern, by, text, flags=re.MULTILINE)
    first, rest = text.split("\n", 1)
    assert first.startswith('"""')
    return HEADER.format(about="Collections and servers.", origin="_async.py") + rest.lstrip("\n")


def main() -> None:
    stale = False
    for name, text in ("records.py", records()), ("_sync.py", sync()):
        path = source / name
        if path.exists() and path.read_text() == text:
            continue
        if "--check" in sys.argv:
            print(f"{path} is out of date: run python tools/generate.py", file=sys.stderr)
            stale = True
        else:
            path.write_text(text)
    sys.exit(stale)


if __name__ == "__main__":
    main()
