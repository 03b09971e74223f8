"""The treasury overview."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import audit
from core.charts import Part
from core.dates import day_and_month
from core.money import ZERO
from core.numerals import format_decimal
from core.selectors import TONES
from customers.models import CustomerAccount
from reports.filters import BAND_LABELS, companies_of
from reports.queries.ageing import age_parts
from reports.queries.components import CHART_KEYS, LABELS, LATER, LISTED, WAITING
from reports.queries.treasury import (
    Previous,
    Treasury,
    alerts_since,
    limits_ending,
    reviews_due,
    told_since,
    treasury,
)
from reports.sentences import alert_sentence
from reports.views.base import ReportView

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from core.models import Company

BAND_COLOURS = {
    "over": "bad",
    "near": "warn",
    "high": "items",
    "middle": "invoices",
    "low": "delivered",
    "zero": "mute",
    "none": "mute",
    "unlimited": "ok",
}


class TreasuryView(ReportView):
    """The morning of a treasurer: each figure opens the list that adds up to it."""

    permission_required = "credit_limits.view_exposuresnapshot"

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page, for one company of `?company=` or all the user sees."""
        companies = list(companies_of(self.user).order_by("code"))
        company = _chosen(companies, request.GET.get("company", ""))
        accounts = CustomerAccount.objects.visible_to(self.user)
        if company is not None:
            accounts = accounts.filter(company=company)
        today = self.today
        found = treasury(
            accounts=accounts,
            as_of=today,
            user=self.user,
            company=company,
        )
        since = found.previous.on if found.previous else today - timedelta(days=1)
        context = {
            "found": found,
            "today": today,
            "since": since,
            "company": company,
            "choices": _choices(companies, company),
            "tiles": _tiles(found, company),
            "top": [
                Part(
                    "items",
                    position.account.customer.name,
                    found.book.convert(position, position.total) or ZERO,
                    reverse("reports:credit_file", args=[position.account.customer_id]),
                )
                for position in found.top
            ],
            "component_parts": [
                Part(
                    CHART_KEYS[component],
                    str(LABELS[component.value]),
                    found.components[component.value].amount,
                    _list_url(company, component=component.value, sort="-total"),
                )
                for component in LISTED
            ],
            "aside_parts": _aside(found, company),
            "top_url": _list_url(company, sort="-total"),
            "ageing_parts": age_parts(found.ages, lambda key: _list_url(company, bucket=key)),
            "band_parts": [
                Part(
                    BAND_COLOURS[band.key],
                    f"{BAND_LABELS[band.key]} ({band.count})",
                    band.total.amount,
                    _list_url(company, band=band.key),
                )
                for band in found.bands
            ],
            "events": _events(found, accounts, since),
            "ending": limits_ending(accounts, today),
            "reviews": reviews_due(accounts, today),
        }
        return render(request, "reports/treasury.html", context)


def _aside(found: Treasury, company: Company | None) -> list[Part]:
    """What is shown beside the exposure and not part of it."""
    return [
        Part("mute", str(LABELS[name]), total.amount, _list_url(company, component=name))
        for name, total in ((WAITING, found.waiting), (LATER, found.later))
        if total.amount
    ]


def _list_url(company: Company | None, **query: str) -> str:
    """The exposure list narrowed down, with the company of the page kept."""
    kept = {"company": str(company.pk)} if company else {}
    return f"{reverse('reports:exposure_list')}?{urlencode({**kept, **query})}"


def _chosen(companies: list[Company], asked: str) -> Company | None:
    """The company of the address, None for all; 404 for one the user does not see."""
    if not asked:
        return None
    for company in companies:
        if str(company.pk) == asked:
            return company
    raise Http404


def _choices(companies: list[Company], chosen: Company | None) -> list[dict[str, Any]]:
    if len(companies) < 2:
        return []
    path = reverse("reports:treasury")
    return [
        {"label": _("All companies"), "url": path, "active": chosen is None},
        *(
            {"label": row.name, "url": f"{path}?company={row.pk}", "active": row == chosen}
            for row in companies
        ),
    ]


