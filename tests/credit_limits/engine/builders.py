"""Short ways to write down the facts of a check: everything plain unless a test says otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from credit_limits.engine.types import (
    CheckInput,
    Checkpoint,
    Component,
    CustomerFacts,
    CustomerStatus,
    Decision,
    DocumentFacts,
    Exposure,
    Finding,
    LimitFacts,
    LimitState,
    OverdueFacts,
    PolicyFacts,
    Rule,
    RuleSetting,
    ScopeFacts,
    ScopeKind,
    Severity,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

TODAY = date(2026, 3, 31)
NONE = LimitFacts(LimitState.NONE)
NOTHING = LimitFacts(LimitState.ZERO)
UNLIMITED = LimitFacts(LimitState.UNLIMITED)

# The severities most tests start from: limits hold, the watch band notes, the rest is off.
RULES: Mapping[Rule, RuleSetting] = {
    Rule.CUSTOMER_STATUS: RuleSetting(
        severity_by_status={
            "blocked": Severity.REFUSE,
            "debtor": Severity.HOLD,
            "protested": Severity.HOLD,
            "under_review": Severity.WARN,
        }
    ),
    Rule.LIMIT_EXCEEDED: RuleSetting(Severity.HOLD),
    Rule.NEAR_LIMIT: RuleSetting(Severity.NOTE),
    Rule.NO_LIMIT: RuleSetting(Severity.HOLD),
}


def money(amount: float | str | Decimal) -> Decimal:
    """A Decimal from the way a figure is written in a test."""
    return Decimal(str(amount))


def limit(amount: float | str) -> LimitFacts:
    """A limit of this amount."""
    return LimitFacts(LimitState.AMOUNT, money(amount), permanent=money(amount))


def exposure(**amounts: float | str | Decimal) -> Exposure:
    """Exposure by component name."""
    return Exposure({Component(name): money(amount) for name, amount in amounts.items()})


def policy(rules: Mapping[Rule, RuleSetting] | None = None, **settings: Any) -> PolicyFacts:
    """The starting policy with these rules put in (`only` = True: nothing but them)."""
    only = settings.pop("only", False)
    merged = {**({} if only else RULES), **(rules or {})}
    return PolicyFacts(name="standard", version=1, rules=merged, **settings)


def document(amount: float | str = 10, **facts: Any) -> DocumentFacts:
    """A sales order of this gross amount in euro, about to be submitted."""
    start = DocumentFacts(
        reference="SO1",
        kind="order",
        checkpoint=Checkpoint.SUBMIT,
        amount=money(amount),
        currency="EUR",
    )
    return replace(start, **facts)


def account(limit_: LimitFacts, used: Exposure | None = None, **facts: Any) -> ScopeFacts:
    """The account scope; `check` fills in what the document adds."""
    return scope(ScopeKind.ACCOUNT, "Rossi", limit_, used, **facts)


def scope(
    kind: ScopeKind, label: str, limit_: LimitFacts, used: Exposure | None = None, **facts: Any
) -> ScopeFacts:
    """A scope in euro without exposure unless given."""
    start = ScopeFacts(
        kind=kind, label=label, limit=limit_, exposure=used or Exposure(), currency="EUR"
    )
    return replace(start, **facts)


def check(
    doc: DocumentFacts | float | str = 10,
    limit_: LimitFacts | None = None,
    used: Exposure | None = None,
    *,
    scopes: tuple[ScopeFacts, ...] | None = None,
    customer: CustomerFacts | None = None,
    overdue: OverdueFacts | None = None,
    rules: PolicyFacts | None = None,
    **facts: Any,
) -> CheckInput:
    """A check of one document against one account (or the given scopes).

    A scope that does not say what the document is worth in it takes the document's amount.
    """
    doc = doc if isinstance(doc, DocumentFacts) else document(doc)
    scopes = scopes or (account(limit_ or limit(1000), used),)
    return CheckInput(
        document=doc,
        customer=customer or CustomerFacts(CustomerStatus.RELEASED),
        scopes=tuple(
            item if item.document_amount else replace(item, document_amount=doc.amount)
            for item in scopes
        ),
        overdue=overdue or OverdueFacts(),
        policy=rules or policy(),
        as_of=TODAY,
        **facts,
    )


def late(*items: tuple[int, float | str], **facts: Any) -> OverdueFacts:
    """Overdue items as (days past due, residual), named I1, I2, …"""
    return OverdueFacts(
        items=tuple(
            (f"I{number}", TODAY - timedelta(days=days), money(residual))
            for number, (days, residual) in enumerate(items, start=1)
        ),
        **facts,
    )


def found(decision: Decision, rule: Rule, kind: ScopeKind | None = None) -> Finding:
    """The one finding of this rule (and scope)."""
    matching = [
        item
        for item in decision.findings
        if item.rule is rule and (kind is None or item.scope is kind)
    ]
    assert len(matching) == 1, matching
    return matching[0]
