"""The order list."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import django_tables2 as tables
from django.db.models import Count, Sum
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.tables import NONE, BadgeColumn, BaseTable, DateColumn, LinkColumn, MoneyColumn
from core.templatetags.ui import chip
from credit_limits.sentences import reason_label
from documents.models import Document, HoldCase

if TYPE_CHECKING:
    from django.db.models import QuerySet

MOST_CHIPS = 2


def order_url(record: Document) -> str:
    """The order's page (the parameter's name is what the table calls it by)."""
    return reverse("documents:order_detail", args=[record.pk])


def credit_file_url(record: Document) -> str:
    """The customer's credit file; empty while there is none."""
    try:
        return reverse("reports:credit_file", args=[record.account.customer_id])
    except NoReverseMatch:
        return ""


class OrderTable(BaseTable):
    """Orders, newest first. Rows carry their open hold cases in `open_cases`."""

    number = LinkColumn(
        verbose_name=gettext_lazy("Order"), linkify=order_url, sub="reference", empty_values=()
    )
    document_on = DateColumn(
        verbose_name=gettext_lazy("Date"),
        attrs={"td": {"class": "nowrap", "data-cell": "document_on"}},
    )
    customer = LinkColumn(
        accessor="account__customer__name",
        verbose_name=gettext_lazy("Bill to"),
        linkify=credit_file_url,
        sub="account__customer__code",
    )
    company = tables.Column(accessor="company__code", verbose_name=gettext_lazy("Company"))
    status = BadgeColumn(verbose_name=gettext_lazy("Status"))
    waiting = tables.Column(
        verbose_name=gettext_lazy("Waiting because"), orderable=False, empty_values=()
    )
    gross_amount = MoneyColumn(
        verbose_name=gettext_lazy("Total"),
        currency="currency_id",
        url=order_url,
        attrs={"td": {"class": "num", "data-cell": "gross_amount"}},
    )

    caption: Any = gettext_lazy("Orders")
    empty_icon = "file-text"

    class Meta(BaseTable.Meta):
        model = Document
        # On a phone a row becomes a small card: order.css places the cells by these names.
        attrs: Any = {
            "class": "af-table order-table",
            "td": {"data-cell": lambda bound_column: bound_column.name},
        }
        fields = (
            "number",
            "document_on",
            "customer",
            "company",
            "status",
            "waiting",
            "gross_amount",
        )
        order_by = ("-document_on", "-pk")
        row_attrs = {"data-href": order_url}

    def render_number(self, record: Document) -> Any:
        """The number; a draft has none yet, so it is named by what it is."""
        text = record.number or _("Draft %(id)s") % {"id": record.pk}
        if not record.reference:
            return text
        return format_html('{}<span class="sub">{}</span>', text, record.reference)

    def order_number(self, queryset: QuerySet[Document], descending: bool) -> tuple[Any, bool]:
        """Drafts have no number and are sorted by age among themselves."""
        mark = "-" if descending else ""
        return queryset.order_by(f"{mark}number", f"{mark}pk"), True

    def render_waiting(self, record: Document) -> Any:
        """The reasons of the open hold case, in few words."""
        cases: list[HoldCase] = getattr(record, "open_cases", [])
        reasons = [reason for case in cases for reason in case.reasons]
        if not reasons:
            return NONE
        shown = [(chip(reason_label(reason), tone="warn"),) for reason in reasons[:MOST_CHIPS]]
        rest = len(reasons) - MOST_CHIPS
        if rest > 0:
            shown.append((chip(_("%(count)s more") % {"count": rest}),))
        chips = format_html_join("", "<li>{}</li>", shown)
        return format_html('<ul class="af-chips">{}</ul>', chips)


def totals(queryset: QuerySet[Document]) -> list[dict[str, Any]]:
    """Count and value of the listed orders per currency, largest count first."""
    return [
        {"currency": row["currency"], "count": row["count"], "amount": row["amount"] or Decimal(0)}
        for row in queryset.order_by()
        .values("currency")
        .annotate(count=Count("pk"), amount=Sum("gross_amount"))
        .order_by("-count", "currency")
    ]
