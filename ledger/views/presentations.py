"""Presentation lists: what went to which bank, and what the bank said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import Conflict, DomainError, NotAllowed
from core.permissions import require
from core.views import signed_in
from ledger.filters import PresentationFilter
from ledger.forms import PresentForm, ResultForm
from ledger.models import Bill, Presentation
from ledger.selectors.presentations import (
    list_steps,
    lists_summed,
    lists_visible,
    presentable_groups,
)
from ledger.services.bills import bills_present, presentation_result
from ledger.services.bills.returns import Back
from ledger.tables import PresentationTable
from ledger.views.changes import ASK
from ledger.views.lists import listed

if TYPE_CHECKING:
    from django.forms.boundfield import BoundField
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from core.models import User

MOST_BILLS = 500
"""Bills offered for one list: the next due first."""


@require_safe
@permission_required("ledger.view_openitem", raise_exception=True)
def presentation_list(request: HttpRequest) -> HttpResponseBase:
    """Lists that went to a bank, the newest first, and how many bills wait for its word."""
    user = signed_in(request.user)
    rows = lists_summed(user).select_related("company")
    chosen = PresentationFilter(request.GET, queryset=rows, user=user)
    return listed(
        request,
        title=_("Presentation lists"),
        chosen=chosen,
        table=PresentationTable(chosen.qs),
        template="ledger/presentation_list.html",
    )


@require_http_methods(ASK)
@permission_required("ledger.manage_bill", raise_exception=True)
def presentation_create(request: HttpRequest) -> HttpResponse:
    """Choose bills in hand or returned, and hand them to a bank."""
    user = signed_in(request.user)
    groups = presentable_groups(user)
    asked = (request.GET.get("company"), request.GET.get("currency"))
    group = next(
        (each for each in groups if (str(each["company"]), each["currency"]) == asked),
        groups[0] if groups else None,
    )
    rows: list[Bill] = []
    if group is not None:
        rows = list(
            Bill.objects.visible_to(user)
            .presentable()
            .filter(company=group["company"], currency=group["currency"])
            .select_related("account__customer")
            .order_by("pay_on", "pk")[: MOST_BILLS + 1]
        )
    named = frozenset(int(each) for each in request.GET.getlist("bill") if each.isdecimal())
    form = PresentForm(
        request.POST if request.method == "POST" else None, bills=rows[:MOST_BILLS], named=named
    )
    if request.method == "POST" and form.is_valid():
        done = _present(request, user, form)
        if done is not None:
            return done
    context = {
        "form": form,
        "groups": groups,
        "group": group,
        "more": len(rows) > MOST_BILLS,
    }
    return render(
        request, "ledger/presentation_form.html", context, status=422 if form.errors else 200
    )


def _present(request: HttpRequest, user: User, form: PresentForm) -> HttpResponse | None:
    values = form.cleaned_data
    try:
        made = bills_present(
            bills=form.chosen(),
            kind=values["kind"],
            bank=values["bank"],
            on=values["on"],
            pay_on=form.pay_on(),
            text=values["text"],
            token=values["token"],
            actor=user,
        )
    except NotAllowed:
        raise
    except DomainError as error:
        first = Presentation.objects.filter(form_token=values["token"]).first()
        if isinstance(error, Conflict) and error.code == "ledger.form_repeated" and first:
            messages.info(request, str(error))
            return redirect("ledger:presentation_detail", first.pk)
        own = f"again_{error.params.get('bill_id')}"
        field = own if own in form.fields else error.field
        form.add_error(field if field in form.fields else None, str(error))
        return None
    messages.success(request, _("List %(number)s is recorded.") % {"number": made.number})
    return redirect("ledger:presentation_detail", made.pk)


@require_http_methods(ASK)
@permission_required("ledger.view_openitem", raise_exception=True)
def presentation_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One list with its bills; whoever manages bills records here what the bank says."""
    user = signed_in(request.user)
    found = get_object_or_404(
        lists_visible(user).select_related("company", "currency", "created_by"), pk=pk
    )
    steps = list_steps(found, user)
    bills = [step.bill for step in steps if step.waits]  # type: ignore[attr-defined]
    may = user.has_perm("ledger.manage_bill")
    form = None
    if bills and may:
        form = ResultForm(request.POST if request.method == "POST" else None, bills=bills)
    if request.method == "POST":
        require(user, "ledger.manage_bill")
        if form is None:
            messages.warning(request, _("The bank's result is recorded for all of these bills."))
            return redirect("ledger:presentation_detail", found.pk)
        if form.is_valid() and _result(request, user, found, form):
            return redirect("ledger:presentation_detail", found.pk)
    context = {
        "list": found,
        "steps": steps,
        "rows": [(step, _bound(form, step.bill)) for step in steps],
        "form": form,
        "total": sum(step.bill.amount for step in steps),
        "open_total": sum(bill.amount for bill in bills),
        "waiting": len(bills),
        "back": reverse("ledger:presentation_list"),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "ledger/presentation_detail.html", context, status=status)


def _bound(form: ResultForm | None, bill: Bill) -> BoundField | None:
    """The box for the result of a bill; None where none is asked."""
    name = ResultForm.name_of(bill)
    return form[name] if form is not None and name in form.fields else None


def _result(request: HttpRequest, user: User, found: Presentation, form: ResultForm) -> bool:
    values: dict[str, Any] = form.cleaned_data
    try:
        presentation_result(
            presentation=found,
            collected=form.said(form.PAID),
            returned=form.said(form.BACK),
            on=values["on"],
            back=Back(values["reason"], values["charges"], values["bearer"]),
            actor=user,
        )
    except NotAllowed:
        raise
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return False
    messages.success(request, _("The result of the bank is recorded."))
    return True
