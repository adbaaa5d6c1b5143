"""Care contacts of a referral: how many, the first, and the first that was attended."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from melogit.camhs.mhsds import codes
from melogit.camhs.mhsds.fields import CONTACTS
from melogit.camhs.mhsds.findings import Findings
from melogit.camhs.mhsds.latest import latest

ATTENDED = ("5", "6")
_KNOWN = ("2", "3", "4", "5", "6", "7")
_REFERRAL = "UniqServReqID"
_CONTACT = "UniqCareContID"


def latest_contacts(contacts: nw.DataFrame[Any], findings: Findings) -> nw.DataFrame[Any]:
    """Keep the latest row of each contact; rows without an identifier or a referral are counted."""
    nameless = nw.col(_CONTACT).is_null() | nw.col(_REFERRAL).is_null()
    count = len(contacts.filter(nameless))
    words = "contacts without an identifier or a referral, left out"
    findings.add("contact-nameless", CONTACTS.name, "", words, count)
    kept = latest(contacts.filter(~nameless), _CONTACT)
    undated = len(kept.filter(nw.col("CareContDate").is_null()))
    words = "no date: such a contact counts in n_contacts and in no outcome"
    findings.add("contact-undated", CONTACTS.name, "CareContDate", words, undated, "contacts")
    known = codes.is_one_of("Attendance", _KNOWN)
    strange = kept.filter(~known)
    words = "not one of the codes 2 to 7, or missing: counted as not attended"
    examples = ", ".join(
        repr(text) for text in strange["Attendance"].drop_nulls().unique().sort().head(3).to_list()
    )
    findings.add(
        "attendance-unknown", CONTACTS.name, "Attendance", words, len(strange), "contacts", examples
    )
    return kept


def summarise(
    referrals: nw.DataFrame[Any], contacts: nw.DataFrame[Any], findings: Findings
) -> nw.DataFrame[Any]:
    """Summarise the contacts of every referral that has any.

    Parameters
    ----------
    referrals : narwhals DataFrame
        `UniqServReqID` and `referral_date`, one row per referral.
    contacts : narwhals DataFrame
        From `latest_contacts`.

    Returns
    -------
    narwhals DataFrame
        `UniqServReqID`, `n_contacts`, and days since 1970 of `first_contact` and `first_attended`,
        the earliest on or after the day of referral.
    """
    dates = referrals.select(_REFERRAL, "referral_date")
    own = contacts.join(dates, on=_REFERRAL, how="inner")
    words = "contacts of referrals that are not in MHS101Referral, left out"
    strays = len(contacts) - len(own)
    findings.add("contact-stray", CONTACTS.name, _REFERRAL, words, strays, "contacts")
    on_time = (nw.col("CareContDate") >= nw.col("referral_date")).fill_null(False)
    early = len(own.filter(nw.col("CareContDate") < nw.col("referral_date")))
    words = "dated before the referral: such a contact counts in n_contacts and in no outcome"
    findings.add("contact-early", CONTACTS.name, "CareContDate", words, early, "contacts")
    attended = codes.is_one_of("Attendance", ATTENDED)
    own = own.with_columns(
        first_contact=nw.when(on_time).then(nw.col("CareContDate")),
        first_attended=nw.when(on_time & attended).then(nw.col("CareContDate")),
    )
    counted = own.group_by(_REFERRAL).agg(
        nw.len().alias("n_contacts"), nw.col("first_contact").min(), nw.col("first_attended").min()
    )
    return counted.with_columns(nw.col("n_contacts").cast(nw.Int64()))
