"""The study's analysis: one exposure, a location effect, unadjusted and adjusted.

All models use the same complete rows, so that an adjusted odds ratio differs from the unadjusted
one by the adjustment alone and not by who is in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from time import perf_counter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from melogit import output
from melogit.camhs import export, paper, words
from melogit.camhs.compared import comparison_columns, planted_in
from melogit.camhs.flow import Flow, flow_of, take
from melogit.camhs.question import ADJUSTMENT, Question
from melogit.camhs.risks import e_value_columns, risk_columns
from melogit.model import fit

if TYPE_CHECKING:
    from melogit.results import Fit
    from melogit.tables import Table

Columns = dict[str, list[Any]]


@dataclass(frozen=True)
class Analysis:
    """Unadjusted and adjusted models of one question, and everything a paper reports of them.

    Attributes
    ----------
    question : Question
        The choices made.
    adjusted : Fit
        The model with the exposure and every covariate.
    unadjusted : mapping of str to Fit
        For the exposure and each covariate, the model with it alone (and the location).
    counts : Flow
        Rows read, dropped and analysed.
    risk_columns : dict
        Standardised risks of the exposure's levels, as `risks` gives them.
    planted : mapping or None
        What a synthetic cohort says was planted in it.
    seconds : mapping of str to float
        Time each stage took.
    backend : str
        Kind of frame that the methods give.

    Examples
    --------
    >>> from melogit import camhs
    >>> analysis = camhs.analyse(camhs.synthetic_referrals(4000, locations=20))
    >>> analysis.counts.rows_read
    4000
    """

    question: Question
    adjusted: Fit
    unadjusted: Mapping[str, Fit]
    counts: Flow
    risk_columns: Columns
    planted: Mapping[str, Any] | None
    seconds: Mapping[str, float]
    backend: str

    def table(self) -> Table:
        """Lay the odds ratios out as a paper prints them.

        Returns
        -------
        Table
            Variable, levels with the word Reference, n (%), outcome n (%), unadjusted and
            adjusted odds ratio with intervals. Prints as text; ``.html()``, ``.latex()``,
            ``.markdown()`` and ``.csv()`` render it elsewhere.
        """
        return paper.odds_table(self)

    def odds_ratios(self) -> Any:
        """Give the numbers of `table` as a frame: one row per level, unadjusted and adjusted."""
        return self._frame(paper.odds_columns(self))

    def risks(self) -> Any:
        """Give odds ratios beside standardised risks, risk ratios and risk differences.

        Returns
        -------
        frame
            level, n, odds_ratio, risk, risk_ratio, risk_difference, each with its interval.
            The risk of a level is the average predicted risk if every row analysed had that
            level and kept everything else (g-computation), the location effect integrated out.
        """
        return self._frame(self.risk_columns)

    def flow(self) -> Any:
        """Give the rows at each stage, and the missing values of each column, as a frame."""
        return self._frame(self.counts.columns())

    def e_values(self) -> Any:
        """Give the E-value of each level of the exposure, from its odds ratio and its risk ratio.

        Returns
        -------
        frame
            level, e_value, e_value_bound (from the square root of the adjusted odds ratio, the
            approximation for a common outcome), e_value_rr, e_value_rr_bound (from the
            standardised risk ratio, which needs no approximation).
        """
        return self._frame(e_value_columns(self.risk_columns))

    def variance_components(self) -> Any:
        """Give the SD, the intraclass correlation and the median odds ratio of the location."""
        measures = self.adjusted._core.heterogeneity(self.question.level)
        return self._frame(measures)

    def comparison(self) -> Any:
        """Compare what was planted in a synthetic cohort with what was estimated.

        Returns
        -------
        frame or None
            None when the data do not say that they are synthetic, or the adjusted model is not
            the one that made them.
        """
        columns = comparison_columns(self.adjusted._core, self.question, self.planted)
        return None if columns is None else self._frame(columns)

    def text(self) -> str:
        """Say in words what was found, and what it does not mean."""
        return words.text(self)

    def to_csv(self, folder: str | PathLike[str]) -> list[Path]:
        """Write every table as a CSV file into a folder, which is made if need be.

        Counts are written as they are: on real data, apply your disclosure rule first.

        Returns
        -------
        list of Path
            The files written.
        """
        return export.write_tables(self, Path(folder))

    def report(self, path: str | PathLike[str]) -> Path:
        """Write one self-contained HTML page: words, tables, plots, settings.

        Returns
        -------
        Path
            The file written.
        """
        from melogit.camhs import report

        return report.write(self, Path(path))

    def __str__(self) -> str:
        """Return the words and the table as text."""
        return f"{self.text()}\n\n{self.table().text()}"

    def __repr__(self) -> str:
        """Name the analysis in one line."""
        counts = self.counts
        return (
            f"<camhs.Analysis of {self.question.outcome} by {self.question.exposure}: "
            f"{counts.rows_analysed:,} of {counts.rows_read:,} rows, {counts.locations} locations>"
        )

    def _repr_html_(self) -> str:
        from melogit.camhs import report

        return report.fragment(self)

    def _frame(self, columns: Columns) -> Any:
        return output.frame(columns, self.backend)


def analyse(
    referrals: Any,
    *,
    outcome: str = "rejected",
    exposure: str = "social_work",
    adjust: Sequence[str] = ADJUSTMENT,
    location: str = "location",
    event: Any = None,
    references: Mapping[str, str] | None = None,
    points: int | Literal["auto"] = "auto",
    level: float = 0.95,
    threads: int | None = None,
) -> Analysis:
    """Run the study's analysis on a frame of referrals.

    Rows without a value in any column of the adjusted model are left out of every model.

    Parameters
    ----------
    referrals : data frame, or dict of arrays
        One row per referral: any frame that `melogit.fit` reads.
    outcome : str
        Column with the outcome, 0/1 or two levels.
    exposure : str
        Categorical column of interest. Its levels, their precedence where a young person fits
        several, and the rule that makes a referral "rejected" are your choices: state them.
    adjust : sequence of str
        Columns of the adjusted model beside the exposure.
    location : str
        Column whose levels differ by a random effect.
    event : str or number, optional
        The outcome's value that counts; needed unless the outcome is 0/1 or True/False.
    references : mapping of str to str, optional
        Reference level per column; by default a category's first.
    points : int or "auto"
        Quadrature points per location; 1 is the Laplace approximation, ``"auto"`` as many as the
        estimates need to hold still.
    level : float
        Confidence level.
    threads : int, optional
        Threads to use at most. The result does not change.

    Returns
    -------
    Analysis

    Raises
    ------
    OptionError
        If a column has two roles, or an argument has no meaning.
    MelogitError
        Whatever `melogit.fit` refuses.

    References
    ----------
    COACHES briefing, and its preprint, https://doi.org/10.31234/osf.io/9utzk_v1: the model.
    VanderWeele, Ding (2017), Annals of Internal Medicine 167, 268-274: the E-value.
    Larsen, Merlo (2005), American Journal of Epidemiology 161, 81-88: the median odds ratio.
    von Elm et al. (2007), STROBE, BMJ 335, 806-808: what is reported.

    Examples
    --------
    >>> from melogit import camhs
    >>> referrals = camhs.synthetic_referrals(4000, locations=20)
    >>> analysis = camhs.analyse(referrals, adjust=("age_band", "gender"))
    >>> [name for name in analysis.unadjusted]
    ['social_work', 'age_band', 'gender']
    """
    chosen = tuple((references or {}).items())
    question = Question(outcome, exposure, adjust, location, event, chosen, points, level)
    started = perf_counter()
    laps: dict[str, float] = {}
    adjusted = _fit(question, question.variables, referrals, threads)
    laps["adjusted model"] = perf_counter() - started
    complete = take(referrals, question.columns, adjusted._core.used_rows)
    started = perf_counter()
    unadjusted = {name: _fit(question, (name,), complete, threads) for name in question.variables}
    laps[f"{len(unadjusted)} unadjusted models"] = perf_counter() - started
    started = perf_counter()
    risks = risk_columns(adjusted._core, complete, question)
    laps["standardised risks"] = perf_counter() - started
    return Analysis(
        question=question,
        adjusted=adjusted,
        unadjusted=MappingProxyType(unadjusted),
        counts=flow_of(adjusted._core, question.columns),
        risk_columns=risks,
        planted=planted_in(referrals),
        seconds=MappingProxyType(laps),
        backend=adjusted._backend,
    )


def _fit(question: Question, variables: Sequence[str], data: Any, threads: int | None) -> Fit:
    """Fit the outcome on some variables and the location."""
    return fit(question.formula(variables), data, threads=threads, **question.options(variables))
