"""Hold cases: opening one with its approval request, and closing it when its cause ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from approvals.models import ApprovalRequest, RequestKind
from approvals.services import request_close, request_open
from credit_limits.engine.suggest import ways_to_pass
from credit_limits.engine.types import (
    Checkpoint,
    Component,
    LimitState,
    Outcome,
    ScopeKind,
    Severity,
)
from credit_limits.sentences import (
    COMPONENT_LABELS,
    finding_sentence,
    reason_label,
    way_sentence,
)
from credit_limits.services.checks import credit_check
from credit_limits.services.releases import release_amount, release_until
from documents.models import HoldCase
from documents.results import is_unknown

if TYPE_CHECKING:
    from datetime import date

    from core.models import User
    from credit_limits.assemble import AskedDocument
    from credit_limits.services.checks import CheckResult
    from documents.models import Document


def snapshot_of(document: Document, result: CheckResult) -> dict[str, Any]:
    """The figures an approver needs, frozen at the moment of the question.

    Amounts are in the account's risk currency, except `document.gross`, which is in its own.
    """
    decision = result.decision
    own = next(scope for scope in decision.scopes if scope.kind is ScopeKind.ACCOUNT)
    facts = next(scope for scope in result.facts.scopes if scope.kind is ScopeKind.ACCOUNT)
    speaking = [found for found in decision.findings if found.effect > Severity.OK]
    amount = result.facts.document.amount
    return {
        "check_id": result.check.pk,
        "checkpoint": result.check.checkpoint,
        "currency": own.currency,
        "limit_state": own.limit.state.value,
        "limit": own.limit.amount if own.limit.state is LimitState.AMOUNT else None,
        "used": own.used,
        "projected": own.projected,
        "headroom": decision.headroom,
        "overrun": decision.overrun,
        "overdue": facts.exposure.of(Component.INVOICE_OVERDUE),
        "components": {
            component.value: facts.exposure.of(component)
            for component in Component
            if facts.exposure.of(component)
        },
        "component_labels": {
            component.value: str(label) for component, label in COMPONENT_LABELS.items()
        },
        "findings": [
            {
                "reason": found.reason,
                "label": reason_label(found.reason),
                "sentence": finding_sentence(found),
                "observed": str(found.observed) if found.observed is not None else "",
                "threshold": str(found.threshold) if found.threshold is not None else "",
                "effect": found.effect.name.lower(),
            }
            for found in speaking
        ],
        "reason_labels": {reason: reason_label(reason) for reason in decision.reasons},
        "ways": [way_sentence(way, own.currency) for way in ways_to_pass(result.facts, decision)],
        "release": {
            "reasons": list(decision.blocking),
            "amount_up_to": release_amount(result.policy_version, amount),
            "currency": document.currency_id,
            "until": release_until(result.policy_version, result.facts.as_of),
        },
        "document": {
            "text": str(document),
            "gross": amount,
            "currency": document.currency_id,
            "method": result.facts.document.method_name,
        },
        "customer": {
            "id": document.account.customer_id,
            "name": str(document.account.customer),
            "status": document.account.customer.get_status_display(),
        },
        "policy_version": result.policy_version.number,
    }


def barred_ids(document: Document, *others: User) -> list[int]:
    """Everybody who wrote or submitted the document: nobody approves their own."""
    ids = {document.created_by_id, *(user.pk for user in others)}
    if document.submitted_by_id is not None:
        ids.add(document.submitted_by_id)
    return sorted(ids)


def case_open(*, document: Document, result: CheckResult, actor: User) -> HoldCase:
    """Open the case of a held step; a hold asks an approver, a refusal asks nobody.

    Nor is anybody asked where a rate is missing: how much it is about is not known, so that no
    authority can be compared with it. The case ends, or asks, when the rate is there. An open case
    of the same checkpoint is closed first: it was asked on older figures.
    """
    checkpoint = result.check.checkpoint
    for case in HoldCase.objects.filter(
        document=document, checkpoint=checkpoint, status=HoldCase.Status.OPEN
    ).select_related("request"):
        case_close(case=case, status=HoldCase.Status.LAPSED, actor=actor, comment="")
    request = None
    if result.decision.outcome is Outcome.HOLD and not is_unknown(result.decision.blocking):
        request = request_open(
            kind=RequestKind.DOCUMENT_RELEASE,
            subject=document,
            account=document.account,
            requested_by=actor,
            barred_ids=barred_ids(document, actor),
            amount=result.decision.approval_amount,
            overrun=result.decision.overrun,
            currency=result.check.currency,
            reasons=list(result.decision.blocking),
            snapshot=snapshot_of(document, result),
        )
    return HoldCase.objects.create(
        document=document,
        checkpoint=checkpoint,
        check_run=result.check,
        request=request,
        reasons=list(result.decision.blocking),
        opened_by=actor,
    )


def question_renew(
    *,
    document: Document,
    case: HoldCase,
    asked: AskedDocument,
    actor: User | None,
    comment: str,
    as_of: date,
) -> CheckResult:
    """Check a locked document again and ask a new question in place of this open case."""
    result: CheckResult = credit_check(
        account=document.account,
        asked=asked,
        checkpoint=Checkpoint(case.checkpoint),
        actor=actor,
        as_of=as_of,
    )
    case_close(case=case, status=HoldCase.Status.LAPSED, actor=actor, comment=comment)
    case_open(document=document, result=result, actor=case.opened_by)
    return result


def case_close(*, case: HoldCase, status: str, actor: User | None, comment: str) -> None:
    """Close an open case and the request that still hangs on it (not one already decided)."""
    HoldCase.objects.filter(pk=case.pk, status=HoldCase.Status.OPEN).update(
        status=status, closed_at=timezone.now(), closed_by=actor, closing_comment=comment
    )
    if case.request is not None and case.request.status == ApprovalRequest.Status.OPEN:
        request_close(
            request=case.request,
            status="withdrawn" if status == HoldCase.Status.WITHDRAWN else "lapsed",
            comment=comment,
        )


def cases_close(*, document: Document, status: str, actor: User | None, comment: str) -> None:
    """Close every open case of the document."""
    for case in HoldCase.objects.filter(
        document=document, status=HoldCase.Status.OPEN
    ).select_related("request"):
        case_close(case=case, status=status, actor=actor, comment=comment)
