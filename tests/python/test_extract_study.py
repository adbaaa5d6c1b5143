"""The study of an invented extract finds what was planted, by tabulation and by its model."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest
from extracted import Row, rows

import melogit as ml
from melogit import camhs


def test_about_thirteen_in_a_hundred_ethnic_groups_are_missing() -> None:
    ethnicity = camhs.synthetic_extract(5000, dirt=False).truth["EthnicCategory"]
    unknown = np.isin(ethnicity.astype(str), ["Z", "99", "None"]).mean()
    assert unknown == pytest.approx(0.13, abs=0.02)


def involvement(row: Row, cases: dict[str, str]) -> str:
    """The briefing's categories, the most serious first."""
    case = cases.get(row["Person_ID"], "none")
    if row["LACStatus"] == "Y":
        return "In care"
    if row["CPP"] == "3":
        return "Child protection plan"
    if case == "open":
        return "Other current involvement"
    return "Past involvement" if case == "closed" or row["CPP"] == "2" else "No involvement"


@pytest.fixture(scope="module")
def study() -> list[Row]:
    """Referrals that are no duplicates, labelled as the study labels them."""
    extract = camhs.synthetic_extract(60_000, dirt=False)
    cases = dict(zip(extract.local["Person_ID"], extract.local["CINStatus"], strict=True))
    label = {
        name: {code: level for level, codes in levels.items() for code in codes}
        for name, levels in camhs.NHS_CODES.items()
    }
    gender = {"1": "Male", "2": "Female"}
    bounds = {"0 to 4": 0, "5 to 9": 5, "10 to 12": 10, "13 to 15": 13, "16 to 17": 16}
    return [
        {
            "rejected": row["rejected_all"],
            "social_work": involvement(row, cases),
            "ethnicity": label["ethnicity"].get(row["EthnicCategory"]),
            "age_band": [band for band, low in bounds.items() if low <= row["age"]][-1],
            "gender": label["gender"].get(row["GenderIDCode"], gender.get(row["Gender"])),
            "imd_quintile": label["imd_quintile"].get(extract.lookup.get(row["LSOA"], "")),
            "source": label["source"][row["SourceOfReferralMH"]],
            "destination": label["destination"][row["team_type"]],
            "team": row["team_id"],
        }
        for row in rows(extract.truth)
        if row["duplicate"] == 0 and row["age"] < 18
    ]


def mantel_haenszel(study: list[Row], variable: str, level: str, strata: list[str]) -> float:
    """A common odds ratio against the reference over tables of two by two."""
    reference = camhs.LEVELS[variable][0]
    tables: dict[tuple[str, ...], Counter[tuple[bool, int]]] = defaultdict(Counter)
    for row in study:
        if row[variable] in (level, reference):
            stratum = tuple(row[name] for name in strata)
            tables[stratum][row[variable] == level, row["rejected"]] += 1
    above = sum(t[True, 1] * t[False, 0] / t.total() for t in tables.values())
    below = sum(t[True, 0] * t[False, 1] / t.total() for t in tables.values())
    return above / below


@pytest.mark.parametrize("level", camhs.LEVELS["social_work"][1:])
def test_planted_involvement_is_found_by_tabulation(study: list[Row], level: str) -> None:
    found = mantel_haenszel(study, "social_work", level, ["team", "source", "imd_quintile"])
    planted = camhs.PLANTED.odds_ratio("social_work", level)
    assert found == pytest.approx(planted, rel=0.12)


def test_planted_deprivation_is_found_by_tabulation(study: list[Row]) -> None:
    found = mantel_haenszel(study, "imd_quintile", "1 most deprived", ["team", "social_work"])
    assert found == pytest.approx(2.0, rel=0.12)


def test_the_planted_model_is_found_by_fitting(study: list[Row]) -> None:
    """Every planted odds ratio lies within four standard errors, and teams differ as planted."""
    import pandas as pd

    frame = pd.DataFrame(study)
    for name, levels in camhs.LEVELS.items():
        frame[name] = pd.Categorical(frame[name], list(levels))
    fit = ml.fit(f"rejected ~ {' + '.join(camhs.LEVELS)} + (1 | team)", frame.dropna())
    planted = {
        f"{effect.variable}[{effect.level}]": np.log(effect.odds_ratio)
        for effect in camhs.PLANTED
        if effect.odds_ratio != 1.0
    }
    found, error = fit.params, fit.bse
    for term, value in planted.items():
        assert abs(found[term] - value) < 4 * error[term], term
    spread = fit.variance_components()["sd"].iloc[0]
    assert spread == pytest.approx(camhs.PLANTED.spread("team"), abs=0.15)
