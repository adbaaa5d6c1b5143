"""Finding the tables of an extract: files in a folder, or frames under names."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw

from melogit.camhs.mhsds import cells
from melogit.camhs.mhsds.fields import TABLES
from melogit.errors import DataError, OptionError
from melogit.optional import installed, optional

ENGINES = ("polars", "pandas", "pyarrow")
_NUMBER = re.compile(r"mhs[ _.-]*(\d{3})(?!\d)", re.IGNORECASE)
_SUFFIXES = (".csv", ".csv.gz", ".parquet", ".pq")
_SEPARATORS = ",|;\t"
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Part:
    """One file or frame that holds rows of a table.

    Attributes
    ----------
    label : str
        Name of the file, or of the frame.
    headings : tuple of str
        Its columns as they stand.
    read : callable
        Some of the headings -> frame of those columns.
    """

    label: str
    headings: tuple[str, ...]
    read: Callable[[Sequence[str]], nw.DataFrame[Any]]


@dataclass(frozen=True, slots=True)
class Source:
    """What was found: the parts of each table, under its three digits, and everything's name."""

    backend: str
    parts: dict[str, list[Part]]
    found: tuple[str, ...]

    def shown(self) -> str:
        """List what was found, for messages."""
        more = len(self.found) - _SHOWN
        listed = ", ".join(self.found[:_SHOWN]) or "nothing"
        return listed + (f", and {more:,} more" if more > 0 else "")


def open_source(source: Any, backend: str | None = None) -> Source:
    """Find the tables of an extract without reading their rows.

    Parameters
    ----------
    source : str, path, or mapping of str to frame
        A folder of CSV or Parquet files, or frames by table name.
    backend : str, optional
        ``"polars"``, ``"pandas"`` or ``"pyarrow"``; by default the first that is installed for a
        folder, and the kind of the referrals' frame for a mapping.

    Raises
    ------
    DataError
        If the folder is missing, is not a folder, or holds a table both as CSV and as Parquet.
    OptionError
        If `source` is neither, or no such backend is installed.

    Examples
    --------
    >>> source = open_source({"mhs101referral_2024": {"UniqServReqID": ["R1"]}}, "pandas")
    >>> list(source.parts), source.parts["101"][0].headings
    (['101'], ('UniqServReqID',))
    """
    if backend is not None and backend not in ENGINES:
        raise OptionError(
            f"backend={backend!r} is not one of {', '.join(map(repr, ENGINES))}.",
            slug="unknown-backend",
        )
    if isinstance(source, Mapping):
        return _open_frames(source, backend)
    if isinstance(source, str | Path):
        return _open_folder(Path(source), _engine(backend))
    raise OptionError(
        f"source is a {type(source).__name__}. Pass the folder of the extract, or a mapping from "
        "table names to frames, such as {'MHS101Referral': frame, ...}.",
        slug="not-an-extract",
    )


def number_of(name: str) -> str | None:
    """Find the three digits of a table in the name of a file or frame.

    Examples
    --------
    >>> number_of("trust_mhs101referral_2024"), number_of("readme")
    ('101', None)
    """
    found = _NUMBER.search(name)
    return found[1] if found else None


def _engine(backend: str | None) -> str:
    if backend in ENGINES:
        optional(backend, f"backend={backend!r}")
        return backend
    engine = next((name for name in ENGINES if installed(name)), None)
    if engine is None:
        raise OptionError(
            "Reading an extract needs polars, pandas or pyarrow, and none is installed. Install "
            "one, for example with: python -m pip install polars",
            slug="package-missing",
        )
    return engine


def _open_folder(folder: Path, backend: str) -> Source:
    if not folder.is_dir():
        what = "is a file" if folder.is_file() else "does not exist"
        raise DataError(
            f"{str(folder)!r} {what}; read_mhsds needs the folder that holds the tables as CSV or "
            "Parquet files (unpack an archive first).",
            slug="not-a-folder",
        )
    parts: dict[str, list[Part]] = {}
    kinds: dict[str, set[str]] = {}
    names = []
    wanted = {table.number for table in TABLES}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if not path.is_file() or path.name.startswith((".", "_")):
            continue
        names.append(inside.as_posix())
        # Programs that write in parts make a folder per table and number the files in it.
        number = number_of(path.name) or number_of(inside.parent.as_posix())
        if number not in wanted or not path.name.lower().endswith(_SUFFIXES):
            continue
        kinds.setdefault(number, set()).add("CSV" if ".csv" in path.name.lower() else "Parquet")
        parts.setdefault(number, []).append(_file(path, inside.as_posix(), backend))
    for number, kind in kinds.items():
        if len(kind) > 1:
            both = ", ".join(part.label for part in parts[number])
            raise DataError(
                f"The folder holds table MHS{number} both as CSV and as Parquet ({both}), so its "
                "rows may be there twice. Keep one of the two.",
                slug="table-twice",
            )
    return Source(backend, parts, tuple(names))


def _file(path: Path, label: str, backend: str) -> Part:
    if ".csv" in path.name.lower():
        headings, separator = _csv_head(path, label)
        return Part(
            label, headings, lambda names: _csv(path, label, list(names), separator, backend)
        )
    if backend == "polars":
        headings = tuple(_guarded(label, optional("polars", "").read_parquet_schema, path))
    else:
        parquet = optional("pyarrow.parquet", "Reading a Parquet file")
        headings = tuple(_guarded(label, parquet.read_schema, path).names)
    return Part(label, headings, lambda names: _parquet(path, label, list(names), backend))


