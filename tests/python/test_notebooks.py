"""The notebooks run from top to bottom, say nothing on stderr, and are kept without outputs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def test_there_are_notebooks() -> None:
    names = [path.name for path in NOTEBOOKS]
    assert names[:2] == ["01-first-hour.ipynb", "02-from-raw-extract-to-model.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_kept_clean(path: Path) -> None:
    """No outputs in the repository: they go stale, and on real data they would be a disclosure."""
    book = read(path)
    nbformat.validate(book)
    for cell in book.cells:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None
        assert cell.metadata == {}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_says_what_is_synthetic(path: Path) -> None:
    first = next(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    assert "synthetic" in first.lower()


# Jupyter's own libraries warn of their own deprecations here; the notebook runs in another process.
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_runs_without_a_warning(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Kernels read the user's own start-up files and history from here otherwise.
    monkeypatch.setenv("IPYTHONDIR", os.fspath(tmp_path / "ipython"))
    monkeypatch.setenv("TMPDIR", os.fspath(tmp_path))
    work = tmp_path / "work"
    work.mkdir()
    book = read(path)
    client = NotebookClient(
        book, timeout=600, kernel_name="python3", resources={"metadata": {"path": os.fspath(work)}}
    )
    client.execute()
    said = [
        output["text"]
        for cell in book.cells
        for output in cell.get("outputs", [])
        if output.get("name") == "stderr"
    ]
    assert not said, "".join(said)
    assert list(work.iterdir()) == [], "a notebook writes into the folder it was opened in"
