"""What every amount, number and rate that enters the ledger must hold."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from core.models import Currency
from core.money import LARGEST, quantize
from core.numerals import format_decimal
from core.rates import rates_on

if TYPE_CHECKING:
    from datetime import date

    from customers.models import CustomerAccount

NUMBER_LENGTH: Final = 60


def amount_checked(amount: Decimal, *, field: str = "amount") -> Decimal:
    """`amount` in cents. Raises Invalid unless it is above zero and fits to the cent."""
    if not amount.is_finite() or amount <= 0:
        raise Invalid(
            "ledger.amount_not_positive", _("The amount must be above zero."), field=field
        )
    if amount > LARGEST:
        raise Invalid(
            "ledger.amount_too_large",
            _("The amount is too large: at most %(most)s."),
            params={"most": format_decimal(LARGEST)},
            field=field,
        )
    if quantize(amount) != amount:
        raise Invalid(
            "ledger.amount_of_half_cents",
            _("The amount has more than two decimals."),
            field=field,
        )
    return quantize(amount)


def number_checked(number: str) -> str:
    """`number` without blanks around it. Raises Invalid when empty or too long."""
    number = number.strip()
    if not number:
        raise Invalid("ledger.number_missing", _("Give the document a number."), field="number")
    if len(number) > NUMBER_LENGTH:
        raise Invalid(
            "ledger.number_too_long",
            _("The number has more than %(most)s characters."),
            params={"most": NUMBER_LENGTH},
            field="number",
        )
    return number


def currency_checked(currency: Currency | str | None, account: CustomerAccount) -> Currency:
    """The active currency meant: the given one, or the account's. Raises Invalid."""
    if currency is None:
        currency = account.currency
    if isinstance(currency, str):
        code = currency
        found = Currency.objects.filter(code=code).first()
    else:
        code, found = currency.code, currency
    if found is None or not found.is_active:
        raise Invalid(
            "ledger.currency_unknown",
            _("The currency %(code)s is not in use here."),
            params={"code": code},
            field="currency",
        )
    return found


def rate_to_company(
    currency: Currency, account: CustomerAccount, on: date, rate: Decimal | None
) -> Decimal | None:
    """Company currency for one unit of `currency` on a day: the given rate, or the one on file.

    None when no rate is known; whoever needs the value then fails closed. Raises Invalid for a rate
    that is not above zero.
    """
    if rate is not None:
        if not rate.is_finite() or rate <= 0:
            raise Invalid(
                "ledger.rate_not_positive", _("The rate must be above zero."), field="rate"
            )
        return rate
    pair = (currency.code, account.company.currency_id)
    found = rates_on({pair}, on)[pair]
    return None if found is None else quantize(found, 8)
