"""What an invented extract can be asked for: mistakes are refused by name, and the smallest ones work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from extracted import VERSIONS

from melogit import OptionError, camhs
from melogit.camhs.extract import RATES


@pytest.mark.parametrize(
    ("arguments", "slug"),
    [
        ({"people": 0}, "extract-size"),
        ({"version": 4}, "extract-version"),
        ({"months": 0}, "extract-months"),
        ({"version": "both", "months": 1}, "extract-months"),
        ({"rng": -1}, "extract-seed"),
        ({"dirt": {"blank": 0.1}}, "extract-dirt"),
        ({"dirt": {"blanks": 1.5}}, "extract-dirt"),
        ({"dirt": {"blanks": float("nan")}}, "extract-dirt"),
    ],
)
def test_refusals(arguments: dict[str, Any], slug: str) -> None:
    with pytest.raises(OptionError) as refusal:
        camhs.synthetic_extract(**arguments)
    assert refusal.value.slug == slug


def test_a_misspelt_fault_is_answered_with_the_right_name() -> None:
    with pytest.raises(OptionError, match="Did you mean 'late_corrections'"):
        camhs.synthetic_extract(10, dirt={"late_correction": 0.1})


def test_writing_refuses_other_formats(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="format must be"):
        camhs.synthetic_extract(10, months=2).write(tmp_path, "xlsx")  # type: ignore[arg-type]


@pytest.mark.parametrize("people", [1, 2, 3])
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_the_smallest_extracts(people: int, version: Any, rate: float) -> None:
    dirt = dict.fromkeys(RATES, rate)
    extract = camhs.synthetic_extract(
        people, version=version, months=2, dirt=dirt, duplicate_keys=True
    )
    assert len(set(extract.truth["Person_ID"])) == people


def test_its_name_says_that_it_is_synthetic() -> None:
    assert repr(camhs.synthetic_extract(100)).startswith(
        "<Extract (synthetic): 135 referrals in 5 tables of "
    )
