"""Reads the stored reference fits and translates R's names into melogit's. The numbers stay as R wrote them."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

FOLDER = Path(__file__).resolve().parents[1] / "reference"
# The stored files do not repeat the contrasts of generate.R.
CONTRASTS: dict[str, dict[str, str]] = {
    "contraception_sum": {"livch": "sum", "urban": "sum"},
    "contraception_helmert": {"livch": "helmert"},
    "contraception_poly": {"livch": "polynomial"},
}


@dataclass(frozen=True)
class Source:
    """What one program reached: its log-likelihood, coefficients and standard errors by melogit's names."""

    software: str
    loglik: float
    params: dict[str, float]
    errors: dict[str, float]


@dataclass(frozen=True)
class Case:
    """One stored model."""

    id: str
    stored: dict[str, Any]

    @property
    def formula(self) -> str:
        """The formula as R had it: melogit reads the same grammar."""
        return str(self.stored["formula"])

    @property
    def contrasts(self) -> dict[str, str]:
        """Contrasts other than treatment."""
        return CONTRASTS.get(self.id, {})

    @property
    def points(self) -> int:
        """Quadrature points; 1 is the Laplace approximation."""
        return int(self.stored.get("agq", 1))

    @property
    def levels(self) -> dict[str, list[str]]:
        """Order of the levels of every factor, the reference first."""
        return {name: list(levels) for name, levels in self.stored["levels"].items()}

    def frame(self) -> pd.DataFrame:
        """Rows of the model: factors with their stored order, grouping columns as text."""
        bars = re.findall(r"\|\s*([^)]+)\)", self.formula)
        groups = {name.strip() for bar in bars for name in re.split(r"[/:]", bar)}
        text = dict.fromkeys([*self.levels, *groups], str)
        path = FOLDER / "data" / f"{self.stored['dataset']}.csv"
        frame = pd.read_csv(path, dtype=text, keep_default_na=False)
        for name, levels in self.levels.items():
            frame[name] = pd.Categorical(frame[name], categories=levels)
        return frame

    def sources(self) -> list[Source]:
        """Return every program that fitted this model, the one with the higher log-likelihood first."""
        blocks = [self.stored, *([self.stored["glmmTMB"]] if "glmmTMB" in self.stored else [])]
        sources = [
            Source(
                block["software"],
                float(block["loglik"]) + self._left_out(),
                {self.name(key): float(value) for key, value in block["fixef"].items()},
                {self.name(key): float(value) for key, value in block["se"].items()},
            )
            for block in blocks
        ]
        return sorted(sources, key=lambda source: -source.loglik)

    def _left_out(self) -> float:
        """Return what lme4 leaves out above one point: the log-likelihood at the observed shares (0 for yes/no records)."""
        if self.points == 1 or self.stored["weights"] is None:
            return 0.0
        frame = self.frame()
        counts = (frame[name.strip()] for name in self.formula.split("~")[0].split("/"))
        return sum(_log_binomial(int(y), int(m)) for y, m in zip(*counts, strict=True))

    def shortfall(self, software: str) -> float:
        """By how much the log-likelihood of one program falls short of the best stored one."""
        sources = self.sources()
        own = next(source.loglik for source in sources if source.software == software)
        return sources[0].loglik - own

    def name(self, r_name: str) -> str:
        """Translate ``livch3+``, ``livch.L`` or ``livch1:urban1`` into ``livch[3+]``, ``livch[.L]``, ..."""
        return ":".join(self._atom(part) for part in r_name.split(":"))

    def _atom(self, part: str) -> str:
        # The longest factor name first: a name may begin with another.
        for factor in sorted(self.levels, key=len, reverse=True):
            if part.startswith(factor) and part != factor:
                return f"{factor}[{self._label(factor, part[len(factor) :])}]"
        return part

    def _label(self, factor: str, suffix: str) -> str:
        levels, contrast = self.levels[factor], self.contrasts.get(factor, "treatment")
        if contrast == "sum":
            return f"S.{levels[int(suffix) - 1]}"
        if contrast == "helmert":
            return f"H.{levels[int(suffix)]}"
        if contrast == "polynomial":
            return suffix
        assert suffix in levels
        return suffix

    def variances(self) -> list[tuple[frozenset[str], str, str | None, float]]:
        """Rows of (columns of the group, term, other term or None, SD or correlation)."""
        stored = self.stored["varcorr"]
        if isinstance(stored, dict):  # glmmTMB alone: scalar terms only
            return [
                (frozenset([group]), "(Intercept)", None, float(v["sd"]))
                for group, v in stored.items()
            ]
        return [
            (
                group_columns(row["group"]),
                self.name(row["var1"]),
                self.name(row["var2"]) if row["var2"] else None,
                float(row["sd_or_corr"]),
            )
            for row in stored
        ]

    def modes(self) -> list[tuple[frozenset[str], frozenset[str], str, float, float]]:
        """Rows of (columns of the group, parts of the level, term, mode, SD) of the first levels."""
        rows = []
        for block in self.stored.get("blups", []):
            columns = zip(block["term"], block["level"], block["mode"], block["sd"], strict=True)
            for term, level, mode, sd in columns:
                key = frozenset(level_parts(block["group"], level))
                rows.append(
                    (group_columns(block["group"]), key, self.name(term), float(mode), float(sd))
                )
        return rows


def _log_binomial(y: int, m: int) -> float:
    """Binomial log-probability of y out of m at the probability y / m."""
    return math.log(math.comb(m, y) * (y / m) ** y * (1.0 - y / m) ** (m - y))


def group_columns(name: str) -> frozenset[str]:
    """Columns of a grouping factor: lme4 calls ``comm:mom`` ``mom:comm``, and a second term ``district.1``."""
    return frozenset(re.sub(r"\.\d+$", "", name).split(":"))


def level_parts(group: str, level: str) -> list[str]:
    """Return ``column=value`` for each part of a level, whatever the order of the columns."""
    columns = re.sub(r"\.\d+$", "", group).split(":")
    # Only nested groups combine columns, and their values here hold no colon.
    values = level.split(":") if len(columns) > 1 else [level]
    return [f"{column}={value}" for column, value in zip(columns, values, strict=True)]


def stored_cases() -> list[Case]:
    """Every stored fit."""
    paths = sorted((FOLDER / "values").glob("*.json"))
    assert paths, f"no stored fits in {FOLDER}"
    return [Case(path.stem, json.loads(path.read_text(encoding="utf-8"))) for path in paths]
