"""The user: Django's own, with companies, theme and language."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models.company import Company


class Theme(models.TextChoices):
    """Colour scheme, rendered by the server."""

    AUTO = "auto", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class User(AbstractUser):
    """A person who signs in. Sees rows of `companies` only; superusers see all."""

    companies = models.ManyToManyField(
        Company, verbose_name=_("companies"), blank=True, related_name="users"
    )
    own_accounts_only = models.BooleanField(
        _("own customers only"),
        default=False,
        help_text=_("Sees only customers whose agent or responsible person is this user."),
    )
    theme = models.CharField(_("theme"), max_length=5, choices=Theme.choices, default=Theme.AUTO)
    language = models.CharField(_("language"), max_length=7, blank=True, choices=settings.LANGUAGES)

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.get_full_name() or self.get_username()
