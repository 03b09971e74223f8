"""Decimal fields with the house's fixed digits, so that no model chooses its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    # At run time the field takes no type parameters; nullable columns read None as well.
    _Decimal = models.DecimalField[Any, Any]
else:
    _Decimal = models.DecimalField


class MoneyField(_Decimal):
    """An amount, NUMERIC(18,2)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"] = 18
        kwargs["decimal_places"] = 2
        super().__init__(*args, **kwargs)


class RateField(_Decimal):
    """An exchange rate, NUMERIC(18,8)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"] = 18
        kwargs["decimal_places"] = 8
        super().__init__(*args, **kwargs)


class PercentField(_Decimal):
    """A percentage (12.5 means 12.5 %), NUMERIC(7,4)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"] = 7
        kwargs["decimal_places"] = 4
        super().__init__(*args, **kwargs)


class QuantityField(_Decimal):
    """A quantity in the line's unit, NUMERIC(14,4)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"] = 14
        kwargs["decimal_places"] = 4
        super().__init__(*args, **kwargs)
