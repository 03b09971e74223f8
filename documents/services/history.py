"""Keeping what a document said and where it stood, and whether it can still add to exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import connection

from documents.models import Document, DocumentType
from documents.upstream import upstream_levels

if TYPE_CHECKING:
    from datetime import date

Kind = DocumentType.Kind

# States and their lines in one statement: the lines are as stored at this moment.
_STATE: Final = """
WITH state AS (
    INSERT INTO documents_documentstate
        (document_id, "on", at, account_id, status, currency_id, rate, document_on, delivery_on,
         printed_on, counts, paid_amount)
    SELECT d.id, %(on)s, clock_timestamp(), d.account_id, d.status, d.currency_id, d.rate,
           d.document_on, d.delivery_on, d.printed_on, t.counts_as_credit, d.paid_amount
    FROM documents_document d JOIN documents_documenttype t ON t.id = d.type_id
    WHERE {which}
    RETURNING id, document_id
)
INSERT INTO documents_linestate
    (state_id, line_id, source_line_id, quantity, net_amount, gross_amount, reopens, price_only)
SELECT s.id, l.id, l.source_line_id, l.quantity, l.net_amount, l.gross_amount, l.reopens,
       l.price_only
FROM state s JOIN documents_documentline l ON l.document_id = s.document_id
"""

_ONE: Final = _STATE.format(which="d.id = %(document)s")
# What is over and continues nothing that goes on is left alone: whether its type counts changes no
# figure.
_OF_TYPE: Final = _STATE.format(
    which="""d.type_id = %(type)s
      AND d.status NOT IN ('cancelled', 'refused')
      AND EXISTS (SELECT FROM documents_documentstate s WHERE s.document_id = d.id)
      AND (d.is_live OR EXISTS (
          SELECT FROM documents_documentline l
          JOIN documents_documentline f ON f.id = l.source_line_id
          JOIN documents_document o ON o.id = f.document_id
          WHERE l.document_id = d.id AND o.is_live))"""
)

# Whether a document can still add to exposure, hand something over or get something back.
_LIVE: Final = """
WITH step AS (
    SELECT l.id, l.document_id, l.quantity, SIGN(l.quantity) AS way
    FROM documents_documentline l WHERE l.document_id = ANY(%(documents)s)
),
child AS (
    SELECT s.document_id AS of_document, s.id AS of_line, c.id, c.quantity, c.reopens,
           d.status, d.is_live, t.kind, t.nature = 'reverse' AS back
    FROM step s
    JOIN documents_documentline c ON c.source_line_id = s.id
    JOIN documents_document d ON d.id = c.document_id
    JOIN documents_documenttype t ON t.id = d.type_id
),
grandchild AS (
    SELECT c.of_document, c.id AS of_child, g.quantity, g.reopens, g.price_only, d.status,
           d.is_live
    FROM child c
    JOIN documents_documentline g ON g.source_line_id = c.id
    JOIN documents_document d ON d.id = g.document_id
    JOIN documents_documenttype t ON t.id = d.type_id
    WHERE t.kind = 'invoice' AND t.nature = 'reverse'
),
given_back AS (
    SELECT of_child AS id,
           COALESCE(SUM(quantity) FILTER (WHERE NOT price_only), 0) AS credited,
           COALESCE(SUM(quantity) FILTER (WHERE reopens), 0) AS again
    FROM grandchild WHERE status = 'posted' GROUP BY 1
),
gone AS (
    SELECT c.of_line AS id,
           COALESCE(SUM(c.quantity - COALESCE(g.again, 0)) FILTER (
               WHERE c.kind = 'invoice' AND NOT c.back AND c.status = 'posted'), 0) AS invoiced,
           COALESCE(SUM(c.quantity - COALESCE(g.credited, 0)) FILTER (
               WHERE c.kind = 'delivery' AND c.back
                 AND c.status IN ('submitted', 'released', 'closed')), 0) AS uncredited,
           COALESCE(SUM(g.credited - g.again) FILTER (
               WHERE c.kind = 'invoice' AND NOT c.back AND c.status = 'posted'), 0) AS forgiven,
           COALESCE(SUM(c.quantity - COALESCE((
               SELECT SUM(r.quantity)
               FROM documents_documentline r JOIN documents_document rd ON rd.id = r.document_id
               WHERE r.source_line_id = c.id AND r.reopens
                 AND rd.status IN ('submitted', 'released', 'closed')), 0)) FILTER (
               WHERE c.kind = 'delivery' AND NOT c.back
                 AND c.status IN ('submitted', 'released', 'closed')), 0) AS delivered,
           COALESCE(SUM(c.quantity) FILTER (
               WHERE c.kind = 'invoice' AND c.back AND c.status = 'posted'), 0) AS credited
    FROM child c LEFT JOIN given_back g ON g.id = c.id
    GROUP BY 1
)
UPDATE documents_document d
SET is_live = r.live
FROM (
    SELECT o.id, CASE
        WHEN o.status IN ('cancelled', 'refused', 'posted') THEN false
        WHEN t.kind IN ('quote', 'receipt', 'move') OR t.is_pro_forma THEN false
        WHEN o.status = 'draft' THEN t.kind IN ('invoice', 'advance')
        WHEN t.kind NOT IN ('order', 'delivery') OR o.status = 'held' THEN true
        WHEN EXISTS (SELECT FROM child c
                     WHERE c.of_document = o.id AND c.is_live
                       AND c.status NOT IN ('cancelled', 'refused'))
          OR EXISTS (SELECT FROM grandchild g WHERE g.of_document = o.id AND g.is_live) THEN true
        WHEN t.kind = 'order' THEN o.status <> 'closed' AND EXISTS (
            SELECT FROM step s LEFT JOIN gone n ON n.id = s.id
            WHERE s.document_id = o.id
              AND s.way * (s.quantity - COALESCE(n.delivered + n.invoiced, 0)) > 0)
        WHEN t.nature = 'reverse' THEN EXISTS (
            SELECT FROM step s
            JOIN documents_documentline l ON l.id = s.id
            LEFT JOIN gone n ON n.id = s.id
            WHERE s.document_id = o.id AND l.source_line_id IS NULL
              AND s.way * (s.quantity - COALESCE(n.credited, 0)) > 0)
        ELSE EXISTS (
            SELECT FROM step s LEFT JOIN gone n ON n.id = s.id
            WHERE s.document_id = o.id
              AND (s.way * (s.quantity - COALESCE(n.invoiced, 0)) > 0
                   OR s.way * COALESCE(n.uncredited - n.forgiven, 0) > 0))
        END AS live
    FROM documents_document o JOIN documents_documenttype t ON t.id = o.type_id
    WHERE o.id = ANY(%(documents)s)
) r
WHERE r.id = d.id AND d.is_live <> r.live
"""


def state_write(document: Document, *, on: date) -> None:
    """Keep how the document stands from business day `on`. Call it last, after saving.

    Quotes, receipts and moves never count, so nothing is kept of them; neither of a draft that
    counts nowhere (an order, a delivery) as long as it never stood.
    """
    kind = document.type.kind
    if kind in {Kind.QUOTE, Kind.RECEIPT, Kind.MOVE}:
        return
    with connection.cursor() as cursor:
        cursor.execute(_ONE, {"document": document.pk, "on": on})


def states_write(type_: DocumentType, *, on: date) -> None:
    """The same for every document of a type that stands, after the type itself was saved."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_TYPE, {"type": type_.pk, "on": on})


def live_refresh(document: Document) -> None:
    """Decide anew whether the document and those it continues can still add to exposure.

    Nearest first: whether an order is settled depends on whether its deliveries are.
    """
    for documents in ([document.pk], *upstream_levels(document.pk)):
        with connection.cursor() as cursor:
            cursor.execute(_LIVE, {"documents": documents})
