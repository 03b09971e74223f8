"""The books: an entry with its lines, the statement of an account, closed periods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.dates import day_text
from core.links import subject_origin, subject_url
from core.models import AuditEvent, Company
from core.selectors import timeline_entries
from core.views import signed_in
from customers.models import CustomerAccount
from ledger.forms import PeriodCloseForm, PeriodReopenForm
from ledger.models import JournalEntry
from ledger.selectors.bills import entry_bill
from ledger.selectors.statement import statement_currencies, statement_rows
from ledger.services import period_close, period_reopen
from ledger.services.reversals import REVERSIBLE
from ledger.views.changes import ASK, ask
from ledger.views.items import entry_or_404

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from core.models import User

PER_PAGE = 50


@require_safe
@permission_required("ledger.view_openitem", raise_exception=True)
def entry_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry: its lines in both currencies, its items, and what it belongs to."""
    entry = entry_or_404(request, pk)
    items = list(entry.items.order_by("instalment"))
    bill = entry_bill(entry)
    reversal = JournalEntry.objects.filter(reverses=entry).first()
    events = AuditEvent.objects.filter(
        subject_type="ledger.journalentry", subject_id=entry.pk
    ) | AuditEvent.objects.filter(
        subject_type="ledger.openitem", subject_id__in=[item.pk for item in items]
    )
    if bill is not None:
        events |= AuditEvent.objects.filter(subject_type="ledger.bill", subject_id=bill.pk)
    return render(
        request,
        "ledger/entry_detail.html",
        {
            "entry": entry,
            "lines": entry.lines.select_related("ledger_account").order_by("pk"),
            "items": items,
            "reversal": reversal,
            "related": list(entry.companions.order_by("pk")[:PER_PAGE]),
            "can_reverse": entry.kind in REVERSIBLE
            and entry.state == JournalEntry.State.POSTED
            and reversal is None,
            "company_currency": entry.company.currency_id,
            "is_foreign": entry.company.currency_id != entry.currency_id,
            "credit_file": subject_url("customers.customer", entry.account.customer_id),
            "origin": subject_origin("ledger.journalentry", entry.pk),
            "bill": bill,
            "timeline": timeline_entries(events.order_by("-at", "-pk")[:PER_PAGE]),
        },
    )


@require_safe
@permission_required("ledger.view_openitem", raise_exception=True)
def account_statement(request: HttpRequest, pk: int) -> HttpResponse:
    """What was posted to an account, newest first, with the balance after each entry."""
    accounts = CustomerAccount.objects.visible_to(signed_in(request.user))
    account = get_object_or_404(accounts.select_related("customer", "company"), pk=pk)
    balances = statement_currencies(account)
    currency = request.GET.get("currency") or account.currency_id
    if currency not in {account.currency_id, *balances}:
        raise Http404
    page = Paginator(statement_rows(account, currency), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "ledger/statement.html",
        {
            "account": account,
            "currency": currency,
            "currencies": sorted({account.currency_id, *balances}),
            "balance": balances.get(currency),
            "page": page,
            "credit_file": subject_url("customers.customer", account.customer_id),
        },
    )


def _companies(user: User) -> QuerySet[Company]:
    companies = Company.objects.filter(is_active=True)
    return companies if user.is_superuser else companies.filter(users=user)


@require_safe
@permission_required("ledger.close_period", raise_exception=True)
def period_list(request: HttpRequest) -> HttpResponse:
    """How far the books of each company are closed, and what was done lately."""
    companies = list(
        _companies(signed_in(request.user)).select_related("ledger_settings").order_by("name")
    )
    events = AuditEvent.objects.filter(
        subject_type="ledger.ledgersettings", company__in=companies
    ).order_by("-at", "-pk")[:PER_PAGE]
    rows = [(company, getattr(company, "ledger_settings", None)) for company in companies]
    return render(
        request,
        "ledger/period_list.html",
        {
            "title": _("Closed periods"),
            "rows": [(company, found.closed_through if found else None) for company, found in rows],
            "timeline": timeline_entries(events),
        },
    )


@require_http_methods(ASK)
@permission_required("ledger.close_period", raise_exception=True)
def period_close_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the books of a company through a day."""
    user = signed_in(request.user)
    company = get_object_or_404(_companies(user), pk=pk)
    return ask(
        request,
        PeriodCloseForm(request.POST if request.method == "POST" else None),
        lambda values: period_close(company=company, actor=user, **values),
        done=_("The books of %(company)s are closed.") % {"company": company},
        back=reverse("ledger:period_list"),
        title=_("Close the books of %(company)s") % {"company": company},
        lead=_closed_so_far(company),
        consequences=[
            _("Nothing is posted on that day or before it any more, whoever tries."),
            _("The books can be opened again, with a reason."),
        ],
        submit=_("Close"),
    )


@require_http_methods(ASK)
@permission_required("ledger.close_period", raise_exception=True)
def period_reopen_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the books of a company again."""
    user = signed_in(request.user)
    company = get_object_or_404(_companies(user), pk=pk)
    return ask(
        request,
        PeriodReopenForm(request.POST if request.method == "POST" else None),
        lambda values: period_reopen(company=company, actor=user, **values),
        done=_("The books of %(company)s were opened again.") % {"company": company},
        back=reverse("ledger:period_list"),
        title=_("Open the books of %(company)s again") % {"company": company},
        lead=_closed_so_far(company),
        submit=_("Open again"),
        danger=True,
    )


def _closed_so_far(company: Company) -> str:
    settings = getattr(company, "ledger_settings", None)
    if settings is None or settings.closed_through is None:
        return _("Nothing is closed yet.")
    return _("Closed through %(day)s.") % {"day": day_text(settings.closed_through)}
