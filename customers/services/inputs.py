"""What a form, an import or a test hands to the commands on parties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.models import Company, Currency, User
    from customers.models import CustomerGroup, PaymentMethod, PaymentTerm


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerInput:
    """The party itself. `country` is ISO 3166 alpha-2 where it is known."""

    code: str
    name: str
    legal_name: str = ""
    vat_number: str = ""
    country: str = ""
    address: str = ""
    group: CustomerGroup | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountInput:
    """The customer in one company. The company is the key: it finds an existing account.

    `remove` deletes an account that nothing refers to; one in use can only be made inactive.
    """

    company: Company
    currency: Currency
    payment_term: PaymentTerm | None = None
    payment_method: PaymentMethod | None = None
    agent: User | None = None
    responsible: User | None = None
    is_active: bool = True
    remove: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactInput:
    """A person at the customer; `pk` None adds one."""

    name: str
    role: str = ""
    email: str = ""
    phone: str = ""
    pk: int | None = None
    remove: bool = False
