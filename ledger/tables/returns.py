"""The lists of chargebacks and of returned payments, and their downloads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.clock import today
from core.markup import badge
from core.tables import NONE, BaseTable, DateColumn, LinkColumn, MoneyColumn
from ledger.models import Chargeback, ReturnedPayment
from ledger.tables.items import credit_file_url, item_state

if TYPE_CHECKING:
    from collections.abc import Iterator


def chargeback_url(record: Chargeback) -> str:
    """The page of the item that carries it on."""
    return reverse("ledger:item_detail", args=[record.item_id])


def original_url(record: Chargeback) -> str:
    """The page of the item it was deducted from."""
    return reverse("ledger:item_detail", args=[record.original_id])


def payment_url(record: ReturnedPayment) -> str:
    """The payment's entry."""
    return reverse("ledger:entry_detail", args=[record.payment_id])


def _state(record: Chargeback) -> str:
    return item_state(record.item, record.item.open_amount, today())


class ChargebackTable(BaseTable):
    """Chargebacks, the next due first."""

    number = LinkColumn(
        accessor="item__number", verbose_name=_("Chargeback"), linkify=chargeback_url
    )
    customer = LinkColumn(
        accessor="account__customer__name",
        verbose_name=_("Customer"),
        linkify=credit_file_url,
        sub="account__customer__code",
    )
    company = tables.Column(accessor="account__company__code", verbose_name=_("Company"))
    original = LinkColumn(
        accessor="original__number", verbose_name=_("Deducted from"), linkify=original_url
    )
    reason = tables.Column(verbose_name=_("Reason"))
    owner = tables.Column(verbose_name=_("Owner"), default=NONE, orderable=False)
    charged_on = DateColumn(verbose_name=_("Date"))
    due_on = DateColumn(accessor="item__due_on", verbose_name=_("Due"))
    amount = MoneyColumn(verbose_name=_("Amount"), currency="item__currency_id")
    left = MoneyColumn(
        accessor="item__open_amount",
        verbose_name=_("Open"),
        currency="item__currency_id",
        url=chargeback_url,
    )
    state = tables.Column(verbose_name=_("State"), empty_values=(), orderable=False)

    caption: Any = _("Chargebacks")
    empty_icon = "receipt"
    empty_title = _("Nothing is charged back")

    class Meta(BaseTable.Meta):
        model = Chargeback
        fields = (
            "number",
            "customer",
            "company",
            "original",
            "reason",
            "owner",
            "charged_on",
            "due_on",
            "amount",
            "left",
            "state",
        )
        order_by = ("due_on", "number")
        row_attrs = {"data-href": chargeback_url}

    def render_state(self, record: Chargeback) -> Any:
        """The state of its item, or that it was undone."""
        return badge("mute", _("Undone")) if record.undone_on else badge(_state(record))


class ReturnTable(BaseTable):
    """Returned payments, the newest first."""

    number = LinkColumn(accessor="payment__number", verbose_name=_("Payment"), linkify=payment_url)
    customer = LinkColumn(
        accessor="account__customer__name",
        verbose_name=_("Customer"),
        linkify=credit_file_url,
        sub="account__customer__code",
    )
    company = tables.Column(accessor="account__company__code", verbose_name=_("Company"))
    returned_on = DateColumn(verbose_name=_("Returned on"))
    reason = tables.Column(verbose_name=_("Reason"))
    amount = MoneyColumn(verbose_name=_("Amount"), currency="currency_id", url=payment_url)
    fee_amount = MoneyColumn(verbose_name=_("Bank fee"), currency="currency_id")
    fee_bearer = tables.Column(verbose_name=_("Fee"))

    caption: Any = _("Returned payments")
    empty_icon = "arrow-back-up"
    empty_title = _("No payment came back")

    class Meta(BaseTable.Meta):
        model = ReturnedPayment
        fields = (
            "number",
            "customer",
            "company",
            "returned_on",
            "reason",
            "amount",
            "fee_amount",
            "fee_bearer",
        )
        order_by = ("-returned_on", "-number")
        row_attrs = {"data-href": payment_url}


def chargeback_export(table: ChargebackTable) -> tuple[list[str], Iterator[list[Any]]]:
    """Headings and rows of the download of chargebacks, as filtered and sorted."""
    header = [
        gettext("Chargeback"),
        gettext("Customer code"),
        gettext("Customer"),
        gettext("Company"),
        gettext("Deducted from"),
        gettext("Reason"),
        gettext("Text"),
        gettext("Owner"),
        gettext("Date"),
        gettext("Due"),
        gettext("Currency"),
        gettext("Amount"),
        gettext("Open"),
        gettext("Undone on"),
    ]
    rows = (
        [
            row.item.number,
            row.account.customer.code,
            row.account.customer.name,
            row.account.company.code,
            row.original.number,
            row.get_reason_display(),
            row.text,
            str(row.owner or ""),
            row.charged_on,
            row.item.due_on,
            row.item.currency_id,
            row.amount,
            row.item.open_amount,
            row.undone_on,
        ]
        for row in table.data.data.iterator(chunk_size=2_000)
    )
    return header, rows


def return_export(table: ReturnTable) -> tuple[list[str], Iterator[list[Any]]]:
    """Headings and rows of the download of returned payments, as filtered and sorted."""
    header = [
        gettext("Payment"),
        gettext("Customer code"),
        gettext("Customer"),
        gettext("Company"),
        gettext("Returned on"),
        gettext("Reason"),
        gettext("Text"),
        gettext("Currency"),
        gettext("Amount"),
        gettext("Bank fee"),
        gettext("Fee"),
    ]
    rows = (
        [
            row.payment.number,
            row.account.customer.code,
            row.account.customer.name,
            row.account.company.code,
            row.returned_on,
            row.get_reason_display(),
            row.text,
            row.currency_id,
            row.amount,
            row.fee_amount,
            row.get_fee_bearer_display(),
        ]
        for row in table.data.data.iterator(chunk_size=2_000)
    )
    return header, rows
