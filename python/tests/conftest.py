"""A collection of real flags, made once by the program that is tested: $AKIN_PROGRAM, else the installed one."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import akin
from akin import _program

FLAGS = Path(__file__).parents[2] / ".deps" / "flags"


@pytest.fixture(scope="session")
def program() -> str:
    return os.environ.get("AKIN_PROGRAM") or _program.find()


@pytest.fixture(scope="session")
def folder(program: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    os.environ["AKIN_HOME"] = str(home)
    path = home / "flags.akin"
    with akin.open(path, program=program) as c:
        report = c.index(FLAGS, progress=False)
        assert report.added == len(list(FLAGS.glob("*.png"))) and not report.failed
    return path


@pytest.fixture(scope="session")
def flags(program: str, folder: Path) -> Iterator[akin.Collection]:
    with akin.open(folder, program=program) as c:
        yield c


@pytest.fixture(scope="session")
def exported(program: str, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embeddings as the command exports them."""
    path = tmp_path_factory.mktemp("export") / "flags.npy"
    subprocess.run([program, "export", "-c", folder, "--model", "mobilenetv2-gem", "-o", path], check=True, capture_output=True)
    return path
