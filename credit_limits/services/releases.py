"""Granting a release: a permission for one document that sticks (law L5)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from core.locks import require_atomic
from core.money import quantize
from credit_limits.engine.types import Checkpoint
from credit_limits.models import Release

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from core.models import User
    from credit_limits.models import PolicyVersion
    from customers.models import CustomerAccount

HUNDRED = Decimal(100)


def release_amount(version: PolicyVersion, amount: Decimal) -> Decimal:
    """The document value a release covers: the approved one plus the policy's tolerance."""
    percent = Decimal(version.content.get("release_tolerance_percent", "0"))
    return quantize(amount * (HUNDRED + percent) / HUNDRED)


def release_until(version: PolicyVersion, as_of: date) -> date:
    """The last day on which a release granted on `as_of` holds."""
    return as_of + timedelta(days=int(version.content.get("release_valid_days", 30)))


def release_grant(
    *,
    account: CustomerAccount,
    subject_type: str,
    subject_id: int,
    subject_text: str,
    reasons: Sequence[str],
    amount: Decimal,
    currency_id: str,
    version: PolicyVersion,
    as_of: date,
    actor: User,
    comment: str,
) -> Release:
    """Store the permission: these reasons, up to `amount` plus tolerance, at every later step.

    `amount` is the gross document in its own currency. Runs inside the deciding transaction; the
    caller has the authority checked and records the audit event.
    """
    require_atomic()
    return Release.objects.create(
        account=account,
        subject_type=subject_type,
        subject_id=subject_id,
        subject_text=subject_text[:200],
        reasons=sorted(set(reasons)),
        amount_up_to=release_amount(version, amount),
        currency_id=currency_id,
        valid_until=release_until(version, as_of),
        checkpoints=[step.value for step in Checkpoint],
        granted_by=actor,
        comment=comment,
    )
