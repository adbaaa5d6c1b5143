"""The models that the bench times: what is fitted, by which columns, and where the rows come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from cohorts import COVARIATES, localities, slopes

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
        Columns of the fixed part; those of text are treatment coded.
    groups
        Columns that carry a random intercept each.
    slope
        Column whose slope also varies by the first group, correlated with the intercept, or None.
    points
        Quadrature points per effect; 1 is the Laplace approximation.
    numbers
        Columns of `fixed` that are numbers.
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
    slope: str | None = None
    points: int = 1
    numbers: tuple[str, ...] = ()
    slow_peers: tuple[str, ...] = ()

    @property
    def fixed_part(self) -> str:
        """Right-hand side without the random effects."""
        return " + ".join(self.fixed)

    @property
    def right(self) -> str:
        """Right-hand side in the grammar that melogit, glmm, lme4 and glmmTMB share."""
        first = "1" if self.slope is None else f"1 + {self.slope}"
        effects = [f"({first} | {self.groups[0]})", *(f"(1 | {g})" for g in self.groups[1:])]
        return " + ".join([self.fixed_part, *effects])

    def as_dict(self) -> dict[str, Any]:
        """What a worker in another process (or in R) needs to know."""
        return {
            "key": self.key,
            "response": self.response,
            "trials": self.trials,
            "fixed": list(self.fixed),
            "groups": list(self.groups),
            "slope": self.slope,
            "points": self.points,
            "numbers": list(self.numbers),
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
    text = dict.fromkeys(("s", "d", "studage", "lectage", "service", "dept"), str)
    return pd.read_csv(REFERENCE / "insteval.csv", dtype=text)


def _reference(name: str, *text: str) -> Callable[[], pd.DataFrame]:
    return lambda: pd.read_csv(REFERENCE / f"{name}.csv", dtype=dict.fromkeys(text, str))


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


PYTHON_PEERS = ("glmm", "GPBoost", "statsmodels GLM, no random effect")


def all_models() -> dict[str, Model]:
    """Every model by its key, in the order of the table."""
    a = _model_a()
    c = Model(
        "C",
        "InstEval, 2,972 x 1,128 crossed",
        "high",
        ("service", "studage", "lectage"),
        ("s", "d"),
        _insteval,
        slow_peers=("lme4",),
    )
    models = [
        a,
        replace(
            a,
            key="B",
            title="A with (1 | team) + (1 | patient)",
            groups=("location", "team", "patient"),
            frame=lambda: _referrals(71_000, crossed=True),
        ),
        c,
        replace(
            c,
            key="C2",
            title="C with service * dept",
            fixed=("service * dept", "studage", "lectage"),
            slow_peers=("lme4", *PYTHON_PEERS),
        ),
        replace(
            a,
            key="D",
            title="1,000,000 referrals, 1,000 locations",
            frame=lambda: _referrals(1_000_000, 1_000),
            slow_peers=("lme4", "glmmTMB"),
        ),
        Model(
            "E",
            "10,000,000 referrals, 10,000 localities, 60 providers crossed",
            "rejected",
            COVARIATES,
            ("locality", "provider"),
            lambda: localities(10_000_000),
            slow_peers=("lme4", "glmmTMB", *PYTHON_PEERS),
        ),
        Model(
            "F",
            "100,000 rows, slopes in 5,000 groups",
            "y",
            ("x", "f"),
            ("g",),
            lambda: slopes(100_000, 5_000),
            slope="x",
            numbers=("x",),
            slow_peers=("lme4",),
        ),
        Model(
            "G1",
            "toenail, 25 points",
            "y",
            ("treatment * time",),
            ("patientID",),
            _reference("toenail", "treatment", "patientID"),
            points=25,
            numbers=("time",),
        ),
        Model(
            "G2",
            "contraception, slopes of urban, 7 x 7 points",
            "use",
            ("age", "livch", "urban"),
            ("district",),
            _reference("contraception", "livch", "urban", "district"),
            slope="urban",
            points=7,
            numbers=("age",),
        ),
        Model(
            "H",
            "cbpp, 56 herd-periods, counts",
            "incidence",
            ("period",),
            ("herd",),
            _cbpp,
            trials="size",
        ),
    ]
    return {model.key: model for model in models}
