"""Charge accounts: which customers have one, and the movements of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.htmx import render_partial
from core.views import signed_in
from customers.models import CustomerAccount
from documents.charge_account import (
    charge_accounts,
    charge_currencies,
    charge_totals,
)
from documents.charge_movements import Movements, Wanted
from documents.forms.charges import MovementFilterForm
from documents.models import PurchaseAgreement
from documents.services.charges import ADD
from documents.services.settlements import REVERSE, SETTLE
from documents.views.common import credit_file_path

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from core.models import User

VIEW: Final = "documents.view_charge"
PER_PAGE: Final = 50
PAGE: Final = ["GET", "HEAD", "POST"]


@require_safe
@permission_required(VIEW, raise_exception=True)
def charge_list(request: HttpRequest) -> HttpResponse:
    """Customers that were charged, with what is in analysis, open and overdue."""
    text, only = request.GET.get("q", "").strip(), request.GET.get("only", "")
    rows = accounts_found(charge_accounts(signed_in(request.user), only), text)
    rows = rows.order_by("customer__name", "company__code", "pk")
    context = {
        "title": _("Charge accounts"),
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "q": text,
        "only": only,
        "chips": [
            {"key": "analysis", "label": _("In analysis")},
            {"key": "overdue", "label": _("Overdue")},
        ],
    }
    return render_partial(request, "documents/charge_list.html", context, partial="results")


def accounts_found(rows: QuerySet[CustomerAccount], text: str) -> QuerySet[CustomerAccount]:
    """Accounts whose customer fits every word of `text`."""
    for word in text.split():
        rows = rows.filter(Q(customer__name__icontains=word) | Q(customer__code__icontains=word))
    return rows


@require_safe
@permission_required(VIEW, raise_exception=True)
def charge_account(request: HttpRequest, pk: int) -> HttpResponse:
    """The charge account of a customer: movements, newest first, with the balance after each."""
    user = signed_in(request.user)
    account = account_or_404(user, pk)
    request.nav_view = "documents:charge_list"  # type: ignore[attr-defined]
    currencies = charge_currencies(account)
    currency = request.GET.get("currency") or account.currency_id
    if currency not in currencies:
        raise Http404
    form = MovementFilterForm(request.GET)
    values = form.cleaned_data if form.is_valid() else {}
    wanted = Wanted(
        state=values.get("state", ""),
        begin=values.get("begin"),
        end=values.get("end"),
        words=values.get("q", ""),
    )
    movements = Movements(account, currency, wanted)
    agreements = PurchaseAgreement.objects.filter(account=account).order_by("name")
    context = {
        "account": account,
        "currency": currency,
        "currencies": currencies,
        "totals": charge_totals(account, currency),
        "filter_form": form,
        "is_filtered": wanted != Wanted(),
        "page": Paginator(movements, PER_PAGE).get_page(request.GET.get("page")),
        "agreements": agreements,
        "may_add": user.has_perm(ADD),
        "may_settle": user.has_perm(SETTLE),
        "may_take_back": user.has_perm(REVERSE),
        "credit_file": credit_file_path(account.customer_id),
    }
    return render_partial(request, "documents/charge_account.html", context, partial="results")


def account_or_404(user: User, pk: int | str) -> CustomerAccount:
    """The account, when the user may see it."""
    accounts = CustomerAccount.objects.visible_to(user).select_related(
        "customer", "company", "currency", "payment_term", "payment_method"
    )
    return get_object_or_404(accounts, pk=pk)


def agreement_or_404(user: User, pk: int | str) -> PurchaseAgreement:
    """The agreement, when the user may see the account that it bills."""
    accounts = CustomerAccount.objects.visible_to(user)
    rows = PurchaseAgreement.objects.filter(account__in=accounts).select_related(
        "payment_term",
        "account__customer",
        "account__company",
        "account__currency",
        "account__payment_term",
        "account__payment_method",
    )
    return get_object_or_404(rows, pk=pk)
