"""Closing holds by themselves when their cause is gone: a payment came, a limit was raised."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core import clock, events
from core.errors import Busy
from core.links import subject_url
from core.locks import busy_on_timeout
from core.notifications import notify
from credit_limits.engine.types import Checkpoint, Outcome
from credit_limits.services.checks import credit_check, credit_question
from customers.models import CustomerAccount
from documents.asking import SUBJECT_TYPE
from documents.models import Document, HoldCase
from documents.results import PASSING, RATE_MISSING, check_data, is_unknown
from documents.services.base import document_lock
from documents.services.cases import FIRST_STEPS, pending_wish, step_asked, step_take
from documents.services.holds import case_close, question_renew

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from credit_limits.assemble import AskedDocument
    from credit_limits.engine.types import Decision

log = structlog.get_logger(__name__)

# Steps that are taken by themselves when nothing stops them any more. What is posted or printed
# for good is posted or printed by a person: there only the hold ends. A closed document is reopened
# by a person, too.
BY_ITSELF = (*(step.value for step in FIRST_STEPS), Checkpoint.CHANGE.value)
ASKED_AGAIN = (*BY_ITSELF, Checkpoint.POST.value, Checkpoint.PRINT.value)


def related_accounts(customer_id: int) -> list[int]:
    """Accounts whose holds a change at this customer may end: the customer's and its group's."""
    accounts = CustomerAccount.objects.filter(
        Q(customer=customer_id)
        | Q(customer__group__isnull=False, customer__group__members=customer_id)
    )
    return sorted(set(accounts.values_list("pk", flat=True)))


def waiting_for_rates() -> list[int]:
    """Accounts with something that is held because an exchange rate is missing."""
    cases = HoldCase.objects.filter(status=HoldCase.Status.OPEN, reasons__contains=[RATE_MISSING])
    return sorted(set(cases.values_list("document__account", flat=True)))


def held_recheck(
    *,
    account_ids: Iterable[int] | None = None,
    as_of: date | None = None,
    on_error: Callable[[int, Exception], None] | None = None,
) -> dict[str, int]:
    """Ask again about every open hold (of `account_ids`, or all), oldest first.

    Each case in a transaction of its own; one that is busy is left for the next time. With
    `on_error` a case that fails is told to it (document id, error) and the next one is asked;
    without, the error ends the work. Returns how many were asked, ended and busy.
    """
    cases = HoldCase.objects.filter(status=HoldCase.Status.OPEN, checkpoint__in=ASKED_AGAIN)
    if account_ids is not None:
        cases = cases.filter(document__account__in=list(account_ids))
    counts = {"asked": 0, "ended": 0, "busy": 0}
    day = as_of or clock.today()
    for case_id, document_id in cases.order_by("opened_at", "pk").values_list("pk", "document"):
        counts["asked"] += 1
        try:
            counts["ended"] += _recheck(case_id, document_id, day)
        except Busy:
            log.info("held_recheck_busy", document=document_id)
            counts["busy"] += 1
        except Exception as error:
            if on_error is None:
                raise
            log.exception("held_recheck_failed", document=document_id)
            on_error(document_id, error)
    return counts


def _recheck(case_id: int, document_id: int, as_of: date) -> bool:
    with busy_on_timeout(), transaction.atomic():
        current = document_lock(document_id)
        case = (
            HoldCase.objects.select_related("request", "opened_by")
            .filter(pk=case_id, status=HoldCase.Status.OPEN)
            .first()
        )
        if case is None:
            return False
        checkpoint = Checkpoint(case.checkpoint)
        asked = _asked(current, checkpoint)
        if asked is None:
            return False
        question = credit_question(
            account=current.account, asked=asked, checkpoint=checkpoint, as_of=as_of
        )
        if question.decision.outcome not in PASSING:
            if _may_be_asked_now(case, question.decision):
                question_renew(
                    document=current, case=case, asked=asked, actor=None, comment="", as_of=as_of
                )
            return False
        _end_hold(current, case, asked, checkpoint, as_of)
        return True


def _may_be_asked_now(case: HoldCase, decision: Decision) -> bool:
    """Whether nobody could be asked before, and somebody can now: the rate is known, or what was
    refused is only held."""
    return (
        case.request is None
        and decision.outcome is Outcome.HOLD
        and not is_unknown(decision.blocking)
    )


def _asked(current: Document, checkpoint: Checkpoint) -> AskedDocument | None:
    if checkpoint in FIRST_STEPS and current.status != Document.Status.HELD:
        return None
    if checkpoint is Checkpoint.CHANGE and pending_wish(current) is None:
        return None
    return step_asked(current, checkpoint)


def _end_hold(
    current: Document,
    case: HoldCase,
    asked: AskedDocument,
    checkpoint: Checkpoint,
    as_of: date,
) -> None:
    result = credit_check(
        account=current.account, asked=asked, checkpoint=checkpoint, actor=None, as_of=as_of
    )
    comment = _("The cause is gone; nobody had to decide.")
    case_close(case=case, status=HoldCase.Status.LAPSED, actor=None, comment=comment)
    if checkpoint.value in BY_ITSELF:
        step_take(current, checkpoint, as_of=as_of, released=False, actor=None)
    events.record(
        "documents.document.hold_ended",
        current,
        actor=None,
        company=current.company,
        customer_id=current.account.customer_id,
        data={**check_data(result), "was": case.reasons, "checkpoint": case.checkpoint},
    )
    notify(
        users=[case.opened_by],
        code="documents.hold_ended",
        params={"document": str(current), "customer": str(current.account.customer)},
        url=subject_url(SUBJECT_TYPE, current.pk),
    )
