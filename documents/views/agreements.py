"""Purchase agreements: the list, the statement of a month, making and changing one."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core import clock
from core.errors import DomainError, NotAllowed
from core.selectors import timeline_for
from core.views import signed_in
from customers.models import CustomerAccount
from documents.agreement_statement import agreement_statement as statement_of
from documents.agreement_statement import month_after, month_of
from documents.forms.agreements import AgreementEntry, AgreementForm, employee_formset
from documents.models import PurchaseAgreement
from documents.services.agreements import RIGHT, AgreementInput, agreement_save
from documents.services.charges import ADD
from documents.views.charges import PAGE, VIEW, account_or_404, agreement_or_404

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from core.models import User

NAV = "documents:charge_list"


@require_safe
@permission_required(VIEW, raise_exception=True)
def agreement_list(request: HttpRequest) -> HttpResponse:
    """Every agreement the user may see."""
    user = signed_in(request.user)
    request.nav_view = NAV  # type: ignore[attr-defined]
    accounts = CustomerAccount.objects.visible_to(user)
    rows = PurchaseAgreement.objects.filter(account__in=accounts).select_related(
        "account__customer", "account__company", "payment_term"
    )
    today = clock.today()
    context = {
        "title": _("Purchase agreements"),
        "rows": [(row, row.is_valid(today)) for row in rows.order_by("name")],
    }
    return render(request, "documents/agreement_list.html", context)


@require_safe
@permission_required(VIEW, raise_exception=True)
def agreement_statement(request: HttpRequest, pk: int) -> HttpResponse:
    """The statement of one month, employee by employee."""
    user = signed_in(request.user)
    agreement = agreement_or_404(user, pk)
    request.nav_view = NAV  # type: ignore[attr-defined]
    today = clock.today()
    begin = month_of(request.GET.get("month", ""), today)
    earlier = (begin - datetime.timedelta(days=1)).replace(day=1)
    later = month_after(begin)
    context = {
        "agreement": agreement,
        "account": agreement.account,
        "currency": agreement.account.currency_id,
        "is_valid": agreement.is_valid(today),
        "statement": statement_of(agreement, begin),
        "earlier": earlier,
        "later": later if later <= today else None,
        "may_add": user.has_perm(ADD),
        "may_change": user.has_perm(RIGHT),
        "timeline": timeline_for(agreement),
    }
    return render(request, "documents/agreement_statement.html", context)


@require_http_methods(PAGE)
@permission_required(RIGHT, raise_exception=True)
def agreement_create(request: HttpRequest) -> HttpResponse:
    """A new agreement with the customer that the address names."""
    user = signed_in(request.user)
    raw = request.GET.get("account", "")
    if not raw.isdecimal():
        messages.info(request, _("Choose the customer: the agreement starts from its account."))
        return redirect("documents:charge_list")
    return _form(request, user, account_or_404(user, raw), None)


@require_http_methods(PAGE)
@permission_required(RIGHT, raise_exception=True)
def agreement_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an agreement."""
    user = signed_in(request.user)
    agreement = agreement_or_404(user, pk)
    return _form(request, user, agreement.account, agreement)


def _form(
    request: HttpRequest,
    user: User,
    account: CustomerAccount,
    agreement: PurchaseAgreement | None,
) -> HttpResponse:
    request.nav_view = NAV  # type: ignore[attr-defined]
    data = request.POST if request.method == "POST" else None
    form = AgreementForm(
        data,
        instance=agreement,
        initial=None if agreement else {"valid_from": clock.today()},
    )
    entry = AgreementEntry(form, employee_formset(agreement, data))
    if request.method == "POST" and entry.is_valid():
        employees = entry.employees.employees() if entry.employees.is_bound else None
        try:
            saved = agreement_save(
                account=account,
                wanted=AgreementInput(**form.cleaned_data, employees=employees),
                agreement=agreement,
                actor=user,
            )
        except NotAllowed as error:
            raise PermissionDenied from error
        except DomainError as error:
            entry.put(error)
        else:
            messages.success(request, _("%(agreement)s is saved.") % {"agreement": saved})
            return redirect("documents:agreement_statement", saved.pk)
    name = PurchaseAgreement.objects.get(pk=agreement.pk).name if agreement else ""
    context = {
        "entry": entry,
        "form": form,
        "employees": entry.employees,
        "currency": account.currency_id,
        "title": _("Change %(agreement)s") % {"agreement": name}
        if agreement
        else _("New purchase agreement"),
        "lead": _("%(customer)s is billed for what its employees buy.")
        % {"customer": account.customer},
        "cancel_url": reverse("documents:agreement_statement", args=[agreement.pk])
        if agreement
        else reverse("documents:charge_account", args=[account.pk]),
    }
    status = 422 if entry.error_summary else 200
    return render(request, "documents/agreement_form.html", context, status=status)
