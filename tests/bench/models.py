"""The models that the bench times: what is fitted, by which columns, and where the rows come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

REFERENCE = Path(__file__).resolve().parents[1] / "reference" / "data"
ADJUSTMENT = (
    "social_work",
    "ethnicity",
    "age_band",
    "gender",
    "imd_quintile",
    "source",
    "destination",
)


@dataclass(frozen=True)
class Model:
    """One model of the bench.

    Attributes
    ----------
    key, title
        What the command line and the table call it.
    response
        Column of 0/1 outcomes, or of event counts when ``trials`` is given.
    fixed
        Categorical columns of the fixed part, all treatment coded.
    groups
        Columns that carry a random intercept each.
    trials
        Column of trial counts, or None.
    slow_peers
        Peers left out unless ``--slow`` asks for them, because one fit takes minutes.
    """

    key: str
    title: str
    response: str
    fixed: tuple[str, ...]
    groups: tuple[str, ...]
    frame: Callable[[], pd.DataFrame]
    trials: str | None = None
    slow_peers: tuple[str, ...] = ()

    @property
    def fixed_part(self) -> str:
        """Right-hand side without the random effects."""
        return " + ".join(self.fixed)

    @property
    def right(self) -> str:
        """Right-hand side in the grammar that melogit, glmm, lme4 and glmmTMB share."""
        return " + ".join([self.fixed_part, *(f"(1 | {group})" for group in self.groups)])

    def as_dict(self) -> dict[str, Any]:
        """What a worker in another process (or in R) needs to know."""
        return {
            "key": self.key,
            "response": self.response,
            "trials": self.trials,
            "fixed": list(self.fixed),
            "groups": list(self.groups),
            "right": self.right,
            "fixed_part": self.fixed_part,
        }


def _referrals(rows: int, locations: int = 150, *, crossed: bool = False) -> pd.DataFrame:
    """The synthetic cohort as plain text beside a 0/1 outcome: what a trust's extract looks like after ``read_csv``.

    Complete, so that every program fits the same rows: what each does with missing ones is not what is timed.
    """
    from melogit import camhs

    frame = camhs.synthetic_referrals(
        rows, locations=locations, missing=False, patients=crossed, teams=crossed
    )
    groups = ("location", "team", "patient") if crossed else ("location",)
    text = {name: frame[name].astype(object).map(str) for name in (*ADJUSTMENT, *groups)}
    return pd.DataFrame({**text, "rejected": frame["rejected"].astype(int)})


def _cbpp() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "cbpp.csv", dtype={"herd": str, "period": str})


def _insteval() -> pd.DataFrame:
    text = dict.fromkeys(("s", "d", "studage", "lectage", "service"), str)
    return pd.read_csv(REFERENCE / "insteval.csv", dtype=text)


def _model_a() -> Model:
    return Model(
        key="A",
        title="71,000 referrals, (1 | location)",
        response="rejected",
        fixed=ADJUSTMENT,
        groups=("location",),
        frame=lambda: _referrals(71_000),
        slow_peers=("lme4",),
    )


def all_models() -> dict[str, Model]:
    """Every model by its key, in the order of the table."""
    a = _model_a()
    models = [
        a,
        Model(
            "cbpp",
            "56 herd-periods, counts",
            "incidence",
            ("period",),
            ("herd",),
            _cbpp,
            trials="size",
        ),
        replace(
            a,
            key="B",
            title="A with (1 | team) + (1 | patient)",
            groups=("location", "team", "patient"),
            frame=lambda: _referrals(71_000, crossed=True),
        ),
        Model(
            "C",
            "InstEval, 2,972 x 1,128 crossed",
            "high",
            ("service", "studage", "lectage"),
            ("s", "d"),
            _insteval,
            slow_peers=("lme4",),
        ),
        replace(
            a,
            key="D",
            title="1,000,000 referrals, 1,000 locations",
            frame=lambda: _referrals(1_000_000, 1_000),
            slow_peers=("lme4", "glmmTMB"),
        ),
    ]
    return {model.key: model for model in models}
