"""The lists of bills and of presentation lists, and the download of bills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.clock import today
from core.markup import badge
from core.tables import NONE, NUM, BaseTable, DateColumn, LinkColumn, MoneyColumn
from ledger.models import Bill, BillState, Presentation
from ledger.tables.items import credit_file_url

if TYPE_CHECKING:
    from collections.abc import Iterator


def bill_url(record: Bill) -> str:
    """The bill's page."""
    return reverse("ledger:bill_detail", args=[record.pk])


def list_url(record: Presentation) -> str:
    """The page of a presentation list."""
    return reverse("ledger:presentation_detail", args=[record.pk])


def bill_badge(record: Bill) -> Any:
    """Where the bill is; how it is presented stands beside it."""
    made = badge(record.state, record.get_state_display())
    if record.is_protested:
        made = format_html("{} {}", made, badge("protested"))
    if record.state != BillState.PRESENTED:
        return made
    return format_html('{}<span class="sub">{}</span>', made, record.get_presented_display())


class BillTable(BaseTable):
    """Bills, the next due first."""

    number = LinkColumn(verbose_name=_("Bill"), linkify=bill_url)
    customer = LinkColumn(
        accessor="account__customer__name",
        verbose_name=_("Customer"),
        linkify=credit_file_url,
        sub="account__customer__code",
    )
    company = tables.Column(accessor="company__code", verbose_name=_("Company"))
    drawn_on = DateColumn(verbose_name=_("Issued"))
    pay_on = DateColumn(verbose_name=_("Due"))
    amount = MoneyColumn(verbose_name=_("Amount"), currency="currency_id", url=bill_url)
    state = tables.Column(verbose_name=_("State"), empty_values=())

    caption: Any = _("Bills")
    empty_icon = "file-text"
    empty_title = _("No bills")

    class Meta(BaseTable.Meta):
        model = Bill
        fields = ("number", "customer", "company", "drawn_on", "pay_on", "amount", "state")
        order_by = ("pay_on", "number")
        row_attrs = {"data-href": bill_url}

    def render_number(self, record: Bill) -> Any:
        """The number, the kind beneath."""
        kind = record.get_kind_display()
        return format_html('{}<span class="sub">{}</span>', record.number, kind)

    def render_pay_on(self, record: Bill, value: Any) -> Any:
        """The day it is to be paid; in red where that is over and it is still in hand or back."""
        is_late = record.pay_on < today() and record.state in {
            BillState.ISSUED,
            BillState.IN_HAND,
            BillState.RETURNED,
        }
        text = DateColumn().render(record.pay_on)
        return format_html('<span class="text-bad">{}</span>', text) if is_late else text

    def render_state(self, record: Bill) -> Any:
        """Where it is."""
        return bill_badge(record)


class PresentationTable(BaseTable):
    """Presentation lists, the newest first."""

    number = LinkColumn(verbose_name=_("List"), linkify=list_url)
    presented_on = DateColumn(verbose_name=_("Presented on"))
    company = tables.Column(accessor="company__code", verbose_name=_("Company"))
    bank = tables.Column(verbose_name=_("Bank"))
    kind = tables.Column(verbose_name=_("Kind"))
    count = tables.Column(verbose_name=_("Bills"), attrs=NUM)
    open_count = tables.Column(verbose_name=_("Without result"), attrs=NUM, default=NONE)
    amount = MoneyColumn(verbose_name=_("Amount"), currency="currency_id", url=list_url)

    caption: Any = _("Presentation lists")
    empty_icon = "send"
    empty_title = _("Nothing was presented yet")

    class Meta(BaseTable.Meta):
        model = Presentation
        fields = (
            "number",
            "presented_on",
            "company",
            "bank",
            "kind",
            "count",
            "open_count",
            "amount",
        )
        order_by = ("-presented_on", "-number")
        row_attrs = {"data-href": list_url}


def bill_export(table: BillTable) -> tuple[list[str], Iterator[list[Any]]]:
    """Headings and rows of the download of bills, as filtered and sorted."""
    header = [
        gettext("Bill"),
        gettext("Kind"),
        gettext("Customer code"),
        gettext("Customer"),
        gettext("Company"),
        gettext("Issued"),
        gettext("Due date"),
        gettext("To be paid on"),
        gettext("Currency"),
        gettext("Amount"),
        gettext("State"),
        gettext("Presented"),
        gettext("Protested"),
        gettext("Reference"),
        gettext("Bank"),
    ]
    rows = (
        [
            row.number,
            row.get_kind_display(),
            row.account.customer.code,
            row.account.customer.name,
            row.company.code,
            row.drawn_on,
            row.due_on,
            row.pay_on,
            row.currency_id,
            row.amount,
            row.get_state_display(),
            row.get_presented_display(),
            gettext("yes") if row.is_protested else gettext("no"),
            row.reference,
            row.bank,
        ]
        for row in table.data.data.iterator(chunk_size=2_000)
    )
    return header, rows
