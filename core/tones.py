"""The one table of what a state looks like: its tone and, for common codes, its word.

Colour means state: `ok` within or done, `warn` near or waiting, `bad` over or blocked, `info` under
way, `mute` not counted. The word always stands beside the colour.
"""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TONES: Final[dict[str, tuple[str, str | Promise]]] = {
    # documents
    "draft": ("mute", _("Draft")),
    "submitted": ("ok", _("Submitted")),
    "held": ("warn", _("Held")),
    "released": ("ok", _("Released")),
    "refused": ("bad", _("Refused")),
    "cancelled": ("mute", _("Cancelled")),
    "closed": ("mute", _("Closed")),
    # outcome of a check, and severities
    "pass": ("ok", _("Pass")),
    "ok": ("ok", _("OK")),
    "note": ("info", _("Note")),
    "warn": ("warn", _("Warning")),
    "hold": ("warn", _("Hold")),
    "refuse": ("bad", _("Refuse")),
    "off": ("mute", _("Off")),
    # customers
    "active": ("ok", _("Active")),
    "inactive": ("mute", _("Inactive")),
    "blocked": ("bad", _("Blocked")),
    "debtor": ("bad", _("Debtor")),
    "protested": ("bad", _("Protested")),
    "under_review": ("warn", _("Under review")),
    # limits and requests
    "none": ("mute", _("No limit set")),
    "zero": ("warn", _("Limit zero")),
    "unlimited": ("ok", _("Unlimited")),
    "within": ("ok", _("Within limit")),
    "near": ("warn", _("Near the limit")),
    "over": ("bad", _("Over the limit")),
    "open": ("warn", _("Open")),
    "waiting": ("warn", _("Waiting")),
    "pending": ("warn", _("Waiting")),
    "requested": ("warn", _("Requested")),
    "approved": ("ok", _("Approved")),
    "expired": ("mute", _("Expired")),
    "withdrawn": ("mute", _("Withdrawn")),
    # ledger
    "provisional": ("mute", _("Provisional")),
    "posted": ("ok", _("Posted")),
    "paid": ("ok", _("Paid")),
    "partly_paid": ("info", _("Partly paid")),
    "due": ("info", _("Due")),
    "overdue": ("bad", _("Overdue")),
    # bills
    "issued": ("mute", _("Issued, not posted")),
    "in_hand": ("info", _("In hand")),
    "presented": ("info", _("With the bank")),
    "collected": ("ok", _("Collected")),
    "returned": ("bad", _("Returned unpaid")),
    "reopened": ("mute", _("Return posted")),
    # jobs
    "queued": ("mute", _("Queued")),
    "running": ("info", _("Running")),
    "done": ("ok", _("Done")),
    "succeeded": ("ok", _("Succeeded")),
    "failed": ("bad", _("Failed")),
    # alerts
    "new": ("warn", _("New")),
    "seen": ("mute", _("Seen")),
    "high": ("bad", _("High")),
    "medium": ("warn", _("Medium")),
    "low": ("mute", _("Low")),
}


def tone_of(code: object) -> str:
    """The tone of a state code, in any case of letters; `mute` for a code not listed."""
    return TONES.get(str(code).lower(), ("mute", ""))[0]


def word_of(code: object) -> str:
    """The word of a state code in the active language; otherwise the code, made readable."""
    text = str(code)
    word = TONES.get(text.lower(), ("", ""))[1]
    return str(word) or text.replace("_", " ").capitalize()
