"""Where the values of sales documents sit: accepted orders count, held ones wait."""

from __future__ import annotations

from core.sources import ExposureSource

ORDERS = ExposureSource(
    name="orders",
    sql="""
SELECT d.account_id,
       CASE WHEN d.status = 'held' THEN 'waiting' ELSE 'order_open' END,
       d.currency_id,
       SUM(l.gross_amount),
       SUM(ROUND(l.gross_amount * d.rate, 2)),
       COUNT(DISTINCT d.id),
       NULL::date,
       0
FROM documents_document d
JOIN documents_documenttype t ON t.id = d.type_id
JOIN documents_documentline l ON l.document_id = d.id
WHERE d.account_id = ANY(%(accounts)s)
  AND t.kind = 'order' AND t.counts_as_credit
  AND NOT (%(without_type)s = 'documents.document' AND d.id = %(without_id)s)
  AND (
    d.status = 'held' AND %(is_current)s
    OR d.accepted_on IS NOT NULL
       AND (d.accepted_on <= %(as_of)s OR %(is_current)s)
       AND (d.status IN ('submitted', 'released') OR d.ended_on > %(as_of)s)
  )
  AND (%(known_at)s::timestamptz IS NULL OR d.created_at <= %(known_at)s)
GROUP BY d.account_id, 2, d.currency_id, d.rate IS NULL
""",
)
