"""What the engine answers: findings, the arithmetic of the scopes, the decision, ways to a pass."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from credit_limits.engine.vocabulary import Outcome, Rule, ScopeKind, Severity, WayKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from credit_limits.engine.types import LimitFacts


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict of one rule, produced for passed rules too.

    `fired` tells whether the rule's condition was met, before anything lowered it; `asked` is
    False when the rule had nothing to look at (no limit, no threshold). `severity` is what the
    policy says; `effect` is what is left after control type, exclusions and releases.
    `excluded_by` names what lowered it. `observed`/`threshold` carry the figures, `facts` the
    rest needed for a plain sentence (amounts as Decimal, dates, ints, strings).
    """

    rule: Rule
    reason: str
    severity: Severity
    effect: Severity
    observed: Decimal | int | str | None = None
    threshold: Decimal | int | str | None = None
    scope: ScopeKind | None = None
    asked: bool = True
    excluded_by: str = ""
    facts: Mapping[str, Decimal | int | str | date] = field(
        default_factory=lambda: MappingProxyType({})
    )
    fired: bool = False


@dataclass(frozen=True, slots=True)
class ScopeResult:
    """The arithmetic of one scope, in its currency.

    `used` is the position that stands without this check (the last accepted version of the
    document included); `projected` the one that would stand if the document were accepted.
    `headroom` = limit - projected, negative when over; None when nothing limits the scope.
    """

    kind: ScopeKind
    label: str
    currency: str
    limit: LimitFacts
    used: Decimal
    projected: Decimal
    headroom: Decimal | None
    overrun: Decimal


@dataclass(frozen=True, slots=True)
class Decision:
    """The explained outcome of one check.

    `reasons` are the reasons of findings whose effect is NOTE or worse, sorted; `blocking` those
    that hold or refuse. `projected` is the account scope's; `headroom` is the lowest and `overrun`
    the highest over all scopes, both in the currency of the account scope. `approval_amount` is
    what an approver must be allowed for: the overrun when only limit reasons hold, else the gross
    document; 0 when nothing is held.
    """

    outcome: Outcome
    findings: tuple[Finding, ...]
    scopes: tuple[ScopeResult, ...]
    projected: Decimal
    headroom: Decimal | None
    overrun: Decimal
    approval_amount: Decimal

    @property
    def reasons(self) -> tuple[str, ...]:
        """Reasons of every finding that says something, in a stable order."""
        return tuple(sorted({f.reason for f in self.findings if f.effect > Severity.OK}))

    @property
    def blocking(self) -> tuple[str, ...]:
        """Reasons that hold or refuse the document."""
        return tuple(sorted({f.reason for f in self.findings if f.effect >= Severity.HOLD}))


@dataclass(frozen=True, slots=True)
class Way:
    """One verified way to a pass: applying it to the input makes `decide` pass or warn.

    `amount` by kind, with `references`:
    reduce            the cut, in the document's currency (no references)
    pay_items         the sum to pay, in the account's currency (the items to pay)
    pay_amount        the payment, in the account's currency (no references)
    pay_immediately   the document, in its currency (no references)
    raise_limit       the limit needed, in the currency of the scope (the labels of the scopes;
                      `scopes` their kinds, `amounts` the limit each of them needs and `amount`
                      the first of these)
    ship_after        what is expected to be paid until `on`, in the account's currency (no
                      references); nobody has to do anything but wait
    `also` holds what has to be done besides, when this step alone is not enough.
    """

    kind: WayKind
    amount: Decimal
    references: tuple[str, ...] = ()
    scopes: tuple[ScopeKind, ...] = ()
    amounts: tuple[Decimal, ...] = ()
    also: tuple[Way, ...] = ()
    on: date | None = None
