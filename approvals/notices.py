"""Whom a request is told to: approvers, the people who wrote the subject, credit managers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q

from approvals.selectors import request_deciders, request_successor, request_top
from core.links import subject_url
from core.models import User
from core.notifications import notifications_settle, notify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from approvals.models import ApprovalRequest

# Who can mend it when nobody has the authority: the managers of credit, and who edits authorities.
MENDERS: Final = ("credit_manager", "admin")


def opened(request: ApprovalRequest, people: Sequence[User]) -> None:
    """Tell who may decide, and those who wrote the subject without asking themselves.

    Without anybody who may decide, the credit managers hear of it instead.
    """
    url = subject_url("approvals.approvalrequest", request.pk)
    if people:
        notify(users=people, code="approvals.request.waiting", params=_facts(request), url=url)
    else:
        error = request_top(request, request_deciders(request))
        top = getattr(error, "top", None)
        notify(
            users=_menders(request),
            code="approvals.request.without_authority",
            params={**_facts(request), "top": top},
            url=url,
        )
    notify(
        users=User.objects.filter(pk__in=request.barred_ids).exclude(pk=request.requested_by_id),
        code="approvals.request.held",
        params={**_facts(request), "people": [str(person) for person in people]},
        url=subject_url(request.subject_type, request.subject_id),
    )


def closed(request: ApprovalRequest) -> None:
    """Send nobody a question that does not wait any more."""
    notifications_settle(
        url=subject_url("approvals.approvalrequest", request.pk),
        codes=("approvals.request.waiting", "approvals.request.without_authority"),
    )


def decided(request: ApprovalRequest, actor: User, reason: str, *, approved: bool) -> None:
    """Tell who asked and who wrote the subject: who decided what, and why.

    When the handler found other figures than those asked about, the verdict came too late: a new
    request is open, and that is what is told.
    """
    if approved:
        outdated = request_successor(request) is not None
        code = "approvals.request.outdated" if outdated else "approvals.request.approved"
    else:
        code = "approvals.request.refused"
    notify(
        users=User.objects.filter(pk__in=request.barred_ids).exclude(pk=actor.pk),
        code=code,
        params={**_facts(request), "who": str(actor), "reason": reason},
        url=subject_url(request.subject_type, request.subject_id),
    )


def _facts(request: ApprovalRequest) -> dict[str, Any]:
    """Figures every text about a request may use. Names as they are now."""
    labels = request.snapshot.get("reason_labels", {})
    return {
        "subject": request.subject_text,
        "customer": str(request.account.customer),
        "amount": request.amount,
        "overrun": request.overrun,
        "currency": request.currency_id,
        "asked_by": str(request.requested_by),
        "reasons": [str(labels.get(code, code)) for code in request.reasons],
    }


def _menders(request: ApprovalRequest) -> list[User]:
    account = request.account
    sees = Q(companies=account.company_id) & (
        Q(own_accounts_only=False) | Q(pk__in=[account.agent_id, account.responsible_id])
    )
    return list(
        User.objects.filter(sees, is_active=True, groups__name__in=MENDERS)
        .exclude(pk=request.requested_by_id)
        .distinct()
    )
