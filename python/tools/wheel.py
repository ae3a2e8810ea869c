"""Hatchling's hook: puts akin's program, ONNX Runtime and the models of $AKIN_DIST into the wheel.

The program becomes a script of the environment, and what it needs lies in lib/akin beside the environment's bin, where
it looks for it.
"""

import os
import platform
import re
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def tag(files: list[Path]) -> str:
    """The platform's tag. On Linux it tells the oldest glibc that has all the symbols that the files need (PEP 600)."""
    machine = {"AMD64": "x86_64", "aarch64": "aarch64"}.get(platform.machine(), platform.machine())
    if sys.platform == "win32":
        return f"win_{'arm64' if machine == 'ARM64' else 'amd64'}"
    if sys.platform == "darwin":
        return f"macosx_{'11_0' if machine == 'arm64' else '10_15'}_{machine}"
    needed = max(int(minor) for f in files for minor in re.findall(rb"GLIBC_2\.(\d+)", f.read_bytes()))
    return f"manylinux_2_{needed}_{machine}"


class WheelHook(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return  # it runs the program on the PATH
        dist = os.environ.get("AKIN_DIST")
        if not dist:
            raise SystemExit("a wheel has akin's program in it: run make wheel")
        root = Path(dist)
        program = root / ("akin.exe" if sys.platform == "win32" else "akin")
        build_data["pure_python"] = False
        build_data["tag"] = "py3-none-" + tag([program, *(root / "lib").glob("*.so*")])
        build_data["shared_scripts"][str(program)] = program.name
        for folder in ("lib", "models"):
            for path in sorted((root / folder).rglob("*")):
                if path.is_file():
                    build_data["shared_data"][str(path)] = "lib/akin/" + path.relative_to(root).as_posix()
