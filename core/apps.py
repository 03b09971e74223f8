from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("Kernel")

    def ready(self) -> None:
        """Register the sentences of audit events."""
        from core import audit_texts  # noqa: F401
