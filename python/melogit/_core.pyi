# The compiled core: numbers only. It sees f64 columns, integer codes, and one options object.

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Codes: TypeAlias = npt.NDArray[np.int32]
# Codes into the levels (-1 = missing), the levels, and whether the frame declared their order.
Categorical: TypeAlias = tuple[Codes, list[str], bool]
Column: TypeAlias = Floats | Categorical
# Called with seconds, pieces of work there are, those that are over, and those that failed.
Counted: TypeAlias = Callable[[float, int, int, int], object]

__version__: str
debug_build: bool

# Every data column the formula needs, in order of first mention. Raises FormulaError.
def formula_columns(formula: str) -> list[str]: ...

# The formula in its one canonical spelling. Raises FormulaError.
def canonical_formula(formula: str) -> str: ...

# Those among them that a term uses as they are, or as categories: not the outcome, not the groups.
def formula_categories(formula: str) -> list[str]: ...

# A contrast over levels, from its name, label and text of comparisons, or scores: name, levels,
# reference, labels, matrix, coefficients, hypotheses, comparisons. Raises LevelError, OptionError.
def contrast(
    kind: str | list[tuple[str, str]] | list[float], levels: list[str], reference: str | None
) -> dict[str, Any]: ...

# Codes and sorted levels of str/None/NaN objects. Raises DataError at the first other object.
def encode_objects(values: npt.NDArray[np.object_]) -> tuple[Codes, list[str]]: ...

# The same for an Arrow string array, from its buffers: `length` strings from position `offset`.
def encode_utf8(
    offsets: npt.NDArray[np.int32] | npt.NDArray[np.int64],
    data: npt.NDArray[np.uint8],
    validity: npt.NDArray[np.uint8] | None,
    offset: int,
    length: int,
) -> tuple[Codes, list[str]]: ...
def fit(formula: str, columns: dict[str, Column], nrows: int, options: dict[str, Any]) -> Fit: ...

# A fitted model, frozen.
class Fit:
    @property
    def formula(self) -> str: ...
    @property
    def response(self) -> str: ...
    @property
    def event(self) -> str: ...
    @property
    def nobs(self) -> int: ...
    @property
    def n_events(self) -> float: ...
    @property
    def n_trials(self) -> float: ...
    @property
    def grouped(self) -> bool: ...
    @property
    def loglik(self) -> float: ...
    @property
    def null_loglik(self) -> float | None: ...
    @property
    def df(self) -> int: ...
    @property
    def converged(self) -> bool: ...
    @property
    def points(self) -> int: ...
    @property
    def certificate(self) -> float: ...
    @property
    def names(self) -> list[str]: ...
    @property
    def params(self) -> Floats: ...
    @property
    def joint_names(self) -> list[str]: ...
    @property
    def joint_cov(self) -> Floats: ...
    @property
    def used_rows(self) -> npt.NDArray[np.bool_]: ...
    def coefficient_table(self, level: float) -> dict[str, list[Any]]: ...
    def odds_ratio_table(self, level: float) -> dict[str, list[Any]]: ...
    @property
    def penalised_loglik(self) -> float | None: ...
    # name, estimate, lower, upper, statistic, p_value. Raises OptionError without a penalty or rows.
    def penalised_profile(self, level: float) -> dict[str, list[Any]]: ...
    # complete, trials, and coefficients (name, estimate); None where there is none.
    def separation(self) -> dict[str, Any] | None: ...
    # term, level, n, events of levels with no event, or nothing else.
    def one_sided_cells(self) -> dict[str, list[Any]]: ...
    def term_tests(self) -> dict[str, list[Any]]: ...
    def variance_table(self, level: float) -> dict[str, list[Any]]: ...
    def groups(self) -> dict[str, list[Any]]: ...
    def heterogeneity(self, level: float) -> dict[str, list[Any]]: ...
    def clustering_test(self) -> dict[str, float] | None: ...
    def random_effects(self) -> dict[str, dict[str, list[Any]]]: ...
    def diagnostics(self) -> list[dict[str, str]]: ...
    def missing(self) -> dict[str, Any]: ...
    def coding(self) -> list[dict[str, Any]]: ...
    # Column -> as `contrast` gives it.
    def contrasts(self) -> dict[str, dict[str, Any]]: ...
    def settings(self) -> dict[str, Any]: ...
    # points, next_points (None: second-order terms), llf_change, llf_error, largest_change (in SE; None: not found), parameter.
    def integration(self) -> dict[str, list[Any]]: ...
    # What the last row of `integration` means; empty where there is none.
    def integration_words(self) -> str: ...
    # deviance, nodes (per group; 1: Laplace), promised (by how much it could still drop; NaN where not computed), sweeps.
    def trace(self) -> list[dict[str, float]]: ...
    def predict(
        self,
        columns: dict[str, Column],
        nrows: int,
        kind: str,
        level: float,
        new_levels: Literal["error", "typical", "marginal"],
        offset: Floats | None,
        interval: str,
    ) -> dict[str, Floats]: ...
    def standardise(
        self,
        columns: dict[str, Column],
        nrows: int,
        column: str,
        level: float,
        offset: Floats | None,
    ) -> dict[str, list[Any]]: ...
    def to_json(self) -> str: ...
    @staticmethod
    def from_json(text: str) -> Fit: ...

