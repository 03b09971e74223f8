"""What a command came to, in the words of a case: a decision, its reasons and its figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from approvals.authority import authority_covers
from core.errors import Busy, Conflict, DomainError, NotAllowed
from credit_limits.engine.serialise import input_from_json
from credit_limits.engine.types import Outcome, ScopeKind, Severity
from credit_limits.selectors import check_replay
from reports.scenarios import vocabulary as v
from reports.scenarios.people import OVERRIDE_PERMISSION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from core.models import User
    from credit_limits.engine.types import CheckInput, Decision, ScopeFacts, ScopeResult
    from credit_limits.models import CreditCheck
    from credit_limits.selectors import Preview
    from customers.models import CustomerAccount
    from reports.scenarios.world import World

OUTCOMES = {
    Outcome.PASS: "allow",
    Outcome.WARN: "warn",
    Outcome.HOLD: "hold",
    Outcome.REFUSE: "refuse",
}
RATE_MISSING = "RATE_MISSING"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one command. `decision` and `facts` are None when credit was not asked."""

    word: str
    reasons: frozenset[str] = frozenset()
    decision: Decision | None = None
    facts: CheckInput | None = None
    refusal: DomainError | None = None

    @property
    def scope(self) -> ScopeResult | None:
        """The scope that decides: the one with the lowest headroom, else the account."""
        if self.decision is None or self.facts is None:
            return None
        rates = {(scope.kind, scope.label): scope.to_account for scope in self.facts.scopes}
        limited = [
            (scope.headroom * rates[scope.kind, scope.label], scope)
            for scope in self.decision.scopes
            if scope.headroom is not None
        ]
        if limited:
            return min(limited, key=lambda pair: pair[0])[1]
        return next(one for one in self.decision.scopes if one.kind is ScopeKind.ACCOUNT)

    def component_projected(self, word: str) -> Decimal | None:
        """The account's component with the document in it."""
        if self.facts is None:
            return None
        own: ScopeFacts = next(
            scope for scope in self.facts.scopes if scope.kind is ScopeKind.ACCOUNT
        )
        components = v.COMPONENTS[word]
        found = sum((own.exposure.of(one) for one in components), start=own.document_amount * 0)
        if self.facts.document.component in components:
            found += own.document_amount
        return found


ALLOWED = Answer("allow")


def refused(error: DomainError) -> Answer:
    """A command that was refused before any check."""
    kinds: Mapping[type[DomainError], str] = {
        NotAllowed: "NO_PERMISSION",
        Busy: "BUSY",
        Conflict: "CONFLICT",
    }
    reason = kinds.get(type(error), "VALIDATION")
    return Answer("refuse", frozenset({reason}), refusal=error)


def of_check(check: CreditCheck) -> Answer:
    """A stored check, decided again from its stored inputs."""
    decision = check_replay(check)
    return Answer(
        OUTCOMES[decision.outcome],
        reasons_of(decision),
        decision,
        input_from_json(check.inputs),
    )


def of_preview(world: World, preview: Preview, actor: User, account: CustomerAccount) -> Answer:
    """A dry check. What the asking user may pass at entry by himself is a warning to him."""
    decision = preview.decision
    word = OUTCOMES[decision.outcome]
    if word == "hold" and _may_pass(world, decision, actor, account):
        word = "warn"
    return Answer(word, reasons_of(decision), decision, preview.facts)


def reasons_of(decision: Decision) -> frozenset[str]:
    """Why: what warns or stops. What a release covers is OVERRIDE_USED. Else the mere notes."""
    speaking = [found for found in decision.findings if found.effect > Severity.OK]
    covered = [found for found in speaking if found.excluded_by == "release"]
    strong = {found.reason for found in speaking if found.effect >= Severity.WARN}
    if covered:
        strong.add(v.OVERRIDE_USED)
    return frozenset(strong or {found.reason for found in speaking})


def _may_pass(world: World, decision: Decision, actor: User, account: CustomerAccount) -> bool:
    return (
        world.policy.get("direct_override", True)
        and actor.has_perm(OVERRIDE_PERMISSION)
        and authority_covers(
            user=actor,
            kind="document_release",
            amount=decision.approval_amount,
            currency=account.currency_id,
            account=account,
            on=world.today,
        )
    )
