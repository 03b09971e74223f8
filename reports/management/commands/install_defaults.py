"""manage.py install_defaults: the reference rows of a new installation."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from reports.services.defaults import defaults_install


class Command(BaseCommand):
    """Install what is missing; running it again changes nothing."""

    help = "Install currencies, terms, methods, document types, policy, roles and authorities."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Do it, in one transaction."""
        defaults_install()
        self.stdout.write("Defaults installed.")
