"""What a form, an import or a test hands to the document services."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from core.money import ZERO

if TYPE_CHECKING:
    from datetime import date

    from core.models import Currency
    from customers.models import Customer, CustomerAccount, PaymentMethod, PaymentTerm
    from documents.models import DocumentType


@dataclass(frozen=True, slots=True)
class OrderHeader:
    """The head of a document as typed. `account` is the bill-to account.

    `paid_amount` is what a counter sale was paid at once, in document currency.
    """

    account: CustomerAccount
    document_on: date
    type: DocumentType
    currency: Currency
    reference: str = ""
    ship_to: str = ""
    ship_to_customer: Customer | None = None
    payment_method: PaymentMethod | None = None
    payment_term: PaymentTerm | None = None
    ordered_by: Customer | None = None
    delivery_on: date | None = None
    valid_until: date | None = None
    paid_amount: Decimal = ZERO
    import_key: str = ""