def _csv_head(path: Path, label: str) -> tuple[tuple[str, ...], str]:
    """Read the headings, and find out what separates them."""
    if path.name.lower().endswith(".gz"):
        import gzip

        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as stream:
            line = _guarded(label, stream.readline)
    else:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            line = _guarded(label, stream.readline)
    separator = max(_SEPARATORS, key=line.count)
    headings = tuple(next(csv.reader([line.rstrip("\r\n")], delimiter=separator), ()))
    if not headings:
        raise DataError(
            f"{label} cannot be read: it is empty, without even a line of headings. A table without "
            "rows has them.",
            slug="file-unreadable",
        )
    if len(set(headings)) < len(headings):
        twice = next(name for name in headings if headings.count(name) > 1)
        raise DataError(
            f"{label} has more than one column called {twice!r}; keep one of them.",
            slug="column-repeated",
        )
    return headings, separator


def _csv(
    path: Path, label: str, names: list[str], separator: str, backend: str
) -> nw.DataFrame[Any]:
    """Read columns of a CSV file as text: no engine may guess a type."""
    engine = optional(backend, "Reading a CSV file")
    options: dict[str, Any]
    if backend == "polars":
        options = {"columns": names, "separator": separator, "infer_schema": False}
        native = _guarded(label, engine.read_csv, path, **options)
    elif backend == "pandas":
        options = {
            "usecols": names, "sep": separator, "dtype": str, "keep_default_na": False,
            "na_values": [""], "encoding": "utf-8-sig",
        }  # fmt: skip
        native = _guarded(label, engine.read_csv, path, **options)
    else:
        reader = optional("pyarrow.csv", "Reading a CSV file")
        convert = reader.ConvertOptions(
            column_types={name: engine.string() for name in names},
            include_columns=names, null_values=[""], strings_can_be_null=True,
        )  # fmt: skip
        parse = reader.ParseOptions(delimiter=separator, newlines_in_values=True)
        options = {"parse_options": parse, "convert_options": convert}
        native = _guarded(label, reader.read_csv, path, **options)
    frame: nw.DataFrame[Any] = nw.from_native(native, eager_only=True)
    return frame.select(*names)


def _parquet(path: Path, label: str, names: list[str], backend: str) -> nw.DataFrame[Any]:
    if backend == "pyarrow":
        read = optional("pyarrow.parquet", "Reading a Parquet file").read_table
    else:
        read = optional(backend, "Reading a Parquet file").read_parquet
    native = _guarded(label, read, path, columns=names)
    frame: nw.DataFrame[Any] = nw.from_native(native, eager_only=True)
    return frame.select(*names)


def _guarded(label: str, read: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Run a reader, and say which file it was when it fails: engines share no class of errors."""
    try:
        return read(*arguments, **options)
    except Exception as error:
        raise DataError(
            f"{label} cannot be read: {str(error).splitlines()[0] if str(error) else error!r}. "
            "Check that the file is whole and, if it is CSV, saved as UTF-8.",
            slug="file-unreadable",
        ) from error


def _open_frames(frames: Mapping[Any, Any], backend: str | None) -> Source:
    opened = {str(name): _native(str(name), frame) for name, frame in frames.items()}
    numbers = {name: number_of(name) for name in opened}
    if backend is None:
        ordered = sorted(opened.items(), key=lambda item: numbers[item[0]] != "101")
        kinds = [
            str(frame.implementation.value)
            for _, frame in ordered
            if isinstance(frame, nw.DataFrame)
        ]
        # Mappings of lists become what the rest of the package makes of them.
        preferred = [*kinds, *(name for name in ("pandas", *ENGINES) if installed(name))]
        backend = preferred[0] if preferred else None
    backend = _engine(backend)
    parts: dict[str, list[Part]] = {}
    for name, frame in opened.items():
        number = numbers[name]
        if number is not None:
            parts.setdefault(number, []).append(_frame(name, frame, backend))
    return Source(backend, parts, tuple(opened))


def _native(name: str, frame: Any) -> nw.DataFrame[Any] | dict[str, Any]:
    if isinstance(frame, Mapping):
        return {str(column): values for column, values in frame.items()}
    try:
        opened = nw.from_native(frame)
    except nw.exceptions.DuplicateError as error:
        raise DataError(
            f"{name!r} has repeated column names; rename or drop all but one. {error}",
            slug="column-repeated",
        ) from None
    except TypeError:
        raise OptionError(
            f"{name!r} is a {type(frame).__name__}; pass pandas, polars or pyarrow frames, or "
            "mappings from column names to lists.",
            slug="not-a-frame",
        ) from None
    return opened.collect() if isinstance(opened, nw.LazyFrame) else opened


def _frame(name: str, frame: nw.DataFrame[Any] | dict[str, Any], backend: str) -> Part:
    headings = tuple(frame) if isinstance(frame, dict) else tuple(map(str, frame.columns))

    def read(names: Sequence[str]) -> nw.DataFrame[Any]:
        if isinstance(frame, nw.DataFrame) and frame.implementation.value == backend:
            return frame.select(*names)
        # From a mapping, or another kind of frame: as text, whose types agree everywhere.
        columns = {n: frame[n] for n in names}
        texts = {n: cells.plain(_listed(values), f"{name}.{n}") for n, values in columns.items()}
        if len({len(values) for values in texts.values()}) > 1:
            raise DataError(f"The columns of {name!r} differ in length.", slug="dict-lengths")
        implementation: Any = backend
        return nw.from_dict(texts, backend=implementation)

    return Part(name, headings, read)


def _listed(values: Any) -> list[Any]:
    for method in ("to_list", "tolist"):
        if hasattr(values, method):
            listed: list[Any] = getattr(values, method)()
            return listed
    return list(values)
