"""Runs of background jobs, so that people can see what the night did."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class JobRun(models.Model):
    """One run of a named job for one business date."""

    class Status(models.TextChoices):
        """Where the run stands."""

        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    name = models.CharField(_("job"), max_length=60)
    as_of = models.DateField(_("business date"))
    status = models.CharField(
        _("status"), max_length=8, choices=Status.choices, default=Status.RUNNING
    )
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), auto_now=True)
    counts = models.JSONField(_("counts"), default=dict, encoder=DjangoJSONEncoder)
    errors = models.JSONField(_("errors"), default=list, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("job run")
        verbose_name_plural = _("job runs")
        ordering = ("-started_at", "-pk")
        constraints = (
            models.CheckConstraint(
                name="job_finished_iff_not_running",
                condition=Q(status="running", finished_at__isnull=True)
                | Q(status__in=("done", "failed"), finished_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.as_of} ({self.status})"
