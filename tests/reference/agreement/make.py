"""Make values.json: kappas of the stored codings by other programs.

Needs numpy, pandas, statsmodels and irrCAC; run it beside values.json. The seed is fixed, so a second run differs in nothing
but the versions of the programs.

- statsmodels.stats.inter_rater.cohens_kappa: Cohen's kappa, plain, linear and quadratic, with the standard errors of Fleiss, Cohen
  and Everitt (1969), with kappa as it is (``std_kappa``) and with kappa zero (``std_kappa0``).
- statsmodels.stats.inter_rater.fleiss_kappa: Fleiss' kappa.
- irrCAC.raw.CAC.fleiss: the same with Gwet's standard error and interval, also where codes are missing.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from irrCAC.raw import CAC
from statsmodels.stats.inter_rater import cohens_kappa, fleiss_kappa


def two_raters(rng, n, categories):
    """Codes of two raters who agree on most subjects and differ by one step on others."""
    first = rng.integers(0, categories, n)
    agrees = rng.random(n) < 0.6
    near = np.clip(first + rng.integers(-1, 2, n), 0, categories - 1)
    second = np.where(agrees, first, near)
    table = np.zeros((categories, categories))
    np.add.at(table, (first, second), 1)
    found = {}
    for name, weights in (("plain", None), ("linear", "linear"), ("quadratic", "quadratic")):
        result = cohens_kappa(table, wt=weights)
        found[name] = {
            "estimate": result.kappa,
            "se": result.std_kappa,
            "se_null": result.std_kappa0,
        }
    return {"first": first.tolist(), "second": second.tolist(), "categories": categories, **found}


def many_raters(rng, n, raters, categories, missing):
    """Codes of several raters of a truth, some of them missing."""
    truth = rng.integers(0, categories, n)
    codes = np.where(
        rng.random((n, raters)) < 0.65, truth[:, None], rng.integers(0, categories, (n, raters))
    )
    codes[rng.random((n, raters)) < missing] = -1
    used = codes[(codes >= 0).sum(axis=1) >= 2]
    frame = pd.DataFrame(used).astype(float).where(used >= 0)
    estimate = CAC(frame, categories=list(map(float, range(categories))), digits=14).fleiss()["est"]
    found = {
        "estimate": estimate["coefficient_value"],
        "se": estimate["se"],
        "interval": list(estimate["confidence_interval"]),
        "observed": estimate["pa"],
        "expected": estimate["pe"],
    }
    if not missing:
        counts = np.stack([(codes == k).sum(axis=1) for k in range(categories)], axis=1)
        found["statsmodels"] = float(fleiss_kappa(counts))
    return {"codes": codes.ravel().tolist(), "raters": raters, "categories": categories, **found}


def main():
    """Write the values."""
    rng = np.random.default_rng(20)
    programs = {name: version(name) for name in ("numpy", "statsmodels", "irrCAC")}
    values = {
        "programs": programs,
        "two": [two_raters(rng, n, k) for n, k in ((30, 2), (80, 3), (200, 5))],
        "many": [
            many_raters(rng, n, m, k, missing)
            for n, m, k, missing in ((20, 3, 2, 0.0), (60, 5, 4, 0.0), (40, 4, 3, 0.25))
        ],
    }
    path = Path(__file__).with_name("values.json")
    path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
