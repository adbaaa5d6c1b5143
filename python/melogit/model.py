"""`fit` and `load`: the two ways to a model. Options are checked here, numbers are made in Rust."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from melogit import _core
from melogit import checks as check
from melogit.checks import at_least_one, one_of
from melogit.coded import Coded
from melogit.contrasts import asked
from melogit.errors import ColumnNotFoundError, LoadError, OptionError
from melogit.progress import telling
from melogit.results import Fit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from os import PathLike

    from melogit.contrasts import Written
    from melogit.progress import Progress


def fit(
    formula: str,
    data: Any,
    *,
    event: str | float | None = None,
    contrasts: Mapping[str, Written] | None = None,
    references: Mapping[str, str] | None = None,
    missing: Literal["drop", "error"] = "drop",
    aliased: Literal["drop", "error"] = "drop",
    points: int | Literal["auto"] = "auto",
    penalty: Literal["jeffreys"] | None = None,
    weights: Any = None,
    offset: Any = None,
    threads: int | None = None,
    max_iterations: int | None = None,
    tolerance: float | None = None,
    start: Fit | None = None,
    progress: bool | Callable[[Progress], object] | None = None,
) -> Fit:
    """Fit a mixed-effects logistic regression by maximum likelihood.

    Parameters
    ----------
    formula : str
        A formula in lme4's grammar, such as ``"rejected ~ source + age + (1 | location)"``. The
        outcome is one column, ``events / trials``, or ``cbind(events, nonevents)``. Choose a
        reference level with ``C(source, ref="GP")``; curves of a number are ``ns(age, df=4)``,
        ``bs(age, df=5)``, ``poly(age, 2)``. Python in it is never evaluated.
    data : data frame, dict of arrays, or Coded
        One row per record: pandas, polars, pyarrow, any other frame narwhals understands, or a
        dict of equally long arrays. Only the columns the formula names are read. Text becomes
        factors in sorted order; declared categories keep their order. What `Codebook.apply`
        returned brings the reference levels and contrasts of its codebook along.
    event : str or number, optional
        The outcome's value that counts as the event. Must be said when the outcome is text or
        categories; of 0 and 1 it is 1, of false and true it is true, unless said otherwise.
    contrasts : mapping of str to str, list, or dict, optional
        Column -> a name such as ``"sum"`` or ``"successive"``, comparisons of levels such as
        ``["CPP - Other"]`` or ``{"CPP v other": "CPP - Other"}``, or scores,
        ``{"polynomial": [0, 5, 10]}``: see `melogit.contrast`. None changes the likelihood.
    references : mapping of str to str, optional
        Column -> its reference level, for treatment and simple contrasts. What is said here, or
        in the formula, goes before what a codebook says.
    missing : {"drop", "error"}, default "drop"
        Drop rows with a missing value in any used column, and report how many; or refuse them.
    aliased : {"drop", "error"}, default "drop"
        Leave out redundant columns, and report which; or refuse them.
    points : int or "auto", default "auto"
        How closely the random effects are integrated out. 1 is the Laplace approximation, which is
        biased where groups have a few yes/no records each; 2 to 100 are points per effect of
        adaptive Gauss-Hermite quadrature. It is for one grouping factor, or several each nested in
        the next, with one to three effects per group (k effects on a record mean ``points**k``
        nodes for it, at most 10,000). ``"auto"`` starts with 1 and raises the points until the next
        rule would change no estimate by more than 0.005 standard errors, and the log-likelihood by
        no more than 0.001 per independent group; it stops early where a variance runs off because
        most groups have one outcome only (``variance-runs-off`` in ``fit.diagnostics``). Crossed
        factors have the Laplace approximation alone. Whatever was chosen, ``fit.integration`` says
        how far the next rule would move the result.
    penalty : {"jeffreys"}, optional
        Maximise the log-likelihood plus half the log-determinant of the information about the
        coefficients in the marginal likelihood. Without random effects that is Firth's method.
        Estimates are finite for any data, also where a level has no event (separation); intervals
        come from `Fit.penalised_intervals`.
    weights : str or array-like of shape (n_rows,), optional
        What each row's log-likelihood is multiplied by: a numeric column's name, or one number per
        row of `data`. Whole numbers give the likelihood of rows repeated that often, but `nobs`,
        `bic` and group sizes count a row once. A row of weight zero is not analysed.
    offset : str or array-like of shape (n_rows,), optional
        Added to the linear predictor, in log odds: a column's name, or one number per row.
    threads : int, optional
        Threads to use at most. By default the environment variable ``MELOGIT_THREADS`` says (read
        once, at the first use), else ``RAYON_NUM_THREADS``, else it is one per core that the
        process may use, at most eight, as a server has other users. The result does not change.
    max_iterations : int, optional
        Stop the optimiser after this many iterations, converged or not.
    tolerance : float, optional
        Predicted remaining drop in deviance at which the optimiser stops, at most 0.01; by default
        1e-8.
    start : Fit, optional
        A fit of the same model to similar data, such as another imputation: the optimiser starts at
        its estimates. The result does not depend on it beyond the tolerance.
    progress : bool or callable, optional
        A fit that takes more than a second shows how far it has come, in a notebook or on a
        terminal; elsewhere it is silent. False is always silent, True writes to the error stream
        wherever it is; a function is called with a `Progress` up to four times a second.

    Returns
    -------
    Fit
        Also when the optimiser did not converge: see ``fit.converged`` and ``fit.diagnostics``.

    Raises
    ------
    FormulaError
        If the formula is not a model; the message has a caret under the place.
    ColumnNotFoundError
        If the formula names a column the data lack.
    DataError
        If the data cannot be used as asked; its children say in which way.
    OptionError
        If an argument has no meaning.

    Examples
    --------
    >>> import melogit as ml
    >>> clinics = {
    ...     "rejected": [1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1] * 10,
    ...     "urgent": ["no", "yes", "yes", "no"] * 30,
    ...     "location": [f"L{i % 6}" for i in range(120)],
    ... }
    >>> fit = ml.fit("rejected ~ urgent + (1 | location)", clinics, event=1)
    >>> fit.nobs, list(fit.params.keys())
    (120, ['(Intercept)', 'urgent[yes]'])

    References
    ----------
    Pinheiro, Chao (2006). Efficient Laplacian and adaptive Gaussian quadrature algorithms for
    multilevel generalized linear mixed models. J Comput Graph Stat 15(1).
    https://doi.org/10.1198/106186006X96962

    Bates, Mächler, Bolker, Walker (2015). Fitting linear mixed-effects models using lme4.
    Journal of Statistical Software 67(1). https://doi.org/10.18637/jss.v067.i01

    Firth (1993). Bias reduction of maximum likelihood estimates. Biometrika 80(1).
    https://doi.org/10.1093/biomet/80.1.27

    Heinze, Schemper (2002). A solution to the problem of separation in logistic regression.
    Statistics in Medicine 21(16). https://doi.org/10.1002/sim.1047
    """
    if not isinstance(formula, str):
        raise OptionError(
            f"The formula must be text and comes first: fit(formula, data). Here the first "
            f"argument is a {type(formula).__name__}.",
            slug="formula-type",
        )
    needed = _core.formula_columns(formula)
    contrasts = _mapping("contrasts", contrasts, needed)
    references = _mapping("references", references, needed)
    if isinstance(data, Coded):
        factors = _core.formula_categories(formula)
        contrasts = _declared(data.contrasts, factors, contrasts)
        references = _declared(data.references, factors, references)
        data = data.frame
    options: dict[str, Any] = {
        "event": _event(event),
        "contrasts": {c: asked("contrasts", value) for c, value in contrasts.items()},
        "references": {column: str(level) for column, level in references.items()},
        "missing": one_of("missing", missing, ("drop", "error")),
        "aliased": one_of("aliased", aliased, ("drop", "error")),
        "points": check.points(points),
        "penalty": None if penalty is None else one_of("penalty", penalty, ("jeffreys",)),
        "threads": None if threads is None else at_least_one("threads", threads),
        "max_iterations": (
            None if max_iterations is None else at_least_one("max_iterations", max_iterations)
        ),
        "tolerance": _tolerance(tolerance),
        "start": _start(start),
    }
    # Imported here because it brings numpy, which `import melogit` should not wait for.
    from melogit.frame import open_frame

    extra = [name for name in (weights, offset) if isinstance(name, str)]
    frame = open_frame(data, list(dict.fromkeys([*needed, *extra])))
    columns = frame.columns(needed)
    options["weights"] = frame.numeric("weights", weights)
    options["offset"] = frame.numeric("offset", offset)
    with telling(progress) as told:
        options["progress"] = told
        core = _core.fit(formula, columns, frame.nrows, options)
    return Fit(core, frame.backend)


def load(path: str | PathLike[str]) -> Fit:
    """Read a model that `Fit.save` wrote.

    Parameters
    ----------
    path : str or path-like
        A JSON file. Reading one runs no code from it.

    Returns
    -------
    Fit
        Its frames are pandas where that is installed, else polars, pyarrow, or dicts.

    Raises
    ------
    LoadError
        If the file is missing or unreadable (``load-file``), or is not a model this release can
        read.

    Examples
    --------
    >>> import melogit as ml
    >>> ml.load("no such file.json")
    Traceback (most recent call last):
        ...
    melogit.errors.LoadError: Cannot read 'no such file.json': No such file or directory.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise LoadError(f"Cannot read {str(path)!r}: {reason}.", slug="load-file") from error
    except UnicodeDecodeError as error:
        raise LoadError(
            f"{str(path)!r} is not a saved model: it is not UTF-8 text.", slug="load-text"
        ) from error
    try:
        return Fit(_core.Fit.from_json(text), None)
    except LoadError as error:
        raise LoadError(f"Cannot read {str(path)!r}: {error}", slug=error.slug) from None


