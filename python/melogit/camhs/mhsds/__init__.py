"""Extracts of the Mental Health Services Data Set (MHSDS), versions 5 and 6, as cohorts of referrals.

The way of the data, one module each: `parts` finds files and frames, `columns` reads them under
one set of names (`fields` declares which), `identifiers`, `dates`, `ages` and `months` mend and
read what stands in them, `duplicates` and `latest` leave one record per referral, `teams`,
`contacts` and `people` join what belongs to it, and `criteria` applies what the analyst chose
(`choices`). `flow` and `findings` keep the account.
"""

from melogit.camhs.mhsds.cohort import MhsdsCohort, read_mhsds
from melogit.camhs.mhsds.flow import CohortFlow

__all__ = ["CohortFlow", "MhsdsCohort", "read_mhsds"]
