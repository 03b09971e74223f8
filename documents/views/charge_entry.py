"""Entering a movement on a charge account, with what the customer's credit says to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core import clock
from core.errors import Busy, DomainError, NotAllowed
from core.htmx import render_partial
from core.numerals import format_decimal
from core.views import signed_in
from customers.models import CustomerAccount
from documents.forms.charges import ChargeForm
from documents.forms.entry import Sketch
from documents.models import DocumentType, PurchaseAgreement
from documents.services.charges import ADD, ChargeInput, charge_line, employee_open
from documents.services.charges import charge_create as charge_save
from documents.services.kinds import type_of
from documents.services.settlements import SETTLE, charge_credit
from documents.views.charges import (
    PAGE,
    PER_PAGE,
    account_or_404,
    accounts_found,
    agreement_or_404,
)
from documents.views.common import document_path
from documents.views.strip import strip_context

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from core.models import User


@require_http_methods(PAGE)
@permission_required(ADD, raise_exception=True)
def charge_create(request: HttpRequest) -> HttpResponse:
    """Enter a movement: choose who is charged first, then what for."""
    user = signed_in(request.user)
    account, agreement = _whom(request, user)
    request.nav_view = "documents:charge_list"  # type: ignore[attr-defined]
    if account is None:
        return _choose(request, user)
    form = ChargeForm(
        request.POST if request.method == "POST" else None,
        account=account,
        agreement=agreement,
        may_credit=user.has_perm(SETTLE),
    )
    if request.method == "POST" and request.POST.get("action") != "check" and form.is_valid():
        done = _enter(request, user, account, agreement, form)
        if done is not None:
            return done
    judged = request.method == "POST" and request.POST.get("action") != "check"
    context = {
        **_credit_context(user, account, agreement, form),
        "form": form,
        "account": account,
        "agreement": agreement,
        "employees": _employees(agreement),
        "cancel_url": reverse("documents:charge_account", args=[account.pk]),
    }
    status = 422 if judged and form.errors else 200
    return render(request, "documents/charge_form.html", context, status=status)


@require_POST
@permission_required(ADD, raise_exception=True)
def charge_strip(request: HttpRequest) -> HttpResponse:
    """What the customer's credit says to the movement as typed. Stores nothing."""
    user = signed_in(request.user)
    account, agreement = _whom(request, user)
    if account is None:
        return render_partial(request, "documents/charge_strip.html", partial="answer")
    form = ChargeForm(
        request.POST, account=account, agreement=agreement, may_credit=user.has_perm(SETTLE)
    )
    context = _credit_context(user, account, agreement, form)
    return render_partial(
        request, "documents/charge_strip.html", {**context, "live": True}, partial="answer"
    )


def _whom(
    request: HttpRequest, user: User
) -> tuple[CustomerAccount | None, PurchaseAgreement | None]:
    """Who is charged, by the address; 404 for whom the user may not see."""
    if (raw := request.GET.get("agreement", "")).isdecimal():
        agreement = agreement_or_404(user, raw)
        return agreement.account, agreement
    if (raw := request.GET.get("account", "")).isdecimal():
        return account_or_404(user, raw), None
    return None, None


def _choose(request: HttpRequest, user: User) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    accounts = CustomerAccount.objects.visible_to(user).filter(is_active=True)
    rows = accounts_found(accounts.select_related("customer", "company"), text)
    agreements = PurchaseAgreement.objects.filter(account__in=accounts, is_active=True)
    for word in text.split():
        agreements = agreements.filter(Q(name__icontains=word) | Q(code__icontains=word))
    context = {
        "title": _("New movement on a charge account"),
        "q": text,
        "agreements": [
            item
            for item in agreements.select_related("account__customer").order_by("name")[:PER_PAGE]
            if item.is_valid(clock.today())
        ],
        "page": Paginator(rows.order_by("customer__name", "company__code", "pk"), 25).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "documents/charge_choose.html", context)


