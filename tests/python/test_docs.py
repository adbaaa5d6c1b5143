"""What the documentation shows is what happens: docstrings, the README, the notebooks."""

from __future__ import annotations

import doctest
import importlib
import os
import pkgutil
import re
from pathlib import Path
from typing import Any

import pytest

import melogit

ROOT = Path(__file__).resolve().parents[2]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL


def module_names() -> list[str]:
    found = pkgutil.walk_packages(melogit.__path__, "melogit.")
    # Importing a __main__ runs the program.
    return ["melogit", *(info.name for info in found if not info.name.endswith("__main__"))]


@pytest.mark.parametrize("name", module_names())
def test_docstrings(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples run in an empty folder, so that one which writes a file leaves nothing behind."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    results = doctest.testmod(importlib.import_module(name), optionflags=FLAGS)
    assert results.failed == 0


def test_the_readers_first_names_have_examples() -> None:
    for thing in (melogit, melogit.fit, melogit.load, melogit.Fit):
        assert ">>>" in (thing.__doc__ or ""), thing


def test_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every block of Python in the README, one after the other, as a reader would paste them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    assert blocks
    names: dict[str, Any] = {"__name__": "readme"}
    for number, block in enumerate(blocks, start=1):
        exec(compile(block, f"README.md, block {number}", "exec"), names)


def test_readme_names_the_makefiles_targets() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))
    # As code: at the start of a line, or between backticks.
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", text, flags=re.MULTILINE))
    assert {"demo", "test"} <= named <= targets


def notebooks() -> list[Path]:
    return sorted((ROOT / "notebooks").glob("*.ipynb"))


# Jupyter's own libraries warn about their own deprecations and event loops; the notebook's code runs in another process.
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.name)
def test_notebooks(path: Path, tmp_path: Path) -> None:
    """Executed from top to bottom, in an empty folder, with this environment's Python."""
    import nbformat
    from nbclient import NotebookClient

    book = nbformat.read(path, as_version=4)
    book.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    client = NotebookClient(
        book, timeout=600, resources={"metadata": {"path": os.fspath(tmp_path)}}
    )
    client.execute()
    warned = [
        output["text"]
        for cell in book.cells
        for output in cell.get("outputs", [])
        if output.get("name") == "stderr"
    ]
    assert not warned, "".join(warned)


def test_there_are_notebooks() -> None:
    assert notebooks(), "the notebooks folder is empty"
