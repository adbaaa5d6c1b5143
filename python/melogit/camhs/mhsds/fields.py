"""The tables of an extract and their columns: what is read, under which names, and from which version on.

Names and their changes between versions follow the publisher's own code
(NHSDigital/mental-health-monthly-statistics, MIT licence). Everything the reader knows about names
stands here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["id", "month", "date", "age", "code"]
Versions = tuple[int, ...]

BOTH: Final[Versions] = (5, 6)
NEVER: Final[Versions] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a table.

    Attributes
    ----------
    name : str
        How the reader calls it.
    kind : str
        ``"id"``, ``"date"``, ``"month"`` and ``"age"`` are mended and read; a ``"code"`` is handed
        on as submitted.
    headings : tuple of str
        Headings it may stand under. Where a table has several of them, the first one that is
        filled counts, row by row.
    versions : tuple of int
        Versions in which a row cannot be read without it.
    """

    name: str
    kind: Kind
    headings: tuple[str, ...]
    versions: Versions = BOTH


@dataclass(frozen=True, slots=True)
class Table:
    """One table of an extract.

    Attributes
    ----------
    number : str
        Its three digits, by which files are found: names changed between versions, numbers did not.
    name : str
        How messages and findings call it.
    fields : tuple of Field
        Its columns.
    key : tuple of str
        Columns that tell its rows apart within one submission.
    """

    number: str
    name: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]

    def names(self) -> list[str]:
        """List the columns by the reader's names."""
        return [field.name for field in self.fields]

    def of_kind(self, kind: Kind) -> list[str]:
        """List the columns of one kind."""
        return [field.name for field in self.fields if field.kind == kind]


def _field(name: str, kind: Kind, *also: str, versions: Versions = BOTH) -> Field:
    return Field(name, kind, (name, *also), versions)


_MONTH = _field("UniqMonthID", "month")
_SUBMISSION = _field("UniqSubmissionID", "id")
_RECORD = _field("RecordNumber", "id")
_PERSON = _field("Person_ID", "id", "UniqMHSDSPersID")
_REFERRAL = _field("UniqServReqID", "id")

PERSONS: Final = Table(
    "001",
    "MHS001MPI",
    (
        _MONTH,
        _field("UniqSubmissionID", "id", versions=NEVER),
        _RECORD,
        _PERSON,
        _field("Gender", "code"),
        _field("GenderIDCode", "code"),
        _field("EthnicCategory", "code"),
        Field("LSOA", "code", ("LSOA2011", "LSOA2021", "LSOA")),
    ),
    key=("RecordNumber",),
)

INDICATORS: Final = Table(
    "005",
    "MHS005PatInd",
    (
        _MONTH,
        _field("UniqSubmissionID", "id", versions=NEVER),
        _RECORD,
        _field("CPP", "code"),
        _field("LACStatus", "code"),
    ),
    key=("RecordNumber",),
)

REFERRALS: Final = Table(
    "101",
    "MHS101Referral",
    (
        _MONTH,
        _SUBMISSION,
        _RECORD,
        _REFERRAL,
        _PERSON,
        _field("OrgIDProv", "id"),
        _field("ReferralRequestReceivedDate", "date"),
        _field("AgeServReferRecDate", "age"),
        _field("SourceOfReferralMH", "code"),
        _field("PrimReasonReferralMH", "code"),
        _field("ServDischDate", "date"),
        Field("TeamID", "id", ("UniqCareProfTeamLocalID", "UniqCareProfTeamID"), (6,)),
        Field("TeamType", "code", ("ServTeamType", "ServTeamTypeRefToMH"), (6,)),
        _field("ServTeamIntAgeGroup", "code", versions=(6,)),
        _field("ReferRejectionDate", "date", versions=(6,)),
        _field("ReferRejectReason", "code", versions=(6,)),
    ),
    key=("UniqServReqID", "UniqMonthID", "UniqSubmissionID"),
)

TEAMS: Final = Table(
    "102",
    "MHS102",
    (
        _MONTH,
        _field("UniqSubmissionID", "id", versions=NEVER),
        _RECORD,
        _REFERRAL,
        Field(
            "TeamID",
            "id",
            ("UniqCareProfTeamID", "UniqOtherCareProfTeamLocalID", "UniqCareProfTeamLocalID"),
        ),
        Field("TeamType", "code", ("ServTeamTypeRefToMH", "ServTeamType")),
        _field("ServTeamIntAgeGroup", "code", versions=NEVER),
        _field("ReferRejectionDate", "date", versions=(5,)),
        _field("ReferRejectReason", "code", versions=(5,)),
    ),
    key=("RecordNumber", "UniqServReqID", "TeamID"),
)

CONTACTS: Final = Table(
    "201",
    "MHS201CareContact",
    (
        _MONTH,
        _SUBMISSION,
        _field("RecordNumber", "id", versions=NEVER),
        _REFERRAL,
        _field("UniqCareContID", "id"),
        _field("CareContDate", "date"),
        Field("Attendance", "code", ("AttendStatus", "AttendOrDNACode")),
    ),
    key=("UniqCareContID", "UniqMonthID", "UniqSubmissionID"),
)

TABLES: Final = (PERSONS, INDICATORS, REFERRALS, TEAMS, CONTACTS)

NAMES: Final = {
    "001": "MHS001MPI",
    "005": "MHS005PatInd",
    "101": "MHS101Referral",
    "102": "MHS102ServiceTypeReferredTo (from April 2024: MHS102OtherServiceType)",
    "201": "MHS201CareContact",
}
"""How an error names a table that was not found."""
