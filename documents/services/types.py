"""What a change of a document type does to the documents of it that stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import connection, transaction

from core.clock import today
from core.locks import busy_on_timeout, set_lock_timeout
from documents.models import DocumentType

if TYPE_CHECKING:
    from datetime import date

# As `documents.services.history` keeps one document. What is over and continues nothing that goes
# on is left alone: whether its type counts changes no figure.
_STATES: Final = """
WITH state AS (
    INSERT INTO documents_documentstate
        (document_id, "on", at, account_id, status, currency_id, rate, document_on, delivery_on,
         printed_on, counts, paid_amount)
    SELECT d.id, %(on)s, clock_timestamp(), d.account_id, d.status, d.currency_id, d.rate,
           d.document_on, d.delivery_on, d.printed_on, %(counts)s, d.paid_amount
    FROM documents_document d
    WHERE d.type_id = %(type)s
      AND d.status NOT IN ('cancelled', 'refused')
      AND EXISTS (SELECT FROM documents_documentstate s WHERE s.document_id = d.id)
      AND (d.is_live OR EXISTS (
          SELECT FROM documents_documentline l
          JOIN documents_documentline f ON f.id = l.source_line_id
          JOIN documents_document o ON o.id = f.document_id
          WHERE l.document_id = d.id AND o.is_live))
    RETURNING id, document_id
)
INSERT INTO documents_linestate
    (state_id, line_id, source_line_id, quantity, net_amount, gross_amount, reopens, price_only)
SELECT s.id, l.id, l.source_line_id, l.quantity, l.net_amount, l.gross_amount, l.reopens,
       l.price_only
FROM state s JOIN documents_documentline l ON l.document_id = s.document_id
"""


def type_counts_set(*, type_: DocumentType, counts: bool, on: date | None = None) -> None:
    """Let documents of a type count as credit, or not, from business day `on` (today) on.

    Days before are told as they were: every document that this touches keeps a state of now. No
    document is saved meanwhile. Its audit event is that of the page that sets it. Raises Busy when
    others write documents for longer than a lock may take.
    """
    with busy_on_timeout(), transaction.atomic():
        set_lock_timeout()
        with connection.cursor() as cursor:
            # Whoever writes a state now did not see the new setting: wait for them, they for us.
            cursor.execute("LOCK TABLE documents_documentstate IN SHARE ROW EXCLUSIVE MODE")
        DocumentType.objects.filter(pk=type_.pk).update(counts_as_credit=counts)
        type_.counts_as_credit = counts
        with connection.cursor() as cursor:
            cursor.execute(_STATES, {"type": type_.pk, "counts": counts, "on": on or today()})
