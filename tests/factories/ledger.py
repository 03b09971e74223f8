"""Ledger entries for tests, made through the services so that residuals and events are real."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from factory.declarations import LazyAttribute, Sequence, SubFactory

from ledger.models import EntryKind, ImportProfile, JournalEntry, OpenItem
from ledger.services import entry_post, payment_record
from tests.factories.base import ModelFactory
from tests.factories.customers import CustomerAccountFactory


class JournalEntryFactory(ModelFactory[JournalEntry]):
    """A posted invoice of 100.00 due in 30 days; `instalments=[(due, amount), …]` for several."""

    class Meta:
        model = JournalEntry
        exclude = ("amount", "due_on")

    account = SubFactory(CustomerAccountFactory)
    kind = EntryKind.INVOICE
    number = Sequence(lambda n: f"INV-{n:05d}")
    document_on = datetime.date(2026, 1, 1)
    amount = Decimal("100.00")
    due_on = LazyAttribute(lambda o: o.document_on + datetime.timedelta(days=30))
    instalments = LazyAttribute(lambda o: [(o.due_on, Decimal(o.amount))])
    actor = None

    @classmethod
    def _create(cls, model_class: type[JournalEntry], *_args: Any, **kwargs: Any) -> JournalEntry:
        return entry_post(**kwargs)


class OpenItemFactory(ModelFactory[OpenItem]):
    """The single item of an invoice: `OpenItemFactory(account=a, amount="50", due_on=day)`."""

    class Meta:
        model = OpenItem

    @classmethod
    def _create(cls, model_class: type[OpenItem], *_args: Any, **kwargs: Any) -> OpenItem:
        return JournalEntryFactory(**kwargs).items.get()


class PaymentFactory(ModelFactory[OpenItem]):
    """A payment of 100.00 on account; `pays=item` settles that item in full instead."""

    class Meta:
        model = OpenItem

    account = SubFactory(CustomerAccountFactory)
    received_on = datetime.date(2026, 1, 31)
    amount = Decimal("100.00")
    actor = None

    @classmethod
    def _create(cls, model_class: type[OpenItem], *_args: Any, **kwargs: Any) -> OpenItem:
        item = kwargs.pop("pays", None)
        if item is not None:
            kwargs |= {
                "account": item.account,
                "amount": item.open_amount,
                "currency": item.currency_id,
                "allocations": [(item, item.open_amount)],
            }
        kwargs["amount"] = Decimal(kwargs["amount"])
        return payment_record(**kwargs)


class ImportProfileFactory(ModelFactory[ImportProfile]):
    """A profile of plain headings, ISO dates and decimal points."""

    class Meta:
        model = ImportProfile
        django_get_or_create = ("name",)

    name = "plain"
    mapping = {
        "customer_code": "customer",
        "invoice_number": "number",
        "invoice_date": "date",
        "due_date": "due",
        "amount": "amount",
    }
