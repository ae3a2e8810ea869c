"""The notebook in examples/ runs, and shows pictures."""

import os
import shutil
from pathlib import Path

import nbformat
from conftest import FLAGS
from nbclient import NotebookClient


def test_the_notebook_runs(program: str, tmp_path: Path) -> None:
    (tmp_path / "examples").mkdir()
    (tmp_path / ".deps").mkdir()
    (tmp_path / ".deps" / "flags").symlink_to(FLAGS.resolve())
    os.environ["PATH"] = str(Path(program).parent) + os.pathsep + os.environ["PATH"]
    notebook = nbformat.read(Path(__file__).parents[2] / "examples" / "flags.ipynb", as_version=4)
    code = [c for c in notebook.cells if c.cell_type == "code"]
    assert sum(len(c.source.splitlines()) for c in code) < 100
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path / "examples")}}).execute()
    shown = [o.data for c in code for o in c.outputs if "data" in o]
    assert any("<img" in d.get("text/html", "") for d in shown)
    assert sum("image/png" in d for d in shown) == 2  # the cosines and the map
    shutil.rmtree(tmp_path / "examples")
