"""Whether an approver's standing permission covers a finding (law: a release sticks)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from credit_limits.engine.amount_rules import ALREADY_OVER_LIMIT, LIMIT_EXCEEDED
from credit_limits.engine.types import Rule, Severity

if TYPE_CHECKING:
    from credit_limits.engine.types import CheckInput, Finding, ReleaseFacts

# Which of the two comes out depends on what else was accepted meanwhile: one subject.
OVER_LIMIT = frozenset({LIMIT_EXCEEDED, ALREADY_OVER_LIMIT})


def in_force(release: ReleaseFacts, facts: CheckInput) -> bool:
    """Whether the release holds on this day, at this step and for this much (bounds inclusive)."""
    return (
        facts.as_of <= release.valid_until
        and facts.document.checkpoint in release.checkpoints
        and amount_used(release, facts) <= release.amount_up_to
    )


def amount_used(release: ReleaseFacts, facts: CheckInput) -> Decimal:
    """How much of the release the document needs, in document currency.

    Its own value; or, for the release of a document it continues, that document's value and
    what this one adds to it.
    """
    document = facts.document
    if release.source_amount is None:
        return document.amount
    scope = facts.account_scope
    added = max(scope.document_amount - scope.counted_before, Decimal(0))
    if document.currency != scope.currency and scope.document_amount:
        added = added * document.amount / scope.document_amount
    return release.source_amount + added


def names_reason(release: ReleaseFacts, reason: str) -> bool:
    """Whether the release names this reason; the two over-limit reasons stand for each other."""
    if reason in OVER_LIMIT:
        return not OVER_LIMIT.isdisjoint(release.reasons)
    return reason in release.reasons


def covering_release(finding: Finding, facts: CheckInput) -> ReleaseFacts | None:
    """The release that lowers this finding; None when there is none or it may not be lowered.

    A hold can be released, and so can the warning that a milder control type or document type
    makes of it; never a refusal, never a missing rate.
    """
    if finding.effect >= Severity.REFUSE or finding.rule is Rule.RATE_MISSING:
        return None
    candidates = [
        release
        for release in facts.releases
        if in_force(release, facts) and names_reason(release, finding.reason)
    ]
    if not candidates:
        return None
    return max(candidates, key=lambda item: (item.valid_until, item.reference))
