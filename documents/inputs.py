"""What a form, an import or a test hands to the document services."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from core.models import Currency
    from customers.models import Customer, CustomerAccount, PaymentMethod, PaymentTerm
    from documents.models import DocumentType


@dataclass(frozen=True, slots=True)
class OrderHeader:
    """The head of an order as typed. `account` is the bill-to account."""

    account: CustomerAccount
    document_on: date
    type: DocumentType
    currency: Currency
    reference: str = ""
    ship_to: str = ""
    payment_method: PaymentMethod | None = None
    payment_term: PaymentTerm | None = None
    ordered_by: Customer | None = None
    import_key: str = ""
