"""Hatchling's hook: puts akin's program, ONNX Runtime and the models of $AKIN_DIST into the wheel.

The program becomes a script of the environment, and what it needs lies in lib/akin beside the environment's bin, where
it looks for it. $AKIN_TARGET, such as linux_arm64, is the system that the program is for, if it is another one.
"""

import os
import platform
import re
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def this_target() -> str:
    machine = {"AMD64": "amd64", "x86_64": "amd64", "aarch64": "arm64", "ARM64": "arm64"}.get(platform.machine(), platform.machine())
    return f"{ {'win32': 'windows', 'darwin': 'darwin'}.get(sys.platform, 'linux') }_{machine}"


def tag(target: str, files: list[Path]) -> str:
    """The platform's tag. On Linux it tells the oldest glibc that has all the symbols that the files need (PEP 600); on
    macOS the oldest version that ONNX Runtime is built for."""
    system, machine = target.split("_")
    if system == "windows":
        return f"win_{machine}"
    if system == "darwin":
        return f"macosx_14_0_{ {'amd64': 'x86_64'}.get(machine, machine) }"
    needed = max(int(minor) for f in files for minor in re.findall(rb"GLIBC_2\.(\d+)", f.read_bytes()))
    return f"manylinux_2_{needed}_{ {'amd64': 'x86_64', 'arm64': 'aarch64'}[machine] }"


class WheelHook(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return  # it runs the program on the PATH
        dist = os.environ.get("AKIN_DIST")
        if not dist:
            raise SystemExit("a wheel has akin's program in it: run make wheel")
        root = Path(dist)
        target = os.environ.get("AKIN_TARGET") or this_target()
        program = root / "bin" / ("akin.exe" if target.startswith("windows") else "akin")
        build_data["pure_python"] = False
        build_data["tag"] = "py3-none-" + tag(target, [program, *(root / "lib" / "akin" / "lib").glob("*.so*")])
        build_data["shared_scripts"][str(program)] = program.name
        for folder in ("lib/akin", "share/man"):
            for path in sorted((root / folder).rglob("*")):
                if path.is_file():
                    build_data["shared_data"][str(path)] = path.relative_to(root).as_posix()
