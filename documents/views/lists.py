"""The order list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import permission_required
from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from core.htmx import render_partial
from core.views import signed_in
from documents.filters import OrderFilter
from documents.models import Document, HoldCase
from documents.tables import OrderTable, totals

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
@permission_required("documents.view_document", raise_exception=True)
def order_list(request: HttpRequest) -> HttpResponse:
    """Orders the user may see, filtered, sorted and paged; only the results for htmx."""
    user = signed_in(request.user)
    rows = (
        Document.objects.orders()
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
    chosen = OrderFilter(request.GET or None, queryset=rows, user=user)
    table = OrderTable(chosen.qs)
    companies = list(chosen.filters["company"].queryset[:2])
    if len(companies) < 2:
        # With one company, neither the column nor its filter tells anybody anything.
        table.exclude = ("company",)
        del chosen.form.fields["company"]
    can_add = user.has_perm("documents.add_document")
    if not chosen.is_bound:
        table.empty_title = _("No orders yet")
        table.empty_text = _("Orders entered here are checked against the customer's credit.")
        if can_add:
            table.empty_url = reverse("documents:order_create")
            table.empty_action = _("New order")
    RequestConfig(request).configure(table)
    return render_partial(
        request,
        "documents/order_list.html",
        {
            "title": _("Orders"),
            "table": table,
            "filter": chosen,
            "totals": totals(chosen.qs),
            "can_add": can_add,
        },
        partial="results",
    )
