from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    name = "ledger"
    verbose_name = _("Ledger")

    def ready(self) -> None:
        """Register the sentences of our audit events."""
        from ledger import audit_texts, bill_texts  # noqa: F401
