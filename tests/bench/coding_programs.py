"""The same eight variables coded by melogit, pandas and polars, each as its own users would do it quickly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int8]
Coding = Callable[[Any], Mapping[str, Any]]

# Variable -> column, and level -> codes. What stands under "" is missing.
MAPS: dict[str, tuple[str, dict[str, list[str]]]] = {
    "gender": ("GenderIDCode", {"Male": ["1"], "Female": ["2"], "Other": ["3", "4"], "": ["X", "Z"]}),
    "ethnicity": (
        "EthnicCategory",
        {
            "White": ["A", "B", "C"],
            "Mixed": ["D", "E", "F", "G"],
            "Asian": ["H", "J", "K", "L"],
            "Black": ["M", "N", "P"],
            "Other": ["R", "S"],
            "": ["Z", "99"],
        },
    ),
    "source": (
        "SourceOfReferralMH",
        {
            "Primary care": ["A1", "A2", "A3", "A4"],
            "Self or carer": ["B1", "B2"],
            "Local authority": ["C1", "C2", "C3"],
            "Justice": ["E1", "E2", "E3", "E4", "E5", "E6"],
            "Hospital": ["F1", "F2", "F3", "H1", "H2", "P1"],
            "Other": ["G1", "G2", "G3", "G4", "I1", "I2", "M1", "M2"],
        },
    ),
    "reason": (
        "PrimReasonReferralMH",
        {
            "Psychosis": ["01", "02"],
            "Mood": ["03", "04", "05"],
            "Anxiety": ["06", "07", "08", "09"],
            "Neurodevelopment": ["10", "11", "24", "25"],
            "Eating disorder": ["12"],
            "Crisis": ["13", "18"],
            "Conduct": ["14", "15", "16", "17"],
            "Other": ["19", "20", "21", "22", "23", "26", "27", "28"],
        },
    ),
    "team": (
        "ServTeamTypeRefToMH",
        {
            "Community": [f"A{k:02d}" for k in range(5, 15)],
            "Crisis": ["A02", "A03", "A04", "A19", "A20", "A21"],
            "Other adult": [f"B{k:02d}" for k in range(1, 3)],
            "Young people": [f"C{k:02d}" for k in range(1, 12)],
            "Other": [f"D{k:02d}" for k in range(1, 9)],
        },
    ),
    "imd_quintile": (
        "IMDDecile",
        {
            "1 most deprived": ["1", "2"],
            "2": ["3", "4"],
            "3": ["5", "6"],
            "4": ["7", "8"],
            "5 least deprived": ["9", "10"],
        },
    ),
}  # fmt: skip
EDGES = [0, 5, 10, 13, 16, 18]
BANDS = ["0 to 4", "5 to 9", "10 to 12", "13 to 15", "16 to 17"]
SOCIAL_WORK = ["No involvement", "Past plan", "Child protection plan", "In care"]
VARIABLES = [*MAPS, "age_band", "social_work"]


def columns(rows: int, seed: int = 1) -> dict[str, Any]:
    """Draw the extract: Arrow dictionaries of codes, and an age."""
    import pyarrow as pa

    rng = np.random.default_rng(seed)
    drawn: dict[str, Any] = {}
    codes = {
        column: [c for own in levels.values() for c in own] for column, levels in MAPS.values()
    }
    codes |= {"CPP": ["1", "2", "3", "X"], "LACStatus": ["Y", "N"]}
    for column, own in codes.items():
        indices = rng.integers(0, len(own), rows, dtype=np.int8)
        drawn[column] = pa.DictionaryArray.from_arrays(pa.array(indices), pa.array(own))
    drawn["Age"] = pa.array(rng.integers(0, 18, rows).astype(np.float64))
    return drawn


def pandas_frame(drawn: dict[str, Any], categories: bool) -> Any:
    """A pandas frame of categoricals, or of Arrow-backed text."""
    import pandas as pd
    import pyarrow as pa

    made = {}
    for name, array in drawn.items():
        if not pa.types.is_dictionary(array.type):
            made[name] = pd.Series(array.to_numpy())
        elif categories:
            made[name] = pd.Series(array.to_pandas())
        else:
            made[name] = pd.Series(pd.arrays.ArrowExtensionArray(array.cast(pa.large_string())))
    return pd.DataFrame(made, copy=False)


def polars_frame(drawn: dict[str, Any], categories: bool) -> Any:
    """A polars frame of categoricals, or of text."""
    import polars as pl
    import pyarrow as pa

    made = {}
    for name, array in drawn.items():
        text = pa.types.is_dictionary(array.type)
        series = pl.Series(name, array.cast(pa.large_string()) if text else array)
        made[name] = series.cast(pl.Categorical) if text and categories else series
    return pl.DataFrame(made)


def melogit(frame: Any) -> Mapping[str, Any]:
    """A codebook; the account of every code comes with it."""
    coded = codebook().apply(frame)
    return {name: coded.frame[name] for name in VARIABLES}


def codebook() -> Any:
    """What the other programs do by hand."""
    import melogit as ml
    from melogit.codebook import Bands, Map, Precedence, Step

    variables: dict[str, Any] = {}
    for name, (column, levels) in MAPS.items():
        missing = {"Not stated": levels[""]} if "" in levels else None
        variables[name] = Map(column, {k: v for k, v in levels.items() if k}, missing=missing)
    intervals = [f"[{a}, {b})" for a, b in pairwise(EDGES)]
    variables["age_band"] = Bands("Age", dict(zip(BANDS, intervals, strict=True)))
    steps = [
        Step("In care", LACStatus="Y"),
        Step("Child protection plan", CPP="3"),
        Step("Past plan", CPP="2"),
        Step(missing="Not known", CPP="X"),
        Step("No involvement", otherwise=True),
    ]
    variables["social_work"] = Precedence(steps, order=SOCIAL_WORK)
    return ml.Codebook(variables)


def pandas(frame: Any) -> Mapping[str, Any]:
    """Look-ups over the distinct codes, found by factorize unless the column has them already."""
    import pandas as pd

    coded = {}
    for name, (column, levels) in MAPS.items():
        series = frame[column]
        if isinstance(series.dtype, pd.CategoricalDtype):
            codes, distinct = series.cat.codes.to_numpy(), series.cat.categories
        else:
            codes, distinct = pd.factorize(series)
        named = [level for level in levels if level]
        position = {c: named.index(k) for k, own in levels.items() if k for c in own}
        lookup = np.array([*(position.get(c, -1) for c in distinct), -1], dtype=np.int8)
        coded[name] = pd.Categorical.from_codes(lookup[codes], named, ordered=True)
    coded["age_band"] = pd.cut(frame["Age"], EDGES, right=False, labels=BANDS)
    flags = [
        frame["LACStatus"] == "Y",
        frame["CPP"] == "3",
        frame["CPP"] == "2",
        frame["CPP"] == "X",
    ]
    flags = [np.asarray(flag, dtype=bool) for flag in flags]
    steps = [np.int8(3), np.int8(2), np.int8(1), np.int8(-1)]
    chosen = np.select(flags, steps, default=np.int8(0))
    coded["social_work"] = pd.Categorical.from_codes(chosen, SOCIAL_WORK, ordered=True)
    return coded


def polars(frame: Any) -> Mapping[str, Any]:
    """One lazy query of replace_strict and when-then."""
    import polars as pl

    made = []
    for name, (column, levels) in MAPS.items():
        enum = pl.Enum([level for level in levels if level])
        new = {c: (level or None) for level, own in levels.items() for c in own}
        expression = pl.col(column)
        made.append(expression.replace_strict(new, return_dtype=enum).alias(name))
    age, bands = pl.col("Age"), pl.Enum(BANDS)
    made.append(
        pl.when(age < 5).then(pl.lit("0 to 4", bands))
        .when(age < 10).then(pl.lit("5 to 9", bands))
        .when(age < 13).then(pl.lit("10 to 12", bands))
        .when(age < 16).then(pl.lit("13 to 15", bands))
        .when(age < 18).then(pl.lit("16 to 17", bands))
        .alias("age_band")
    )  # fmt: skip
    enum = pl.Enum(SOCIAL_WORK)
    cpp = pl.col("CPP")
    steps = (
        pl.when(pl.col("LACStatus") == "Y").then(pl.lit("In care", enum))
        .when(cpp == "3").then(pl.lit("Child protection plan", enum))
        .when(cpp == "2").then(pl.lit("Past plan", enum))
        .when(cpp == "X").then(pl.lit(None, enum))
        .otherwise(pl.lit("No involvement", enum))
    )  # fmt: skip
    made.append(steps.alias("social_work"))
    coded: dict[str, Any] = frame.lazy().select(made).collect().to_dict()
    return coded


# Program -> its frame, and what it does with it.
PROGRAMS: dict[str, tuple[Callable[[dict[str, Any], bool], Any], Coding]] = {
    "melogit, pandas frame": (pandas_frame, melogit),
    "pandas": (pandas_frame, pandas),
    "melogit, polars frame": (polars_frame, melogit),
    "polars": (polars_frame, polars),
}


def codes_of(values: Any) -> Codes:
    """Codes of a coded column of any of them, to compare; -1 where there is no level."""
    if hasattr(values, "to_physical"):
        return np.asarray(values.to_physical().cast(int).fill_null(-1), dtype=np.int8)
    values = getattr(values, "cat", values)
    return np.asarray(values.codes, dtype=np.int8)
