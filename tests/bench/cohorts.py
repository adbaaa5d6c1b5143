"""Generated frames of any size for the bench: rows, localities, slopes, and as many coefficients as asked for.

Plain draws from numpy, so that ten million rows take seconds. Text is held as categories, as a frame read from Parquet
holds it: ten million Python strings would be a test of Python.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

LEVELS = {
    "social_work": 3,
    "ethnicity": 6,
    "age_band": 5,
    "gender": 4,
    "imd_quintile": 5,
    "source": 14,
    "destination": 9,
    "urgent": 2,
}
COVARIATES = tuple(LEVELS)

Codes = npt.NDArray[np.integer[Any]]


def localities(rows: int, places: int = 10_000, providers: int = 60, seed: int = 3) -> pd.DataFrame:
    """Rows with eight factors, in localities that mostly but not always use one of the providers."""
    rng = np.random.default_rng(seed)
    columns, eta = _factors(rng, rows, LEVELS)
    place = rng.choice(places, rows, p=rng.dirichlet(np.full(places, 2.0)))
    elsewhere = rng.random(rows) < 0.3
    provider = np.where(elsewhere, rng.integers(0, providers, rows), place % providers)
    eta += 0.5 * rng.normal(size=places)[place] + 0.3 * rng.normal(size=providers)[provider]
    columns["locality"] = _categories("L", place, places)
    columns["provider"] = _categories("P", provider, providers)
    columns["rejected"] = _events(rng, eta)
    return pd.DataFrame(columns)


def slopes(rows: int, groups: int, seed: int = 4) -> pd.DataFrame:
    """Rows in equal groups whose level and whose slope of a number vary, correlated."""
    rng = np.random.default_rng(seed)
    columns, eta = _factors(rng, rows, {"f": 4})
    group = np.repeat(np.arange(groups), rows // groups)
    x = rng.normal(size=rows).round(3)
    effects = rng.multivariate_normal([0.0, 0.4], [[0.64, 0.1], [0.1, 0.16]], size=groups)
    eta += effects[group, 0] + effects[group, 1] * x
    text = np.array([f"g{k:05d}" for k in range(groups)], dtype=object)
    return pd.DataFrame(
        {"y": _events(rng, eta), "x": x, "f": columns["f"].astype(str), "g": text[group]}
    )


def wide(rows: int, coefficients: int, places: int = 200, seed: int = 5) -> pd.DataFrame:
    """Rows with factors of ten levels, nine coefficients each, until there are so many (the intercept counted)."""
    rng = np.random.default_rng(seed)
    sizes = [10] * ((coefficients - 1) // 9)
    if (coefficients - 1) % 9:
        sizes.append((coefficients - 1) % 9 + 1)
    columns, eta = _factors(
        rng, rows, {f"f{k:02d}": size for k, size in enumerate(sizes)}, sd=1.0 / len(sizes) ** 0.5
    )
    place = rng.integers(0, places, rows)
    columns["place"] = _categories("L", place, places)
    columns["y"] = _events(rng, eta + 0.5 * rng.normal(size=places)[place])
    return pd.DataFrame(columns)


def _factors(
    rng: np.random.Generator, rows: int, levels: dict[str, int], sd: float = 0.4
) -> tuple[dict[str, Any], npt.NDArray[np.float64]]:
    columns: dict[str, Any] = {}
    eta = np.full(rows, -0.6)
    for name, size in levels.items():
        codes = rng.choice(size, rows, p=rng.dirichlet(np.full(size, 2.0)))
        eta += (sd * rng.normal(size=size))[codes]
        columns[name] = _categories(name, codes, size)
    return columns, eta


def _categories(name: str, codes: Codes, size: int) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, [f"{name} {k:05d}" for k in range(size)])


def _events(rng: np.random.Generator, eta: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    return (rng.random(len(eta)) < 1.0 / (1.0 + np.exp(-eta))).astype(np.int64)
