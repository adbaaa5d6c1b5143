"""Saving and loading: whole or not at all, and every unreadable file a LoadError."""

from __future__ import annotations

from typing import Any

import pytest
from fake_core import FakeFit

import melogit as ml


@pytest.fixture
def fit() -> Any:
    return ml.Fit(FakeFit(), "dict")  # type: ignore[arg-type]


def test_saving_is_whole_or_not_at_all(fit: Any, tmp_path: Any) -> None:
    path = tmp_path / "model.json"
    path.write_text("old", encoding="utf-8")
    fit.save(path)
    assert path.read_text(encoding="utf-8") == fit._core.to_json()
    assert [child.name for child in tmp_path.iterdir()] == ["model.json"]
    with pytest.raises(OSError, match="nowhere"):
        fit.save(tmp_path / "nowhere" / "model.json")


def test_a_failed_save_leaves_the_old_file(fit: Any, tmp_path: Any, monkeypatch: Any) -> None:
    path = tmp_path / "model.json"
    path.write_text("old", encoding="utf-8")

    def broken(_: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", broken)
    with pytest.raises(OSError, match="disk full"):
        fit.save(path)
    assert path.read_text(encoding="utf-8") == "old"
    assert [child.name for child in tmp_path.iterdir()] == ["model.json"]


def test_a_missing_file(tmp_path: Any) -> None:
    with pytest.raises(ml.LoadError, match="No such file") as caught:
        ml.load(tmp_path / "absent.json")
    assert caught.value.slug == "load-file"


def test_a_file_that_is_not_text(tmp_path: Any) -> None:
    path = tmp_path / "model.json"
    path.write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(ml.LoadError, match="not UTF-8") as caught:
        ml.load(path)
    assert caught.value.slug == "load-text"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "other"}', "null"])
def test_a_file_that_is_not_a_model(tmp_path: Any, text: Any) -> None:
    path = tmp_path / "model.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ml.LoadError):
        ml.load(path)
