from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("Kernel")

    def ready(self) -> None:
        """Register the sentences of audit events, start-up checks, and what sessions are told."""
        from django.db.backends.signals import connection_created

        from core import audit_texts  # noqa: F401
        from core.checks import register_checks
        from core.sessions import on_connection

        register_checks()
        connection_created.connect(on_connection, dispatch_uid="core.sessions")