# Events drawn from a fit, (replicates, rows analysed). Raises OptionError where the fit holds no rows.
def simulate(fit: Fit, replicates: int, seed: int) -> Floats: ...

# Profile-likelihood intervals, traces, and the number of refits. Raises FitError, OptionError.
def profile(
    fit: Fit,
    parameters: list[str] | None,
    level: float,
    steps: int,
    threads: int | None,
    progress: Counted | None,
) -> tuple[dict[str, list[Any]], dict[str, list[Any]], int]: ...

# Points of the contours of two parameters: level, angle, a, b, rise, boundary.
def profile_contour(
    fit: Fit,
    names: tuple[str, str],
    levels: list[float],
    rays: int,
    threads: int | None,
    progress: Counted | None,
) -> dict[str, list[Any]]: ...

# Names, estimates, draws (replicates, names), and failures: replicate, slug, message.
def bootstrap(
    fit: Fit, replicates: int, seed: int, threads: int | None, progress: Counted | None
) -> tuple[list[str], list[float], Floats, dict[str, list[Any]]]: ...

# bias, std_error, lower, upper, draws, from draws (replicates, estimates) row after row.
def bootstrap_intervals(
    draws: Floats, estimates: list[float], level: float, kind: str
) -> dict[str, list[Any]]: ...

# Records per group, log odds of the unexposed, exposures, SD of the groups.
Design: TypeAlias = tuple[list[int], float, list[tuple[float, float, bool]], float]

# One outcome of a design: groups, exposures, events. An exposure is a share, a log odds ratio, and whether it is a group's.
def draw_design(
    design: Design, seed: int
) -> tuple[npt.NDArray[np.uint32], list[Floats], Floats]: ...

# A table of power and coverage, and replicates that failed by cause. `how`: replicates, seed, level, profile, points.
def design_power(
    design: Design,
    names: list[str],
    how: tuple[int, int, float, bool, int],
    threads: int | None,
    progress: Counted | None,
) -> tuple[dict[str, list[Any]], list[tuple[str, int]]]: ...

# The same of the study that was fitted, were these log odds ratios the truth. Raises FitError, OptionError.
def fit_power(
    fit: Fit,
    truths: list[tuple[str, float]],
    how: tuple[int, int, float, bool, int],
    threads: int | None,
    progress: Counted | None,
) -> tuple[dict[str, list[Any]], list[tuple[str, int]]]: ...

