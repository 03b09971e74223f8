"""The credit of an order being typed, laid out for the strip, the outcome and the order page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from core.charts import Meter, limit_meter
from core.money import ZERO
from credit_limits.engine.exposure import counted_total
from credit_limits.engine.types import (
    Checkpoint,
    Component,
    LimitState,
    Outcome,
    ScopeKind,
    Severity,
)
from credit_limits.explain import component_url, exposure_parts, way_words
from credit_limits.sentences import finding_sentence, reason_label
from documents.results import is_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from core.charts import LimitState as MeterState
    from credit_limits.engine.types import CheckInput, Decision, Finding, ScopeFacts, ScopeResult
    from credit_limits.models import CheckFinding
    from credit_limits.selectors import Preview
    from customers.models import CustomerAccount

TONES: Final[Mapping[Outcome, str]] = {
    Outcome.PASS: "ok",
    Outcome.WARN: "warn",
    Outcome.HOLD: "warn",
    Outcome.REFUSE: "bad",
}
METER_STATES: Final[Mapping[LimitState, MeterState]] = {
    LimitState.NONE: "none",
    LimitState.ZERO: "zero",
    LimitState.AMOUNT: "amount",
    LimitState.UNLIMITED: "unlimited",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason in words: `effect` is note, warn, hold or refuse."""

    effect: str
    label: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ScopeLine:
    """A limit that is compared with besides the account's own. Amounts in `currency`."""

    name: str
    currency: str
    limit: Decimal | None
    headroom: Decimal | None


@dataclass(frozen=True, slots=True)
class CreditBox:
    """Where the account stands with this order. Amounts in `currency`, the account's.

    `used` is what counts without this order, `this_amount` what this order adds when accepted,
    `headroom` the limit less both (None where there is none to be under). `order_amount` is the
    order in its own currency. `first_fits_on` is the day from which on it would pass by itself, as
    the customer usually pays; None when the coming weeks bring none.
    """

    account: CustomerAccount
    currency: str
    limit: Decimal | None
    limit_state: str
    limit_until: date | None
    used: Decimal
    this_amount: Decimal
    order_amount: Decimal
    order_currency: str
    headroom: Decimal | None
    waiting: Decimal
    overdue_amount: Decimal
    overdue_days: int
    meter: Meter
    wider: tuple[ScopeLine, ...]
    outcome: str
    tone: str
    verdict: str
    reasons: tuple[Reason, ...]
    ways: tuple[str, ...]
    is_change: bool
    first_fits_on: date | None = None

    @property
    def used_url(self) -> str:
        """What the used figure is made of."""
        return component_url(self.account.pk, "total")

    @property
    def overdue_url(self) -> str:
        """The items past due."""
        return component_url(self.account.pk, Component.INVOICE_OVERDUE.value)

    @property
    def over(self) -> Decimal:
        """How far over the limit, 0 when it is not."""
        return max(ZERO, -self.headroom) if self.headroom is not None else ZERO


def credit_box(account: CustomerAccount, preview: Preview, *, by_saving: bool = False) -> CreditBox:
    """The preview of an order in the shape the pages show it.

    `by_saving`: the order is held, so that saving it asks again.
    """
    facts, decision = preview.facts, preview.decision
    own = next(scope for scope in facts.scopes if scope.kind is ScopeKind.ACCOUNT)
    result = next(scope for scope in decision.scopes if scope.kind is ScopeKind.ACCOUNT)
    used = counted_total(own.exposure, facts.policy)
    this = result.projected - used
    late = [
        (amount, (facts.as_of - due_on).days)
        for _reference, due_on, amount in facts.overdue.items
        if due_on < facts.as_of
    ]
    return CreditBox(
        account=account,
        currency=own.currency,
        limit=own.limit.ceiling,
        limit_state=own.limit.state.value,
        limit_until=own.limit.valid_to,
        used=used,
        this_amount=this,
        order_amount=facts.document.amount,
        order_currency=facts.document.currency,
        headroom=result.headroom,
        waiting=preview.waiting,
        overdue_amount=sum((amount for amount, _days in late), ZERO),
        overdue_days=max((days for _amount, days in late), default=0),
        meter=_meter(account, own, this),
        wider=tuple(_wider(item) for item in decision.scopes if item.kind is not ScopeKind.ACCOUNT),
        outcome=decision.outcome.value,
        tone=TONES[decision.outcome],
        verdict=verdict(decision, facts, by_saving=by_saving),
        reasons=decision_reasons(decision),
        ways=tuple(way_words(way, facts) for way in preview.ways),
        is_change=facts.document.checkpoint is Checkpoint.CHANGE,
        first_fits_on=preview.first_fits_on,
    )


