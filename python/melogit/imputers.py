"""Completed frames out of the imputers that people use; none of them is imported."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from melogit import checks as check
from melogit.errors import OptionError
from melogit.frame import open_frame

if TYPE_CHECKING:
    from collections.abc import Sequence


def imputations(
    source: Any, *, m: int | None = None, columns: Sequence[str] | None = None
) -> list[Any]:
    """List the completed frames that an imputer holds or made.

    Parameters
    ----------
    source : object
        A sequence or generator of frames; a sequence of arrays, as from several runs of
        scikit-learn's ``IterativeImputer(sample_posterior=True)``; a ``miceforest`` kernel; or a
        ``MICEData`` of statsmodels. None of them is imported here.
    m : int, optional
        How many to take; needed for ``MICEData``, which draws one more at every call.
    columns : sequence of str, optional
        Names of the columns of arrays.

    Returns
    -------
    list of frames

    Raises
    ------
    OptionError
        If `source` is something else, or `m` or `columns` is needed.

    Examples
    --------
    >>> import numpy as np
    >>> import melogit as ml
    >>> ml.imputations([np.zeros((2, 1)), np.ones((2, 1))], columns=["age"])[1]["age"].tolist()
    [1.0, 1.0]
    """
    most = None if m is None else check.at_least_one("m", m)
    if hasattr(source, "complete_data"):
        found = [source.complete_data(dataset=k) for k in range(_datasets(source))]
        return found[:most]
    if hasattr(source, "next_sample"):
        if most is None:
            raise OptionError("m= must say how many imputations to draw.", slug="imputations-m")
        # The object changes its one frame in place.
        return [source.next_sample().copy() for _ in range(most)]
    if (
        isinstance(source, str | dict)
        or hasattr(source, "columns")
        or not hasattr(source, "__iter__")
    ):
        raise OptionError(
            f"A {type(source).__name__} is not a list of completed frames. Pass the frames in a "
            "list, or one frame with imputation= naming the column that numbers them.",
            slug="imputations-type",
        )
    return [_named(frame, columns) for frame in islice(source, most)]


def _datasets(kernel: Any) -> int:
    count = getattr(kernel, "num_datasets", None)
    if count is None:
        count = kernel.dataset_count
    return int(count() if callable(count) else count)


def _named(frame: Any, columns: Sequence[str] | None) -> Any:
    if not isinstance(frame, np.ndarray):
        return frame
    if columns is None or frame.ndim != 2 or frame.shape[1] != len(columns):
        raise OptionError(
            f"columns= must name the columns of an array of shape {frame.shape}.",
            slug="imputations-columns",
        )
    return {name: frame[:, k] for k, name in enumerate(columns)}


def split(data: Any, column: str) -> list[Any]:
    """Cut one long frame into its imputations, in the order of their numbers."""
    opened = open_frame(data)
    numbers = opened.columns([column])[column]
    if isinstance(numbers, tuple):
        codes, levels, _ = numbers
        keys = [(code, level) for code, level in enumerate(levels) if level != "0"]
        rows = [np.flatnonzero(codes == code) for code, _ in keys]
    else:
        rows = [np.flatnonzero(numbers == key) for key in np.unique(numbers) if key != 0]
    if opened.backend == "dict":
        plain = {name: np.asarray(values, dtype=object) if isinstance(values, list) else values
                 for name, values in data.items()}  # fmt: skip
        return [{name: values[at] for name, values in plain.items()} for at in rows]
    import narwhals.stable.v2 as nw

    frame = nw.from_native(data, eager_only=True)
    return [frame[at.tolist()].to_native() for at in rows if len(at)]
