"""Who is signed in, with what he may do, in one statement of every request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Value
from django.db.models.functions import Concat

from core.models import User

if TYPE_CHECKING:
    from django.db.models import QuerySet


class OneReadBackend(ModelBackend):
    """Django's backend, which reads permissions together with the user of a session.

    Django keeps them on the user for the length of a request, own ones and those of groups apart;
    here they are put there. Nothing outlives the request.
    """

    def get_user(self, user_id: Any) -> User | None:
        """The user of a session; None for one who is gone or may not sign in any more."""
        user = (
            User.objects.filter(pk=user_id)
            .annotate(
                own_names=ArraySubquery(_names(Permission.objects.filter(user=OuterRef("pk")))),
                group_names=ArraySubquery(
                    _names(Permission.objects.filter(group__user=OuterRef("pk")))
                ),
            )
            .first()
        )
        if user is None or not self.user_can_authenticate(user):
            return None
        if not user.is_superuser:  # who may do everything is asked differently
            user._user_perm_cache = set(user.own_names)  # type: ignore[attr-defined]
            user._group_perm_cache = set(user.group_names)  # type: ignore[attr-defined]
        return user


def _names(permissions: QuerySet[Permission]) -> QuerySet[Permission, Any]:
    """Permissions as Django names them: `app_label.codename`."""
    name = Concat(F("content_type__app_label"), Value("."), F("codename"))
    return permissions.order_by().values_list(name, flat=True)
