"""What a component is made of: the documents and items that add up to it, to the cent.

They come from the exposure sources themselves (`credit_limits.exposure_lines`); here they are
chosen, and one page of them is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from credit_limits.assemble import account_key
from credit_limits.engine.types import Component
from credit_limits.exposure import Asked
from credit_limits.exposure_lines import exposure_lines, lines_total
from reports.queries.components import TOTAL, is_counted

if TYPE_CHECKING:
    from datetime import date

    from credit_limits.engine.types import PolicyFacts
    from credit_limits.exposure_lines import ExposureLine
    from customers.models import CustomerAccount

__all__ = ["component_lines", "lines_total", "part_of_total"]


def component_lines(
    account: CustomerAccount, component: str, as_of: date, policy: PolicyFacts | None = None
) -> list[ExposureLine]:
    """The lines of one component of `account` on a day, oldest first, read as `policy` says.

    `component` is an engine component, "waiting" for held documents, "later" for orders that do
    not count yet, or "total" for all that `policy` counts. Their `account_amount` adds up to the
    figure of the account's position. One statement, and one for rates when a line is in another
    currency. Needs `company` loaded.
    """
    key = account_key(account)
    lines = exposure_lines([key.under(policy) if policy else key], Asked(as_of))
    wanted = (
        {part.value for part in Component if is_counted(part, policy)}
        if component == TOTAL
        else {component}
    )
    return [line for line in lines.get(account.pk, []) if line.component in wanted]


def part_of_total(line: ExposureLine) -> bool:
    """Whether only a part of the document or item still counts."""
    return bool(line.total) and line.amount != line.total
