from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CreditLimitsConfig(AppConfig):
    name = "credit_limits"
    verbose_name = _("Credit limits")

    def ready(self) -> None:
        from credit_limits import audit_texts  # noqa: F401 - registers sentences
