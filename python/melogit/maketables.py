"""maketables' plug-in protocol: fits beside those of statsmodels and pyfixest in one table.

maketables reads these names off any object it is given, so it is not imported here.
https://py-econometrics.github.io/maketables/
"""

from __future__ import annotations

from typing import Any

from melogit.estimates import Estimates
from melogit.optional import optional

_LABELS = {"n_events": "Events", "icc": "ICC", "mor": "MOR"}


class Maketables(Estimates):
    """The part of `melogit.Fit` that maketables looks for."""

    __slots__ = ()

    @property
    def __maketables_coef_table__(self) -> Any:
        """Coefficients in log odds, a pandas frame: b, se, t, p, and intervals, by name."""
        at95, at90 = self._core.coefficient_table(0.95), self._core.coefficient_table(0.90)
        pandas = optional("pandas", "A table with maketables")
        return pandas.DataFrame(
            {
                "b": at95["estimate"], "se": at95["std_error"], "t": at95["statistic"],
                "p": at95["p_value"], "ci95l": at95["lower"], "ci95u": at95["upper"],
                "ci90l": at90["lower"], "ci90u": at90["upper"],
            },
            index=pandas.Index(at95["name"], name="Coefficient"),
        )  # fmt: skip

    def __maketables_stat__(self, key: str) -> Any:
        """One statistic by maketables' key; None for what a mixed model does not have."""
        direct = {
            "N": self.nobs, "n_events": self.n_events, "ll": self.llf, "aic": self.aic,
            "bic": self.bic, "deviance": self.deviance, "se_type": "observed information",
        }  # fmt: skip
        if key in direct:
            return direct[key]
        if key in ("icc", "mor"):
            values = self._core.heterogeneity(0.95)[key]
            return values[0] if len(values) == 1 else None
        return None

    @property
    def __maketables_depvar__(self) -> str:
        """The outcome."""
        return self.response

    @property
    def __maketables_fixef_string__(self) -> str | None:
        """None: groups are random effects here, not fixed ones."""
        return None

    @property
    def __maketables_var_labels__(self) -> dict[str, str] | None:
        """None: coefficient names are already readable."""
        return None

    @property
    def __maketables_vcov_info__(self) -> dict[str, Any]:
        """How the standard errors were made."""
        return {"vcov_type": "observed information", "clustervar": None}

    @property
    def __maketables_stat_labels__(self) -> dict[str, str]:
        """Titles of the statistics maketables does not know."""
        return dict(_LABELS)

    @property
    def __maketables_default_stat_keys__(self) -> list[str]:
        """Statistics shown unless others are asked for."""
        return ["N", "n_events", "ll", "aic", "bic"]
