from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("Kernel")

    def ready(self) -> None:
        """Register the sentences of audit events and the start-up checks."""
        from core import audit_texts  # noqa: F401
        from core.checks import register_checks

        register_checks()
