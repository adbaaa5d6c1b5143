"""The labels of the synthetic cohort, their order, and the NHS codes behind them.

The first label of every variable is its reference. The order is the one a
table should print: *least* deprived first, because it is the comparison group.

No label is the bare word ``None``: ``pandas.read_csv`` reads that text as a
missing value, and a column of social work involvement would lose most of its
rows without a word (the first notebook shows the trap and the cure).
No age band is written ``5-9``: spreadsheets turn that into a date.

Sources
-------
Code lists: NHS Data Dictionary, as published with the Mental Health Services
Data Set (MHSDS) in NHSDigital/mental-health-monthly-statistics (MIT licence):
source of referral, ethnic category, gender identity, service or team type,
and English indices of deprivation 2019 in quintiles of deciles.
MHSDS has no code for "other current involvement" of a social worker (child in
need and the like): that comes from local records, so these labels are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

AGE_LOWER: Final = (0, 5, 10, 13, 16)
"""Youngest age, in whole years, of each band of ``LEVELS["age_band"]``."""

LEVELS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "social_work": (
            "No involvement",
            "Past involvement",
            "Child protection plan",
            "Other current involvement",
            "In care",
        ),
        "ethnicity": ("White", "Mixed", "Asian", "Black", "Other"),
        "age_band": ("0 to 4", "5 to 9", "10 to 12", "13 to 15", "16 to 17"),
        "gender": ("Male", "Female", "Non-binary or other"),
        "imd_quintile": ("5 least deprived", "4", "3", "2", "1 most deprived"),
        "source": (
            "Primary health care",
            "Self or carer",
            "Social services",
            "Education",
            "Child health",
            "Acute hospital care",
        ),
        "destination": (
            "Community team",
            "Single point of access",
            "Neurodevelopment team",
            "Crisis or liaison team",
            "Eating disorder team",
        ),
    }
)
"""Labels of every categorical variable; the first is the reference."""

TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "social_work": "Social work involvement",
        "ethnicity": "Ethnic group",
        "age_band": "Age at referral (years)",
        "gender": "Gender",
        "imd_quintile": "Deprivation quintile (IMD 2019)",
        "source": "Source of referral",
        "destination": "Team referred to",
        "location": "Location",
        "team": "Team",
        "patient": "Young person",
        "rejected": "Referral rejected",
    }
)
"""How a table or a sentence names a variable of the cohort."""

NHS_CODES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = MappingProxyType(
    {
        # EthnicCategory: first character, upper case; Z and 99 are missing.
        "ethnicity": {
            "White": ("A", "B", "C"),
            "Mixed": ("D", "E", "F", "G"),
            "Asian": ("H", "J", "K", "L"),
            "Black": ("M", "N", "P"),
            "Other": ("R", "S"),
        },
        "gender": {
            "Male": ("1",),
            "Female": ("2",),
            "Non-binary or other": ("3", "4"),
        },
        # IMD 2019 deciles: 1 is the most deprived tenth of small areas.
        "imd_quintile": {
            "5 least deprived": ("9", "10"),
            "4": ("7", "8"),
            "3": ("5", "6"),
            "2": ("3", "4"),
            "1 most deprived": ("1", "2"),
        },
        # SourceOfReferralMH: the letter is the published group.
        "source": {
            "Primary health care": ("A1", "A2", "A3", "A4"),
            "Self or carer": ("B1", "B2"),
            "Social services": ("C1",),
            "Education": ("C2",),
            "Child health": ("F1", "F2", "F3"),
            "Acute hospital care": ("H1", "H2"),
        },
        # ServTeamTypeRefToMH.
        "destination": {
            "Community team": ("A06",),
            "Single point of access": ("A18",),
            "Neurodevelopment team": ("C01", "C04"),
            "Crisis or liaison team": ("A02", "A11", "C05"),
            "Eating disorder team": ("C10",),
        },
    }
)
"""MHSDS codes that each label stands for (a subset of the national lists)."""


def title(variable: str) -> str:
    """Name a variable in words.

    Parameters
    ----------
    variable : str
        A column name.

    Returns
    -------
    str
        The wording of `TITLES`, or the column name with spaces.

    Examples
    --------
    >>> title("social_work")
    'Social work involvement'
    >>> title("waiting_days")
    'Waiting days'
    """
    return TITLES.get(variable) or variable.replace("_", " ").capitalize()


def in_sentence(variable: str) -> str:
    """Name a variable in the middle of a sentence.

    Examples
    --------
    >>> in_sentence("imd_quintile")
    'deprivation quintile (IMD 2019)'
    """
    words = title(variable)
    return words[:1].lower() + words[1:]


def turned_away(event: str) -> bool:
    """Say whether a model's event is the cohort's: a referral that was rejected.

    Examples
    --------
    >>> turned_away("rejected = 1"), turned_away("rejected = 0")
    (True, False)
    """
    return event == "rejected = 1"
