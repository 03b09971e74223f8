"""All rules of the engine, in the order of the trace. Every one is evaluated at every check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from credit_limits.engine.amount_rules import (
    component_limit,
    document_maximum,
    first_order,
    limit_exceeded,
    near_limit,
    no_limit,
)
from credit_limits.engine.state_rules import (
    customer_status,
    oldest_item,
    overdue_amount,
    overdue_days,
    payment_method,
    rate_missing,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from credit_limits.engine.context import Context, Raw

RULES: tuple[Callable[[Context], tuple[Raw, ...]], ...] = (
    customer_status,
    rate_missing,
    limit_exceeded,
    near_limit,
    component_limit,
    no_limit,
    first_order,
    document_maximum,
    overdue_days,
    overdue_amount,
    oldest_item,
    payment_method,
)


def evaluate(ctx: Context) -> tuple[Raw, ...]:
    """Every rule's raw findings: at least one per rule, one per scope for limit rules."""
    return tuple(raw for rule in RULES for raw in rule(ctx))
