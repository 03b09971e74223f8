from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApprovalsConfig(AppConfig):
    name = "approvals"
    verbose_name = _("Approvals")

    def ready(self) -> None:
        """Register the sentences of audit events and notifications."""
        from approvals import audit_texts, notice_texts  # noqa: F401
