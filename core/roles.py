"""Django groups made from the table of roles."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from core.permissions import ROLES


class UnknownPermissionsError(Exception):
    """The table of roles names permissions that no model has."""


@dataclass(frozen=True, slots=True)
class RoleChange:
    """What became of one role: how many permissions it gained and lost."""

    role: str
    created: bool
    added: int
    removed: int


def roles_sync() -> list[RoleChange]:
    """Make one group per role with exactly the permissions of core.permissions.ROLES.

    Idempotent; permissions given by hand to such a group are taken away, other groups are left
    alone. Raises UnknownPermissionsError, and changes nothing, when the table names one that does
    not exist.
    """
    known = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    unknown = sorted(set().union(*ROLES.values()) - known.keys())
    if unknown:
        raise UnknownPermissionsError(", ".join(unknown))
    changes = []
    with transaction.atomic():
        for role, permissions in ROLES.items():
            group, created = Group.objects.get_or_create(name=role)
            wanted = {known[name] for name in permissions}
            held = set(group.permissions.values_list("pk", flat=True))
            if wanted != held:
                group.permissions.set(wanted)
            changes.append(RoleChange(role, created, len(wanted - held), len(held - wanted)))
    return changes
