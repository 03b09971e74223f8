"""Recording payments and applying credits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import Q, Sum
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import Conflict, DomainError, NotAllowed
from core.links import subject_url
from core.models import Currency
from core.numerals import format_decimal
from core.views import signed_in
from customers.models import CustomerAccount
from ledger.forms import AllocationForm, ApplyForm, PaymentForm
from ledger.models import OpenItem
from ledger.selectors import items_to_settle
from ledger.selectors.items import owed_by_currency
from ledger.services import credit_apply, payment_record
from ledger.views.changes import unconfirmed
from ledger.views.items import item_or_404

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from core.models import User

MOST_ITEMS = 200
"""Items offered on one page: those named or filled in, then the oldest, or what is looked for."""
_KEY = r"(\d{1,18})"
_BOX = re.compile(rf"(?:item|discount|difference|chargeback)_{_KEY}")


@require_http_methods(["GET", "POST"])
@permission_required("ledger.record_payment", raise_exception=True)
def payment_create(request: HttpRequest) -> HttpResponse:
    """Record a payment: choose the account first, then the amount and what it pays."""
    user = signed_in(request.user)
    if not request.GET.get("account"):
        return choose_account(request, user)
    account = account_or_404(user, request.GET["account"])
    open_by_currency = owed_by_currency(account)
    currency = request.GET.get("currency") or account.currency_id
    others = Currency.objects.filter(is_active=True).values_list("pk", flat=True)
    known = {account.currency_id, *open_by_currency}
    if currency not in known and currency not in others:
        raise Http404
    items, more = offered_items(request, account, currency)
    form = PaymentForm(
        request.POST if request.method == "POST" else None,
        items=items,
        initial=_preset(request, items),
    )
    if request.method == "POST":
        if "look" in request.POST:
            form = PaymentForm(items=items, initial=_typed(request, form))
        elif "suggest" in request.POST:
            form = _suggested(request, form, items=items)
        elif form.is_valid():
            done = _record(request, user, account, currency, form)
            if done is not None:
                return done
    context = {
        "form": form,
        "account": account,
        "currency": currency,
        "currencies": sorted({currency, *known}),
        "other_currencies": sorted({*others} - known - {currency}),
        "open_total": open_by_currency.get(currency),
        "more": more,
        "find": request.POST.get("find", "").strip(),
        "credit_file": subject_url("customers.customer", account.customer_id),
        "cancel_url": reverse("ledger:item_list") + f"?customer={account.customer_id}",
    }
    status = 422 if form.is_bound and form.errors and "suggest" not in request.POST else 200
    return render(request, "ledger/payment_form.html", context, status=status)


def offered_items(
    request: HttpRequest, account: CustomerAccount, currency: str
) -> tuple[list[OpenItem], bool]:
    """The items of a page that applies money, and whether there are more of them.

    First the one that a link names and those that were filled in, wherever they stand; then the
    oldest, or those whose number holds what was looked for.
    """
    rows = items_to_settle(account, currency)
    named = {
        int(found[1])
        for name, value in request.POST.items()
        if (found := _BOX.fullmatch(name)) and str(value).strip()
    }
    if wanted := re.fullmatch(_KEY, request.GET.get("item", "")):
        named.add(int(wanted[1]))
    first = list(rows.filter(pk__in=named)) if named else []
    if text := request.POST.get("find", "").replace("\0", "").strip():
        rows = rows.filter(number__icontains=text)
    rest = list(rows.exclude(pk__in=[item.pk for item in first])[: MOST_ITEMS + 1])
    return [*first, *rest[:MOST_ITEMS]], len(rest) > MOST_ITEMS


def _typed(request: HttpRequest, form: PaymentForm | ApplyForm) -> dict[str, object]:
    """What was typed, unjudged, for a form that is drawn in between."""
    return {name: request.POST[name] for name in form.fields if name in request.POST}


def account_or_404(user: User, key: str) -> CustomerAccount:
    if not key.isdecimal():
        raise Http404
    accounts = CustomerAccount.objects.visible_to(user).select_related(
        "customer", "company", "currency"
    )
    return get_object_or_404(accounts, pk=int(key))


def _preset(request: HttpRequest, items: list[OpenItem]) -> dict[str, object]:
    """Amount and part of the item a link names, such as the one on an item's page."""
    wanted = request.GET.get("item", "")
    item = next((item for item in items if str(item.pk) == wanted), None)
    if item is None:
        return {}
    return {"amount": item.open_amount, AllocationForm.name_of(item): item.open_amount}


