"""Parties and the terms they trade on."""

from customers.models.parties import Contact, Customer, CustomerAccount, CustomerGroup
from customers.models.terms import PaymentMethod, PaymentTerm, PaymentTermLine

__all__ = [
    "Contact",
    "Customer",
    "CustomerAccount",
    "CustomerGroup",
    "PaymentMethod",
    "PaymentTerm",
    "PaymentTermLine",
]
