"""Coded variables and kept columns -> the kind of frame the user brought."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from melogit import output
from melogit.factor import Factor
from melogit.optional import optional

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from melogit.frame import Frame

    Variables: TypeAlias = Iterable[tuple[str, Factor | npt.NDArray[np.float64]]]


def coded_frame(variables: Variables, keep: list[str], frame: Frame) -> Any:
    """Build the frame of a `Coded`: its variables, then the columns kept.

    Parameters
    ----------
    variables : iterable of (str, Factor or float array of shape (n_rows,))
        What was coded. The codes are used as they are, not copied, where the backend allows it;
        elsewhere they are needed one variable after the other, and never all at once.
    keep : list of str
        Columns of `frame` to add as they are.
    frame : Frame
        What they were coded from: it gives the backend, the index, and the columns kept.

    Returns
    -------
    frame
        Factors are ordered categoricals in pandas, `Enum` in polars, ordered dictionaries in
        pyarrow. Data that came as a dict become a pandas frame where pandas is installed, else a
        dict of `Factor` and arrays.
    """
    backend = output.choose(frame.backend)
    kept = {name: frame.raw(name) for name in keep}
    if backend == "pandas":
        return _pandas(variables, kept, frame.index)
    if backend == "polars":
        return _polars(variables, kept)
    if backend == "pyarrow":
        return _arrow(variables, kept)
    if backend == "dict":
        return {**dict(variables), **kept}
    return _narwhals(variables, kept, backend)


def _pandas(variables: Variables, kept: dict[str, Any], index: Any) -> Any:
    pd = optional("pandas", "A pandas frame")
    columns = {
        name: pd.Categorical.from_codes(
            values.codes, dtype=pd.CategoricalDtype(values.levels, ordered=True)
        )
        if isinstance(values, Factor)
        else values
        for name, values in variables
    }
    whole = pd.DataFrame(columns, index=index, copy=False)
    for name, values in kept.items():
        whole[name] = values
    return whole


def _polars(variables: Variables, kept: dict[str, Any]) -> Any:
    pl = optional("polars", "A polars frame")
    columns = [
        _polars_enum(pl, values).alias(name)
        if isinstance(values, Factor)
        else pl.Series(name, values, nan_to_null=True)
        for name, values in variables
    ]
    return pl.DataFrame([*columns, *kept.values()])


def _polars_enum(pl: Any, factor: Factor) -> Any:
    # Read as an unsigned number, -1 is the largest there is.
    physical = pl.Series(factor.codes.view(f"u{factor.codes.itemsize}"))
    if factor.codes.min(initial=0) < 0:
        physical = physical.set(physical == 2 ** (8 * factor.codes.itemsize) - 1, None)
    levels = pl.Enum(factor.levels)
    # Polars 2 no longer casts numbers to categories.
    return physical.cat.to(levels) if hasattr(physical.cat, "to") else physical.cast(levels)


def _arrow(variables: Variables, kept: dict[str, Any]) -> Any:
    pa = optional("pyarrow", "An Arrow table")
    columns = {
        name: pa.DictionaryArray.from_arrays(
            pa.array(values.codes, mask=values.codes < 0), pa.array(values.levels, pa.string()), ordered=True
        )
        if isinstance(values, Factor)
        else pa.array(values, from_pandas=True)
        for name, values in variables
    }  # fmt: skip
    return pa.table({**columns, **kept})


def _narwhals(variables: Variables, kept: dict[str, Any], backend: Any) -> Any:
    import narwhals.stable.v2 as nw

    columns = {
        name: nw.new_series(name, values.tolist(), nw.Enum(values.levels), backend=backend)
        if isinstance(values, Factor)
        else nw.new_series(name, values, nw.Float64(), backend=backend)
        for name, values in variables
    }
    # Named once more, the backend would have the series made anew, without their levels.
    return nw.from_dict({**columns, **kept}).to_native()