def _suggested(request: HttpRequest, form: PaymentForm, *, items: list[OpenItem]) -> PaymentForm:
    """The form with its boxes filled in; only the amount has to be right for that."""
    form.is_valid()
    if form.holds() is None:
        return form
    filled = PaymentForm(form.suggested(request.POST), items=items)
    filled.is_valid()
    return filled


def _record(
    request: HttpRequest, user: User, account: CustomerAccount, currency: str, form: PaymentForm
) -> HttpResponse | None:
    """Record it and go to it; None when it was refused and the form says why."""
    values = form.cleaned_data
    try:
        credit = payment_record(
            account=account,
            number=values["number"],
            received_on=values["received_on"],
            amount=values["amount"],
            allocations=form.allocations(),
            deductions=form.deductions(),
            chargebacks=form.chargebacks(),
            posted_on=values["posted_on"],
            currency=currency,
            text=values["text"],
            provisional=values["provisional"],
            token=values["token"],
            actor=user,
        )
    except NotAllowed:
        raise
    except Conflict as error:
        if error.code == "ledger.form_repeated":
            # The first click did the work; the second one only needs to see it.
            done = OpenItem.objects.visible_to(user).filter(entry__form_token=values["token"])
            messages.info(request, str(error))
            return redirect("ledger:item_detail", done[0].pk) if done else None
        _put(form, error)
        return None
    except DomainError as error:
        _put(form, error)
        return None
    messages.success(
        request,
        _("Payment %(number)s of %(amount)s %(currency)s recorded.")
        % {
            "number": credit.number,
            "amount": format_decimal(credit.amount),
            "currency": credit.currency_id,
        },
    )
    return redirect("ledger:item_detail", credit.pk)


def _put(form: PaymentForm | ApplyForm, error: DomainError) -> None:
    own = f"{error.field}_{error.params.get('item')}"
    field = own if own in form.fields else error.field
    text = str(error)
    if error.code == "ledger.period_closed" and field == "received_on":
        # Money came when it came; the books may take it later.
        text = f"{text} {_('Or keep this day and enter a posting date.')}"
    form.add_error(field if field in form.fields else None, text)


def choose_account(
    request: HttpRequest, user: User, *, title: str = "", lead: str = ""
) -> HttpResponse:
    """The page that asks whose account it is; its rows add `?account=` to the same address."""
    text = request.GET.get("q", "").strip()
    accounts = (
        CustomerAccount.objects.visible_to(user)
        .select_related("customer", "company")
        .annotate(
            owed=Sum(
                "items__open_amount",
                filter=Q(items__direction="debit", items__is_posted=True)
                & Q(items__open_amount__gt=0),
            )
        )
        .order_by("customer__name", "company__code")
    )
    for word in text.split():
        accounts = accounts.filter(
            Q(customer__name__icontains=word) | Q(customer__code__icontains=word)
        )
    page = Paginator(accounts, 25).get_page(request.GET.get("page"))
    context = {"page": page, "q": text, "title": title or _("Record a payment"), "lead": lead}
    return render(request, "ledger/payment_account.html", context)


@require_http_methods(["GET", "POST"])
@permission_required("ledger.record_payment", raise_exception=True)
def item_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply a credit item to what the account owes."""
    user = signed_in(request.user)
    credit = item_or_404(request, pk)
    if credit.direction != OpenItem.Direction.CREDIT:
        raise Http404
    if not credit.is_posted:
        return unconfirmed(request, credit)
    items, more = offered_items(request, credit.account, credit.currency_id)
    form = ApplyForm(request.POST if request.method == "POST" else None, credit=credit, items=items)
    if request.method == "POST" and "look" in request.POST:
        form = ApplyForm(credit=credit, items=items, initial=_typed(request, form))
    elif request.method == "POST" and "suggest" in request.POST:
        form = ApplyForm(form.suggested(request.POST), credit=credit, items=items)
        form.is_valid()
    elif request.method == "POST" and form.is_valid():
        try:
            credit_apply(
                credit_item=credit,
                allocations=form.allocations(),
                on=form.cleaned_data["on"],
                seen=form.cleaned_data["seen"],
                actor=user,
            )
        except NotAllowed:
            raise
        except DomainError as error:
            _put(form, error)
            form.look_again(error)
        else:
            messages.success(request, _("%(item)s was applied.") % {"item": credit.number})
            return redirect("ledger:item_detail", credit.pk)
    context = {
        "form": form,
        "credit": credit,
        "more": more,
        "find": request.POST.get("find", "").strip(),
        "account": credit.account,
        "currency": credit.currency_id,
        "cancel_url": reverse("ledger:item_detail", args=[credit.pk]),
    }
    status = 422 if form.is_bound and form.errors and "suggest" not in request.POST else 200
    return render(request, "ledger/item_apply.html", context, status=status)
