"""Writes the stubs beside it, from the sources of Go's library: python3 packaging/macos/make.py $(go env GOROOT)"""

import re
import sys
from pathlib import Path

here = Path(__file__).parent
libraries: dict[str, set[str]] = {}
for package in ("crypto/x509/internal/macos", "internal/syscall/unix"):
    for source in (Path(sys.argv[1]) / "src" / package).glob("*.go"):
        for name, path in re.findall(r'^//go:cgo_import_dynamic \S+ (\w+) "(/\S+)"', source.read_text(), re.M):
            libraries.setdefault(path, set()).add("_" + name)
for path, names in libraries.items():
    if path.startswith("/usr/lib/libSystem"):
        continue  # zig's own
    name = Path(path).name.split(".")[0]
    stub = here / (f"{name}.framework/{name}.tbd" if ".framework/" in path else f"{name}.tbd")
    stub.parent.mkdir(exist_ok=True)
    stub.write_text(f"""--- !tapi-tbd
tbd-version:     4
targets:         [ arm64-macos ]
install-name:    '{path}'
exports:
  - targets:         [ arm64-macos ]
    symbols:         [ {(','+chr(10)+' '*23).join(sorted(names))} ]
...
""")
