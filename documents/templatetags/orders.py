"""Words and figures of orders for their templates."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django import template

from core.numerals import format_decimal, format_plain
from credit_limits.sentences import reason_label

if TYPE_CHECKING:
    from documents.models import HoldCase

register = template.Library()


@register.filter
def plain(value: Decimal) -> str:
    """`2.5000` as `2.5`: quantities and percents with just the decimals they need."""
    return format_plain(value)


@register.filter
def price(value: Decimal) -> str:
    """A unit price with two decimals, or with up to four where it has them."""
    exponent = value.normalize().as_tuple().exponent
    places = max(2, -exponent) if isinstance(exponent, int) else 2
    return format_decimal(value, places)


@register.filter
def case_reasons(case: HoldCase) -> str:
    """The reasons of a hold case in few words."""
    return ", ".join(reason_label(reason) for reason in case.reasons)
