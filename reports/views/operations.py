"""What ran, what it found, who did what: jobs, alerts, the audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_tables2 import RequestConfig

from core.htmx import render_partial
from core.models import JobRun
from core.views import next_path
from credit_limits.models import Alert
from credit_limits.services.alerts import alert_see
from customers.querysets import account_scope
from reports.filters_operations import AlertFilter, AuditFilter, JobFilter
from reports.queries.audit import events_visible
from reports.tables.operations import (
    AlertTable,
    AuditTable,
    JobTable,
    count_words,
    duration_words,
    job_words,
)
from reports.views.base import ReportView

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

PER_PAGE = {"per_page": 50}


class JobListView(ReportView):
    """Runs of background jobs, newest first."""

    permission_required = "core.view_jobrun"

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list."""
        filters = JobFilter(request.GET, queryset=JobRun.objects.all(), request=request)
        table = JobTable(filters.qs)
        RequestConfig(request, paginate=PER_PAGE).configure(table)
        context = {
            "title": _("Jobs"),
            "lead": _("What the night and other background work did, with counts and errors."),
            "filter": filters,
            "table": table,
        }
        return _list(request, context)


class JobDetailView(ReportView):
    """One run: when, what it counted, every error."""

    permission_required = "core.view_jobrun"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page."""
        run = get_object_or_404(JobRun, pk=pk)
        context: dict[str, Any] = {
            "run": run,
            "title": job_words(run.name),
            "duration": duration_words(run),
            "counts": [
                {"label": count_words(key), "value": str(value)}
                for key, value in run.counts.items()
            ],
            "errors": run.errors,
            "others": JobRun.objects.filter(name=run.name, as_of=run.as_of).exclude(pk=run.pk)[:10],
        }
        return render(request, "reports/job_detail.html", context)


class AlertListView(ReportView):
    """Alerts of the accounts the user may see."""

    permission_required = "credit_limits.view_alert"

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list; unseen ones only, unless asked otherwise."""
        rows = Alert.objects.filter(account_scope(self.user, "account__")).select_related(
            "account__customer", "account__company", "seen_by"
        )
        filters = AlertFilter(request.GET, queryset=rows, request=request)
        table = AlertTable(
            filters.qs,
            request=request,
            may_see=self.user.has_perm("credit_limits.change_alert"),
        )
        RequestConfig(request, paginate=PER_PAGE).configure(table)
        context = {
            "title": _("Alerts"),
            "lead": _("What became true in the night: accounts newly over their limit or overdue."),
            "filter": filters,
            "table": table,
        }
        return _list(request, context)


class AlertSeenView(ReportView):
    """Take note of an alert."""

    permission_required = "credit_limits.change_alert"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Mark it and go back; somebody else's mark stays."""
        rows = Alert.objects.filter(account_scope(self.user, "account__"))
        alert = get_object_or_404(rows.select_related("account__company"), pk=pk)
        if alert_see(alert=alert, actor=self.user):
            messages.success(request, _("Marked as seen."))
        else:
            messages.info(request, _("Somebody has marked it already."))
        return redirect(next_path(request, reverse("reports:alert_list")))


class AuditListView(ReportView):
    """The audit trail."""

    permission_required = "core.view_auditevent"

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list."""
        filters = AuditFilter(request.GET, queryset=events_visible(self.user), request=request)
        table = AuditTable(filters.qs)
        RequestConfig(request, paginate=PER_PAGE).configure(table)
        context = {
            "title": _("Audit"),
            "lead": _("Every command leaves one line. Nobody can change or delete it."),
            "filter": filters,
            "table": table,
        }
        return _list(request, context)


def _list(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    return render_partial(
        request,
        "reports/list.html",
        context,
        partial="results",
        partial_template="generic/list.html",
    )
