"""What a step that asked for credit came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from credit_limits.engine.types import Outcome, Rule

if TYPE_CHECKING:
    from collections.abc import Collection

    from approvals.models import ApprovalRequest
    from credit_limits.engine.types import Decision
    from credit_limits.models import CreditCheck
    from credit_limits.services.checks import CheckResult
    from documents.models import Document, HoldCase

RATE_MISSING: Final = Rule.RATE_MISSING.name
PASSING: Final = frozenset({Outcome.PASS, Outcome.WARN})


def is_unknown(reasons: Collection[str]) -> bool:
    """Whether these reasons leave the amount in question unknown."""
    return RATE_MISSING in reasons


@dataclass(frozen=True, slots=True)
class SubmitResult:
    """What a step that asked for credit came to. `case` and `request` are None when it passed.

    `check` and `decision` are None for a document that asks nobody (a supplier receipt, a quote
    whose type is not checked).
    """

    document: Document
    check: CreditCheck | None
    decision: Decision | None
    case: HoldCase | None = None
    request: ApprovalRequest | None = None

    @property
    def passed(self) -> bool:
        """Whether the step was taken."""
        return self.case is None

    @property
    def outcome(self) -> Outcome:
        """The verdict; what nobody was asked about passes."""
        return Outcome.PASS if self.decision is None else self.decision.outcome

    @property
    def waits_for_rate(self) -> bool:
        """Whether it is held without a question: how much this is about is not known."""
        return (
            self.decision is not None
            and self.decision.outcome is Outcome.HOLD
            and is_unknown(self.decision.blocking)
        )


def release_used(result: CheckResult) -> bool:
    """Whether an approver's release is what let the document pass."""
    return any(found.excluded_by == "release" for found in result.decision.findings)


def check_data(result: CheckResult) -> dict[str, Any]:
    """The figures of a check for the audit trail."""
    return {
        "outcome": result.decision.outcome.value,
        "reasons": list(result.decision.reasons),
        "amount": result.facts.document.amount,
        "currency": result.facts.document.currency,
        "projected": result.decision.projected,
        "limit": result.check.limit_amount,
        "limit_state": result.check.limit_state,
        "check_id": result.check.pk,
        "account_id": result.check.account_id,
    }
