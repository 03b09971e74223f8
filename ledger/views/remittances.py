"""The control of remittances: how late the money of one account came, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError, NotAllowed
from core.exporting import export_answer, export_links
from core.links import subject_url
from core.views import signed_in
from ledger.forms.remittances import RemittancesForm
from ledger.selectors.remittances import RemittanceRow, remittances_counted
from ledger.services.remittances import remittance_days_write
from ledger.tables.remittances import remittance_export
from ledger.views.payments import account_or_404, choose_account

if TYPE_CHECKING:
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
    found = None
    if form.is_valid():
        span = form.cleaned_data
        rows, found = remittances_counted(account, span["since"], span["until"])
    known = [row for row in rows if row.company_amount]
    currency = account.company.currency_id
    if not form.errors:
        answer = export_answer(
            request,
            f"remittances-{account.customer.code}",
            lambda: remittance_export(known, found, currency),
        )
        if answer is not None:
            return answer
    context: dict[str, Any] = {
        "form": form,
        "account": account,
        "currency": currency,
        "rows": list(zip(known, found.rows, strict=True))[:MOST_ROWS] if found else [],
        "more": len(known) - MOST_ROWS,
        "unknown": sum(row.company_amount is None for row in rows),
        "found": found,
        "exports": export_links(request),
        "credit_file": subject_url("customers.customer", account.customer_id),
        "span": {} if form.errors else form.cleaned_data,
    }
    return render(request, "ledger/remittances.html", context, status=422 if form.errors else 200)


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
    try:
        days = remittance_days_write(account=account, since=since, until=until, actor=user)
    except NotAllowed:
        raise
    except DomainError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("%(days)s days late are on the card now.") % {"days": days})
    return redirect(back)