# Fits to imputations. Raise OptionError of one fit, DataError where they differ, FitError where one did not converge.
def check_poolable(fits: list[Fit]) -> None: ...
def pooled_coefficients(
    fits: list[Fit], complete_df: float, level: float
) -> dict[str, list[Any]]: ...
def pooled_odds_ratios(
    fits: list[Fit], complete_df: float, level: float
) -> dict[str, list[Any]]: ...
def pooled_variances(fits: list[Fit], complete_df: float, level: float) -> dict[str, list[Any]]: ...
def pooled_tests(fits: list[Fit], method: str, complete_df: float) -> dict[str, list[Any]]: ...

# Likelihood-ratio tests between nested fits, fewest parameters first: model, df, llf, deviance, aic, bic, statistic,
# df_diff, p_value, reference. Raises DataError, FitError, OptionError.
def compare(fits: list[Fit]) -> dict[str, list[Any]]: ...

# One test per term, type "II" or "III", Wald or by refits: term, statistic, df, p_value, note.
def anova(fit: Fit, kind: str, likelihood: bool, threads: int | None) -> dict[str, list[Any]]: ...

# Each random term left out: group, term, statistic, df, p_value, reference.
def variance_test(fit: Fit, group: str | None, threads: int | None) -> dict[str, list[Any]]: ...

# Hypotheses as text: hypothesis, estimate, std_error, lower, upper, value, statistic, p_value; and the joint test's
# statistic, df, p-value.
def test_hypotheses(
    fit: Fit, texts: list[str], level: float
) -> tuple[dict[str, list[Any]], tuple[float, int, float]]: ...

# Levels against each other: level, reference, odds_ratio, lower, upper, estimate, std_error, statistic, p_value,
# p_unadjusted, p_error.
def pairwise(
    fit: Fit, column: str, reference: str | None, adjust: str, level: float
) -> dict[str, list[Any]]: ...

# The fit with a covariance robust to clusters: a grouping factor's, those of a column "cluster" and its length, or (both
# None) the outermost grouping factor's.
def robust(
    fit: Fit,
    group: str | None,
    cluster: tuple[dict[str, Column], int] | None,
    kind: str,
    threads: int | None,
) -> Fit: ...

# Average risks compared between values of a column (`at` of a number). `pairs` overrules `contrast`. The options of this
# and of the next two: columns (None: the rows analysed), nrows, offset, weights, weights_column, over, kind, interval,
# seed, replicates, level, threads.
def effects(
    fit: Fit,
    column: str,
    at: Floats | None,
    contrast: str,
    pairs: list[tuple[str, str]] | None,
    options: dict[str, Any],
) -> dict[str, list[Any]]: ...

# Average slope of the risk in a number, or its change for a step.
def marginal_effects(
    fit: Fit, column: str, step: float | None, options: dict[str, Any]
) -> dict[str, list[Any]]: ...

# How two factors act together, a row per pair of levels and measure.
def interaction(
    fit: Fit, first: str, second: str, options: dict[str, Any]
) -> dict[str, list[Any]]: ...

# Columns that random slopes are of.
def slope_columns(fit: Fit) -> list[str]: ...

# Shares of the variance and median odds ratios: at the intercepts, or at each row of `columns`, group after group.
def heterogeneity_at(
    fit: Fit, columns: dict[str, Column] | None, nrows: int, level: float
) -> dict[str, list[Any]]: ...

# Interval odds ratios and shares of opposed ones, per coefficient.
def interval_odds_ratios(
    fit: Fit, group: str, share: float, level: float
) -> dict[str, list[Any]]: ...

# Ranks of the groups and their intervals.
def ranking(
    fit: Fit, group: str, term: str | None, level: float, seed: int, replicates: int
) -> dict[str, list[Any]]: ...

# Observed against expected events by group, and by how much the limits' variance was widened.
def funnel(
    fit: Fit, group: str, levels: tuple[float, float], overdispersed: bool
) -> tuple[dict[str, list[Any]], float]: ...

