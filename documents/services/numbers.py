"""Numbers of documents: gapless, drawn once, as the last lock of a command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import BigIntegerField, Max, Value
from django.db.models.functions import Cast, Substr

from core.numbering import number_next
from documents.models import Document, DocumentType

NUMBERED_AT_ONCE: Final = frozenset(
    {
        DocumentType.Kind.QUOTE,
        DocumentType.Kind.ORDER,
        DocumentType.Kind.RECEIPT,
        DocumentType.Kind.MOVE,
    }
)


def number_give(document: Document) -> None:
    """Draw the next number of the type's sequence, once. The counter is the last lock taken."""
    if not document.number:
        document.number = number_next(
            company=document.company,
            code=document.type.sequence_code,
            on=document.document_on,
            prefix=document.type.number_prefix,
            used=_Used(document),
        )


@dataclass(frozen=True, slots=True)
class _Used:
    """The numbers that documents of the same company have."""

    document: Document

    def has(self, number: str) -> bool:
        """Whether a document of the type has it: what the database would refuse."""
        return Document.objects.filter(
            company=self.document.company_id, type=self.document.type_id, number=number
        ).exists()

    def highest(self, head: str) -> int:
        """The highest n of all types' numbers `head` + n; 0 without any."""
        tail = Substr("number", Value(len(head) + 1))
        counted = Document.objects.filter(
            company=self.document.company_id, number__startswith=head
        ).annotate(tail=tail)
        highest = counted.filter(tail__regex=r"^[0-9]{1,9}$").aggregate(
            highest=Max(Cast("tail", BigIntegerField()))
        )["highest"]
        return highest or 0
