"""Settling charges, and taking a settlement back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.dates import day_text
from core.errors import Conflict, DomainError, NotAllowed
from core.numerals import format_decimal
from core.views import signed_in
from customers.models import CustomerAccount
from documents.charge_account import charge_currencies, charges_to_settle
from documents.forms.charges import MOST, SettleForm, TakeBackForm
from documents.services.settlements import (
    REVERSE,
    SETTLE,
    settlement_check,
)
from documents.services.settlements import charge_settle as settle
from documents.services.settlements import settlement_reverse as take_back
from documents.views.charges import PAGE, account_or_404
from ledger.models import Allocation, JournalEntry

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from core.models import User

MOST_LINES = 20


@require_http_methods(PAGE)
@permission_required(SETTLE, raise_exception=True)
def charge_settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Settle open charges of an account with money received."""
    user = signed_in(request.user)
    account = account_or_404(user, pk)
    request.nav_view = "documents:charge_list"  # type: ignore[attr-defined]
    currency = request.GET.get("currency") or account.currency_id
    if currency not in charge_currencies(account):
        raise Http404
    charges = list(charges_to_settle(account, currency)[: MOST + 1])
    chosen = frozenset(int(raw) for raw in request.GET.getlist("charge") if raw.isdecimal())
    form = SettleForm(
        request.POST if request.method == "POST" else None, charges=charges[:MOST], chosen=chosen
    )
    if request.method == "POST":
        valid = form.is_valid()
        token = form.cleaned_data.get("token")
        if token and JournalEntry.objects.filter(form_token=token, account=account).exists():
            # What the first click settled is gone, so the form may be at fault: it was recorded.
            messages.info(request, _("This form was sent twice: it was recorded the first time."))
            return redirect("documents:charge_account", account.pk)
        done = _settle(request, user, account, form) if valid else None
        if done is not None:
            return done
    context = {
        "form": form,
        "account": account,
        "currency": currency,
        "more": len(charges) > MOST,
        "cancel_url": reverse("documents:charge_account", args=[account.pk]),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "documents/charge_settle.html", context, status=status)


def _settle(
    request: HttpRequest, user: User, account: CustomerAccount, form: SettleForm
) -> HttpResponse | None:
    values = form.cleaned_data
    page = redirect("documents:charge_account", account.pk)
    try:
        credit = settle(
            charges=form.parts(),
            received_on=values["received_on"],
            payment_method=values["payment_method"],
            reference=values["reference"],
            token=values["token"],
            actor=user,
        )
    except NotAllowed as error:
        raise PermissionDenied from error
    except Conflict as error:
        if error.code == "ledger.form_repeated":
            return page  # the second of two clicks
        form.add_error(None, str(error))
        return None
    except DomainError as error:
        own = f"charge_{error.params.get('document')}"
        field = own if own in form.fields else error.field
        form.add_error(field if field in form.fields else None, str(error))
        return None
    messages.success(
        request,
        _("%(amount)s %(currency)s received and applied: %(number)s.")
        % {
            "amount": format_decimal(credit.amount),
            "currency": credit.currency_id,
            "number": credit.number,
        },
    )
    return page


@require_http_methods(PAGE)
@permission_required(REVERSE, raise_exception=True)
def settlement_reverse(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a settlement back, with a reason; says first which charges are open again."""
    user = signed_in(request.user)
    accounts = CustomerAccount.objects.visible_to(user)
    rows = JournalEntry.objects.filter(account__in=accounts, state=JournalEntry.State.POSTED)
    payment = get_object_or_404(rows.select_related("account__customer"), pk=pk)
    request.nav_view = "documents:charge_list"  # type: ignore[attr-defined]
    back = reverse("documents:charge_account", args=[payment.account_id])
    form = TakeBackForm(request.POST if request.method == "POST" else None)
    try:
        settlement_check(payment)
    except DomainError as error:
        messages.warning(request, str(error))
        return redirect(back)
    if JournalEntry.objects.filter(reverses=payment).exists():
        messages.info(request, _("This settlement was taken back already."))
        return redirect(back)
    if request.method == "POST" and form.is_valid():
        try:
            take_back(payment=payment, reason=form.cleaned_data["reason"], actor=user)
        except NotAllowed as error:
            raise PermissionDenied from error
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(
                request, _("%(payment)s was taken back.") % {"payment": payment.number}
            )
            return redirect(back)
    context = {
        "title": _("Take %(payment)s back?") % {"payment": payment.number},
        "lead": _("%(amount)s %(currency)s of %(customer)s, received on %(day)s.")
        % {
            "amount": format_decimal(payment.amount),
            "currency": payment.currency_id,
            "customer": payment.account.customer,
            "day": day_text(payment.document_on),
        },
        "consequences": _opened_again(payment),
        "form": form,
        "account": payment.account,
        "submit_label": _("Take it back"),
        "cancel_url": back,
        "danger": True,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "documents/charge_take_back.html", context, status=status)


def _opened_again(payment: JournalEntry) -> list[str]:
    rows = Allocation.objects.filter(
        credit_item__entry=payment, reverses=None, reversed_by=None
    ).select_related("debit_item")
    lines = [
        _("%(amount)s %(currency)s of %(charge)s are open again, due %(day)s.")
        % {
            "amount": format_decimal(row.amount),
            "currency": row.debit_item.currency_id,
            "charge": row.debit_item.number,
            "day": day_text(row.debit_item.due_on),
        }
        for row in rows[:MOST_LINES]
    ]
    return [*lines, _("A reversing entry is posted; nothing is deleted.")]
