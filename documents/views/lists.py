"""The lists of documents: one view, a register of kinds for each list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import permission_required
from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from core.htmx import render_partial
from core.views import signed_in
from documents.filters import DocumentFilter
from documents.models import Document, DocumentType, HoldCase
from documents.registers import (
    COUNTER,
    DELIVERIES,
    EVERYTHING,
    GOODS,
    INVOICES,
    ORDERS,
    QUOTES,
    TO_DO,
)
from documents.services.freely import may_give
from documents.tables import DocumentTable, totals
from documents.views.common import path_of
from documents.words import FAMILIES, family

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.http import HttpRequest, HttpResponse

    from core.models import User
    from documents.registers import Register

DAYS = ("delivery_on", "valid_until")
# Lists of documents that people finish by the dozen.
BATCHED = frozenset({"order", "delivery", "invoice"})


def _list_of(register: Register) -> Callable[[HttpRequest], HttpResponse]:
    @require_safe
    @permission_required("documents.view_document", raise_exception=True)
    def view(request: HttpRequest) -> HttpResponse:
        return _list(request, register)

    view.__doc__ = "The documents of one register, filtered, sorted and paged."
    return view


quote_list = _list_of(QUOTES)
order_list = _list_of(ORDERS)
delivery_list = _list_of(DELIVERIES)
invoice_list = _list_of(INVOICES)
counter_list = _list_of(COUNTER)
goods_list = _list_of(GOODS)
document_list = _list_of(EVERYTHING)


def _list(request: HttpRequest, register: Register) -> HttpResponse:
    """Documents the user may see; only the results for htmx."""
    user = signed_in(request.user)
    rows = (
        Document.objects.filter(type__kind__in=register.kinds)
        .visible_to(user)
        .select_related("account__customer", "company", "type")
        .prefetch_related(
            Prefetch(
                "hold_cases",
                queryset=HoldCase.objects.filter(status=HoldCase.Status.OPEN),
                to_attr="open_cases",
            )
        )
        .order_by("-document_on", "-pk")
    )
    types = list(DocumentType.objects.filter(kind__in=register.kinds).order_by("pk"))
    all_types = types if register is EVERYTHING else list(DocumentType.objects.order_by("pk"))
    chosen = DocumentFilter(request.GET or None, queryset=rows, user=user, register=register)
    table = DocumentTable(chosen.qs, says_type=len(types) > 1)
    table.caption = str(register.title)
    table.empty_icon = register.icon
    together = _together(user, register, all_types)
    table.exclude = _columns_left_out(chosen, register, types, together)
    new = _new(user, register, types)
    if not chosen.is_bound:
        table.empty_title = register.none_yet
        table.empty_text = register.lead
        if new:
            table.empty_url, table.empty_action = new[0]["url"], new[0]["label"]
    RequestConfig(request).configure(table)
    return render_partial(
        request,
        "documents/document_list.html",
        {
            "title": register.title,
            "lead": register.lead,
            "table": table,
            "filter": chosen,
            "totals": totals(chosen.qs),
            "new": new,
            "batch": _batch(user, register),
            "is_everything": register is EVERYTHING,
            "todo": _todo(request, register),
            "together": together,
            "convert_url": path_of("documents:convert"),
        },
        partial="results",
    )


def _columns_left_out(
    chosen: DocumentFilter,
    register: Register,
    types: Sequence[DocumentType],
    together: Sequence[dict[str, Any]],
) -> tuple[str, ...]:
    """Columns, and filters with them, that would tell nobody anything."""
    left_out = [day for day in DAYS if day != register.day]
    if len(list(chosen.filters["company"].queryset[:2])) < 2:
        left_out.append("company")
        del chosen.form.fields["company"]
    if len(types) < 2:
        del chosen.form.fields["type"]
    if not register.to_do:
        del chosen.form.fields["todo"]
    if not together:
        left_out.append("chosen")
    return tuple(left_out)


def _new(user: User, register: Register, types: Sequence[DocumentType]) -> list[dict[str, str]]:
    """What may be started from this list: the first active type of each of its families."""
    if not user.has_perm("documents.add_document"):
        return []
    first: dict[str, DocumentType] = {}
    for type_ in types:
        if type_.is_active and may_give(user, type_):
            first.setdefault(family(type_), type_)
    path = reverse("documents:order_create")
    return [
        {"label": str(FAMILIES[name].new), "url": f"{path}?type={first[name].code}"}
        for name in register.families
        if name in first
    ]


def _batch(user: User, register: Register) -> dict[str, str] | None:
    """The page on which one step is taken on many documents, for who may take it."""
    step, label, right = (
        ("post", _("Post several"), "documents.post_document")
        if "post" in register.to_do
        else ("submit", _("Submit several"), "documents.submit_document")
    )
    page = path_of("documents:document_batch")
    if not page or register.key not in BATCHED or not user.has_perm(right):
        return None
    return {"label": label, "url": f"{page}?step={step}"}


def _todo(request: HttpRequest, register: Register) -> list[dict[str, Any]]:
    """The chips over the list: each keeps the other filters and takes itself away again."""
    current = request.GET.get("todo", "")
    found = []
    for name in register.to_do:
        query = request.GET.copy()
        query.pop("page", None)
        query.pop("todo", None)
        if name != current:
            query["todo"] = name
        found.append(
            {"label": TO_DO[name], "url": f"?{query.urlencode()}", "active": name == current}
        )
    return found


def _together(
    user: User, register: Register, types: Sequence[DocumentType]
) -> list[dict[str, str]]:
    """The steps that may be taken with several documents of one customer at once."""
    if not (user.has_perm("documents.add_document") and path_of("documents:convert")):
        return []
    words = {
        "delivery": _("Deliver together"),
        "invoice": _("Invoice together"),
    }
    found = []
    for kind in register.together:
        type_ = next((item for item in types if item.is_active and family(item) == kind), None)
        if type_ is not None:
            found.append({"label": words[kind], "code": type_.code})
    return found