# Proportional change in variance from one fit to another of the same rows.
def variance_change(
    before: Fit, after: Fit, level: float, seed: int, replicates: int, threads: int | None
) -> dict[str, list[Any]]: ...

# The rows of a fit beside their risks, of a kind of prediction. Raises OptionError where it holds none.
def own_forecasts(fit: Fit, kind: str, group: str | None) -> Forecasts: ...

# New rows beside their risks.
def new_forecasts(
    fit: Fit,
    columns: dict[str, Column],
    nrows: int,
    kind: str,
    group: str | None,
    offset: Floats | None,
) -> Forecasts: ...

# Risks beside what happened, frozen. Tables are columns by name.
class Forecasts:
    # One row of measures of fit.
    def goodness(self) -> dict[str, list[Any]]: ...
    # scope, independent, pairs, auc, std_error, lower, upper.
    def auc(self, level: float) -> dict[str, list[Any]]: ...
    # n, events, predicted, observed, lower, upper.
    def bins(self, count: int, level: float) -> dict[str, list[Any]]: ...
    # predicted, observed.
    def curve(self) -> dict[str, list[Any]]: ...
    # statistic, df, p-value, groups.
    def hosmer_lemeshow(self, groups: int) -> tuple[float, int, float, int]: ...

# row, trials, observed, expected, residual, in the order of the data.
def classic_residuals(fit: Fit, kind: str) -> dict[str, list[Any]]: ...

# Simulated residuals of rows, or of the levels of a grouping factor.
def quantile_residuals(
    fit: Fit,
    replicates: int,
    seed: int,
    conditional: bool,
    group: str | None,
    threads: int | None,
) -> QuantileResiduals: ...

# Simulated residuals, frozen.
class QuantileResiduals:
    # row or level, trials, observed, expected, residual.
    def table(self) -> dict[str, list[Any]]: ...
    # test, statistic, expected, p_value.
    def tests(self) -> dict[str, list[Any]]: ...

# Each group left out: a row per group, and a row per group and coefficient.
def influence(
    fit: Fit,
    group: str | None,
    exact: bool,
    threads: int | None,
    progress: Counted | None,
) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]: ...

# term, df, gvif, gvif_scaled.
def collinearity(fit: Fit) -> dict[str, list[Any]]: ...

# E-values of a ratio and of the nearer end of its interval.
def e_value(ratio: float, lower: float, upper: float, common_odds: bool) -> tuple[float, float]: ...

# term, level, odds_ratio, lower, upper, e_value, e_value_bound.
def e_value_table(fit: Fit, level: float, common_odds: bool) -> dict[str, list[Any]]: ...

# confounder_odds_ratio, prevalence_unexposed, prevalence_estimate, prevalence_bound.
def tipping_points(
    odds_ratio: tuple[float, float, float],
    risk: float,
    confounders: list[float],
    prevalences: list[float],
) -> dict[str, list[Any]]: ...

# The code lists that come with the package: name, title, field, source, version, groupings, codes, missing.
def code_lists() -> list[dict[str, Any]]: ...

# Values as a codebook reads them: numbers as their shortest text. Raises DataError where there is none.
def code_texts(values: list[Any]) -> list[str | None]: ...

# What reads a column for a codebook; `rows` is how many will come.
def source_builder(name: str, rows: int, threads: int | None) -> SourceBuilder: ...

