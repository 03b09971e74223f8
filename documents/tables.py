"""The lists of documents."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import django_tables2 as tables
from django.db.models import Case, Count, DecimalField, F, Sum, When
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.markup import money
from core.tables import NONE, NUM, BadgeColumn, BaseTable, DateColumn, LinkColumn
from core.templatetags.ui import chip
from credit_limits.sentences import reason_label
from documents import lifecycle
from documents.models import Document, HoldCase, Nature
from documents.words import named

if TYPE_CHECKING:
    from django.db.models import QuerySet

MOST_CHIPS = 2


def order_url(record: Document) -> str:
    """The document's page (the parameter's name is what the table calls it by)."""
    return reverse("documents:order_detail", args=[record.pk])


def credit_file_url(record: Document) -> str:
    """The customer's credit file; empty while there is none."""
    try:
        return reverse("reports:credit_file", args=[record.account.customer_id])
    except NoReverseMatch:
        return ""


class DocumentTable(BaseTable):
    """Documents, newest first. Rows carry their open hold cases in `open_cases`.

    `chosen` (who may go on from a row together with others) is a column only where the list
    offers a next step for several.
    """

    chosen = tables.Column(
        verbose_name=gettext_lazy("Choose"),
        orderable=False,
        empty_values=(),
        attrs={"th": {"class": "tick"}, "td": {"class": "tick", "data-cell": "chosen"}},
    )
    number = LinkColumn(verbose_name=gettext_lazy("Number"), linkify=order_url, empty_values=())
    document_on = DateColumn(
        verbose_name=gettext_lazy("Date"),
        attrs={"td": {"class": "nowrap", "data-cell": "document_on"}},
    )
    delivery_on = DateColumn(
        verbose_name=gettext_lazy("Wished for"),
        attrs={"td": {"class": "nowrap", "data-cell": "day"}},
    )
    valid_until = DateColumn(
        verbose_name=gettext_lazy("Valid until"),
        attrs={"td": {"class": "nowrap", "data-cell": "day"}},
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
    gross_amount = tables.Column(
        verbose_name=gettext_lazy("Total"),
        attrs=NUM | {"td": {"class": "num", "data-cell": "gross_amount"}},
    )

    class Meta(BaseTable.Meta):
        model = Document
        # On a phone a row becomes a small card: order.css places the cells by these names.
        attrs: Any = {
            "class": "af-table order-table",
            "td": {"data-cell": lambda bound_column: bound_column.name},
        }
        fields = (
            "chosen",
            "number",
            "document_on",
            "delivery_on",
            "valid_until",
            "customer",
            "company",
            "status",
            "waiting",
            "gross_amount",
        )
        order_by = ("-document_on",)
        row_attrs = {"data-href": order_url}

    def __init__(self, *args: Any, says_type: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.says_type = says_type

    def render_chosen(self, record: Document) -> Any:
        """A box for a document that others may be made of, together with its account's others."""
        if record.status not in lifecycle.ACCEPTED or record.type.nature == Nature.REVERSE:
            return ""
        return format_html(
            '<input type="checkbox" class="form-check-input" name="document" value="{}"'
            ' form="together" data-account="{}" aria-label="{}">',
            record.pk,
            f"{record.account_id} {record.currency_id}",
            _("Choose %(document)s") % {"document": named(record)},
        )

    def render_number(self, record: Document) -> Any:
        """The number; a draft may have none yet, so it is named by what it is."""
        text = record.number or _("Draft %(id)s") % {"id": record.pk}
        below = [str(record.type)] if self.says_type else []
        below += [record.reference] if record.reference else []
        if not below:
            return text
        return format_html('{}<span class="sub">{}</span>', text, " · ".join(below))

    def order_number(self, queryset: QuerySet[Document], descending: bool) -> tuple[Any, bool]:
        """Drafts have no number and are sorted by age among themselves."""
        mark = "-" if descending else ""
        return queryset.order_by(f"{mark}number", f"{mark}pk"), True

    def order_document_on(self, queryset: QuerySet[Document], descending: bool) -> tuple[Any, bool]:
        """By day, and within a day by age."""
        mark = "-" if descending else ""
        return queryset.order_by(f"{mark}document_on", f"{mark}pk"), True

    def render_waiting(self, record: Document) -> Any:
        """The reasons of the open hold case, in few words."""
        cases: list[HoldCase] = getattr(record, "open_cases", [])
        reasons = list(dict.fromkeys(reason for case in cases for reason in case.reasons))
        if not reasons:
            return NONE
        shown = [(chip(reason_label(reason), tone="warn"),) for reason in reasons[:MOST_CHIPS]]
        rest = len(reasons) - MOST_CHIPS
        if rest > 0:
            shown.append((chip(_("%(count)s more") % {"count": rest}),))
        chips = format_html_join("", "<li>{}</li>", shown)
        return format_html('<ul class="af-chips">{}</ul>', chips)

    def render_gross_amount(self, value: Decimal, record: Document) -> Any:
        """The total; below zero where it comes back from the customer."""
        return money(value * record.sign, record.currency_id, url=order_url(record))


def totals(queryset: QuerySet[Document]) -> list[dict[str, Any]]:
    """Count and value of the listed documents per currency, largest count first.

    What comes back is taken off; a pro-forma is no value.
    """
    signed = Case(
        When(type__is_pro_forma=True, then=Decimal(0)),
        When(type__nature=Nature.REVERSE, then=-F("gross_amount")),
        default=F("gross_amount"),
        output_field=DecimalField(),
    )
    return [
        {"currency": row["currency"], "count": row["count"], "amount": row["amount"] or Decimal(0)}
        for row in queryset.order_by()
        .values("currency")
        .annotate(count=Count("pk"), amount=Sum(signed))
        .order_by("-count", "currency")
    ]
