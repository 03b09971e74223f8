"""The control of remittances: how late the money of one account came, row by row."""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError, NotAllowed
from core.exporting import csv_response, xlsx_response
from core.links import subject_url
from core.views import signed_in
from customers.services import account_days_late_set
from ledger.forms.remittances import RemittancesForm
from ledger.remittances import Remitted, Scalar, scalar
from ledger.selectors.remittances import RemittanceRow, remittance_rows
from ledger.views.payments import account_or_404, choose_account

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

MOST_ROWS = 500
"""Rows shown on the page; the figures and the download have all of them."""


@require_safe
@permission_required("ledger.view_openitem", raise_exception=True)
def remittance_list(request: HttpRequest) -> HttpResponseBase:
    """What an account paid in a span, with due and value dates and their numbers."""
    user = signed_in(request.user)
    if not request.GET.get("account"):
        return choose_account(
            request,
            user,
            title=_("Remittances"),
            lead=_("Choose whose payments are looked at."),
        )
    account = account_or_404(user, request.GET["account"])
    form = RemittancesForm(request.GET)
    rows: list[RemittanceRow] = []
    if form.is_valid():
        rows = remittance_rows(account, form.cleaned_data["since"], form.cleaned_data["until"])
    known = [row for row in rows if row.company_amount]
    found = _counted(known)
    kind = request.GET.get("export")
    if kind in {"csv", "xlsx"} and form.is_valid():
        answer = csv_response if kind == "csv" else xlsx_response
        return answer(
            name=f"remittances-{account.customer.code}",
            header=_header(account.company.currency_id),
            rows=_exported(known, found),
        )
    query = request.GET.copy()
    exports = []
    for each in ("csv", "xlsx"):
        query["export"] = each
        exports.append({"url": f"?{query.urlencode()}", "label": each.upper()})
    context: dict[str, Any] = {
        "form": form,
        "account": account,
        "currency": account.company.currency_id,
        "rows": list(zip(known, found.rows, strict=True))[:MOST_ROWS] if found else [],
        "more": len(known) - MOST_ROWS,
        "unknown": sum(row.company_amount is None for row in rows),
        "found": found,
        "exports": exports,
        "credit_file": subject_url("customers.customer", account.customer_id),
        "span": form.cleaned_data if form.is_valid() else {},
    }
    if found is not None:
        context |= {
            "average_due": _day(found.first_due, found.due_days),
            "average_value": _day(found.first_value, found.value_days),
            "delay": found.delay,
            "days": whole(found.delay),
        }
    return render(request, "ledger/remittances.html", context, status=422 if form.errors else 200)


def _counted(rows: list[RemittanceRow]) -> Scalar | None:
    return scalar(
        [
            Remitted(row.company_amount, row.due_on, row.value_on)
            for row in rows
            if row.company_amount
        ]
    )


def _day(first: date, days: Decimal) -> date:
    """The day that many days after the first, rounded to a whole day."""
    return first + timedelta(days=whole(days))


def whole(days: Decimal) -> int:
    """Days rounded half up, away from zero, as they are written on the card."""
    return int(days.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _header(currency: str) -> list[str]:
    return [
        _("Registered"),
        _("Entry"),
        _("Item"),
        _("Currency"),
        _("Amount of the item"),
        _("Open"),
        _("Remitted"),
        _("Remitted in %(currency)s") % {"currency": currency},
        _("Due"),
        _("Days"),
        _("Numbers"),
        _("Value date"),
        _("Days"),
        _("Numbers"),
        _("Deviation"),
    ]


def _exported(rows: list[RemittanceRow], found: Scalar | None) -> Iterator[list[Any]]:
    for row, counted in zip(rows, found.rows if found else (), strict=True):
        yield [
            row.entry.posted_on,
            row.entry.number,
            row.item.name,
            row.item.currency_id,
            row.item.amount,
            row.item.open_amount,
            row.amount,
            row.company_amount,
            row.due_on,
            counted.due_days,
            counted.due_numbers,
            row.value_on,
            counted.value_days,
            counted.value_numbers,
            (row.value_on - row.due_on).days,
        ]


@require_POST
@permission_required("customers.change_customer", raise_exception=True)
def remittance_days_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the average delay of the span on the customer's card, computed anew."""
    user = signed_in(request.user)
    account = account_or_404(user, str(pk))
    data = request.POST.copy()
    data["account"] = str(account.pk)
    form = RemittancesForm(data)
    if not form.is_valid():
        raise Http404
    since, until = form.cleaned_data["since"], form.cleaned_data["until"]
    query = QueryDict(mutable=True)
    query.update(
        {"account": str(account.pk), "since": since.isoformat(), "until": until.isoformat()}
    )
    back = f"{reverse('ledger:remittance_list')}?{query.urlencode()}"
    rows = remittance_rows(account, since, until)
    found = _counted(rows)
    if found is None:
        messages.warning(request, _("Nothing was paid in this span: there is no delay to write."))
        return redirect(back)
    days = whole(found.delay)
    try:
        account_days_late_set(account=account, days=days, since=since, until=until, actor=user)
    except NotAllowed:
        raise
    except DomainError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("%(days)s days late are on the card now.") % {"days": days})
    return redirect(back)