# A column being read. Rows are pushed in order, in pieces of any kind.
class SourceBuilder:
    # Arrow strings, as in encode_utf8.
    def push_strings(
        self,
        offsets: npt.NDArray[np.int32] | npt.NDArray[np.int64],
        data: npt.NDArray[np.uint8],
        validity: npt.NDArray[np.uint8] | None,
        offset: int,
        length: int,
    ) -> None: ...
    # Arrow string views: 16 bytes each, and the buffers that the longer ones point into.
    def push_views(
        self,
        views: npt.NDArray[np.uint8],
        data: list[npt.NDArray[np.uint8]],
        validity: npt.NDArray[np.uint8] | None,
        offset: int,
        length: int,
    ) -> None: ...
    # Text, numbers, booleans, None, NaN, and NA in any mixture. Raises DataError at the first other object.
    def push_objects(self, values: npt.NDArray[np.object_]) -> None: ...
    def push_floats(self, values: Floats) -> None: ...
    # With a bitmap where some have no value.
    def push_integers(
        self, values: npt.NDArray[np.int64], validity: npt.NDArray[np.uint8] | None
    ) -> None: ...
    # Codes (int8, 16, or 32) into the levels, which may be what push_objects takes; -1 where there is no value.
    def push_codes(self, codes: npt.NDArray[Any], levels: list[Any]) -> None: ...
    def finish(self) -> Source: ...

# A column as read: its distinct texts and where they stand.
class Source:
    @property
    def rows(self) -> int: ...

# A codebook, frozen.
class Codebook:
    @staticmethod
    def parse(text: str, name: str) -> Codebook: ...
    @staticmethod
    def from_json(text: str) -> Codebook: ...
    def to_toml(self) -> str: ...
    def same(self, other: Codebook) -> bool: ...
    @property
    def title(self) -> str | None: ...
    @property
    def description(self) -> str | None: ...
    # What each variable declares, in order.
    def variables(self) -> list[dict[str, Any]]: ...
    # The columns it reads, in order of first use.
    def columns(self) -> list[str]: ...
    # Raises ColumnNotFoundError.
    def check_columns(self, names: list[str]) -> None: ...
    def code(
        self,
        variable: str,
        sources: dict[str, Source],
        lookups: dict[str, dict[str, str]],
        threads: int | None,
    ) -> CodedVariable: ...
    # Raises DataError for the values that variables which refuse them do not cover.
    def refuse_uncovered(self, coded: list[CodedVariable]) -> None: ...
    # The same with the rare levels of these variables settled.
    def settled(self, merged: dict[str, list[str]]) -> Codebook: ...

# A variable as coded.
class CodedVariable:
    # Moves the values out: codes into the levels (-1 = missing), or numbers (NaN = missing). Once.
    def take_values(self) -> npt.NDArray[Any]: ...
    @property
    def levels(self) -> list[str]: ...
    @property
    def merged(self) -> list[str]: ...
    # Rows the look-up table should have and lacks, rows it has, and rows of areas it is not made for.
    @property
    def unmatched(self) -> tuple[int, int, int] | None: ...
    # source, cleaned, read_as, coded, level, cause, rows, covered.
    def account(self) -> dict[str, list[Any]]: ...

# A lexicon that was read, frozen. `parse` raises LexiconError.
class Lexicon:
    @staticmethod
    def parse(text: str, name: str) -> Lexicon: ...
    @staticmethod
    def starter() -> Lexicon: ...
    def to_toml(self) -> str: ...
    @property
    def title(self) -> str | None: ...
    def themes(self) -> dict[str, list[Any]]: ...
    # mentions (a table, places in characters), missing, empty, and n_... counts of notes x themes.
    def apply(self, notes: list[Any]) -> dict[str, Any]: ...

# Codes are 0 to categories - 1, and -1 where there is none. A kappa is a dict of numbers and findings.
def cohen_kappa(
    first: Codes, second: Codes, categories: int, weights: str | None, level: float
) -> dict[str, Any]: ...

# Over all categories, and for each; `ratings` has a row of `raters` codes per subject.
def fleiss_kappa(
    ratings: Codes, raters: int, categories: int, level: float
) -> tuple[dict[str, Any], list[dict[str, Any]]]: ...

# Codes are 1, 0, and -1.
def compare_codings(lexicon: Codes, human: Codes, level: float) -> dict[str, Any]: ...
