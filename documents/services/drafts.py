"""Drafts that count as soon as they are saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from documents.asking import COUNTING_DRAFTS

if TYPE_CHECKING:
    from documents.models import Document, DocumentType


def counts_as_draft(type_: DocumentType) -> bool:
    """Whether a draft of this type may count already, so that writing it adds or moves value."""
    return type_.kind in COUNTING_DRAFTS and not type_.is_pro_forma


def draft_rate_check(document: Document) -> None:
    """Raise Invalid for a draft that counts at once, in an amount that nobody knows.

    It would make the exposure incomplete, and hold every other document of the customer.
    """
    counts = counts_as_draft(document.type) and document.type.counts_as_credit
    if counts and document.rate is None:
        raise Invalid(
            "documents.rate_missing",
            _(
                "There is no exchange rate for %(rates)s, and an invoice counts as soon as it is "
                "saved. Enter the rate first."
            ),
            params={"rates": f"{document.currency_id}/{document.company.currency_id}"},
            field="currency",
        )
