"""Submitting a document: the check behind the one door, and what follows from its outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import clock, events
from core.errors import Invalid
from core.locks import busy_on_timeout
from core.permissions import require
from credit_limits.engine.types import Outcome
from credit_limits.services.checks import credit_check
from documents import lifecycle
from documents.asking import asked_document, first_checkpoint, is_checked
from documents.models import Document, HoldCase
from documents.results import PASSING, SubmitResult, check_data, release_used
from documents.services.accept import document_accept
from documents.services.base import document_lock, guard
from documents.services.history import state_write
from documents.services.holds import case_open, cases_close
from documents.services.links import document_sources_check
from documents.services.override import hold_override, override_facts
from documents.upstream import levels_of

if TYPE_CHECKING:
    from datetime import date

    from core.models import User
    from credit_limits.services.checks import CheckResult


def document_submit(
    *,
    document: Document,
    actor: User,
    version: int | None = None,
    as_of: date | None = None,
    override_reason: str = "",
) -> SubmitResult:
    """Ask for credit and accept a document of any kind, or hold it whole with its reasons.

    PASS/WARN → submitted (released when an earlier release covered it); HOLD → held, an approver
    is asked; REFUSE → held, nobody is asked. `as_of` is the business date (default today).
    `override_reason` passes a hold at entry where the policy allows it and the actor has the
    authority. Raises Conflict (stale form, wrong status), NotAllowed, Invalid, Busy.
    """
    require(actor, "documents.submit_document")
    with busy_on_timeout(), transaction.atomic():
        current = document_lock(document.pk)
        guard(current, lifecycle.Action.SUBMIT, version)
        if not current.lines.exists():
            raise Invalid(
                "documents.no_lines", _("A document needs at least one line."), field="lines"
            )
        document_sources_check(current)
        if not is_checked(current.type):
            return _confirm(current, actor, as_of or clock.today())
        return submit_locked(
            current,
            actor,
            as_of=as_of or clock.today(),
            override_reason=override_reason.strip(),
        )


def submit_locked(
    current: Document, actor: User, *, as_of: date, override_reason: str = ""
) -> SubmitResult:
    """The submission of a document this transaction has locked already."""
    was_draft = current.status == Document.Status.DRAFT
    checkpoint = first_checkpoint(current.type.kind)
    asked = asked_document(current, checkpoint=checkpoint, sources=levels_of(current))
    result = credit_check(
        account=current.account,
        asked=asked,
        checkpoint=checkpoint,
        actor=actor,
        as_of=as_of,
    )
    current.submitted_by = actor
    current.submitted_at = timezone.now()
    overridden: dict[str, Any] = {}
    if result.decision.outcome is Outcome.HOLD and override_reason:
        overridden = override_facts(result, override_reason)
        result = hold_override(current, asked, result, actor=actor, reason=override_reason)
    if result.decision.outcome in PASSING:
        document_accept(current, as_of=as_of, released=release_used(result), actor=actor)
        if not was_draft:  # a draft was never held
            cases_close(
                document=current,
                status=HoldCase.Status.RELEASED if overridden else HoldCase.Status.LAPSED,
                actor=actor,
                comment=override_reason,
            )
        action = "documents.document.override_used" if overridden else None
        _record(
            current,
            action or "documents.document.submitted",
            actor,
            result,
            extra=overridden,
        )
        return SubmitResult(current, result.check, result.decision)
    current.status = Document.Status.HELD
    current.is_live = True
    current.version += 1
    current.save()
    state_write(current, on=as_of)
    case = case_open(document=current, result=result, actor=actor)
    _record(current, "documents.document.held", actor, result)
    return SubmitResult(current, result.check, result.decision, case, case.request)


def _confirm(current: Document, actor: User, as_of: date) -> SubmitResult:
    """Accept a document that asks nobody: goods in, an internal move, an unchecked quote."""
    current.submitted_by = actor
    current.submitted_at = timezone.now()
    document_accept(current, as_of=as_of, released=False, actor=actor)
    events.record(
        "documents.document.confirmed",
        current,
        actor=actor,
        company=current.company,
        customer_id=current.account.customer_id,
        data={"gross": current.gross_amount, "currency": current.currency_id},
    )
    return SubmitResult(current, None, None)


def _record(
    current: Document,
    action: str,
    actor: User,
    result: CheckResult,
    extra: dict[str, Any] | None = None,
) -> None:
    events.record(
        action,
        current,
        actor=actor,
        company=current.company,
        customer_id=current.account.customer_id,
        data={**check_data(result), **(extra or {})},
    )
