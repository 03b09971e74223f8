"""Decimal fields with the house's fixed digits, so that no model chooses its own."""

from __future__ import annotations

from typing import Any

from django.db import models


class MoneyField(models.DecimalField):
    """An amount, NUMERIC(18,2)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"] = 18
        kwargs["decimal_places"] = 2
        super().__init__(*args, **kwargs)


class RateField(models.DecimalField):
    """An exchange rate, NUMERIC(18,8)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"] = 18
        kwargs["decimal_places"] = 8
        super().__init__(*args, **kwargs)


class PercentField(models.DecimalField):
    """A percentage (12.5 means 12.5 %), NUMERIC(7,4)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"] = 7
        kwargs["decimal_places"] = 4
        super().__init__(*args, **kwargs)


class QuantityField(models.DecimalField):
    """A quantity in the line's unit, NUMERIC(14,4)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"] = 14
        kwargs["decimal_places"] = 4
        super().__init__(*args, **kwargs)
