"""The study melogit was written for: referrals to mental health services of children with social workers.

>>> from melogit import camhs
>>> referrals = camhs.synthetic_referrals(4000, locations=20)
>>> analysis = camhs.analyse(referrals)
>>> print(analysis)  # doctest: +SKIP

`synthetic_referrals` draws a cohort with known odds ratios (`PLANTED` says which, and who reports
them: the COACHES briefing, its preprint, or nobody). `analyse` runs the study's multilevel logistic
regression on any frame of referrals and says what it found in a table, in words, and as a report.
``python -m melogit.camhs`` does both.

`read_mhsds` reads a raw extract of the Mental Health Services Data Set into one row per referral, with
numbers at every step; `synthetic_extract` invents such extracts, with the truth known.

Which level of involvement a young person has when several apply, and what counts as rejected, are
choices of the analyst: nothing here decides them for you.
"""

from melogit.camhs.analysis import Analysis, analyse
from melogit.camhs.codes import LEVELS, NHS_CODES, TITLES
from melogit.camhs.cohort import synthetic_referrals
from melogit.camhs.evalue import EValue, e_value
from melogit.camhs.extract import Extract, synthetic_extract
from melogit.camhs.flow import Flow
from melogit.camhs.mhsds import CohortFlow, MhsdsCohort, read_mhsds
from melogit.camhs.planted import PLANTED, Planted, PlantedEffect, PlantedSpread
from melogit.camhs.question import ADJUSTMENT, Question

__all__ = [
    "ADJUSTMENT",
    "LEVELS",
    "NHS_CODES",
    "PLANTED",
    "TITLES",
    "Analysis",
    "CohortFlow",
    "EValue",
    "Extract",
    "Flow",
    "MhsdsCohort",
    "Planted",
    "PlantedEffect",
    "PlantedSpread",
    "Question",
    "analyse",
    "e_value",
    "read_mhsds",
    "synthetic_extract",
    "synthetic_referrals",
]
