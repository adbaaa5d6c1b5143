"""From the tables of an extract to a cohort of referrals."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from html import escape
from os import PathLike
from textwrap import wrap
from typing import Any

import narwhals.stable.v2 as nw

from melogit import format as show
from melogit.camhs.mhsds import choices as chosen
from melogit.camhs.mhsds import criteria, dates, people, referrals
from melogit.camhs.mhsds.findings import Findings
from melogit.camhs.mhsds.flow import CohortFlow
from melogit.camhs.mhsds.parts import open_source
from melogit.camhs.mhsds.tidied import tidy
from melogit.html import document, plate, returned_or_written

_WIDTH = 88


@dataclass(frozen=True)
class MhsdsCohort:
    """A cohort of referrals, with the account of how it came about.

    Attributes
    ----------
    frame : frame
        One row per referral, sorted by date and identifier, of the kind of frame that was read.
    flow : CohortFlow
        Numbers at every step (STROBE item 13).
    findings : frame
        What was mended, missing, or odd, each with its count.
    rules : dict of str to str
        The choices in words, for an appendix (RECORD items 6.1 and 7.1).
    """

    frame: Any
    flow: CohortFlow
    findings: Any
    rules: dict[str, str]
    _found: Findings

    def to_html(self, path: str | PathLike[str] | None = None) -> str | None:
        """Return flow, rules and findings as a page that stands by itself, or write it to a file.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        page = document("Cohort of referrals", self._html(), width="72em")
        return returned_or_written(page, path)

    def __str__(self) -> str:
        """Return flow, rules and findings as text."""
        rules = [
            line
            for name, words in self.rules.items()
            for line in wrap(f"{name}: {words}", _WIDTH, subsequent_indent="  ")
        ]
        parts = [self.flow.table().text(), "\n".join(["The rules", *rules])]
        parts += [self._found.table().text()] if self._found.lines else []
        return "\n\n".join(parts)

    def __repr__(self) -> str:
        """Return size and number of findings in one line."""
        left = self.flow.remaining
        return (
            f"<MhsdsCohort: {show.plural(left.referrals, 'referral')} of "
            f"{show.plural(left.persons, 'person')}, {show.plural(len(self._found.lines), 'finding')}>"
        )

    def _repr_html_(self) -> str:
        return plate(self._html())

    def _html(self) -> str:
        rules = "".join(
            f"<dt>{escape(name)}</dt><dd>{escape(words)}</dd>" for name, words in self.rules.items()
        )
        found = self._found.table().html() if self._found.lines else ""
        return (
            f'{self.flow.table().html()}<p class="melogit-heading-2">The rules</p><dl>{rules}</dl>'
            f"{found}"
        )


