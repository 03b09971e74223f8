"""Document types and orders for tests, made through the services: real numbers and events."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone
from factory.declarations import LazyAttribute, LazyFunction, SubFactory

from documents.amounts import LineInput
from documents.inputs import OrderHeader
from documents.models import Document, DocumentType
from documents.services.save import order_create
from tests.factories.base import ModelFactory
from tests.factories.core import UserFactory
from tests.factories.customers import CustomerAccountFactory


class DocumentTypeFactory(ModelFactory[DocumentType]):
    """The order type of a new installation."""

    class Meta:
        model = DocumentType
        django_get_or_create = ("code",)

    code = "order"
    name = "Order"


class OrderFactory(ModelFactory[Document]):
    """A draft order worth `gross` (one line, no tax), or with `lines=[LineInput(…), …]`."""

    class Meta:
        model = Document
        exclude = ("gross",)

    account = SubFactory(CustomerAccountFactory)
    document_on = LazyFunction(timezone.localdate)
    type = SubFactory(DocumentTypeFactory)
    currency = LazyAttribute(lambda o: o.account.currency)
    gross = Decimal("100.00")
    lines = LazyAttribute(lambda o: [LineInput("Goods", Decimal(1), Decimal(o.gross))])
    actor = LazyAttribute(
        lambda o: UserFactory(username="clerk", role="sales", companies=[o.account.company])
    )

    @classmethod
    def _create(cls, model_class: Any, *_args: Any, **kwargs: Any) -> Document:
        lines, actor = kwargs.pop("lines"), kwargs.pop("actor")
        return order_create(header=OrderHeader(**kwargs), lines=lines, actor=actor)
