"""An invented extract of the Mental Health Services Data Set, with the truth behind it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import numpy as np

from melogit.camhs.cohort import SEED
from melogit.camhs.draws import Streams
from melogit.camhs.extract.calendar import Calendar, Texts, Version
from melogit.camhs.extract.dirt import Dirt
from melogit.camhs.extract.fields import submit_fields
from melogit.camhs.extract.people import deciles, other_vintage
from melogit.camhs.extract.submissions import submit
from melogit.camhs.extract.tables import Printer, Tables
from melogit.camhs.extract.truth import Truth, tell
from melogit.camhs.extract.world import draw_world
from melogit.camhs.planted import PLANTED, Planted
from melogit.errors import OptionError
from melogit.optional import installed, optional


@dataclass(frozen=True)
class Extract:
    """Tables as a trust would send them, and what is true of the world they came from.

    Attributes
    ----------
    tables : dict of str to dict
        Table name -> column name -> array of text; "" where nothing was recorded.
    truth : dict of str to ndarray
        One row per referral: identifiers, final values, ISO dates; None for a missing value.
        Coded fields are as in the latest submission, misspelt or not.
    planted : dict of str to int
        How often each fault was planted. `blanks`, `lower_case`, `trailing_dots`, `floats`,
        `lost_zeros`, `invalid_codes` and the two forms of dates count cells of the tables;
        `duplicate_rows` and `duplicate_keys` count added rows; `resubmission_corrections` rows of
        first submissions; `contacts_before_received` and `contact_corrections` contacts;
        `late_person_corrections` persons; everything else referrals.
    effects : Planted
        The odds ratios of rejection. They hold for referrals that are not duplicates, given the
        team; of the random effects only that of the team is in the extract.
    local : dict of str to ndarray
        The local authority's table, one row per person it has heard of: Person_ID, CINStatus
        ("open", "closed", or "none" after an assessment), CINFrom, CINTo. The national data set
        has no field for social work other than a plan or care.
    lookup : dict of str to str
        Small area -> decile of deprivation, 1 the most deprived. The codes are invented.
    lookup_other : dict of str to str
        The same for another census, in which about 6 % of the codes are others.
    """

    tables: Tables
    truth: Truth
    planted: dict[str, int]
    effects: Planted
    local: dict[str, Texts]
    lookup: dict[str, str]
    lookup_other: dict[str, str]

    def __repr__(self) -> str:
        rows = sum(_height(columns) for columns in self.tables.values())
        return (
            f"<Extract (synthetic): {_height(self.truth):,} referrals in "
            f"{len(self.tables)} tables of {rows:,} rows>"
        )

    def write(
        self,
        folder: str | PathLike[str],
        format: Literal["csv", "parquet"] = "csv",  # noqa: A002 - its usual name
    ) -> list[Path]:
        """Write one file per table, the local table and the two look-ups.

        Parameters
        ----------
        folder : str or path
            Made if it is not there. The truth is not written: an analyst would not have it.
        format : {"csv", "parquet"}
            Parquet needs polars or pyarrow.

        Returns
        -------
        list of Path
            ``<table>.csv`` for each table, ``local.csv``, ``lookup.csv``, ``lookup_other.csv``.

        Raises
        ------
        OptionError
            For another format, or without a package that writes Parquet.

        Examples
        --------
        >>> paths = synthetic_extract(50, months=3).write("extract")
        >>> [path.name for path in paths][:2]
        ['MHS001MPI.csv', 'MHS005PatInd.csv']
        """
        if format not in ("csv", "parquet"):
            raise OptionError(
                f"format must be 'csv' or 'parquet', not {format!r}.", slug="extract-format"
            )
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        sheets: Mapping[str, dict[str, Texts]] = {
            **self.tables,
            "local": self.local,
            "lookup": _as_table(self.lookup),
            "lookup_other": _as_table(self.lookup_other),
        }
        write = _write_csv if format == "csv" else _write_parquet
        return [write(place / f"{name}.{format}", columns) for name, columns in sheets.items()]


def synthetic_extract(
    people: int = 2000,
    *,
    version: Version = 5,
    months: int = 18,
    rng: int | np.random.Generator = SEED,
    dirt: bool | Mapping[str, float] = True,
    duplicate_keys: bool = False,
) -> Extract:
    """Draw raw tables in the shape of the Mental Health Services Data Set, with known truth.

    No row describes a person. Referrals come to ten teams of each of three invented providers,
    stay open for some months, and are submitted in every one of these; some submissions are
    repeated within the month, and some are corrected later. Rejection follows the odds ratios of
    `melogit.camhs.PLANTED`, with a normal effect of the team.

    Parameters
    ----------
    people : int
        Number of people; there are about 1.35 referrals each.
    version : {5, 6, "both"}
        Version 5 ends in March 2024, version 6 begins in April 2024, and "both" crosses that
        change, with the tables of both versions side by side.
    months : int
        Number of monthly submissions. All referrals are received within them.
    rng : int or numpy.random.Generator
        Same seed, same extract; from a generator one seed is drawn.
    dirt : bool or mapping
        True plants every fault of `melogit.camhs.extract.RATES` at its rate, at least once; False
        none; a mapping only those named, at the rates given.
    duplicate_keys : bool
        Plant rows that contradict another row of the same referral and submission. The last of
        them is the true one.

    Returns
    -------
    Extract
        `tables`, `truth`, `planted`, `local`, `lookup` and more.

    Raises
    ------
    OptionError
        For fewer than one person, another version, too few months, a negative seed, or an
        unknown fault.

    Examples
    --------
    >>> extract = synthetic_extract(200, version="both", dirt=False)
    >>> list(extract.tables)[2:5]
    ['MHS101Referral', 'MHS102ServiceTypeReferredTo', 'MHS102OtherServiceType']
    >>> len(extract.truth["UniqServReqID"])
    270
    >>> synthetic_extract(200, dirt={"late_corrections": 0.1}).planted["late_corrections"] > 1
    True
    """
    if people < 1:
        raise OptionError(f"people must be at least 1, not {people!r}.", slug="extract-size")
    calendar = Calendar.of(version, months)
    streams = Streams(_seed(rng))
    faults = Dirt.of(streams, dirt, duplicate_keys)
    world = draw_world(streams, people, calendar, PLANTED)
    fields = submit_fields(world, faults)
    submissions = submit(
        streams,
        world.referrals,
        world.membership,
        world.contacts,
        fields.contact_corrected,
        calendar,
    )
    return Extract(
        tables=Printer(world, fields, submissions, faults, version).tables(),
        truth=tell(world, fields),
        planted=faults.planted,
        effects=PLANTED,
        local=world.people.local(),
        lookup=deciles(people),
        lookup_other=other_vintage(people),
    )


def _seed(rng: int | np.random.Generator) -> int:
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(2**63))
    if rng < 0:
        raise OptionError(f"rng must be at least 0, not {rng!r}.", slug="extract-seed")
    return int(rng)


def _height(columns: Mapping[str, Any]) -> int:
    return len(next(iter(columns.values())))


def _as_table(lookup: Mapping[str, str]) -> dict[str, Texts]:
    return {
        "LSOA": np.array(list(lookup), dtype=object),
        "IMDDecile": np.array(list(lookup.values()), dtype=object),
    }


def _write_csv(path: Path, columns: Mapping[str, Texts]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*(column.tolist() for column in columns.values()), strict=True))
    return path


def _write_parquet(path: Path, columns: Mapping[str, Texts]) -> Path:
    """Write text columns through whichever package is there."""
    data = {name: column.tolist() for name, column in columns.items()}
    if installed("pyarrow"):
        table = optional("pyarrow", "Writing Parquet")
        text = table.schema([(name, table.string()) for name in data])
        optional("pyarrow.parquet", "Writing Parquet").write_table(
            table.table(data, schema=text), path
        )
    else:
        polars = optional("polars", "Writing Parquet")
        polars.DataFrame(data, schema=dict.fromkeys(data, polars.String)).write_parquet(path)
    return path
