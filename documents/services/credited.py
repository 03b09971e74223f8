"""Goods that came back keep the bill that their credit notes gave back."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict
from documents.credit_room import rooms
from documents.models import DocumentLine, DocumentType, Nature
from documents.taken import GONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from documents.models import Document

Kind = DocumentType.Kind


@contextmanager
def credited_kept(document: Document) -> Iterator[None]:
    """Cancel or rewrite a locked bill inside; raise Conflict when too little would be left of it.

    A credit note of goods that came back names their return, not the bill, and would give back
    what nobody was billed. One statement, and two more where goods of the bill came back.
    """
    if (document.type.kind, document.type.nature) != (Kind.INVOICE, Nature.NORMAL):
        yield
        return
    backs = list(
        DocumentLine.objects.filter(
            source_line__continued_by__document=document,
            document__type__kind=Kind.DELIVERY,
            document__type__nature=Nature.REVERSE,
        )
        .exclude(document__status__in=GONE)
        .distinct()
    )
    yield
    found = rooms(backs) if backs else {}
    for line in backs:
        room = found[line.pk]
        if room.quantity * line.quantity < 0 or room.value * line.net_amount < 0:
            raise Conflict(
                "documents.credited_already",
                _(
                    "%(line)s came back and was credited: that credit note would give back more "
                    "than is billed. Cancel or lower it first."
                ),
                params={"line": line.description},
                field="lines",
            )
