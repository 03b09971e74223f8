"""The lists of open items and of imports."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import django_tables2 as tables
from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.links import subject_url
from core.markup import badge, money
from core.tables import NONE, NUM, BadgeColumn, BaseTable, DateColumn, LinkColumn, MoneyColumn
from ledger.ageing import days_past_due
from ledger.models import ImportRun, OpenItem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet


def item_url(record: OpenItem) -> str:
    """The item's page (the parameter's name is what the table calls it by)."""
    return reverse("ledger:item_detail", args=[record.pk])


def credit_file_url(record: OpenItem) -> str:
    """The customer's credit file; empty while there is none."""
    return subject_url("customers.customer", record.account.customer_id)


def item_state(item: OpenItem, residual: Decimal, as_of: date) -> str:
    """The state of an item in one word of `core.tones`."""
    if not item.is_posted:
        return "provisional"
    if not residual:
        return "paid"
    if item.direction == OpenItem.Direction.DEBIT and item.due_on < as_of:
        return "overdue"
    return "open" if residual == item.amount else "partly_paid"


class ItemTable(BaseTable):
    """Items with their `residual`, the oldest due first."""

    number = LinkColumn(verbose_name=_("Item"), linkify=item_url)
    customer = LinkColumn(
        accessor="account__customer__name",
        verbose_name=_("Customer"),
        linkify=credit_file_url,
        sub="account__customer__code",
    )
    company = tables.Column(accessor="account__company__code", verbose_name=_("Company"))
    document_on = DateColumn(verbose_name=_("Date"))
    due_on = DateColumn(verbose_name=_("Due"))
    days = tables.Column(
        verbose_name=_("Days overdue"), empty_values=(), attrs=NUM, order_by=("-due_on",)
    )
    amount = MoneyColumn(verbose_name=_("Amount"), currency="currency_id")
    residual = MoneyColumn(verbose_name=_("Open"), currency="currency_id", url=item_url)
    cause = tables.Column(
        accessor="delay_cause__name", verbose_name=_("Cause of delay"), default=NONE
    )
    state = tables.Column(verbose_name=_("State"), empty_values=(), orderable=False)

    caption: Any = _("Open items")
    empty_icon = "receipt"
    empty_title = _("Nothing is open")

    class Meta(BaseTable.Meta):
        model = OpenItem
        fields = (
            "number",
            "customer",
            "company",
            "document_on",
            "due_on",
            "days",
            "amount",
            "residual",
            "cause",
            "state",
        )
        order_by = ("due_on", "pk")
        row_attrs = {"data-href": item_url}

    def __init__(self, *args: Any, as_of: date, currency: str = "", **kwargs: Any) -> None:
        """`currency` is the one of all rows; empty when there are several."""
        super().__init__(*args, **kwargs)
        self.as_of = as_of
        self.currency = currency
        if currency:
            for name in ("amount", "residual"):
                column = self.columns[name].column
                column.verbose_name = format_lazy("{} {}", column.verbose_name, currency)

    def render_number(self, record: OpenItem) -> Any:
        """The number with its instalment, the kind beneath."""
        kind = record.entry.get_kind_display()
        return format_html('{}<span class="sub">{}</span>', record.name, kind)

    def render_days(self, record: OpenItem) -> Any:
        """Days past due of what is owed; nothing otherwise."""
        days = days_past_due(record.due_on, self.as_of)
        if record.direction != OpenItem.Direction.DEBIT or days <= 0 or not self._residual(record):
            return NONE
        return format_html('<span class="text-bad">{}</span>', days)

    def render_amount(self, record: OpenItem) -> Any:
        """Credits carry a minus."""
        return money(_signed(record, record.amount), self._code(record))

    def render_residual(self, record: OpenItem) -> Any:
        """Credits carry a minus; the figure opens the item."""
        return money(
            _signed(record, self._residual(record)), self._code(record), url=item_url(record)
        )

    def render_state(self, record: OpenItem) -> Any:
        """State, and whether the customer disputes it."""
        state = badge(item_state(record, self._residual(record), self.as_of))
        return (
            format_html("{} {}", state, badge("warn", _("Disputed")))
            if record.is_disputed
            else state
        )

    def _code(self, record: OpenItem) -> str:
        """The currency beside a figure, unless the heading says it."""
        return "" if self.currency else record.currency_id

    def _residual(self, record: OpenItem) -> Decimal:
        return Decimal(record.residual)  # type: ignore[attr-defined]


