"""The one door: every path that wants credit for a document comes through `credit_check`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection

from core.locks import require_atomic
from credit_limits.assemble import assemble
from credit_limits.engine.decide import decide
from credit_limits.engine.serialise import to_json
from credit_limits.engine.types import LimitState, ScopeKind
from credit_limits.models import CreditCheck
from customers.locks import scope_lock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from core.models import User
    from credit_limits.assemble import AskedDocument, Assembled
    from credit_limits.engine.types import CheckInput, Checkpoint, Decision, Finding
    from credit_limits.models import PolicyVersion
    from customers.models import CustomerAccount

# A finding's row, for each element of a JSON array.
_FINDINGS = """
INSERT INTO credit_limits_checkfinding
    (check_run_id, position, rule, reason, scope, severity, effect, asked, fired, observed,
     threshold, excluded_by, facts)
SELECT %(check)s, r.* FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (
    position smallint, rule text, reason text, scope text, severity text, effect text,
    asked boolean, fired boolean, observed text, threshold text, excluded_by text, facts jsonb)
"""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A stored check with the decision it holds."""

    check: CreditCheck
    decision: Decision
    facts: CheckInput
    policy_version: PolicyVersion
    account: CustomerAccount


def credit_check(
    *,
    account: CustomerAccount,
    asked: AskedDocument,
    checkpoint: Checkpoint,
    actor: User | None,
    as_of: date,
) -> CheckResult:
    """Lock the scope, read the whole exposure, decide, and store decision and trace.

    Must run in the caller's transaction, after the document row is locked; the scope stays
    locked until that transaction ends. `asked.subject_id` must be set. Raises Busy (through
    `core.locks.busy_on_timeout`) when the scope cannot be locked in time, Invalid when no policy
    is published. At most 12 statements.
    """
    require_atomic()
    if asked.subject_id is None:
        msg = "only a saved document can be checked; use the preview for others"
        raise ValueError(msg)
    [locked] = scope_lock(account_ids=[account.pk])
    assembled = assemble(account=locked, asked=asked, checkpoint=checkpoint, as_of=as_of)
    decision = decide(assembled.facts)
    check = _store(locked, asked, asked.subject_id, assembled, decision, actor)
    return CheckResult(check, decision, assembled.facts, assembled.policy_version, locked)


@dataclass(frozen=True, slots=True)
class Question:
    """A decision under the lock that was not stored."""

    decision: Decision
    facts: CheckInput
    policy_version: PolicyVersion


def credit_question(
    *, account: CustomerAccount, asked: AskedDocument, checkpoint: Checkpoint, as_of: date
) -> Question:
    """Lock the scope and decide, without a trace: to see whether a stored check is worth it.

    Whoever acts on the answer must follow it with `credit_check` in the same transaction.
    """
    [locked] = scope_lock(account_ids=[account.pk])
    assembled = assemble(account=locked, asked=asked, checkpoint=checkpoint, as_of=as_of)
    return Question(decide(assembled.facts), assembled.facts, assembled.policy_version)


def _store(
    account: CustomerAccount,
    asked: AskedDocument,
    subject_id: int,
    assembled: Assembled,
    decision: Decision,
    actor: User | None,
) -> CreditCheck:
    facts = assembled.facts
    own = next(scope for scope in decision.scopes if scope.kind is ScopeKind.ACCOUNT)
    own_facts = next(scope for scope in facts.scopes if scope.kind is ScopeKind.ACCOUNT)
    check = CreditCheck.objects.create(
        account=account,
        subject_type=asked.subject_type,
        subject_id=subject_id,
        subject_text=asked.text[:200],
        checkpoint=facts.document.checkpoint.value,
        as_of=facts.as_of,
        checked_by=actor,
        policy_version=assembled.policy_version,
        outcome=decision.outcome.value,
        reasons=list(decision.reasons),
        blocking=list(decision.blocking),
        currency_id=own.currency,
        amount=own_facts.document_amount,
        used=own.used,
        projected=decision.projected,
        limit_state=own.limit.state.value,
        limit_amount=own.limit.amount if own.limit.state is LimitState.AMOUNT else None,
        headroom=decision.headroom,
        overrun=decision.overrun,
        approval_amount=decision.approval_amount,
        inputs=to_json(facts),
    )
    _findings_store(check, decision)
    return check


def _findings_store(check: CreditCheck, decision: Decision) -> None:
    """Every finding of the check, in one statement."""
    rows = [
        _finding_row(position, finding)
        for position, finding in enumerate(decision.findings, start=1)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_FINDINGS, {"check": check.pk, "rows": json.dumps(rows)})


def _finding_row(position: int, finding: Finding) -> dict[str, Any]:
    return {
        "position": position,
        "rule": finding.rule.value,
        "reason": finding.reason,
        "scope": finding.scope.value if finding.scope else "",
        "severity": finding.severity.name.lower(),
        "effect": finding.effect.name.lower(),
        "asked": finding.asked,
        "fired": finding.fired,
        "observed": _text(finding.observed),
        "threshold": _text(finding.threshold),
        "excluded_by": finding.excluded_by,
        "facts": finding_facts(finding.facts),
    }


def finding_facts(facts: Mapping[str, Decimal | int | str | date]) -> dict[str, int | str]:
    """A finding's facts as JSON: amounts and dates as strings, whole numbers as they are."""
    return {key: value if isinstance(value, int) else str(value) for key, value in facts.items()}


def _text(value: Decimal | int | str | None) -> str:
    return "" if value is None else str(value)[:60]
