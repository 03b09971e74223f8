"""The audit trail as far as a user may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from core.models import AuditEvent
from customers.models import Customer

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.models import User


def events_visible(user: User) -> QuerySet[AuditEvent]:
    """Events of the user's companies and customers, and those of no company; newest first."""
    events = AuditEvent.objects.select_related("company", "actor").order_by("-at", "-pk")
    if user.is_superuser:
        return events
    customers = Customer.objects.visible_to(user).values("pk")
    return events.filter(
        Q(company__isnull=True) | Q(company__in=user.companies.all()),
        Q(customer_id__isnull=True) | Q(customer_id__in=customers),
    )
