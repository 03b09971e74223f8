"""Addresses of the reports."""

from django.urls import path

from reports.views.credit_file import CreditFileView
from reports.views.curve import CurveWeekView
from reports.views.exposure import ComponentDetailView, ExposureListView
from reports.views.operations import (
    AlertListView,
    AlertSeenView,
    AuditListView,
    JobDetailView,
    JobListView,
)
from reports.views.panel import AccountPanelView
from reports.views.treasury import TreasuryView

app_name = "reports"
urlpatterns = [
    path("", TreasuryView.as_view(), name="treasury"),
    path("exposure/", ExposureListView.as_view(), name="exposure_list"),
    path(
        "exposure/<int:pk>/<slug:component>/",
        ComponentDetailView.as_view(),
        name="component_detail",
    ),
    path("exposure/<int:pk>/weeks/<int:number>/", CurveWeekView.as_view(), name="curve_week"),
    path("credit-file/<int:pk>/", CreditFileView.as_view(), name="credit_file"),
    path("accounts/<int:pk>/panel/", AccountPanelView.as_view(), name="account_panel"),
    path("alerts/", AlertListView.as_view(), name="alert_list"),
    path("alerts/<int:pk>/seen/", AlertSeenView.as_view(), name="alert_seen"),
    path("jobs/", JobListView.as_view(), name="job_list"),
    path("jobs/<int:pk>/", JobDetailView.as_view(), name="job_detail"),
    path("audit/", AuditListView.as_view(), name="audit_list"),
]
