"""Text that lies in Arrow's buffers is read there: slices, chunks, nothing at all."""

from __future__ import annotations

from typing import Any

import pytest

from melogit.frame import open_frame

pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")


def read(data: Any) -> Any:
    return open_frame(data, ["x"]).columns(["x"])["x"]


LONG = ["", "GP", None, "école", "x" * 300, "GP", None, "🙂", "a", "", "school nurse", "a"] * 3
KINDS_OF_TEXT: dict[str, Any] = {
    "string": pa.string(),
    "large_string": pa.large_string(),
    "string_view": pa.string_view(),
}


@pytest.mark.parametrize("kind", KINDS_OF_TEXT)
@pytest.mark.parametrize(("start", "stop"), [(0, 36), (1, 36), (3, 30), (9, 17), (2, 3), (5, 5)])
def test_slices_of_text_are_read_where_they_lie(kind: str, start: int, stop: int) -> None:
    """A slice shares the buffers of the whole: its text and its missing values begin at an offset, not at a byte."""
    part = LONG[start:stop]
    levels = sorted({text for text in part if text is not None})
    codes = [-1 if text is None else levels.index(text) for text in part]
    whole = pa.array(LONG, KINDS_OF_TEXT[kind])
    halves = pa.chunked_array([whole.slice(0, 7), whole.slice(7)])
    frames = [
        pa.table({"x": whole}).slice(start, stop - start),
        pa.table({"x": halves}).slice(start, stop - start),
        {"x": whole.slice(start, stop - start)},
        pl.DataFrame({"x": LONG}).slice(start, stop - start),
    ]
    for frame in frames:
        found = read(frame)
        assert (found[0].tolist(), found[1]) == (codes, levels)


def test_text_without_rows_or_values() -> None:
    for values in ([], [None, None]):
        expected = ([-1] * len(values), [])
        for frame in (
            pa.table({"x": pa.array(values, pa.string())}),
            pa.table({"x": pa.chunked_array([], pa.string())}).slice(0, 0) if not values else None,
            pl.DataFrame({"x": values}, schema={"x": pl.String}),
            pd.DataFrame({"x": pd.Series(values, dtype="str")}),
        ):
            if frame is not None:
                codes, levels, _ = read(frame)
                assert (codes.tolist(), levels) == expected