def _tiles(found: Treasury, company: Company | None) -> list[dict[str, Any]]:
    """Six figures of the morning with their change since the last night."""
    before = found.previous
    currency = found.book.currency
    counts = found.counts
    since = _("since %(on)s") % {"on": _short(before.on)} if before else ""
    over_note = (
        _("%(amount)s %(currency)s above their limits")
        % {"amount": _rounded(found.over_amount.amount), "currency": currency}
        if counts["over"]
        else _("every account is within its limit")
    )
    return [
        {
            "label": _("Exposure"),
            "value": found.exposure.amount,
            "currency": currency,
            "url": _list_url(company, sort="-total"),
            "icon": "gauge",
            "change": _change(found.exposure.amount, before, "exposure"),
            "note": since
            or ngettext("%(count)s account", "%(count)s accounts", counts["accounts"])
            % {"count": counts["accounts"]},
            "trend": found.trend,
        },
        {
            "label": _("Free headroom"),
            "value": found.free.amount,
            "currency": currency,
            "url": _list_url(company, free="1", sort="-headroom"),
            "icon": "shield-check",
            "change": _change(found.free.amount, before, "free"),
            "note": since,
        },
        {
            "label": _("Overdue"),
            "value": found.overdue.amount,
            "currency": currency,
            "url": _list_url(company, overdue="1", sort="-overdue"),
            "icon": "clock",
            "tone": "warn" if found.overdue.amount else "",
            "change": _change(found.overdue.amount, before, "overdue"),
            "note": ngettext("%(count)s account", "%(count)s accounts", counts["overdue"])
            % {"count": counts["overdue"]},
        },
        {
            "label": _("Held orders"),
            "value": found.waiting.amount,
            "currency": currency,
            "url": _list_url(company, held="1", sort="-waiting"),
            "icon": "hourglass",
            "change": _change(found.waiting.amount, before, "waiting"),
            "note": ngettext("%(count)s account", "%(count)s accounts", counts["held"])
            % {"count": counts["held"]},
        },
        {
            "label": _("Over the limit"),
            "text": str(counts["over"]),
            "url": _list_url(company, over="1", sort="headroom"),
            "icon": "alert-triangle",
            "tone": "bad" if counts["over"] else "ok",
            "note": over_note,
        },
        {
            "label": _("Near the limit"),
            "text": str(counts["near"]),
            "url": _list_url(company, near="1", sort="-percent"),
            "icon": "trending-up",
            "tone": "warn" if counts["near"] else "",
            "note": _("still within, not far from it"),
        },
    ]


def _change(now: Decimal, before: Previous | None, name: str) -> Decimal | None:
    return now - getattr(before, name) if before else None


def _short(on: date) -> str:
    return day_and_month(on)


def _rounded(amount: Decimal) -> str:
    return format_decimal(amount, 0)


def _events(
    found: Treasury, accounts: QuerySet[CustomerAccount], since: date
) -> list[dict[str, Any]]:
    """What changed since the last night: alerts and decisions, newest first, a sentence each."""
    names = {
        position.account.customer_id: position.account.customer.name
        for position in found.book.positions.values()
    }
    events: list[dict[str, Any]] = [
        {
            "at": alert.created_at,
            "actor": "",
            "sentence": f"{alert.account.customer.name}: {alert_sentence(alert)}",
            "tone": "bad" if alert.kind == "over_limit" else "warn",
            "url": reverse("reports:credit_file", args=[alert.account.customer_id]),
        }
        for alert in alerts_since(accounts, since)
    ]
    for event in told_since(accounts, since):
        customer = event.customer_id or 0
        events.append(
            {
                "at": event.at,
                "actor": event.actor_name if event.actor_id else "",
                "sentence": f"{names.get(customer, event.subject_text)}: {audit.sentence(event)}",
                "tone": TONES.get(event.action.rpartition(".")[2], "info"),
                "url": reverse("reports:credit_file", args=[customer]),
            }
        )
    return sorted(events, key=lambda event: event["at"], reverse=True)[:15]
