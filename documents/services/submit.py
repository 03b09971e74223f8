"""Submitting a document: the check behind the one door, and what follows from its outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from approvals.authority import authority_covers
from core import clock, events
from core.errors import Invalid
from core.locks import busy_on_timeout
from core.permissions import require
from credit_limits.engine.types import Checkpoint, Outcome
from credit_limits.services.checks import credit_check
from credit_limits.services.releases import release_grant
from documents import lifecycle
from documents.asking import SUBJECT_TYPE, asked_document
from documents.models import Document, HoldCase
from documents.services.base import company_rate, document_lock, guard
from documents.services.holds import case_open, cases_close, release_used

if TYPE_CHECKING:
    from datetime import date

    from approvals.models import ApprovalRequest
    from core.models import User
    from credit_limits.engine.types import Decision
    from credit_limits.models import CreditCheck
    from credit_limits.services.checks import CheckResult

PASSING = frozenset({Outcome.PASS, Outcome.WARN})


@dataclass(frozen=True, slots=True)
class SubmitResult:
    """What a step that asked for credit came to. `case` and `request` are None when it passed."""

    document: Document
    check: CreditCheck
    decision: Decision
    case: HoldCase | None = None
    request: ApprovalRequest | None = None

    @property
    def passed(self) -> bool:
        """Whether the step was taken."""
        return self.case is None


def document_submit(
    *,
    document: Document,
    actor: User,
    version: int | None = None,
    as_of: date | None = None,
    override_reason: str = "",
) -> SubmitResult:
    """Ask for credit and accept the document, or hold it whole with its reasons.

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
                "documents.no_lines", _("An order needs at least one line."), field="lines"
            )
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
    result = credit_check(
        account=current.account,
        asked=asked_document(current),
        checkpoint=Checkpoint.SUBMIT,
        actor=actor,
        as_of=as_of,
    )
    current.submitted_by = actor
    current.submitted_at = timezone.now()
    overridden = False
    if result.decision.outcome is Outcome.HOLD and override_reason:
        result, overridden = _override(current, actor, result, override_reason, as_of), True
    if result.decision.outcome in PASSING:
        document_accept(current, as_of=as_of, released=release_used(result))
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
            extra={"reason": override_reason} if overridden else {},
        )
        return SubmitResult(current, result.check, result.decision)
    current.status = Document.Status.HELD
    current.version += 1
    current.save()
    case = case_open(document=current, result=result, actor=actor)
    _record(current, "documents.document.held", actor, result)
    return SubmitResult(current, result.check, result.decision, case, case.request)


def document_accept(current: Document, *, as_of: date, released: bool) -> None:
    """Let a locked document count from `as_of` on, at the rate of that day."""
    current.status = Document.Status.RELEASED if released else Document.Status.SUBMITTED
    current.accepted_on = current.accepted_on or as_of
    current.ended_on = None
    current.rate = company_rate(current, as_of)
    current.version += 1
    current.save()


def _override(
    current: Document, actor: User, held: CheckResult, reason: str, as_of: date
) -> CheckResult:
    """Pass a hold at entry (settled question 14): a release of one's own, within one's own cap."""
    if not held.policy_version.content.get("direct_override"):
        raise Invalid(
            "documents.override_off",
            _("The policy does not allow passing a hold at entry."),
            field="override_reason",
        )
    require(actor, "documents.override_hold")
    if not authority_covers(
        user=actor,
        kind="document_release",
        amount=held.decision.approval_amount,
        currency=held.check.currency_id,
        account=current.account,
        on=as_of,
    ):
        raise Invalid(
            "documents.override_too_large",
            _("%(amount)s %(currency)s is more than you may approve."),
            params={
                "amount": held.decision.approval_amount,
                "currency": held.check.currency_id,
            },
            field="override_reason",
        )
    release_grant(
        account=current.account,
        subject_type=SUBJECT_TYPE,
        subject_id=current.pk,
        subject_text=str(current),
        reasons=held.decision.blocking,
        amount=current.gross_amount,
        currency_id=current.currency_id,
        version=held.policy_version,
        as_of=as_of,
        actor=actor,
        comment=reason,
    )
    return credit_check(
        account=current.account,
        asked=asked_document(current),
        checkpoint=Checkpoint.SUBMIT,
        actor=actor,
        as_of=as_of,
    )


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
