"""What an approver's verdict does to a document, inside the deciding transaction.

The release re-checks under the lock: it is granted only when what blocks the document now is
what was asked, and no larger than what the approver may decide. Otherwise the document stays
held and a new question goes out with the new reasons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from approvals.authority import authority_covers
from core import clock, events
from core.errors import Conflict
from credit_limits.engine.release import OVER_LIMIT
from credit_limits.engine.types import Checkpoint, Outcome
from credit_limits.services.checks import credit_check, credit_question
from credit_limits.services.releases import release_amount, release_grant
from documents.asking import SUBJECT_TYPE
from documents.models import Document, DocumentRevision, HoldCase
from documents.results import PASSING, check_data, is_unknown
from documents.services.base import document_lock
from documents.services.cases import FIRST_STEPS, step_asked, step_take
from documents.services.history import state_write
from documents.services.holds import case_close, question_renew

if TYPE_CHECKING:
    from datetime import date

    from approvals.models import ApprovalRequest
    from core.models import User
    from credit_limits.assemble import AskedDocument
    from credit_limits.services.checks import Question


def document_release_decided(
    *,
    request: ApprovalRequest,
    approved: bool,
    actor: User,
    comment: str,
    as_of: date | None = None,
) -> None:
    """Carry out the verdict on a document's open case.

    The request is locked and checked for authority by the caller. Raises Conflict when no case
    waits for this request any more.
    """
    current = document_lock(request.subject_id)
    case = (
        HoldCase.objects.select_related("request", "opened_by")
        .filter(document=current, request=request, status=HoldCase.Status.OPEN)
        .first()
    )
    if case is None:
        raise Conflict(
            "documents.case_gone", _("This document does not wait for this decision any more.")
        )
    if approved:
        _approve(current, case, request, actor, comment, as_of or clock.today())
    else:
        _refuse(current, case, actor, comment, as_of or clock.today())


def _refuse(current: Document, case: HoldCase, actor: User, comment: str, as_of: date) -> None:
    case_close(case=case, status=HoldCase.Status.REFUSED, actor=actor, comment=comment)
    if case.checkpoint in FIRST_STEPS:
        current.status = Document.Status.REFUSED
        current.is_live = False
        current.version += 1
        current.save()
        state_write(current, on=as_of)
    elif case.checkpoint == Checkpoint.CHANGE:
        DocumentRevision.objects.filter(
            document=current, status=DocumentRevision.Status.PENDING
        ).update(status=DocumentRevision.Status.DROPPED)
    events.record(
        "documents.document.refused",
        current,
        actor=actor,
        company=current.company,
        customer_id=current.account.customer_id,
        data={"reasons": case.reasons, "comment": comment, "checkpoint": case.checkpoint},
    )


def _approve(
    current: Document,
    case: HoldCase,
    request: ApprovalRequest,
    actor: User,
    comment: str,
    as_of: date,
) -> None:
    checkpoint = Checkpoint(case.checkpoint)
    asked = step_asked(current, checkpoint)
    question = credit_question(
        account=current.account, asked=asked, checkpoint=checkpoint, as_of=as_of
    )
    outcome = question.decision.outcome
    if is_unknown(question.decision.blocking):
        raise Conflict(
            "documents.rate_missing",
            _(
                "There is no exchange rate for %(rates)s, so how much this is about is not known. "
                "Enter the rate first."
            ),
            params={"rates": ", ".join(question.facts.missing_rates)},
        )
    if outcome is Outcome.REFUSE or (
        outcome is Outcome.HOLD and not _covered(question, request, actor, current, as_of)
    ):
        _ask_again(current, case, asked, actor, comment, as_of)
        return
    release_grant(
        account=current.account,
        subject_type=SUBJECT_TYPE,
        subject_id=current.pk,
        subject_text=str(current),
        reasons=request.reasons,
        amount=asked.amount,
        currency_id=current.currency_id,
        version=question.policy_version,
        as_of=as_of,
        actor=actor,
        comment=comment,
    )
    result = credit_check(
        account=current.account, asked=asked, checkpoint=checkpoint, actor=actor, as_of=as_of
    )
    if result.decision.outcome not in PASSING:
        msg = "a covering release must let the document pass"
        raise RuntimeError(msg)
    case_close(case=case, status=HoldCase.Status.RELEASED, actor=actor, comment=comment)
    step_take(current, checkpoint, as_of=as_of, released=True, actor=actor)
    events.record(
        "documents.document.released",
        current,
        actor=actor,
        company=current.company,
        customer_id=current.account.customer_id,
        data={
            **check_data(result),
            "released": list(request.reasons),
            "up_to": release_amount(question.policy_version, asked.amount),
            "comment": comment,
            "checkpoint": case.checkpoint,
        },
    )


def _covered(
    question: Question, request: ApprovalRequest, actor: User, current: Document, as_of: date
) -> bool:
    """Whether what blocks now was asked, and is no more than the approver may decide."""
    named = set(request.reasons)
    if named & OVER_LIMIT:
        named |= OVER_LIMIT
    if not set(question.decision.blocking) <= named:
        return False
    amount = question.decision.approval_amount
    if amount <= request.amount:
        return True
    return authority_covers(
        user=actor,
        kind="document_release",
        amount=amount,
        currency=request.currency_id,
        account=current.account,
        on=as_of,
    )


def _ask_again(
    current: Document,
    case: HoldCase,
    asked: AskedDocument,
    actor: User,
    comment: str,
    as_of: date,
) -> None:
    """New reasons, or more than was asked: the verdict is noted, the question goes out anew."""
    result = question_renew(
        document=current, case=case, asked=asked, actor=actor, comment=comment, as_of=as_of
    )
    events.record(
        "documents.document.release_outdated",
        current,
        actor=actor,
        company=current.company,
        customer_id=current.account.customer_id,
        data={**check_data(result), "comment": comment, "checkpoint": case.checkpoint},
    )
