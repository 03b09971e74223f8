"""Saved column mappings and the runs of an import."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import Company


class ImportProfile(models.Model):
    """How the columns of a file map to the fields of a receivables history."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    mapping = models.JSONField(
        _("columns"), default=dict, help_text=_("Field name → column heading in the file.")
    )
    date_format = models.CharField(_("date format"), max_length=20, default="%Y-%m-%d")
    decimal_separator = models.CharField(_("decimal separator"), max_length=1, default=".")
    delimiter = models.CharField(
        _("column separator"),
        max_length=1,
        blank=True,
        default="",
        help_text=_("Empty: found out from the file."),
    )
    encoding = models.CharField(
        _("encoding"),
        max_length=20,
        blank=True,
        default="",
        help_text=_("Empty: found out from the file."),
    )
    options = models.JSONField(_("options"), default=dict)

    class Meta:
        verbose_name = _("import profile")
        verbose_name_plural = _("import profiles")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ImportRun(models.Model):
    """One file: previewed, then imported whole or not at all."""

    class Status(models.TextChoices):
        """Where the import stands."""

        UPLOADED = "uploaded", _("Uploaded")
        CHECKING = "checking", _("Checking")
        PREVIEWED = "previewed", _("Checked")
        RUNNING = "running", _("Importing")
        DONE = "done", _("Imported")
        FAILED = "failed", _("Failed")

    class Phase(models.TextChoices):
        """What a running check or import is doing."""

        READING = "reading", _("Reading the file")
        COMPARING = "comparing", _("Comparing with the ledger")
        WRITING = "writing", _("Writing")

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="import_runs", verbose_name=_("company")
    )
    profile = models.ForeignKey(
        ImportProfile,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="runs",
        verbose_name=_("profile"),
    )
    settings_used = models.JSONField(_("settings"), default=dict)
    file_name = models.CharField(_("file"), max_length=200)
    stored_path = models.CharField(_("stored file"), max_length=300, blank=True)
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    status = models.CharField(
        _("status"), max_length=9, choices=Status.choices, default=Status.UPLOADED
    )
    phase = models.CharField(_("phase"), max_length=9, choices=Phase.choices, blank=True)
    rows_total = models.PositiveIntegerField(_("rows"), default=0)
    rows_done = models.PositiveIntegerField(_("rows done"), default=0)
    totals = models.JSONField(_("totals"), default=dict, encoder=DjangoJSONEncoder)
    error_count = models.PositiveIntegerField(_("errors in all"), default=0)
    row_errors = models.JSONField(_("errors"), default=list, encoder=DjangoJSONEncoder)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("started by"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return self.file_name
