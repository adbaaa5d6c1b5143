"""The synthetic cohort: its shape, its honesty about what is planted, and that it never drifts."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

from melogit import OptionError, camhs
from melogit.camhs.draws import Streams, choose, spread_evenly

CATEGORIES = list(camhs.LEVELS)
# Sums of row number times code, so that order counts too.
PINNED = {
    "location": 49132048,
    "social_work": 2139234,
    "ethnicity": 5499432,
    "age": 52422684,
    "age_band": 10491446,
    "gender": 2368093,
    "imd_quintile": 10861745,
    "source": 7574060,
    "destination": 5439424,
    "rejected": 1940522,
    "patient": 5031765723,
    "team": 50956716,
}


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    return camhs.synthetic_referrals()


@pytest.fixture(scope="module")
def complete() -> pd.DataFrame:
    return camhs.synthetic_referrals(missing=False)


def test_columns_and_reference_levels(cohort: pd.DataFrame) -> None:
    assert list(cohort) == [
        "referral_id",
        "location",
        "social_work",
        "ethnicity",
        "age",
        "age_band",
        "gender",
        "imd_quintile",
        "source",
        "destination",
        "rejected",
    ]
    assert cohort.shape == (71_000, 11)
    for name in CATEGORIES:
        assert tuple(cohort[name].cat.categories) == camhs.LEVELS[name]
    assert cohort["referral_id"].is_unique
    assert set(cohort["rejected"]) == {0, 1}


def test_the_main_model_has_28_coefficients() -> None:
    assert 1 + sum(len(levels) - 1 for levels in camhs.LEVELS.values()) == 28


def test_proportions(cohort: pd.DataFrame) -> None:
    assert cohort["rejected"].mean() == pytest.approx(0.39, abs=0.02)
    assert cohort["ethnicity"].isna().mean() == pytest.approx(0.13, abs=0.02)
    assert (cohort["social_work"] == "No involvement").mean() == pytest.approx(0.81, abs=0.03)
    sizes = cohort["location"].value_counts()
    assert len(sizes) == 150
    assert sizes.max() > 8 * sizes.min()


def test_every_level_has_both_outcomes(complete: pd.DataFrame) -> None:
    for name in CATEGORIES:
        assert (
            complete.groupby(name, observed=False)["rejected"]
            .agg(["min", "max"])
            .eq([0, 1])
            .all()
            .all()
        )


def test_age_bands_hold_their_ages(complete: pd.DataFrame) -> None:
    assert set(complete["age"]) == set(range(18))
    ranges = complete.groupby("age_band", observed=False)["age"].agg(["min", "max"])
    assert [f"{low} to {high}" for low, high in ranges.to_numpy()] == list(camhs.LEVELS["age_band"])


def test_deprivation_goes_with_involvement_and_age_with_source(complete: pd.DataFrame) -> None:
    involved = complete["social_work"] != "No involvement"
    by_quintile = involved.groupby(complete["imd_quintile"], observed=False).mean()
    assert by_quintile.is_monotonic_increasing
    hospital = (complete["source"] == "Acute hospital care").groupby(
        complete["age_band"], observed=False
    )
    assert hospital.mean().loc["16 to 17"] > 5 * hospital.mean().loc["0 to 4"]


def test_same_seed_same_cohort_and_another_seed_another(cohort: pd.DataFrame) -> None:
    assert cohort.equals(camhs.synthetic_referrals())
    assert not cohort["rejected"].equals(camhs.synthetic_referrals(seed=2)["rejected"])


def test_the_draws_are_pinned() -> None:
    """Numbers written down once: a new numpy, or a new Python, must not move them."""
    codes = camhs.synthetic_referrals(
        3000, seed=3, locations=20, as_codes=True, patients=True, teams=True
    )
    weights = np.arange(3000)
    sums = {name: int((codes[name] * weights).sum()) for name in codes if name != "referral_id"}
    assert sums == PINNED


def test_another_process_draws_the_same() -> None:
    program = "from melogit import camhs; print(camhs.synthetic_referrals(500, as_codes=True).sum().to_dict())"
    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert printed.stdout.strip() == str(
        camhs.synthetic_referrals(500, as_codes=True).sum().to_dict()
    )


def test_missing_values_hide_and_do_not_change(
    cohort: pd.DataFrame, complete: pd.DataFrame
) -> None:
    assert not complete.isna().any().any()
    assert set(cohort.columns[cohort.isna().any()]) == {"ethnicity", "imd_quintile", "gender"}
    for name in cohort:
        recorded = cohort[name].notna()
        assert cohort[name][recorded].astype(str).equals(complete[name][recorded].astype(str))


def test_patients_and_teams_add_columns_and_move_only_the_outcome(cohort: pd.DataFrame) -> None:
    more = camhs.synthetic_referrals(patients=True, teams=True)
    assert list(more)[-2:] == ["patient", "team"]
    assert more["patient"].nunique() == 52_592
    assert more["team"].nunique() == 24
    covariates = [name for name in cohort if name != "rejected"]
    assert more[covariates].equals(cohort[covariates])
    constant = more.groupby("patient")[["location", "imd_quintile"]].nunique(dropna=False)
    assert (constant == 1).all().all()


def test_codes_are_positions_in_the_levels(cohort: pd.DataFrame) -> None:
    codes = camhs.synthetic_referrals(as_codes=True)
    for name in CATEGORIES:
        assert np.array_equal(codes[name], cohort[name].cat.codes)


def test_without_pandas_a_dict_of_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = camhs.synthetic_referrals(200)
    monkeypatch.setitem(sys.modules, "pandas", None)
    arrays: Any = camhs.synthetic_referrals(200)
    assert isinstance(arrays, dict)
    assert list(arrays) == list(frame)
    assert arrays["rejected"].tolist() == frame["rejected"].tolist()
    assert arrays["source"].tolist() == frame["source"].tolist()
    missing = [value is None for value in arrays["ethnicity"]]
    assert missing == frame["ethnicity"].isna().tolist()
    assert any(missing)


def test_no_label_is_lost_in_a_csv_file(cohort: pd.DataFrame) -> None:
    """``None`` or ``NA`` as a level would come back as missing, ``5-9`` as a date from a spreadsheet."""
    head = cohort.head(5000)
    again = pd.read_csv(io.StringIO(head.to_csv(index=False)))
    for name in CATEGORIES:
        assert again[name].isna().sum() == head[name].isna().sum()
    assert not any("-" in label for label in camhs.LEVELS["age_band"])


def test_the_frame_says_that_it_is_synthetic(cohort: pd.DataFrame) -> None:
    said = json.loads(json.dumps(cohort.attrs["camhs"]))
    assert said["synthetic"] is True
    assert "no row describes a person" in said["note"]
    assert said["odds_ratios"] == camhs.PLANTED.odds_ratios()
    assert said["spreads"] == {"location": 0.4}


def test_the_briefing_is_what_is_planted() -> None:
    origins = {(e.variable, e.level): (e.odds_ratio, e.origin) for e in camhs.PLANTED}
    assert origins["social_work", "Child protection plan"] == (2.0, "briefing")
    assert origins["social_work", "Other current involvement"] == (3.1, "briefing")
    assert origins["social_work", "In care"] == (0.6, "briefing")
    assert origins["social_work", "Past involvement"] == (1.14, "preprint")
    assert origins["imd_quintile", "1 most deprived"] == (2.0, "briefing")
    invented = [key for key, (_, origin) in origins.items() if origin == "invented"]
    assert len(invented) == len(origins) - 5
    assert [e.odds_ratio for e in camhs.PLANTED if e.variable == "imd_quintile"] == sorted(
        e.odds_ratio for e in camhs.PLANTED if e.variable == "imd_quintile"
    )
    columns = camhs.PLANTED.columns()
    assert len(columns["level"]) == len(origins)


def test_own_odds_ratios_replace_and_say_so() -> None:
    planted = camhs.PLANTED.changed({"gender": {"Female": 4.0}}, location_sd=0.1)
    assert planted.odds_ratio("gender", "Female") == 4.0
    assert planted.spread("location") == 0.1
    assert [e.level for e in planted if e.origin == "caller"] == ["Female"]
    wanted = {"gender": {"Female": 4.0}}
    base = camhs.synthetic_referrals(20_000)
    strong = camhs.synthetic_referrals(20_000, odds_ratios=wanted)
    assert strong.attrs["camhs"]["odds_ratios"]["gender"]["Female"] == 4.0
    male = base["gender"] == "Male"
    female = base["gender"] == "Female"
    assert strong["rejected"][female].mean() > base["rejected"][female].mean() + 0.2
    assert strong["rejected"][male].equals(base["rejected"][male])


def test_no_location_effect_when_none_is_asked_for() -> None:
    flat = camhs.synthetic_referrals(location_sd=0.0)
    spread = camhs.synthetic_referrals(location_sd=1.0)

    def variance(frame: pd.DataFrame) -> float:
        return float(frame.groupby("location", observed=False)["rejected"].mean().var())

    assert variance(spread) > 4 * variance(flat)


@pytest.mark.parametrize(
    ("arguments", "slug", "said"),
    [
        ({"n": 0}, "cohort-size", "n must be at least 1"),
        ({"locations": 0}, "cohort-size", "locations must be at least 1"),
        ({"location_sd": -1.0}, "cohort-spread", "location_sd"),
        ({"odds_ratios": {"gendre": {"Female": 2.0}}}, "cohort-name", "Did you mean 'gender'?"),
        ({"odds_ratios": {"gender": {"Femal": 2.0}}}, "cohort-name", "Did you mean 'Female'?"),
        ({"odds_ratios": {"gender": {"zzz": 2.0}}}, "cohort-name", "There are: Male"),
        ({"odds_ratios": {"gender": {"Male": 2.0}}}, "cohort-reference", "its odds ratio is 1"),
        ({"odds_ratios": {"gender": {"Female": 0.0}}}, "cohort-odds-ratio", "must be positive"),
        (
            {"odds_ratios": {"gender": {"Female": float("nan")}}},
            "cohort-odds-ratio",
            "must be positive",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: dict[str, Any], slug: str, said: str) -> None:
    with pytest.raises(OptionError, match="must|Did you mean|There are|is the reference") as caught:
        camhs.synthetic_referrals(**{"n": 10, **arguments})
    assert caught.value.slug == slug
    assert said in str(caught.value)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_the_smallest_cohorts(n: int) -> None:
    assert camhs.synthetic_referrals(n).shape == (n, 11)


def test_nhs_codes_belong_to_one_label_each() -> None:
    for variable, table in camhs.NHS_CODES.items():
        assert set(table) == set(camhs.LEVELS[variable])
        codes = [code for codes in table.values() for code in codes]
        assert len(codes) == len(set(codes))


def test_streams_are_uniform_normal_and_separate() -> None:
    streams = Streams(5)
    uniform, normal = streams.uniform("a", 100_000), streams.normal("b", 100_000)
    assert 0 < uniform.min() < uniform.max() < 1
    assert uniform.mean() == pytest.approx(0.5, abs=0.005)
    assert normal.mean() == pytest.approx(0, abs=0.015)
    assert normal.std() == pytest.approx(1, abs=0.01)
    assert abs(np.corrcoef(uniform, streams.uniform("c", 100_000))[0, 1]) < 0.015
    assert np.array_equal(uniform[:10], streams.uniform("a", 10))
    assert sorted(streams.order("d", 50)) == list(range(50))


def test_choose_follows_its_weights() -> None:
    uniform = Streams(5).uniform("a", 100_000)
    chosen = choose(uniform, np.log([0.2, 0.5, 0.3]))
    assert np.bincount(chosen) / 100_000 == pytest.approx([0.2, 0.5, 0.3], abs=0.005)
    rows = choose(np.array([0.999, 0.001]), np.array([[0.0, -50.0], [0.0, 50.0]]), np.zeros(2))
    assert rows.tolist() == [0, 1]


def test_every_group_that_expects_a_member_gets_one() -> None:
    members = spread_evenly(np.array([1.0, 1.0, 98.0]), 200)
    assert np.bincount(members).tolist() == [2, 2, 196]