def _signed(item: OpenItem, amount: Decimal) -> Decimal:
    return amount if item.direction == OpenItem.Direction.DEBIT else -amount


def totals(items: QuerySet[OpenItem]) -> list[dict[str, Any]]:
    """What the listed items come to, per currency: owed, credits, and both together."""
    owed, credit = Q(direction="debit"), Q(direction="credit")
    rows = (
        items.order_by()
        .values("currency")
        .annotate(
            count=Count("pk"),
            owed=Sum("residual", filter=owed),
            credit=Sum("residual", filter=credit),
        )
        .order_by("-count", "currency")
    )
    return [
        {
            "currency": row["currency"],
            "count": row["count"],
            "owed": row["owed"] or Decimal(0),
            "credit": -(row["credit"] or Decimal(0)),
            "net": (row["owed"] or Decimal(0)) - (row["credit"] or Decimal(0)),
        }
        for row in rows
    ]


def export_header() -> list[str]:
    """The headings of the download of items."""
    return [
        gettext("Item"),
        gettext("Instalment"),
        gettext("Kind"),
        gettext("Customer code"),
        gettext("Customer"),
        gettext("Company"),
        gettext("Date"),
        gettext("Due"),
        gettext("Days overdue"),
        gettext("Currency"),
        gettext("Amount"),
        gettext("Open"),
        gettext("Disputed"),
        gettext("Cause of delay"),
    ]


def export_rows(table: ItemTable, as_of: date) -> Iterator[list[Any]]:
    """The rows of the table as filtered and sorted, credits below zero; read in chunks."""
    for item in table.data.data.iterator(chunk_size=2_000):
        is_debit = item.direction == OpenItem.Direction.DEBIT
        days = days_past_due(item.due_on, as_of) if is_debit and item.residual else 0
        yield [
            item.number,
            item.instalment,
            item.entry.get_kind_display(),
            item.account.customer.code,
            item.account.customer.name,
            item.account.company.code,
            item.document_on,
            item.due_on,
            max(days, 0),
            item.currency_id,
            _signed(item, item.amount),
            _signed(item, item.residual),
            gettext("yes") if item.is_disputed else gettext("no"),
            item.delay_cause.name if item.delay_cause else "",
        ]


def run_url(record: ImportRun) -> str:
    """The import's page."""
    return reverse("ledger:import_detail", args=[record.pk])


class ImportTable(BaseTable):
    """Imports, newest first."""

    file_name = LinkColumn(verbose_name=_("File"), linkify=run_url)
    company = tables.Column(accessor="company__code", verbose_name=_("Company"))
    profile = tables.Column(accessor="profile__name", verbose_name=_("Profile"))
    created_at = DateColumn(verbose_name=_("Uploaded"))
    started_by = tables.Column(verbose_name=_("By"), orderable=False)
    rows_total = tables.Column(verbose_name=_("Rows"), attrs=NUM)
    new = tables.Column(
        verbose_name=_("New documents"), attrs=NUM, empty_values=(), orderable=False
    )
    error_count = tables.Column(verbose_name=_("Errors"), attrs=NUM)
    status = BadgeColumn(verbose_name=_("Status"))

    caption: Any = _("Imports")
    empty_icon = "file-import"
    empty_title = _("Nothing imported yet")

    class Meta(BaseTable.Meta):
        model = ImportRun
        fields = (
            "file_name",
            "company",
            "profile",
            "created_at",
            "started_by",
            "rows_total",
            "new",
            "error_count",
            "status",
        )
        order_by = ("-created_at",)
        row_attrs = {"data-href": run_url}

    def render_new(self, record: ImportRun) -> Any:
        """How many documents were new to the ledger."""
        return record.totals.get("entries_new", NONE)
