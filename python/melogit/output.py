"""Results back into the kind of frame the user brought."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from melogit.optional import installed, optional

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# What a model loaded from a file uses, there being no frame to imitate.
_PREFERENCE = ("pandas", "polars", "pyarrow")


def choose(backend: str | None) -> str:
    """Settle which backend results take.

    Parameters
    ----------
    backend : str or None
        The backend of the user's data; ``"dict"`` becomes pandas where that is installed; None
        (a loaded model) becomes the first of pandas, polars, pyarrow that is.

    Returns
    -------
    str
        A backend for `frame`; ``"dict"`` if nothing is installed.

    Examples
    --------
    >>> choose("polars")
    'polars'
    """
    if backend is None:
        return next((name for name in _PREFERENCE if installed(name)), "dict")
    if backend == "dict":
        return "pandas" if installed("pandas") else "dict"
    return backend


def frame(columns: Mapping[str, Iterable[Any]], backend: str, index: Any = None) -> Any:
    """Build a frame of the given backend from equally long columns.

    Parameters
    ----------
    columns : mapping of str to iterable
        Text columns may hold None; numbers should use NaN.
    backend : str
        As settled by `choose`.
    index : pandas.Index or sequence, optional
        Row labels; used by pandas, ignored by frames that have none.

    Returns
    -------
    frame
        A native frame, or a dict of lists.

    Examples
    --------
    >>> frame({"term": ["age"], "p": [0.01]}, "dict")
    {'term': ['age'], 'p': [0.01]}
    """
    plain = {name: _plain(values) for name, values in columns.items()}
    if backend == "dict":
        return plain
    if backend == "pandas":
        return optional("pandas", "A pandas result").DataFrame(plain, index=index)
    import narwhals.stable.v2 as nw

    implementation: Any = backend  # narwhals' stub lists its backends one by one
    return nw.from_dict(plain, backend=implementation).to_native()


def labelled(names: Sequence[str], columns: Mapping[str, Iterable[Any]], backend: str) -> Any:
    """Build a frame whose rows have names: the index in pandas, a column ``name`` elsewhere."""
    if backend == "pandas":
        return frame(columns, backend, index=list(names))
    return frame({"name": names, **columns}, backend)


def vector(names: Sequence[str], values: Iterable[Any], backend: str, title: str) -> Any:
    """Build named numbers: a Series in pandas, a dict elsewhere."""
    if backend == "pandas":
        pandas = optional("pandas", "A pandas result")
        return pandas.Series(_plain(values), index=list(names), name=title, dtype="float64")
    return dict(zip(names, _plain(values), strict=True))


def series(values: Any, backend: str, title: str, index: Any = None) -> Any:
    """Build one number per row of the user's data: a Series where the backend has them."""
    if backend == "pandas":
        return optional("pandas", "A pandas result").Series(values, index=index, name=title)
    if backend == "polars":
        return optional("polars", "A polars result").Series(title, values)
    if backend == "pyarrow":
        return optional("pyarrow", "A pyarrow result").array(values)
    return values


def _plain(values: Iterable[Any]) -> list[Any]:
    plain = values.tolist() if hasattr(values, "tolist") else list(values)
    if any(isinstance(value, float) for value in plain):
        # One None among numbers would turn a pandas column into objects.
        plain = [float("nan") if value is None else value for value in plain]
    return plain
