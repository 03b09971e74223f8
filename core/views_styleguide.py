"""Every component of the UI kit on one page, with sample data."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_tables2 import RequestConfig

from core import styleguide_samples as samples
from core.htmx import render_partial


@require_http_methods(["GET", "HEAD", "POST"])
def styleguide(request: HttpRequest) -> HttpResponse:
    """The page, in development for everybody signed in, otherwise for superusers.

    Its form can be sent, to see messages; nothing is stored.
    """
    if not (settings.DEBUG or request.user.is_superuser):
        raise PermissionDenied
    if request.method == "POST":
        messages.success(request, _("This is what success looks like."))
        messages.warning(request, _("A warning stays on the page."))
        return redirect("core:styleguide")
    table = samples.SampleTable(samples.rows())
    RequestConfig(request, paginate={"per_page": 8}).configure(table)
    return render_partial(request, "ui/styleguide.html", _context(table), partial="results")


def _context(table: samples.SampleTable) -> dict[str, Any]:
    wrong = samples.SampleForm(
        {"wrong-customer": "", "wrong-amount": "12.5OO", "wrong-kind": "own"}, prefix="wrong"
    )
    right = samples.SampleForm(
        initial={"customer": "Rossi Impianti S.r.l.", "amount": Decimal("50000"), "scope": "one"}
    )
    lines = samples.SampleLines(
        initial=[
            {
                "description": "Steel pipe DN50",
                "quantity": Decimal("120.0000"),
                "price": Decimal("42.5"),
            },
            {"description": "Mounting", "quantity": Decimal("2.5000"), "price": Decimal("380")},
        ]
    )
    exposure = list(samples.EXPOSURE)
    return {
        "tiles": samples.tiles(),
        "table": table,
        "empty_table": samples.SampleTable([]),
        "wrong": wrong,
        "right": right,
        "lines": lines,
        "exposure": exposure,
        "ageing_parts": samples.AGEING,
        "top": samples.TOP,
        "events": samples.events(),
        "limit": Decimal("50000.00"),
        "small_limit": Decimal("40000.00"),
        "near_limit": Decimal("45000.00"),
        "this_amount": Decimal("9150.00"),
        "states": [
            "draft",
            "submitted",
            "held",
            "released",
            "refused",
            "cancelled",
            "posted",
            "overdue",
            "under_review",
            "running",
            "failed",
        ],
        "reasons": [
            {"label": "Over the limit", "figure": Decimal("1160.00"), "tone": "bad"},
            {"label": "Overdue", "figure": "21 days", "tone": "bad"},
            {"label": "Near the limit", "figure": "94 %", "tone": "warn"},
            {"label": "Cover valid", "figure": "31 Dec", "tone": "ok"},
        ],
        "facts": [
            {"label": "VAT number", "value": "IT01234567890"},
            {"label": "Terms", "value": "60 days, end of month"},
            {"label": "Group", "value": "Rossi Holding", "url": "#"},
            {"label": "Agent", "value": ""},
        ],
        "figures": [
            {"label": "Own limit", "value": "20,000.00"},
            {"label": "Insured until 31 Dec 2026", "value": "30,000.00", "url": "#"},
            {"label": "Limit", "value": "50,000.00", "total": True},
        ],
        "tabs": [
            {"label": "Exposure", "url": "#", "active": True},
            {"label": "Items and bills", "url": "#", "count": 14},
            {"label": "Documents", "url": "#", "count": 3},
            {"label": "Timeline", "url": "#"},
        ],
    }
