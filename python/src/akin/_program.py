"""Finds akin's program, and runs a server of it that ends with this process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from ._errors import ProgramError


def find() -> str:
    """The path of akin's program: the one of this installation, else the first on the PATH."""
    name = "akin.exe" if os.name == "nt" else "akin"
    for scheme in (None, "user"):
        try:
            folder = sysconfig.get_path("scripts") if scheme is None else sysconfig.get_path("scripts", f"{os.name}_user")
        except KeyError:
            continue
        if folder and os.access(path := os.path.join(folder, name), os.X_OK):
            return path
    found = shutil.which(name)
    if not found:
        raise ProgramError("akin's program is not on the PATH: pip install akin-search, or name it with program=")
    return found


class Server:
    """A running server at a socket that only this user can connect to."""

    def __init__(self, program: str | os.PathLike[str] | None, collection: str | None, arguments: tuple[str, ...] = ()):
        self._folder = tempfile.mkdtemp(prefix="akin-")
        self._log = tempfile.TemporaryFile()
        at = "127.0.0.1:0" if os.name == "nt" else "unix:" + str(Path(self._folder) / "socket")
        command = [os.fspath(program or find()), "serve", "--json", "--quiet", "--until-stdin-ends", "--listen", at]
        environment = {k: v for k, v in os.environ.items() if k not in ("AKIN_TOKEN", "AKIN_COLLECTION")}
        if os.name == "nt":
            command.append("--no-token")
        if collection is not None:
            command += ["--collection", collection]
        try:
            self._process = subprocess.Popen(
                [*command, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, env=environment,
                start_new_session=True,  # Ctrl-C is this process's to handle
            )  # fmt: skip
        except OSError as e:
            self._clean()
            raise ProgramError(f"{command[0]} does not start: {e}") from e
        line = self._process.stdout.readline()  # type: ignore[union-attr]
        try:
            self.address: str = json.loads(line)["address"]
        except (ValueError, KeyError):
            said = self.stop()
            raise ProgramError(said or f"{command[0]} does not start") from None

    def stop(self) -> str:
        """Ends the server, which stores what its jobs have done so far, and returns what it wrote to its log."""
        if self._process.poll() is None:
            self._process.stdin.close()  # type: ignore[union-attr]
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe and not pipe.closed:
                pipe.close()
        said = ""
        if not self._log.closed:
            self._log.seek(0)
            said = self._log.read().decode(errors="replace").strip()
        self._clean()
        return said.removeprefix("akin: ")

    def _clean(self) -> None:
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def main() -> None:
    """Runs the program: python -m akin."""
    program = find()
    if os.name == "nt":
        sys.exit(subprocess.call([program, *sys.argv[1:]]))
    os.execv(program, [program, *sys.argv[1:]])
