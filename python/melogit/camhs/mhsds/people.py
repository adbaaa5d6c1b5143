"""Fields of the person: from the rows with the record number of the latest record."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from melogit import output
from melogit.camhs.mhsds import cells, identifiers
from melogit.camhs.mhsds.fields import PERSONS, REFERRALS
from melogit.camhs.mhsds.findings import Findings
from melogit.errors import ColumnNotFoundError, DataError, OptionError

PERSON_FIELDS = ["Gender", "GenderIDCode", "EthnicCategory", "LSOA"]
INDICATOR_FIELDS = ["CPP", "LACStatus"]
_PERSON = "Person_ID"


def add_persons(
    referrals: nw.DataFrame[Any],
    persons: nw.DataFrame[Any],
    indicators: nw.DataFrame[Any],
    findings: Findings,
) -> nw.DataFrame[Any]:
    """Join person and indicators on the record number; what has no match stays, and is counted.

    Raises
    ------
    DataError
        If not a single referral finds its person (slug ``no-person-found``).
    """
    person = persons.select("RecordNumber", *PERSON_FIELDS, _person=_PERSON, _found="UniqMonthID")
    person = person.drop_nulls("RecordNumber")
    joined = referrals.join(person, on="RecordNumber", how="left")
    lost = len(joined.filter(nw.col("_found").is_null()))
    if lost and lost == len(joined) and len(person):
        raise DataError(
            "Not one referral finds its row in MHS001MPI by RecordNumber. Likely causes: tables of "
            "different extracts, or leading zeros lost in one of them.",
            slug="no-person-found",
        )
    words = "referrals without a row in MHS001MPI: kept, with the person's fields missing"
    findings.add("person-missing", REFERRALS.name, "RecordNumber", words, lost, "referrals")
    differing = nw.col("_person") != nw.col(_PERSON)
    known = ~nw.col("_person").is_null() & ~nw.col(_PERSON).is_null()
    other = len(joined.filter(known & differing))
    words = (
        "the record number belongs to another Person_ID in MHS001MPI; that of the referral holds"
    )
    findings.add("person-differs", PERSONS.name, _PERSON, words, other, "referrals")
    indicator = indicators.select("RecordNumber", *INDICATOR_FIELDS, _marked="UniqMonthID")
    joined = joined.drop("_person", "_found").join(
        indicator.drop_nulls("RecordNumber"), on="RecordNumber", how="left"
    )
    unmarked = len(joined.filter(nw.col("_marked").is_null()))
    words = "referrals without a row in MHS005PatInd: kept, with CPP and LACStatus missing"
    findings.add("indicators-missing", REFERRALS.name, "RecordNumber", words, unmarked, "referrals")
    return joined.drop("_marked")


def add_local(
    referrals: nw.DataFrame[Any], local: nw.DataFrame[Any], findings: Findings
) -> nw.DataFrame[Any]:
    """Join an analyst's own columns on `Person_ID`.

    Raises
    ------
    OptionError
        If a column has the name of one of the cohort's (slug ``local-name-taken``).
    """
    taken = [name for name in local.columns if name != _PERSON and name in referrals.columns]
    if taken:
        raise OptionError(
            f"local= has a column {taken[0]!r}, and so has the cohort; rename it.",
            slug="local-name-taken",
        )
    joined = referrals.join(local.with_columns(_found=_PERSON), on=_PERSON, how="left")
    lost = len(joined.filter(nw.col("_found").is_null()))
    words = "referrals of persons without a row in local=: kept, with its columns missing"
    findings.add("local-missing", "local", _PERSON, words, lost, "referrals")
    return joined.drop("_found")


def open_local(
    local: Any, backend: str, sensitive: frozenset[str], findings: Findings
) -> nw.DataFrame[Any]:
    """Open the analyst's frame and mend its `Person_ID` like those of the extract.

    Raises
    ------
    ColumnNotFoundError
        If it has no column `Person_ID` (slug ``column-not-found``).
    DataError
        If a person has several rows (slug ``local-repeated``).
    """
    if isinstance(local, dict):
        frame = nw.from_native(output.frame(local, backend))
    else:
        frame = nw.from_native(local)
        frame = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    if frame.implementation.value != backend:
        frame = nw.from_native(output.frame(frame.to_dict(as_series=False), backend))
    if _PERSON not in frame.columns:
        shown = ", ".join(frame.columns)
        raise ColumnNotFoundError(
            f"local= has no column {_PERSON!r}, on which it is joined. Columns: {shown}.",
            slug="column-not-found",
        )
    frame = frame.with_columns(cells.as_text(frame[_PERSON], "Person_ID of local=").alias(_PERSON))
    upper = _PERSON not in sensitive
    frame = identifiers.mend_column(frame, "local", _PERSON, upper, findings).drop_nulls(_PERSON)
    repeated = len(frame) - frame[_PERSON].n_unique()
    if repeated:
        raise DataError(
            f"local= has {repeated:,} rows of persons who are in it already; it needs one row per "
            f"{_PERSON}.",
            slug="local-repeated",
        )
    return frame
