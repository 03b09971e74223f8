"""What comes back: payments the bank returned, deductions charged back; their lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import permission_required
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.dates import day_text
from core.numerals import format_decimal
from core.views import signed_in
from customers.querysets import account_scope
from ledger.filters import ChargebackFilter, ReturnFilter
from ledger.forms import ChargebackForm, ReturnForm, ReverseForm
from ledger.models import Chargeback, EntryKind, JournalEntry, OpenItem, ReturnedPayment
from ledger.services import chargeback_undo, item_charge_back, payment_return
from ledger.tables import (
    ChargebackTable,
    ReturnTable,
    chargeback_export,
    return_export,
)
from ledger.views.changes import ASK, ask, reopened, told, unconfirmed
from ledger.views.items import entry_or_404, item_or_404
from ledger.views.lists import listed

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

TEMPLATE = "ledger/came_back_list.html"


@require_safe
@permission_required("ledger.view_openitem", raise_exception=True)
def chargeback_list(request: HttpRequest) -> HttpResponseBase:
    """Deductions charged back: what is still open of them, for what, and who clears it."""
    user = signed_in(request.user)
    rows = Chargeback.objects.filter(account_scope(user, "account__")).select_related(
        "account__customer", "account__company", "item", "original", "owner"
    )
    chosen = ChargebackFilter(request.GET, queryset=rows, user=user)
    return listed(
        request,
        title=_("Chargebacks"),
        name="chargebacks",
        chosen=chosen,
        table=ChargebackTable(chosen.qs),
        export=chargeback_export,
        template=TEMPLATE,
    )


@require_safe
@permission_required("ledger.view_openitem", raise_exception=True)
def return_list(request: HttpRequest) -> HttpResponseBase:
    """Payments the bank took back, the newest first."""
    user = signed_in(request.user)
    rows = ReturnedPayment.objects.filter(account_scope(user, "account__")).select_related(
        "account__customer", "account__company", "payment"
    )
    chosen = ReturnFilter(request.GET, queryset=rows, user=user)
    return listed(
        request,
        title=_("Returned payments"),
        name="returned-payments",
        chosen=chosen,
        table=ReturnTable(chosen.qs),
        export=return_export,
        template=TEMPLATE,
    )


@require_http_methods(ASK)
@permission_required("ledger.manage_item", raise_exception=True)
def item_charge_back_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Charge back a part of an item that the customer did not pay."""
    user = signed_in(request.user)
    item = item_or_404(request, pk)
    if item.direction != OpenItem.Direction.DEBIT or item.entry.kind == EntryKind.CHARGEBACK:
        raise Http404
    back = reverse("ledger:item_detail", args=[item.pk])
    if not item.is_posted:
        return unconfirmed(request, item)
    if not item.open_amount:
        return told(request, _("Nothing is open of %(number)s.") % {"number": item.number}, back)
    return ask(
        request,
        ChargebackForm(request.POST if request.method == "POST" else None, item=item),
        lambda values: item_charge_back(item=item, actor=user, **values),
        done=_("A part of %(number)s was charged back.") % {"number": item.number},
        back=back,
        title=_("Charge back a part of %(number)s") % {"number": item.number},
        lead=_("%(open)s are open.")
        % {"open": f"{format_decimal(item.open_amount)} {item.currency_id}"},
        consequences=[
            _("That part is closed here and goes on as an item of its own, of the same value."),
            _("What the customer owes does not change. It can be undone."),
        ],
        submit=_("Charge back"),
    )


@require_http_methods(ASK)
@permission_required("ledger.reverse_payment", raise_exception=True)
def chargeback_undo_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo a chargeback."""
    user = signed_in(request.user)
    rows = Chargeback.objects.filter(account_scope(user, "account__"))
    found = get_object_or_404(rows.select_related("item__account", "original", "account"), pk=pk)
    back = reverse("ledger:item_detail", args=[found.original_id])
    if found.undone_at is not None:
        text = _("Chargeback %(number)s was undone already.") % {"number": found.item.number}
        return told(request, text, back)
    return ask(
        request,
        ReverseForm(request.POST if request.method == "POST" else None),
        lambda values: chargeback_undo(chargeback=found, actor=user, **values),
        done=_("Chargeback %(number)s was undone.") % {"number": found.item.number},
        back=back,
        title=_("Undo chargeback %(number)s") % {"number": found.item.number},
        lead=_("%(amount)s %(currency)s of %(original)s, charged back on %(day)s.")
        % {
            "amount": format_decimal(found.amount),
            "currency": found.item.currency_id,
            "original": found.original.number,
            "day": day_text(found.charged_on),
        },
        consequences=[
            _("%(number)s is open again with its old due date.")
            % {"number": found.original.number},
        ],
        submit=_("Undo"),
        danger=True,
    )


@require_http_methods(ASK)
@permission_required("ledger.reverse_payment", raise_exception=True)
def payment_return_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """The bank took a payment back; says first what will be open again."""
    user = signed_in(request.user)
    entry = entry_or_404(request, pk)
    if entry.kind != EntryKind.PAYMENT or entry.state != JournalEntry.State.POSTED:
        raise Http404
    back = reverse("ledger:entry_detail", args=[entry.pk])
    if JournalEntry.objects.filter(reverses=entry).exists():
        return told(request, _("%(entry)s was reversed already.") % {"entry": entry}, back)
    return ask(
        request,
        ReturnForm(request.POST if request.method == "POST" else None),
        lambda values: payment_return(payment=entry, actor=user, **values),
        done=_("%(entry)s was returned.") % {"entry": entry},
        back=back,
        title=_("%(entry)s was returned by the bank") % {"entry": entry},
        lead=_("%(amount)s %(currency)s of %(customer)s, posted on %(day)s.")
        % {
            "amount": format_decimal(entry.amount),
            "currency": entry.currency_id,
            "customer": entry.account.customer,
            "day": day_text(entry.posted_on),
        },
        consequences=reopened(entry),
        submit=_("Record the return"),
        danger=True,
    )
