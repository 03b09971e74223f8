"""The download of the control of remittances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ledger.remittances import Scalar
    from ledger.selectors.remittances import RemittanceRow


def remittance_export(
    rows: Sequence[RemittanceRow], found: Scalar | None, currency: str
) -> tuple[list[str], Iterator[list[Any]]]:
    """Headings and rows; `found` counts `rows`, `currency` is the company's."""
    header = [
        gettext("Registered"),
        gettext("Entry"),
        gettext("Item"),
        gettext("Currency"),
        gettext("Amount of the item"),
        gettext("Open"),
        gettext("Remitted"),
        gettext("Remitted in %(currency)s") % {"currency": currency},
        gettext("Due"),
        gettext("Days"),
        gettext("Numbers"),
        gettext("Value date"),
        gettext("Days"),
        gettext("Numbers"),
        gettext("Deviation"),
    ]
    content = (
        [
            row.entry.posted_on,
            row.entry.number,
            row.item.name,
            row.item.currency_id,
            row.item.amount,
            row.item.open_amount,
            row.amount,
            row.company_amount,
            row.due_on,
            counted.due_days,
            counted.due_numbers,
            row.value_on,
            counted.value_days,
            counted.value_numbers,
            (row.value_on - row.due_on).days,
        ]
        for row, counted in zip(rows, found.rows if found else (), strict=True)
    )
    return header, content
