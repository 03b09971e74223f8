"""Who is told about the night."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.models import User

if TYPE_CHECKING:
    from django.db.models import QuerySet

TREASURY_ROLES = ("treasury", "credit_manager", "admin")


def treasury_people() -> QuerySet[User]:
    """Active people of the roles that look after the figures."""
    return User.objects.filter(is_active=True, groups__name__in=TREASURY_ROLES).distinct()
