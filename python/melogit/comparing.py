"""`compare`: likelihood-ratio tests between fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from melogit import _core
from melogit.errors import OptionError

if TYPE_CHECKING:
    from melogit.results import Fit


def compare(*fits: Fit) -> Any:
    """Compare nested fits by likelihood ratio, each with the next smaller one.

    The models must be nested and of the same rows and outcome, which is checked in the data: by
    the columns that their terms span, not by their names. Likelihoods by different numbers of
    quadrature points do not compare: where ``points="auto"`` chose one of two, the model with fewer
    points is refitted with as many as the other, from its estimates.

    Parameters
    ----------
    *fits : Fit
        Two or more, in any order; results come from the fewest to the most parameters.

    Returns
    -------
    frame of a row per fit
        model, df, llf, deviance, aic, bic; and against the row above, statistic (twice the gain in
        log-likelihood), df_diff, p_value, reference, NaN in the first row. ``note`` is empty, or
        says with how many points the model was refitted; the fit that was passed is left as it is.

    Raises
    ------
    DataError
        If the fits are of different rows, outcomes, or weights.
    FitError
        If one has not converged, or did not when it was refitted (``refit-not-converged``).
    OptionError
        If the models are not nested, were told different points (``different-points``), or hold no
        rows (loaded or copied).

    Notes
    -----
    Where the larger model has one random effect more, its variance is zero under the smaller one,
    on the edge of what it can be. The statistic is then compared with an equal mixture of
    chi-squares of all degrees of freedom and of one fewer; with several more, with chi-square of
    all of them, which gives an upper bound of the p-value. ``reference`` says which was used.

    References
    ----------
    Self, Liang (1987). Asymptotic properties of maximum likelihood estimators under nonstandard
    conditions. J Am Stat Assoc 82(398). https://doi.org/10.1080/01621459.1987.10478472

    Stram, Lee (1994). Variance components testing in the longitudinal mixed effects model.
    Biometrics 50(4). https://doi.org/10.2307/2533455

    Examples
    --------
    >>> import melogit as ml
    >>> clinics = {
    ...     "rejected": [0, 1, 1, 0, 1] * 24,
    ...     "urgent": ["no", "yes", "yes", "no"] * 30,
    ...     "location": [f"L{i % 6}" for i in range(120)],
    ... }
    >>> without = ml.fit("rejected ~ 1 + (1 | location)", clinics)
    >>> table = ml.compare(without, ml.fit("rejected ~ urgent + (1 | location)", clinics))
    >>> list(table["reference"])
    ['', 'chi2(1)']
    """
    from melogit.results import Fit

    for position, fit in enumerate(fits):
        if not isinstance(fit, Fit):
            raise OptionError(
                f"compare() takes fits of melogit, and argument {position + 1} is a "
                f"{type(fit).__name__}.",
                slug="not-a-fit",
            )
    if len(fits) < 2:
        raise OptionError(
            f"compare() needs at least two fits, and {len(fits)} was given.", slug="one-fit"
        )
    return fits[0]._frame(_core.compare([fit._core for fit in fits]))
