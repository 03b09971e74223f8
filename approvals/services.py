"""Opening, deciding and closing approval requests.

Lock order of the house: the request first, then whatever its handler locks (document, scope).
A decision is one transaction: lock, authority, step, handler, notifications. Its audit event is
written by the handler, which knows what became of the subject (one command, one event).
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal

from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from approvals import notices
from approvals.models import ApprovalRequest, ApprovalStep
from approvals.selectors import request_may_act, request_people
from core import events
from core.clock import today
from core.errors import Conflict, Invalid, NotAllowed
from core.locks import busy_on_timeout, lock_rows, require_atomic, set_lock_timeout
from core.models import Currency
from core.money import quantize
from core.permissions import require

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from django.db.models import Model

    from core.models import User
    from customers.models import CustomerAccount

__all__ = [
    "request_close",
    "request_may_act",
    "request_open",
    "step_approve",
    "step_refuse",
]

DECIDE: Final = "approvals.decide_request"
REASON_MIN_LENGTH: Final = 3

Status = ApprovalRequest.Status
StepStatus = ApprovalStep.Status


def request_open(
    *,
    kind: str,
    subject: Model,
    account: CustomerAccount,
    requested_by: User,
    barred_ids: Iterable[int],
    amount: Decimal,
    overrun: Decimal = Decimal(0),
    currency: Currency | str,
    reasons: Sequence[str],
    snapshot: Mapping[str, Any],
) -> ApprovalRequest:
    """Ask for a decision about `subject`, inside the transaction of the command that needs it.

    `amount` is what authority is measured on, `overrun` the amount over, both in `currency`.
    `barred_ids` are the people who wrote or submitted the subject; the requester always is one.
    `snapshot` are the figures the decision page shows (see approvals.snapshot). The audit event
    is the caller's. Without anybody who may decide the amount the request is opened all the same
    and the credit managers are told. Raises Conflict when one is open already.
    """
    require_atomic()
    subject_type = subject._meta.label_lower
    already = ApprovalRequest.objects.waiting().filter(
        kind=kind, subject_type=subject_type, subject_id=subject.pk
    )
    if already.exists():
        raise Conflict(
            "approvals.already_open", _("Somebody has already been asked to decide about this.")
        )
    request = ApprovalRequest.objects.create(
        kind=kind,
        subject_type=subject_type,
        subject_id=subject.pk,
        subject_text=str(subject)[:200],
        account=account,
        requested_by=requested_by,
        barred_ids=sorted({requested_by.pk, *barred_ids}),
        amount=quantize(amount),
        overrun=quantize(overrun),
        currency_id=currency.pk if isinstance(currency, Currency) else currency,
        reasons=list(reasons),
        snapshot=dict(snapshot),
    )
    ApprovalStep.objects.create(request=request)
    notices.opened(request, request_people(request))
    return request


def step_approve(
    *, request: ApprovalRequest, actor: User, comment: str, as_of: date | None = None
) -> ApprovalRequest:
    """Say yes, with a reason. On Invalid, NotAllowed, Conflict and Busy nothing is stored.

    `as_of` is the business date (default today): rates and the check behind it are of that day.
    """
    return _decide(request, actor, comment, approved=True, as_of=as_of or today())


def step_refuse(
    *, request: ApprovalRequest, actor: User, comment: str, as_of: date | None = None
) -> ApprovalRequest:
    """Say no, with a reason. On Invalid, NotAllowed, Conflict and Busy nothing is stored.

    `as_of` is the business date (default today).
    """
    return _decide(request, actor, comment, approved=False, as_of=as_of or today())


def request_close(
    *,
    request: ApprovalRequest,
    status: Literal["withdrawn", "lapsed"],
    comment: str,
) -> ApprovalRequest:
    """End a request without a verdict, inside the transaction of the command that ends it.

    The audit event is the caller's. Raises Conflict when it is closed already.
    """
    require_atomic()
    fresh = _lock_open(request)
    fresh.steps.filter(status=StepStatus.WAITING).update(
        status=StepStatus.CLOSED, acted_at=timezone.now(), comment=comment.strip()
    )
    _close(fresh, Status(status))
    return fresh


def reason_clean(comment: str) -> str:
    """The reason without blanks around it; Invalid when it says nothing."""
    text = comment.strip()
    if len(text) < REASON_MIN_LENGTH:
        raise Invalid(
            "approvals.reason_missing",
            _("Say why, in a few words: the reason is kept with the decision."),
            field="reason",
        )
    return text


def _decide(
    request: ApprovalRequest,
    actor: User,
    comment: str,
    *,
    approved: bool,
    as_of: date,
) -> ApprovalRequest:
    reason = reason_clean(comment)
    require(actor, DECIDE)
    with busy_on_timeout(), transaction.atomic():
        set_lock_timeout()
        fresh = _lock_open(request)
        _require_authority(fresh, actor, as_of)
        step = _step_take(fresh, actor, reason, approved=approved)
        if approved and fresh.steps.filter(status=StepStatus.WAITING).exists():
            _record_step(fresh, actor, reason, step)
            return fresh
        _close(fresh, Status.APPROVED if approved else Status.REFUSED)
        _handler(fresh.kind)(
            request=fresh,
            approved=approved,
            actor=actor,
            comment=reason,
            as_of=as_of,
        )
        notices.decided(fresh, actor, reason, approved=approved)
    return fresh


def _lock_open(request: ApprovalRequest) -> ApprovalRequest:
    """The request, locked and fresh; Conflict, with who was faster, when it is not open."""
    (fresh,) = lock_rows(
        ApprovalRequest.objects.select_related(
            "account__customer", "account__company", "requested_by"
        ).filter(pk=request.pk)
    )
    if fresh.status == Status.OPEN:
        return fresh
    last = fresh.steps.exclude(acted_by=None).select_related("acted_by").last()
    if last is None:
        raise Conflict(
            "approvals.decided_meanwhile",
            _("Meanwhile this is closed: %(status)s. Your decision was not stored."),
            params={"status": fresh.get_status_display()},
        )
    raise Conflict(
        "approvals.decided_meanwhile",
        _("%(who)s was faster: %(status)s, because “%(reason)s”. Your decision was not stored."),
        params={
            "who": str(last.acted_by),
            "status": fresh.get_status_display().lower(),
            "reason": last.comment,
        },
    )


def _require_authority(request: ApprovalRequest, actor: User, as_of: date) -> None:
    """NotAllowed unless the actor may decide exactly this request, superusers included."""
    if actor.pk == request.requested_by_id or actor.pk in request.barred_ids:
        raise NotAllowed(
            "approvals.own_request",
            _("You asked for this or worked on it yourself: somebody else must decide."),
        )
    if not request_may_act(request, actor, as_of):
        raise NotAllowed(
            "approvals.no_authority",
            _("%(amount)s %(currency)s is beyond what you may decide for this customer."),
            params={"amount": request.amount, "currency": request.currency_id},
        )


def _step_take(
    request: ApprovalRequest, actor: User, reason: str, *, approved: bool
) -> ApprovalStep:
    """Take the turn that waits, compare-and-set; Conflict when it is gone."""
    step = request.steps.filter(status=StepStatus.WAITING).order_by("position").first()
    taken = step is not None and request.steps.filter(pk=step.pk, status=StepStatus.WAITING).update(
        status=StepStatus.APPROVED if approved else StepStatus.REFUSED,
        acted_by=actor,
        acted_at=timezone.now(),
        comment=reason,
    )
    if step is None or not taken:
        raise Conflict(
            "approvals.decided_meanwhile",
            _("Somebody else has decided this step meanwhile. Your decision was not stored."),
        )
    if not approved:
        request.steps.filter(status=StepStatus.WAITING).update(status=StepStatus.CLOSED)
    return step


def _close(request: ApprovalRequest, status: ApprovalRequest.Status) -> None:
    request.status = status
    request.closed_at = timezone.now()
    request.save(update_fields=("status", "closed_at"))
    notices.closed(request)


def _handler(kind: str) -> Any:
    """What a decision of this kind sets in motion, by config.wiring.APPROVAL_HANDLERS."""
    handlers: Mapping[str, str] = import_string("config.wiring.APPROVAL_HANDLERS")
    return import_string(handlers[kind])


def _record_step(request: ApprovalRequest, actor: User, reason: str, step: ApprovalStep) -> None:
    """A step that is not the last has no handler, so its event is ours."""
    events.record(
        "approvals.step.approved",
        request,
        actor=actor,
        company=request.account.company,
        customer_id=request.account.customer_id,
        data={
            "subject": request.subject_text,
            "amount": request.amount,
            "currency": request.currency_id,
            "step": step.position,
            "reason": reason,
        },
    )
