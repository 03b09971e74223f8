"""The lines that exposure is made of, as they stand now or as they stood on a past day.

`paper_line` are the lines of an account's own documents, `node` those that may count together
with every line that continues one of them, three steps deep (order → delivery → return → credit
note is the longest way).
"""

# ruff: noqa: S608 - the pieces are ours; every value is bound
from __future__ import annotations

from typing import Final

from core.sources import Cte

_IS_TAKING = "(%(taking_type)s = 'documents.document' AND {doc} = %(taking_id)s)"
_IS_ABSENT = "(%(absent_type)s = 'documents.document' AND {doc} = %(absent_id)s)"
_IS_WITHOUT = "(%(without_type)s = 'documents.document' AND {doc} = %(without_id)s)"


def _columns(*, document: str, line: str, counts: str) -> str:
    """The columns of a node; `document` d or a state, `line` l, account a and type t in scope."""
    taking = _IS_TAKING.format(doc=document)
    absent = _IS_ABSENT.format(doc=document)
    return f"""
       {line} AS id, l.source_line_id, {document} AS document_id, l.quantity, l.reopens,
       l.price_only,
       CASE WHEN a.with_tax THEN l.gross_amount ELSE l.net_amount END AS value,
       l.gross_amount AS gross, d.paid_amount AS paid,
       d.account_id, d.currency_id, d.rate, d.status, d.document_on, d.delivery_on, d.printed_on,
       t.kind, t.nature = 'reverse' AS back, {counts} AS counts,
       a.start_on, a.delivered, a.unprinted, a.printed_only, a.horizon_on,
       {_IS_WITHOUT.format(doc=document)} AS is_without,
       d.status IN ('submitted', 'released', 'closed', 'posted') OR {taking} AS accepted,
       t.kind IN ('invoice', 'advance') AND NOT t.is_pro_forma AND NOT {absent} AND (
           d.status = 'posted' OR {taking}
           OR d.status IN ('draft', 'submitted', 'released') AND {counts} AND a.drafts
              AND (a.unprinted OR d.printed_on IS NOT NULL)
       ) AS taking,
       NOT t.is_pro_forma AND NOT {absent} AND d.status NOT IN ('cancelled', 'refused')
           AS planned"""


_LIVE = _columns(document="d.id", line="l.id", counts="t.counts_as_credit")

# From a line to the lines that continue it, each with its document, type and account.
_NEXT = f"""
SELECT {_LIVE}
FROM {{step}} s
JOIN documents_documentline l ON l.source_line_id = s.id
JOIN documents_document d ON d.id = l.document_id
JOIN documents_documenttype t ON t.id = d.type_id
JOIN account a ON a.id = d.account_id
"""

LIVE_NODES: Final[tuple[Cte, ...]] = (
    (
        "paper_line",
        f"""
SELECT {_LIVE}
FROM account a
JOIN documents_document d ON d.account_id = a.id AND d.is_live
JOIN documents_documenttype t ON t.id = d.type_id
JOIN documents_documentline l ON l.document_id = d.id
""",
    ),
    ("first_step", "SELECT * FROM paper_line WHERE kind IN ('order', 'delivery')"),
    ("second_step", _NEXT.format(step="first_step")),
    ("third_step", _NEXT.format(step="second_step")),
    ("fourth_step", _NEXT.format(step="third_step")),
    # A delivery note is a step of its own and one that continues an order: taken once.
    (
        "node",
        """
SELECT DISTINCT ON (id) *
FROM (
    SELECT * FROM first_step
    UNION ALL SELECT * FROM second_step
    UNION ALL SELECT * FROM third_step
    UNION ALL SELECT * FROM fourth_step
) every
ORDER BY id
""",
    ),
)

PAST_NODES: Final[tuple[Cte, ...]] = (
    (
        "stood",
        """
SELECT DISTINCT ON (s.document_id) s.*
FROM documents_documentstate s
WHERE s.document_id IN (
        SELECT p.document_id FROM documents_documentstate p JOIN account a ON a.id = p.account_id)
  AND (s."on" <= %(as_of)s OR %(is_current)s)
  AND (%(known_at)s::timestamptz IS NULL OR s.at <= %(known_at)s)
ORDER BY s.document_id, s.id DESC
""",
    ),
    (
        "paper_line",
        f"""
SELECT {_columns(document="d.document_id", line="l.line_id", counts="d.counts")}
FROM stood d
JOIN account a ON a.id = d.account_id
JOIN documents_document o ON o.id = d.document_id
JOIN documents_documenttype t ON t.id = o.type_id
JOIN documents_linestate l ON l.state_id = d.id
""",
    ),
    ("node", "SELECT * FROM paper_line"),
)
