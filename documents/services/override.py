"""Passing a hold at entry (settled question 14): a release of one's own, within one's own cap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from approvals.authority import authority_covers
from core.errors import Invalid
from core.permissions import require
from credit_limits.services.checks import credit_check
from credit_limits.services.releases import release_grant
from documents.asking import SUBJECT_TYPE
from documents.results import is_unknown

if TYPE_CHECKING:
    from core.models import User
    from credit_limits.assemble import AskedDocument
    from credit_limits.services.checks import CheckResult
    from documents.models import Document


def override_facts(held: CheckResult, reason: str) -> dict[str, Any]:
    """What the audit event of a passed hold says besides: why, and which check was overruled."""
    return {"reason": reason, "overruled_check_id": held.check.pk}


def hold_override(
    current: Document, asked: AskedDocument, held: CheckResult, *, actor: User, reason: str
) -> CheckResult:
    """Grant what holds the document, where policy, right and authority allow it, and ask again.

    Raises Invalid when the policy does not allow it or it is more than the actor may approve,
    NotAllowed without the right.
    """
    if not held.policy_version.content.get("direct_override"):
        raise Invalid(
            "documents.override_off",
            _("The policy does not allow passing a hold at entry."),
            field="override_reason",
        )
    require(actor, "documents.override_hold")
    if is_unknown(held.decision.blocking):
        raise Invalid(
            "documents.rate_missing",
            _("There is no exchange rate for %(rates)s: nobody can pass what has no amount."),
            params={"rates": ", ".join(held.facts.missing_rates)},
            field="override_reason",
        )
    if not authority_covers(
        user=actor,
        kind="document_release",
        amount=held.decision.approval_amount,
        currency=held.check.currency_id,
        account=current.account,
        on=held.facts.as_of,
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
        as_of=held.facts.as_of,
        actor=actor,
        comment=reason,
    )
    return credit_check(
        account=current.account,
        asked=asked,
        checkpoint=held.facts.document.checkpoint,
        actor=actor,
        as_of=held.facts.as_of,
    )
