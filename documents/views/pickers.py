"""Choosing customers by searching: results while typing, and the head of the form afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from core.views import signed_in
from customers.models import Customer, CustomerAccount
from documents.forms import OrderEntry
from documents.forms.entry import SEARCHED
from documents.lifecycle import Action
from documents.views.common import PERMISSIONS
from documents.views.strip import document_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import Model
    from django.http import HttpRequest, HttpResponse, QueryDict

    from core.models import User
    from documents.models import Document

MOST_RESULTS = 12


def _may_enter(user: User) -> None:
    if not (user.has_perm(PERMISSIONS[Action.EDIT]) or user.has_perm(PERMISSIONS[Action.COPY])):
        raise PermissionDenied


@require_safe
def account_search(request: HttpRequest) -> HttpResponse:
    """Accounts that fit the words typed into the bill-to box, as buttons."""
    user = signed_in(request.user)
    _may_enter(user)
    text = request.GET.get("account_q", "")
    found = accounts_found(user, text, document_of(user, request.GET))
    return render(request, "documents/_results.html", results_context("account", found, text))


@require_safe
def customer_search(request: HttpRequest) -> HttpResponse:
    """Customers that fit the words typed into the box of a party, as buttons."""
    user = signed_in(request.user)
    _may_enter(user)
    kind = next((name for name in PARTIES if f"{name}_q" in request.GET), PARTIES[0])
    text = request.GET.get(f"{kind}_q", "")
    found = customers_found(user, text)
    return render(request, "documents/_results.html", results_context(kind, found, text))


@require_POST
def order_head(request: HttpRequest) -> HttpResponse:
    """The head of the form after a customer was chosen or taken out; everything typed is kept."""
    user = signed_in(request.user)
    _may_enter(user)
    document = document_of(user, request.POST)
    entry = entry_picked(user, request.POST, document)
    context = head_context(user, entry, request.POST, document)
    picked = next((name for name in PICKS if f"pick_{name}" in request.POST), "")
    context["focus"] = NEXT_FIELD.get(picked, "")
    response = render(request, "documents/_head.html", context)
    return trigger_client_event(response, "credit:refresh", after="settle")


PARTIES = ("ordered_by", "ship_to_customer")
PICKS = SEARCHED
# Where one goes on typing after a choice.
NEXT_FIELD = {
    "account": "ordered_by",
    "ordered_by": "ship_to_customer",
    "ship_to_customer": "ship_to",
}
NOBODY = "0"
"""The value of a button that takes the chosen party out again."""


def entry_picked(user: User, data: QueryDict, document: Document | None) -> OrderEntry:
    """The form as typed, with the account or customer whose button was pressed."""
    account = None
    if (raw := data.get("pick_account", "")).isdecimal():
        account = accounts_visible(user, document).filter(pk=raw).first()
    parties: dict[str, int | None] = {}
    for name in PARTIES:
        raw = data.get(f"pick_{name}", "")
        if raw == NOBODY:
            parties[name] = None
        elif raw.isdecimal():
            customer = Customer.objects.visible_to(user).filter(pk=raw).first()
            if customer is not None:
                parties[name] = customer.pk
    return OrderEntry.redrawn(user, data, document, account=account, parties=parties)


def accounts_visible(user: User, document: Document | None) -> Any:
    """Active accounts the user may bill, of the order's company once it has one."""
    rows = CustomerAccount.objects.visible_to(user).filter(is_active=True)
    if document is not None:
        rows = rows.filter(company=document.company_id)
    return rows.select_related(
        "customer__group", "company", "currency", "payment_term", "payment_method"
    )


def accounts_found(user: User, text: str, document: Document | None) -> Sequence[CustomerAccount]:
    """Accounts whose customer fits every word of `text`: MOST_RESULTS, and one more if any."""
    rows = accounts_visible(user, document)
    for word in text.replace("\0", " ").split():
        rows = rows.filter(
            Q(customer__name__icontains=word)
            | Q(customer__legal_name__icontains=word)
            | Q(customer__code__icontains=word)
            | Q(customer__vat_number__icontains=word)
        )
    return list(rows.order_by("customer__name", "company__code", "pk")[: MOST_RESULTS + 1])


def customers_found(user: User, text: str) -> Sequence[Customer]:
    """At most MOST_RESULTS customers that fit `text`, and one more to say there are more."""
    rows = Customer.objects.visible_to(user).search(text.replace("\0", " "))
    return list(rows.order_by("name", "pk")[: MOST_RESULTS + 1])


def results_context(kind: str, found: Sequence[Model], text: str) -> dict[str, Any]:
    """What the list of results shows. `kind` is the field the results are for."""
    rows = list(found)
    return {
        "kind": kind,
        "results": rows[:MOST_RESULTS],
        "more": len(rows) > MOST_RESULTS,
        "searched": text.strip(),
        "several_companies": len({getattr(row, "company_id", 0) for row in rows}) > 1,
    }


def head_context(
    user: User, entry: OrderEntry, data: QueryDict | None, document: Document | None
) -> dict[str, Any]:
    """What the head of the form shows: the fields, who is chosen, and results asked for."""
    form = entry.form
    chosen: dict[str, Any] = {}
    for name in PICKS:
        if name not in form.fields:
            continue
        value = form[name].value()
        field: Any = form.fields[name]
        if name == "account" and entry.account and str(value) == str(entry.account.pk):
            chosen[name] = entry.account
            continue
        chosen[name] = (
            field.queryset.filter(pk=value).first() if str(value or "").isdecimal() else None
        )
    context: dict[str, Any] = {
        "form": form,
        "document": document,
        "chosen": chosen,
        "several_types": form.fields["type"].queryset.count() > 1,  # type: ignore[attr-defined]
        "typed": {},
        "results": {},
    }
    if data is None:
        return context
    action = data.get("action", "")
    text = data.get("account_q", "").strip()
    if action == "find_account" or (text and not chosen["account"]):
        context["typed"] = data
        found: Sequence[Model] = accounts_found(user, text, document)
        context["results"]["account"] = results_context("account", found, text)
    for name in PARTIES:
        if action == f"find_{name}" and name in chosen:
            text = data.get(f"{name}_q", "").strip()
            context["typed"] = data
            found = customers_found(user, text)
            context["results"][name] = results_context(name, found, text)
    return context
