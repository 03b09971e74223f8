"""Make the groups of the roles table: `manage.py sync_roles`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.roles import UnknownPermissionsError, roles_sync


class Command(BaseCommand):
    """Groups named after the roles, with exactly their permissions. Safe to run again."""

    help = "Make one group per role with exactly the permissions of core/permissions.py."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run the sync and print one line per role."""
        try:
            changes = roles_sync()
        except UnknownPermissionsError as error:
            raise CommandError(f"These permissions do not exist: {error}") from error
        for change in changes:
            state = "made" if change.created else "kept"
            self.stdout.write(f"{change.role}: {state}, +{change.added} -{change.removed}")
