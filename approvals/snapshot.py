"""The figures a request was opened with, read back from JSON for a page.

Everything is optional: a request shows what its opener knew. Keys, amounts as decimal strings:

    currency, limit_state, limit, used, projected, headroom, overrun, overdue
    components {code: amount}, component_labels {code: words}
    findings [{reason, label, sentence, observed, threshold, effect}], reason_labels {code: words}
    ways [sentence], release {reasons, amount_up_to, currency, until}
    document {text, gross, currency, method}, customer {id, name, status}, check_id
    checkpoint (the step that was stopped)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.charts import COMPONENT_COLOURS, Meter, Part, limit_meter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.utils.functional import _StrPromise

LIMIT_STATES: Final = ("none", "zero", "amount", "unlimited")
# The step of a document that was stopped, and what saying yes does besides letting it count.
STEPS: Final[Mapping[str, _StrPromise]] = {
    "submit": gettext_lazy("Submission"),
    "change": gettext_lazy("Change"),
    "reopen": gettext_lazy("Reopening"),
    "deliver": gettext_lazy("Delivery"),
    "invoice": gettext_lazy("Invoicing"),
    "post": gettext_lazy("Posting"),
    "print": gettext_lazy("Final print"),
}
EFFECTS: Final[Mapping[str, _StrPromise]] = {
    "change": gettext_lazy("The change is made at once."),
    "reopen": gettext_lazy("The document is open again at once."),
    "deliver": gettext_lazy("The goods may go out at once."),
    "invoice": gettext_lazy("The invoice gets its number at once."),
    "post": gettext_lazy("It is posted at once, on its own date."),
    "print": gettext_lazy("It may then be printed for good."),
}
TONES: Final = {"hold": "bad", "refuse": "bad", "warn": "warn", "note": "info"}


@dataclass(frozen=True, slots=True)
class FindingLine:
    """Why it is here, in words; `tone` is how far it went."""

    reason: str
    label: str
    sentence: str
    tone: str


@dataclass(frozen=True, slots=True)
class ReleaseOffer:
    """What saying yes permits: these reasons, up to an amount, until a day."""

    reasons: tuple[str, ...]
    amount_up_to: Decimal | None
    currency: str
    until: date | None


@dataclass(frozen=True, slots=True)
class Figures:
    """The customer when it was asked, in the risk currency. None is what nobody noted."""

    currency: str
    meter: Meter | None
    overdue: Decimal | None
    gross: Decimal | None
    gross_currency: str
    method: str
    customer_status: str
    findings: tuple[FindingLine, ...]
    ways: tuple[str, ...]
    release: ReleaseOffer | None
    check_id: int | None
    effect: str = ""


def step_words(snapshot: Mapping[str, Any]) -> str:
    """The step that was stopped, in words; empty for what is no document."""
    return str(STEPS.get(str(snapshot.get("checkpoint") or ""), ""))


def reason_words(codes: Sequence[str], snapshot: Mapping[str, Any]) -> tuple[str, ...]:
    """The reasons in the words of who asked; the code itself where there are none."""
    labels = snapshot.get("reason_labels") or {}
    return tuple(str(labels.get(code, code)) for code in codes)


def figures(snapshot: Mapping[str, Any], currency: str) -> Figures:
    """The snapshot of a request in typed figures; `currency` is the request's own."""
    document = snapshot.get("document") or {}
    customer = snapshot.get("customer") or {}
    check_id = snapshot.get("check_id")
    return Figures(
        currency=str(snapshot.get("currency") or currency),
        meter=_meter(snapshot),
        overdue=_decimal(snapshot.get("overdue")),
        gross=_decimal(document.get("gross")),
        gross_currency=str(document.get("currency") or currency),
        method=str(document.get("method") or ""),
        customer_status=str(customer.get("status") or ""),
        findings=tuple(_finding(item) for item in snapshot.get("findings") or ()),
        ways=tuple(str(way) for way in snapshot.get("ways") or ()),
        release=_release(snapshot, currency),
        check_id=check_id if isinstance(check_id, int) else None,
        effect=str(EFFECTS.get(str(snapshot.get("checkpoint") or ""), "")),
    )


def _finding(item: Mapping[str, Any]) -> FindingLine:
    reason = str(item.get("reason", ""))
    return FindingLine(
        reason=reason,
        label=str(item.get("label") or reason),
        sentence=str(item.get("sentence") or ""),
        tone=TONES.get(str(item.get("effect", "hold")), "mute"),
    )


def _release(snapshot: Mapping[str, Any], currency: str) -> ReleaseOffer | None:
    offer = snapshot.get("release")
    if not offer:
        return None
    until = offer.get("until")
    return ReleaseOffer(
        reasons=reason_words(offer.get("reasons") or (), snapshot),
        amount_up_to=_decimal(offer.get("amount_up_to")),
        currency=str(offer.get("currency") or currency),
        until=parse_date(str(until)) if until else None,
    )


def _meter(snapshot: Mapping[str, Any]) -> Meter | None:
    """The limit bar: what was used, by component, and the subject on top."""
    used = _decimal(snapshot.get("used"))
    state = snapshot.get("limit_state")
    if used is None or state not in LIMIT_STATES:
        return None
    labels = snapshot.get("component_labels") or {}
    parts = [
        Part(COMPONENT_COLOURS.get(code, "mute"), str(labels.get(code, code)), amount)
        for code, text in (snapshot.get("components") or {}).items()
        if (amount := _decimal(text))
    ]
    if sum((part.amount for part in parts), Decimal(0)) != used:
        # The policy counts only some components: the parts would not add up to what was used.
        parts = [Part("items", _("Used"), used)]
    projected = _decimal(snapshot.get("projected"))
    return limit_meter(
        parts,
        limit=_decimal(snapshot.get("limit")),
        limit_state=state,
        this_amount=max(projected - used, Decimal(0)) if projected is not None else Decimal(0),
    )


def _decimal(value: Any) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None
