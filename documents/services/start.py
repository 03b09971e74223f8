"""The day on which the policy begins to count (P3), and documents that take values over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from core import clock
from core.errors import Invalid
from credit_limits.standing import policies_by_company
from documents.models import DocumentType

if TYPE_CHECKING:
    from datetime import date

Kind = DocumentType.Kind


def start_check(type_: DocumentType, on: date, company_id: int) -> None:
    """Raise Invalid where a document takes a value over on a day that the policy does not count.

    The day on which counting begins (P3) leaves out what was there before; nothing that counts
    gets out of sight by the date of what continues it.
    """
    if type_.kind not in {Kind.DELIVERY, Kind.INVOICE, Kind.ADVANCE} or on >= clock.today():
        return
    policy = policies_by_company([company_id]).get(company_id)
    start = policy.terms.start_on if policy is not None else None
    if start is not None and on < start:
        raise Invalid(
            "documents.before_start",
            _(
                "The credit policy counts from %(day)s on. What continues another document "
                "cannot be dated before."
            ),
            params={"day": start},
            field="document_on",
        )
