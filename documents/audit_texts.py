"""Plain sentences for what happens to documents, and the texts of their notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from core import notifications
from core.audit import renders
from credit_limits.sentences import amount_text, reason_label
from documents.models import PurchaseAgreement

if TYPE_CHECKING:
    from collections.abc import Mapping


def _reasons(codes: list[str]) -> str:
    return ", ".join(reason_label(code) for code in codes) or _("no reason")


def _money(data: dict[str, Any]) -> str:
    return f"{amount_text(data['amount'])} {data['currency']}"


@renders("documents.document.created")
def created(data: dict[str, Any]) -> str:
    """A draft was saved."""
    return _("Draft saved, %(gross)s %(currency)s") % {
        "gross": amount_text(data["gross"]),
        "currency": data["currency"],
    }


@renders("documents.document.edited")
def edited(data: dict[str, Any]) -> str:
    """What does not count yet was rewritten."""
    before, after = data["gross"]
    return _("Edited: %(before)s → %(after)s %(currency)s") % {
        "before": amount_text(before),
        "after": amount_text(after),
        "currency": data["currency"],
    }


@renders("documents.document.submitted")
def submitted(data: dict[str, Any]) -> str:
    """The check let it pass."""
    if data["outcome"] == "warn":
        return _("Submitted with a warning: %(reasons)s (%(amount)s)") % {
            "reasons": _reasons(data["reasons"]),
            "amount": _money(data),
        }
    return _("Submitted, %(amount)s") % {"amount": _money(data)}


@renders("documents.document.held")
def held(data: dict[str, Any]) -> str:
    """The check held it."""
    return _("Held: %(reasons)s (%(amount)s)") % {
        "reasons": _reasons(data["reasons"]),
        "amount": _money(data),
    }


@renders("documents.document.confirmed")
def confirmed(data: dict[str, Any]) -> str:
    """A document that asks nobody was accepted."""
    return _("Confirmed, %(gross)s %(currency)s") % {
        "gross": amount_text(data["gross"]),
        "currency": data["currency"],
    }


@renders("documents.counter.voided")
def counter_voided(data: dict[str, Any]) -> str:
    """A sale at the counter was taken back."""
    return _("Sale taken back, %(gross)s %(currency)s: %(reason)s") % {
        "gross": amount_text(data["gross"]),
        "currency": data["currency"],
        "reason": data["reason"],
    }


@renders("documents.charge.credited")
def charge_credited(data: dict[str, Any]) -> str:
    """A charge account was credited by hand."""
    return _("Credited by hand, %(applied)s %(currency)s applied to open charges") % {
        "applied": amount_text(data["applied"]),
        "currency": data["currency"],
    }


@renders("documents.agreement.added")
def agreement_added(data: dict[str, Any]) -> str:
    """A purchase agreement was made."""
    return _("Agreement made: %(name)s") % {"name": data["name"]}


@renders("documents.agreement.changed")
def agreement_changed(data: dict[str, Any]) -> str:
    """A purchase agreement was changed."""
    words = {"": "–", "True": _("yes"), "False": _("no")}
    names = {field.name: field.verbose_name for field in PurchaseAgreement._meta.fields}
    names["employees"] = _("entitled employees")
    changes = ", ".join(
        f"{names[field]}: {words.get(before, before)} → {words.get(now, now)}"
        for field, (before, now) in data["changes"].items()
    )
    return _("Agreement changed: %(changes)s") % {"changes": changes}


@renders("documents.quote.accepted")
def quote_accepted(data: dict[str, Any]) -> str:
    """The customer said yes."""
    return _("Accepted by the customer: order %(order)s") % {"order": data["order"]}


@renders("documents.document.posted")
def posted(data: dict[str, Any]) -> str:
    """It is in the ledger."""
    return _("Posted, %(amount)s") % {"amount": _money(data)}


@renders("documents.document.post_held")
def post_held(data: dict[str, Any]) -> str:
    """The check stopped the posting."""
    return _("Posting held: %(reasons)s (%(amount)s)") % {
        "reasons": _reasons(data["reasons"]),
        "amount": _money(data),
    }


@renders("documents.document.printed")
def printed(data: dict[str, Any]) -> str:
    """It went out on paper for good."""
    if data.get("edition", 1) > 1:
        return _("Printed for good again after a change, edition %(edition)s, %(amount)s") % {
            "edition": data["edition"],
            "amount": _money(data),
        }
    return _("Printed for good, %(amount)s") % {"amount": _money(data)}


@renders("documents.document.print_held")
def print_held(data: dict[str, Any]) -> str:
    """The print was held: no paper, or a marked one."""
    if data["paper"] == "marked":
        text = _("Print held, a marked paper went out: %(reasons)s")
    else:
        text = _("Print held, no paper: %(reasons)s")
    return text % {"reasons": _reasons(data["reasons"])}


@renders("documents.document.override_used")
def override_used(data: dict[str, Any]) -> str:
    """A hold was passed at entry."""
    return _("Hold passed at entry, %(amount)s: %(reason)s") % {
        "amount": _money(data),
        "reason": data["reason"],
    }


@renders("documents.document.released")
def released(data: dict[str, Any]) -> str:
    """An approver let it pass."""
    return _("Released (%(reasons)s) up to %(up_to)s %(currency)s: %(comment)s") % {
        "reasons": _reasons(data["released"]),
        "up_to": amount_text(data["up_to"]),
        "currency": data["currency"],
        "comment": data["comment"],
    }


@renders("documents.document.refused")
def refused(data: dict[str, Any]) -> str:
    """An approver said no."""
    return _("Refused (%(reasons)s): %(comment)s") % {
        "reasons": _reasons(data["reasons"]),
        "comment": data["comment"],
    }


@renders("documents.document.release_outdated")
def release_outdated(data: dict[str, Any]) -> str:
    """A release came too late for the figures it was asked on."""
    return _("Approved, but meanwhile there is more: %(reasons)s. Asked again. (%(comment)s)") % {
        "reasons": _reasons(data["reasons"]),
        "comment": data["comment"],
    }


@renders("documents.document.hold_ended")
def hold_ended(data: dict[str, Any]) -> str:
    """The hold ended by itself."""
    return _("The hold ended by itself (it was: %(reasons)s)") % {"reasons": _reasons(data["was"])}


@renders("documents.document.changed")
def changed(data: dict[str, Any]) -> str:
    """An accepted document got a new version."""
    before, after = data["gross"]
    return _("Changed: %(before)s → %(after)s %(currency)s") % {
        "before": amount_text(before),
        "after": amount_text(after),
        "currency": data["currency"],
    }


@renders("documents.document.change_held")
def change_held(data: dict[str, Any]) -> str:
    """A wished change waits; the accepted version counts on."""
    before, after = data["gross"]
    return _("Change %(before)s → %(after)s %(currency)s held: %(reasons)s") % {
        "before": amount_text(before),
        "after": amount_text(after),
        "currency": data["currency"],
        "reasons": _reasons(data["reasons"]),
    }


@renders("documents.document.cancelled")
def cancelled(data: dict[str, Any]) -> str:
    """It will not happen."""
    return _with_reason(_("Cancelled"), data)


@renders("documents.document.closed")
def closed(data: dict[str, Any]) -> str:
    """Nothing more will come of it."""
    return _with_reason(_("Closed"), data)


@renders("documents.document.reopened")
def reopened(data: dict[str, Any]) -> str:
    """It counts again."""
    return _("Reopened, %(amount)s") % {"amount": _money(data)}


@renders("documents.document.reopen_held")
def reopen_held(data: dict[str, Any]) -> str:
    """It stays closed until somebody decides."""
    return _("Reopening held: %(reasons)s") % {"reasons": _reasons(data["reasons"])}


@renders("documents.document.note_added")
def note_added(data: dict[str, Any]) -> str:
    """Somebody remarked something."""
    return _("Note: %(text)s") % {"text": data["text"]}


@renders("documents.document.file_attached")
def file_attached(data: dict[str, Any]) -> str:
    """A file was added."""
    return _("File attached: %(name)s") % {"name": data["name"]}


@notifications.renders("documents.hold_ended")
def hold_ended_notice(params: Mapping[str, Any]) -> notifications.Text:
    """To whoever asked: the document goes on."""
    sentence = _("%(document)s of %(customer)s is no longer held: the cause is gone.") % params
    return notifications.Text(subject=_("%(document)s goes on") % params, sentence=sentence)


def _with_reason(text: str, data: dict[str, Any]) -> str:
    return f"{text}: {data['reason']}" if data.get("reason") else text