def read_mhsds(
    source: Any,
    *,
    outcomes: str | Sequence[str] = ("rejected",),
    duplicates: str = "in",
    window: int = 365,
    ages: tuple[int, int] | None = (0, 17),
    camhs: str | Collection[str] = "any",
    unit: str = "all",
    months: tuple[int, int] | None = None,
    duplicate_keys: str = "refuse",
    local: Any = None,
    backend: str | None = None,
) -> MhsdsCohort:
    """Read an extract of the Mental Health Services Data Set into one row per referral.

    Takes the latest record of each referral, joins person, indicators, teams and contacts, applies
    the rules that the arguments state, and keeps numbers at every step. Versions 5 and 6, and
    extracts across their boundary, are told apart by the month of each record.

    Parameters
    ----------
    source : str, path, or mapping of str to frame
        The folder of an extract (CSV or Parquet; several files per table if need be), or its
        tables as pandas, polars or pyarrow frames or mappings of lists. A table is found by its
        number in the name: ``trust_mhs101referral_2024.csv`` holds MHS101Referral.
    outcomes : str or sequence of str
        Columns of 0 and 1 to add. ``"rejected"``: a date of rejection is present.
        ``"not_offered"``: no care contact on or after the referral. ``"not_accessed"``: no contact
        attended within `window` days; referrals with fewer days to the end of the extract are
        taken out.
    duplicates : {"in", "out", "accepted"}
        Whether a rejection as a duplicate (reason 01) is a rejection, takes the referral out of the
        cohort, or is no rejection.
    window : int
        Days, the last one included.
    ages : (int, int) or None
        Youngest and oldest age at referral, both included; None for no rule.
    camhs : {"any", "published"} or collection of str
        ``"published"``: some team is of type C05, C06 or C07, or is meant for children and young
        people (ServTeamIntAgeGroup 02). Up to version 5 most teams for children carry the codes of
        general ones, so that the rule loses them: by default there is no restriction beyond age. Or
        the team types that count.
    unit : {"all", "first"}
        All referrals, or each person's first one in the cohort.
    months : (int, int), optional
        First and last month number of the submissions to use; all by default.
    duplicate_keys : {"refuse", "last"}
        What to do about rows of one submission with the same key and different content.
    local : frame, optional
        Columns of one's own, one row per `Person_ID`, to be passed through (local social care
        records, say).
    backend : {"polars", "pandas", "pyarrow"}, optional
        Kind of frame to work with and to return; by default that of the frames, or for a folder the
        first of these that is installed.

    Returns
    -------
    MhsdsCohort

    Raises
    ------
    OptionError
        If an argument has no meaning.
    DataError
        If a table is missing or empty, a file cannot be read, months are calendar months, dates
        have the month first, identifiers were rounded by a spreadsheet, or rows contradict each
        other.
    ColumnNotFoundError
        If a column is missing.

    Notes
    -----
    Identifiers and dates are mended (blanks, case, dots, the ".0" of spreadsheets, three ways of
    writing dates), and every mend is counted in `findings`. Codes such as `EthnicCategory` are
    handed on as submitted: a codebook cleans and counts those.

    Examples
    --------
    >>> from melogit import camhs
    >>> referral = {
    ...     "UniqMonthID": [1489, 1490],
    ...     "UniqSubmissionID": [1, 2],
    ...     "RecordNumber": [11, 12],
    ...     "UniqServReqID": ["R1", "R1"],
    ...     "Person_ID": ["P1", "P1"],
    ...     "OrgIDProv": ["RV5", "RV5"],
    ...     "ReferralRequestReceivedDate": ["2024-04-03", "03/04/2024"],
    ...     "AgeServReferRecDate": ["14", "14"],
    ...     "SourceOfReferralMH": ["C1", "C1"],
    ...     "PrimReasonReferralMH": ["01", "01"],
    ...     "ServDischDate": [None, None],
    ...     "UniqCareProfTeamLocalID": ["T1", "T1"],
    ...     "ServTeamType": ["A06", "A06"],
    ...     "ServTeamIntAgeGroup": ["02", "02"],
    ...     "ReferRejectionDate": [None, "2024-05-02"],
    ...     "ReferRejectReason": [None, "02"],
    ... }
    >>> person = {
    ...     "UniqMonthID": [1490],
    ...     "RecordNumber": [12],
    ...     "Person_ID": ["P1"],
    ...     "Gender": ["2"],
    ...     "GenderIDCode": ["2"],
    ...     "EthnicCategory": ["A"],
    ...     "LSOA2021": ["E01000001"],
    ... }
    >>> indicators = {"UniqMonthID": [1490], "RecordNumber": [12], "CPP": ["3"], "LACStatus": ["N"]}
    >>> extract = {
    ...     "MHS101Referral": referral,
    ...     "MHS001MPI": person,
    ...     "MHS005PatInd": indicators,
    ... }
    >>> cohort = camhs.read_mhsds(extract, backend="polars")
    >>> cohort.frame.select("UniqServReqID", "CPP", "rejection_date", "rejected").rows()
    [('R1', '3', datetime.date(2024, 5, 2), 1)]
    >>> [(step.name, step.after.rows) for step in cohort.flow.steps][-3:]
    [('date', 1), ('age-missing', 1), ('age', 1)]
    """
    options = chosen.check(outcomes, duplicates, window, ages, camhs, unit, months, duplicate_keys)
    findings = Findings()
    opened = open_source(source, backend)
    tidied = tidy(opened, options, findings)
    everyone, types = referrals.assemble(tidied, findings)
    cohort = criteria.apply(everyone, types, options, tidied.end, tidied.steps)
    cohort = referrals.outcomes(cohort, options)
    columns = [*referrals.COLUMNS, *options.outcomes]
    if local is not None:
        own = people.open_local(local, opened.backend, tidied.sensitive, findings)
        cohort = people.add_local(cohort, own, findings)
        columns += [name for name in own.columns if name != "Person_ID"]
    cohort = _finished(cohort, columns)
    return MhsdsCohort(
        frame=cohort.to_native(),
        flow=tidied.steps.flow(opened.backend),
        findings=findings.frame(opened.backend),
        rules=options.words(),
        _found=findings,
    )


def _finished(cohort: nw.DataFrame[Any], columns: list[str]) -> nw.DataFrame[Any]:
    """Sort, give dates and whole numbers their types, and put the columns in order."""
    cohort = cohort.sort("referral_date", "UniqServReqID")
    cohort = dates.as_dates(cohort, referrals.DATES)
    # A whole number that may be missing stays a float in pandas, as it does everywhere in pandas.
    whole = [name for name in referrals.WHOLE if not cohort[name].null_count()]
    cohort = cohort.with_columns(nw.col(*whole).cast(nw.Int64())) if whole else cohort
    return nw.maybe_reset_index(cohort.select(columns))
