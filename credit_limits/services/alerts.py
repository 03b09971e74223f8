"""Taking note of an alert."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from core import events
from core.permissions import require
from credit_limits.models import Alert

if TYPE_CHECKING:
    from core.models import User


def alert_see(*, alert: Alert, actor: User) -> bool:
    """Mark an alert as seen by `actor`; False when somebody was faster, and nothing is written.

    Raises NotAllowed.
    """
    require(actor, "credit_limits.change_alert")
    with transaction.atomic():
        taken = Alert.objects.filter(pk=alert.pk, seen_at__isnull=True).update(
            seen_at=timezone.now(), seen_by=actor
        )
        if not taken:
            return False
        events.record(
            "credit_limits.alert.seen",
            alert,
            actor=actor,
            company=alert.account.company,
            customer_id=alert.account.customer_id,
            data={"kind": alert.kind, "as_of": alert.as_of},
        )
    return True
