"""Who may buy under a purchase agreement, and up to which ceiling."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from documents.models import AgreementEmployee, PurchaseAgreement


def folded(name: str) -> str:
    """A name as it is compared: single blanks, upper and lower case alike."""
    return " ".join(name.split()).casefold()


def entitled(agreement: PurchaseAgreement) -> dict[str, AgreementEmployee]:
    """The list of an agreement by folded name; empty where every name is taken."""
    return {folded(row.name): row for row in agreement.employees.all()}


def ceiling_of(
    agreement: PurchaseAgreement,
    employee: str,
    listed: Mapping[str, AgreementEmployee] | None = None,
) -> Decimal | None:
    """What one employee may have open: his own ceiling, or the agreement's; None for no bound."""
    known = (entitled(agreement) if listed is None else listed).get(folded(employee))
    own: Decimal | None = known.ceiling if known else None
    agreed: Decimal | None = agreement.employee_ceiling
    return agreed if own is None else own