def _employees(agreement: PurchaseAgreement | None) -> list[str]:
    """Who bought under the agreement before."""
    if agreement is None:
        return []
    names = agreement.charges.order_by("employee").values_list("employee", flat=True)
    return list(names.distinct()[:500])


def _wanted(
    account: CustomerAccount, agreement: PurchaseAgreement | None, form: ChargeForm
) -> ChargeInput:
    values = form.cleaned_data
    return ChargeInput(
        amount=values["amount"],
        text=values.get("text", ""),
        account=account,
        agreement=agreement,
        employee=values.get("employee", ""),
        payment_method=values.get("payment_method"),
        payment_term=values.get("payment_term"),
        import_key=f"web:{key}" if (key := values.get("key")) else "",
    )


def _enter(
    request: HttpRequest,
    user: User,
    account: CustomerAccount,
    agreement: PurchaseAgreement | None,
    form: ChargeForm,
) -> HttpResponse | None:
    """Enter the valid movement and go where it shows; None when it was refused."""
    wanted, on = _wanted(account, agreement, form), form.cleaned_data["on"]
    page = redirect("documents:charge_account", account.pk)
    try:
        if form.is_credit:
            note = charge_credit(charge=wanted, actor=user, on=on)
            messages.success(request, _("Credit %(number)s is entered.") % {"number": note})
            return page
        result = charge_save(charge=wanted, actor=user, on=on)
    except NotAllowed as error:
        raise PermissionDenied from error
    except (Busy, DomainError) as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return None
    if result.passed:
        messages.success(
            request,
            _("%(charge)s of %(amount)s %(currency)s is on the account.")
            % {
                "charge": result.document,
                "amount": format_decimal(result.document.gross_amount),
                "currency": result.document.currency_id,
            },
        )
        return page
    messages.info(
        request,
        _("The charge is in analysis: it is kept as typed and counts nothing yet."),
    )
    return redirect(document_path(result.document))


def _credit_context(
    user: User,
    account: CustomerAccount,
    agreement: PurchaseAgreement | None,
    form: ChargeForm,
) -> dict[str, Any]:
    """What the strip shows for the movement as far as it can be understood."""
    if form.is_bound:
        form.is_valid()
        values: dict[str, Any] = form.cleaned_data
    else:
        values = dict(form.initial)
    head: dict[str, Any] = {
        "type": type_of(DocumentType.Kind.CHARGE),
        "document_on": values.get("on") or clock.today(),
        "currency": account.currency,
        "payment_method": account.payment_method,
        "payment_term": (agreement.payment_term if agreement else None) or account.payment_term,
    }
    lines = []
    if form.is_bound:
        head["payment_method"] = values.get("payment_method") or head["payment_method"]
        head["payment_term"] = values.get("payment_term") or head["payment_term"]
    is_credit = form.is_bound and form.is_credit
    if values.get("amount") and not is_credit:
        wanted = ChargeInput(amount=values["amount"], text=values.get("text") or "–")
        lines = [(0, charge_line(wanted))]
    context = strip_context(Sketch(account, head, lines, []), None, rows=1, user=user)
    if is_credit:
        context |= {
            "box": None,
            "uncounted": _("A credit asks nobody: it settles the open charges, oldest first."),
        }
    return context | _ceiling(agreement, values)


def _ceiling(agreement: PurchaseAgreement | None, values: dict[str, Any]) -> dict[str, Any]:
    """What the employee has open, beside the ceiling of the agreement."""
    name = " ".join(str(values.get("employee") or "").split())
    if agreement is None or agreement.employee_ceiling is None or not name:
        return {"employee": ""}
    open_amount = employee_open(agreement, name)
    left = agreement.employee_ceiling - open_amount - (values.get("amount") or 0)
    return {
        "employee": name,
        "employee_open": open_amount,
        "employee_left": left,
        "ceiling": agreement.employee_ceiling,
    }