def verdict(decision: Decision, facts: CheckInput, *, by_saving: bool = False) -> str:
    """What would happen if the order were sent off now, in one sentence."""
    if decision.outcome is Outcome.HOLD and is_unknown(decision.blocking):
        return _("As it is now: held until the exchange rate is entered.")
    if facts.document.checkpoint is Checkpoint.CHANGE:
        words = {
            Outcome.PASS: _("If you save now: the change passes."),
            Outcome.WARN: _("If you save now: the change passes, with a warning."),
            Outcome.HOLD: _("If you save now: the change is held for approval."),
            Outcome.REFUSE: _("If you save now: the change is held, and nobody can release it."),
        }
    elif facts.document.checkpoint is Checkpoint.POST:
        words = {
            Outcome.PASS: _("If you post now: it passes."),
            Outcome.WARN: _("If you post now: it passes, with a warning."),
            Outcome.HOLD: _("If you post now: the posting is held for approval."),
            Outcome.REFUSE: _("If you post now: the posting is held, and nobody can release it."),
        }
    elif by_saving:
        words = {
            Outcome.PASS: _("If you save now: it passes."),
            Outcome.WARN: _("If you save now: it passes, with a warning."),
            Outcome.HOLD: _("If you save now: still held for approval."),
            Outcome.REFUSE: _("If you save now: still held, and nobody can release it."),
        }
    else:
        words = {
            Outcome.PASS: _("If you submit now: it passes."),
            Outcome.WARN: _("If you submit now: it passes, with a warning."),
            Outcome.HOLD: _("If you submit now: held for approval."),
            Outcome.REFUSE: _("If you submit now: held, and nobody can release it."),
        }
    return words[decision.outcome]


def decision_reasons(decision: Decision) -> tuple[Reason, ...]:
    """The findings that say something, the worst first."""
    speaking = [found for found in decision.findings if found.effect > Severity.OK]
    speaking.sort(key=lambda found: -found.effect)
    return tuple(_reason(found, found.effect.name.lower()) for found in speaking)


def stored_reasons(findings: list[CheckFinding]) -> tuple[Reason, ...]:
    """The same of a stored check."""
    weight = {"refuse": 0, "hold": 1, "warn": 2, "note": 3}
    speaking = [found for found in findings if found.effect in weight]
    speaking.sort(key=lambda found: weight[found.effect])
    return tuple(_reason(found, found.effect) for found in speaking)


def _reason(found: Finding | CheckFinding, effect: str) -> Reason:
    return Reason(effect, reason_label(found.reason), finding_sentence(found))


def _wider(item: ScopeResult) -> ScopeLine:
    names = {
        ScopeKind.CUSTOMER: _("%(label)s in all companies"),
        ScopeKind.GROUP: _("Group %(label)s"),
    }
    return ScopeLine(
        name=names[item.kind] % {"label": item.label},
        currency=item.currency,
        limit=item.limit.ceiling,
        headroom=item.headroom,
    )


def _meter(account: CustomerAccount, own: ScopeFacts, this: Decimal) -> Meter:
    return limit_meter(
        exposure_parts(own.exposure.amounts, account.pk),
        limit=own.limit.ceiling,
        limit_state=METER_STATES[own.limit.state],
        this_amount=this,
    )