def _start(start: Any) -> _core.Fit | None:
    if start is None or isinstance(start, Fit):
        return None if start is None else start._core
    raise OptionError(
        f"start= is a fit of the same model, not a {type(start).__name__}.", slug="start-type"
    )


def _event(event: Any) -> str | None:
    if event is None or isinstance(event, str):
        return event
    if isinstance(event, bool | int | float):
        # The core compares text; 1 and 1.0 are the same number.
        return str(int(event) if isinstance(event, float) and event.is_integer() else event)
    raise OptionError(
        f"event= is the outcome's level to count, as text or a number, not a "
        f"{type(event).__name__}.",
        slug="event-type",
    )


def _mapping(option: str, given: Any, needed: Sequence[str]) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise OptionError(
            f"{option}= is a dict of column to value, not a {type(given).__name__}.",
            slug=f"{option}-type",
        )
    for column in given:
        if column not in needed:
            close = get_close_matches(str(column), needed, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise ColumnNotFoundError(
                f"{option}= names {column!r}, which is not a column of the formula.{hint} "
                f"The formula uses: {', '.join(needed)}.",
                slug=f"{option}-column",
            )
    return dict(given)


def _declared(
    codebook: dict[str, Any], factors: list[str], given: dict[str, Any]
) -> dict[str, Any]:
    """Take what the codebook says of the factors in the formula, where the caller says nothing."""
    return {column: said for column, said in codebook.items() if column in factors} | given


def _tolerance(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 0.01:
        raise OptionError(
            f"tolerance={value!r} must be a number above 0 and at most 0.01. It is the drop in "
            "deviance, predicted at the end, below which the fit counts as converged.",
            slug="tolerance-range",
        )
    return float(value)
