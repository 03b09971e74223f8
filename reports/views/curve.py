"""The coming weeks: the tab of the credit file, and what one week is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from core.links import subject_url
from core.money import ZERO
from credit_limits.selectors_curve import exposure_curve, exposure_curves
from customers.models import CustomerAccount
from reports.curve_chart import bars
from reports.queries.components import LATER, TOTAL, component_url, week_url
from reports.views.base import ReportView
from reports.views.dates import as_of_from

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from decimal import Decimal

    from django.http import HttpRequest, HttpResponse

    from credit_limits.engine.flows import Flow
    from credit_limits.engine.timeline import Curve, Week
    from reports.views.credit_file_parts import File


def weeks_part(file: File) -> dict[str, Any]:
    """The curves of the chosen accounts, each with its bars."""
    curves = exposure_curves(file.chosen, file.as_of)
    drawn = [(account, curves[account.pk], bars(curves[account.pk])) for account in file.chosen]
    return {
        "curves": [
            {
                "account": account,
                "curve": curve,
                "bars": weeks,
                "is_over": any(bar.tone == "bad" for bar in weeks),
                "total_url": component_url(account.pk, TOTAL, file.dated),
            }
            for account, curve, weeks in drawn
        ]
    }


class CurveWeekView(ReportView):
    """What is expected to be paid in a week, and what becomes an invoice in it."""

    permission_required = "customers.view_credit_file"

    def get(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """The lines of week `number` (1 is the one that begins on the day)."""
        account = get_object_or_404(
            CustomerAccount.objects.visible_to(self.user).select_related(
                "company", "customer", "currency"
            ),
            pk=pk,
        )
        dated, problem = as_of_from(request)
        curve = exposure_curve(account, dated or self.today)
        if not 1 <= number <= len(curve.weeks):
            raise Http404
        week = curve.weeks[number - 1]
        path = reverse("reports:credit_file", args=[account.customer_id])
        query = f"?account={account.pk}&tab=weeks"
        context = {
            "account": account,
            "week": week,
            "day": curve.as_of,
            "problem": problem,
            "back_url": f"{path}{query}&as_of={dated}" if dated else f"{path}{query}",
            "before_url": week_url(pk, number - 1, dated) if number > 1 else "",
            "after_url": week_url(pk, number + 1, dated) if number < len(curve.weeks) else "",
            "parts": [_paid(curve, week), _invoiced(curve, week)],
        }
        return render(request, "reports/curve_week.html", context)


def _paid(curve: Curve, week: Week) -> dict[str, Any]:
    rows = (
        _row(flow, money, flow.leaves_on)
        for flow, money in zip(curve.flows, curve.paid, strict=True)
        if money and flow.leaves_on is not None and _within(flow.leaves_on, week)
    )
    return _part(
        rows,
        title=_("Expected in"),
        day_label=_("Expected on"),
        empty=_("No payment is expected in this week."),
    )


def _invoiced(curve: Curve, week: Week) -> dict[str, Any]:
    rows = (
        _row(flow, flow.amount, flow.invoiced_on)
        for flow in curve.flows
        if flow.invoiced_on is not None and _within(flow.invoiced_on, week)
    )
    return _part(
        rows,
        title=_("Newly invoiced"),
        day_label=_("Invoiced on"),
        empty=_("Nothing is to be invoiced in this week."),
    )


def _within(day: date, week: Week) -> bool:
    return week.starts_on <= day <= week.ends_on


def _row(flow: Flow, amount: Decimal, on: date | None) -> dict[str, Any]:
    return {
        "reference": flow.reference,
        "url": subject_url(*flow.key),
        "component": flow.start.value if flow.start else LATER,
        "due_on": flow.due_on,
        "on": on,
        "amount": amount,
        "whole": flow.amount,
    }


def _part(rows: Iterable[dict[str, Any]], **words: str) -> dict[str, Any]:
    ordered = sorted(rows, key=lambda row: (row["on"], row["reference"]))
    return {**words, "rows": ordered, "total": sum((row["amount"] for row in ordered), ZERO)}
