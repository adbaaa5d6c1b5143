"""Profile likelihood: against lme4's intervals, refits with an offset, and what must not change it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import Agreement, simulate

import melogit as ml

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
PROFILES = json.loads((REFERENCE / "inference" / "profile.json").read_text())["profiles"]


def cbpp() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "data" / "cbpp.csv", dtype={"herd": str, "period": str})


def contraception() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "data" / "contraception.csv", dtype={"district": str})


def lme4s(case: str, level: float) -> pd.DataFrame:
    """Bounds by our names; NaN where lme4 gives none."""
    found = next(b for b in PROFILES[case]["bounds"] if b["level"] == level)
    frame = pd.DataFrame({name: found[name] for name in ("lower", "upper")}, dtype=float)
    names = {
        "sd_(Intercept)|herd": "sd[herd,(Intercept)]",
        "sd_(Intercept)|district": "sd[district,(Intercept)]",
        "sd_urbanY|district": "sd[district,urban[Y]]",
        "cor_urbanY.(Intercept)|district": "cor[district,urban[Y].(Intercept)]",
    }
    levels = {f"{c}{x}": f"{c}[{x}]" for c, xs in (("period", "234"), ("urban", "Y")) for x in xs}
    levels |= {f"livch{x}": f"livch[{x}]" for x in ("1", "2", "3+")}
    frame.index = [names.get(n, levels.get(n, n)) for n in found["names"]]
    if case == "contraception":
        # Its spline is off here: at 1.715537 the deviance has risen by 3.713 (a fit with that offset), not by 3.841.
        frame.loc["livch[2]", "upper"] = np.nan
    return frame


@pytest.mark.parametrize(
    ("case", "points", "level", "allowed"),
    [
        # Quadrature converges well in lme4; its Laplace fit to cbpp is 3e-4 short in log-likelihood.
        ("cbpp_agq9", 9, 0.95, 1e-5),
        ("cbpp_agq9", 9, 0.99, 5e-5),
        ("cbpp", 1, 0.95, 5e-4),
        ("contraception", 1, 0.95, 5e-4),
        # lme4 falls back to linear interpolation for the correlation, and says so.
        ("contraception_slope", 1, 0.95, 2.5e-3),
    ],
)
def test_bounds_are_lme4s(
    case: str, points: int, level: float, allowed: float, agreement: Agreement
) -> None:
    formula, data = PROFILES[case]["formula"], cbpp() if "cbpp" in case else contraception()
    formula = formula.replace("cbind(incidence, size - incidence)", "incidence / size")
    fit = ml.fit(formula, data, points=points)
    found = fit.profile(level=level).frame.set_index("parameter")
    theirs = lme4s(case, level)
    assert set(found.index) == set(theirs.index)
    ours = found.loc[theirs.index, ["lower", "upper"]]
    distance = np.nanmax(np.abs(ours.to_numpy() - theirs.to_numpy()))
    agreement(case, f"profile bounds, {level:.0%}, points={points}", float(distance), allowed)


@pytest.mark.parametrize("points", [1, 7])
@pytest.mark.parametrize("level", [0.5, 0.95])
def test_the_deviance_at_a_bound_of_a_coefficient_has_risen_by_the_quantile(
    points: int, level: float
) -> None:
    """The held coefficient as an offset of a model without it: an independent way to the same."""
    data = simulate(4, groups=20, size=15)
    fit = ml.fit("y ~ x + gender + (1 | location)", data, points=points)
    bounds = fit.profile(["x"], level=level).frame
    rise = {0.5: 0.454936423119572, 0.95: 3.841458820694124}[level]
    for bound in (bounds["lower"][0], bounds["upper"][0]):
        held = ml.fit("y ~ gender + (1 | location)", data, offset=bound * data["x"], points=points)
        assert 2 * (fit.llf - held.llf) == pytest.approx(rise, abs=1e-6)


def test_an_sd_that_the_data_hardly_show_has_the_lower_bound_zero() -> None:
    fit = ml.fit("y ~ x + (1 | location)", simulate(12, groups=12, size=10, sd=0.3))
    row = fit.profile("sd[location,(Intercept)]").frame
    plain = fit.clustering_test()
    assert plain is not None
    assert plain["statistic"] < 3.84
    assert row["lower"][0] == 0.0
    assert row["upper"][0] > row["estimate"][0]
    wide = fit.profile("sd[location,(Intercept)]", level=0.2).frame
    assert wide["upper"][0] < row["upper"][0]


def test_an_sd_of_zero_still_has_an_upper_bound() -> None:
    data = simulate(1, groups=12, size=10, sd=0.0)
    data["y"] = ([0, 1] * 60)[: len(data)]
    fit = ml.fit("y ~ x + (1 | location)", data)
    assert fit.variance_components()["sd"][0] == 0.0
    row = fit.profile().frame.set_index("parameter").loc["sd[location,(Intercept)]"]
    assert row["estimate"] == row["lower"] == 0.0
    assert 0.05 < row["upper"] < 2.0


def test_separation_has_an_infinite_bound_and_a_finite_one() -> None:
    data = pd.DataFrame({"y": [0, 1] * 40, "g": [f"L{i // 8}" for i in range(80)]})
    data["never"] = (np.arange(80) < 10) & (data["y"] == 0)
    data["never"] = data["never"].map({True: "yes", False: "no"})
    fit = ml.fit("y ~ never + (1 | g)", data)
    row = fit.profile("never[yes]").frame
    assert row["lower"][0] == -np.inf
    assert np.isfinite(row["upper"][0])
    assert row["upper"][0] < 2.0


def test_of_a_penalised_fit_it_is_of_the_penalised_likelihood() -> None:
    data = pd.DataFrame({"y": [0, 1] * 40, "g": [f"L{i // 8}" for i in range(80)]})
    data["never"] = ((np.arange(80) < 10) & (data["y"] == 0)).astype(float)
    fit = ml.fit("y ~ never + (1 | g)", data, penalty="jeffreys", points=1)
    ours = fit.profile(["(Intercept)", "never"]).frame
    own = fit.penalised_intervals()
    for bound in ("lower", "upper"):
        assert ours[bound].to_numpy() == pytest.approx(own[bound].to_numpy(), abs=1e-4)


def test_a_correlation_does_not_depend_on_the_order_of_effects() -> None:
    """One order holds an SD as it stands, the other needs the effects turned."""
    data = simulate(3, groups=40, size=30, slope=0.5)
    one = (
        ml.fit("y ~ x + (1 + x | location)", data, points=1).profile().frame.set_index("parameter")
    )
    two = ml.fit("y ~ x + (0 + x + one | location)", data.assign(one=1.0), points=1).profile().frame
    two = two.set_index("parameter")
    pairs = {
        "sd[location,x]": "sd[location,x]",
        "sd[location,(Intercept)]": "sd[location,one]",
        "cor[location,x.(Intercept)]": "cor[location,one.x]",
    }
    for ours, theirs in pairs.items():
        for bound in ("lower", "upper"):
            assert one.loc[ours, bound] == pytest.approx(two.loc[theirs, bound], abs=2e-5)


def test_the_trace_rises_and_holds_the_bounds() -> None:
    fit = ml.fit("incidence / size ~ period + (1 | herd)", cbpp())
    profile = fit.profile(["period[2]", "sd[herd,(Intercept)]"], steps=4)
    for name, rows in profile.trace.groupby("parameter"):
        assert rows["value"].is_monotonic_increasing
        assert rows["zeta"].is_monotonic_increasing
        bound = profile.frame.set_index("parameter").loc[name]
        at = np.interp([-1.959964, 1.959964], rows["zeta"], rows["value"])
        assert at == pytest.approx([bound["lower"], bound["upper"]], abs=2e-3)
    assert profile.refits == len(profile.trace) - 2


def test_threads_do_not_change_a_bit() -> None:
    fit = ml.fit("y ~ x + source + (1 | location)", simulate(6))
    one, two = (fit.profile(threads=n).frame for n in (1, 2))
    assert one.equals(two)
    first, second = (
        fit.profile_contour("x", "sd[location,(Intercept)]", rays=8, threads=n) for n in (1, 2)
    )
    assert first.equals(second)


def test_a_contour_is_where_the_deviance_has_risen_by_its_quantile() -> None:
    data = simulate(4, groups=20, size=15)
    fit = ml.fit("y ~ x + gender + (1 | location)", data, points=1)
    points = fit.profile_contour("x", "gender[M]", levels=(0.8, 0.95), rays=6)
    assert list(points.columns) == ["level", "angle", "x", "gender[M]", "rise", "boundary"]
    assert len(points) == 12
    for _, row in points.iterrows():
        quantile = -2 * np.log(1 - row["level"])
        assert row["rise"] == pytest.approx(quantile, abs=1e-2)
        shift = row["x"] * data["x"] + row["gender[M]"] * (data["gender"] == "M")
        held = ml.fit("y ~ 1 + (1 | location)", data, offset=shift, points=1)
        assert 2 * (fit.llf - held.llf) == pytest.approx(row["rise"], abs=1e-5)


def test_what_has_no_profile_is_refused(tmp_path: Path) -> None:
    data = simulate(3, groups=20, size=20, slope=0.5)
    fit = ml.fit("y ~ x + (1 + x | location)", data)

    def slug(call: Any) -> str:
        with pytest.raises(ml.MelogitError) as caught:
            call()
        return str(caught.value.slug)

    assert slug(lambda: fit.profile("age")) == "unknown-parameter"
    assert slug(lambda: fit.profile([])) == "parameters-type"
    assert slug(lambda: fit.profile(level=95)) == "level-range"
    assert slug(lambda: fit.profile_contour("x", "x")) == "contour-parameters"
    pair = ("sd[location,x]", "sd[location,(Intercept)]")
    assert slug(lambda: fit.profile_contour(*pair)) == "contour-parameters"
    fit.save(tmp_path / "fit.json")
    assert slug(lambda: ml.load(tmp_path / "fit.json").profile()) == "no-data"
    stopped = ml.fit("y ~ x + (1 + x | location)", data, max_iterations=1)
    assert not stopped.converged
    assert slug(stopped.profile) == "not-converged"
