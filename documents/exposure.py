"""Where the values of sales documents sit: each unit of a line in exactly one component (law L2).

A line hands its units over to the lines that continue it: ordered goods to delivery notes or
direct invoices, delivered goods to invoices, and back again with returns and credit notes. What
takes over depends on the policy: a step whose component is left out takes nothing, so the earlier
one keeps the value until the next counted step. docs/exposure.md tells the rules in words.

Today is read from the documents that are live, a past day from the states kept of each document;
from `node` on both go through the same text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from core.prepared import prepared_cursor
from core.sources import ACCOUNT, Cte, ExposureSource
from documents.exposure_nodes import LIVE_NODES, PAST_NODES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

# How much of a line went on. Quantities may be negative (rebate lines): `way` is their direction.
# Tables made here are joined by FULL JOIN, and what has no line of its own is dropped afterwards in
# a way the planner cannot see through: it knows nothing of their size, and would else walk one of
# them again for every row of the other. A full join is always hashed or merged.
_HAND_OVER: Final[tuple[Cte, ...]] = (
    (
        "credited",
        """
SELECT source_line_id AS id,
       COALESCE(SUM(quantity) FILTER (WHERE NOT price_only), 0) AS quantity, SUM(value) AS value,
       COALESCE(SUM(quantity) FILTER (WHERE reopens), 0) AS again,
       COALESCE(SUM(value) FILTER (WHERE reopens), 0) AS value_again
FROM node
WHERE kind = 'invoice' AND back AND taking AND source_line_id IS NOT NULL
GROUP BY 1""",
    ),
    (
        "invoiced",
        """
SELECT n.source_line_id AS id,
       COALESCE(SUM(n.quantity - COALESCE(c.again, 0)) FILTER (WHERE n.taking), 0) AS taken,
       COALESCE(SUM(n.quantity - COALESCE(c.again, 0)) FILTER (WHERE n.planned), 0) AS planned,
       COALESCE(SUM(c.quantity - c.again) FILTER (WHERE n.taking), 0) AS forgiven,
       COALESCE(SUM(n.value - COALESCE(c.value, 0)) FILTER (WHERE n.taking), 0) AS billed
FROM (
    SELECT * FROM node WHERE kind = 'invoice' AND NOT back AND source_line_id IS NOT NULL
) n FULL JOIN credited c ON c.id = n.id
WHERE COALESCE(n.id, 0) <> 0
GROUP BY 1""",
    ),
    (
        "returned",
        """
SELECT n.source_line_id AS id,
       SUM(n.quantity) AS came,
       COALESCE(SUM(n.quantity) FILTER (WHERE n.reopens), 0) AS again,
       COALESCE(SUM(c.quantity), 0) AS credited, COALESCE(SUM(c.value), 0) AS value
FROM (
    SELECT * FROM node
    WHERE kind = 'delivery' AND back AND accepted AND source_line_id IS NOT NULL
) n FULL JOIN credited c ON c.id = n.id
WHERE COALESCE(n.id, 0) <> 0
GROUP BY 1""",
    ),
    # What was credited from the invoice and not to be invoiced again is the credit of goods that
    # came back without a credit note of their own.
    (
        "sent",
        """
SELECT n.*, o.kind AS of_kind, SIGN(n.quantity) AS way,
       n.delivered AND n.counts AS hands_over,
       COALESCE(i.taken, 0) AS invoiced,
       COALESCE(r.came, 0) AS came, COALESCE(r.again, 0) AS again,
       COALESCE(r.credited, 0) + SIGN(n.quantity) * GREATEST(0, LEAST(
           SIGN(n.quantity) * COALESCE(i.forgiven, 0),
           SIGN(n.quantity) * (COALESCE(r.came, 0) - COALESCE(r.credited, 0)))) AS credited,
       SIGN(n.quantity) * (COALESCE(i.billed, 0) - COALESCE(r.value, 0)) AS billed,
       SIGN(n.quantity) * (COALESCE(i.taken, 0) - COALESCE(i.forgiven, 0) - COALESCE(r.credited, 0))
           AS billed_units
FROM (SELECT * FROM node WHERE kind = 'delivery' AND NOT back AND accepted) n
FULL JOIN invoiced i ON i.id = n.id
FULL JOIN returned r ON r.id = n.id
LEFT JOIN LATERAL (
    SELECT t.kind
    FROM documents_documentline l
    JOIN documents_document d ON d.id = l.document_id
    JOIN documents_documenttype t ON t.id = d.type_id
    WHERE l.id = n.source_line_id
) o ON true
WHERE COALESCE(n.id, 0) <> 0""",
    ),
    # Units delivered and not invoiced, less units that came back and were not credited. Goods that
    # came back free no more than is still billed of so many: their price may have been credited.
    (
        "uninvoiced",
        """
SELECT s.*,
       CASE WHEN s.of_kind = 'invoice' THEN 0
            WHEN s.units < 0 THEN
                s.way * GREATEST(
                    ROUND(s.value * s.units / s.quantity, 2),
                    ROUND(LEAST(0, -s.billed)
                          * CASE WHEN s.billed_units > -s.units THEN -s.units / s.billed_units
                                 ELSE 1 END, 2))
            ELSE s.value - ROUND(s.value * (s.quantity - s.way * s.units) / s.quantity, 2)
            END AS worth
FROM (
    SELECT s.*,
           GREATEST(0, s.way * (s.quantity - s.invoiced))
               - GREATEST(0, s.way * (s.came - s.credited)) AS units
    FROM sent s
) s""",
    ),
    (
        "handed",
        """
SELECT source_line_id AS id,
       SUM(CASE WHEN hands_over
           THEN quantity - again
           ELSE way * LEAST(way * invoiced, way * quantity)
                - way * LEAST(way * again, way * credited)
                + way * LEAST(way * (came - again), GREATEST(0, way * (quantity - invoiced)))
           END) AS taken,
       SUM(quantity - again) AS gone,
       COALESCE(SUM(worth) FILTER (WHERE hands_over AND way * worth > 0), 0) AS worth
FROM uninvoiced
WHERE of_kind = 'order'
GROUP BY 1""",
    ),
    (
        "advanced",
        """
SELECT n.source_line_id AS id, SUM(n.value + COALESCE(u.value, 0)) AS value
FROM (
    SELECT * FROM node WHERE kind = 'advance' AND taking AND source_line_id IS NOT NULL
) n
FULL JOIN (
    SELECT d.source_line_id AS id,
           SUM(CASE WHEN d.back THEN -d.value
               ELSE d.value - COALESCE(c.value_again, 0) END) AS value
    FROM (
        SELECT * FROM node WHERE kind = 'invoice' AND taking AND source_line_id IS NOT NULL
    ) d FULL JOIN credited c ON c.id = d.id
    WHERE COALESCE(d.id, 0) <> 0
    GROUP BY 1
) u ON u.id = n.id
WHERE COALESCE(n.id, 0) <> 0
GROUP BY 1""",
    ),
    # An advance stands for goods already delivered first, then for goods still to come.
    (
        "ordered",
        """
SELECT o.*,
       ROUND(o.value * o.due / o.quantity, 2)
           - ROUND(o.value * o.way * LEAST(o.way * o.due, o.way * o.taken) / o.quantity, 2)
           AS worth,
       GREATEST(0, LEAST(o.way * (o.due - o.taken), o.way * o.kept)) AS out,
       CASE WHEN o.delivered THEN LEAST(o.advance, GREATEST(0, o.side * o.sent_worth)) ELSE 0 END
           AS advance_on_sent
FROM (
    SELECT n.*, SIGN(n.quantity) AS way, SIGN(n.value) AS side,
           COALESCE(h.taken, 0) + COALESCE(i.taken, 0) AS taken,
           COALESCE(h.gone, 0) - COALESCE(h.taken, 0) AS kept,
           CASE WHEN n.status = 'closed'
               THEN SIGN(n.quantity) * LEAST(
                   SIGN(n.quantity) * n.quantity,
                   SIGN(n.quantity) * (COALESCE(h.gone, 0) + COALESCE(i.planned, 0)))
               ELSE n.quantity END AS due,
           GREATEST(0, SIGN(n.value) * COALESCE(v.value, 0)) AS advance,
           COALESCE(h.worth, 0) AS sent_worth
    FROM (SELECT * FROM node WHERE kind = 'order' AND accepted) n
    FULL JOIN handed h ON h.id = n.id
    FULL JOIN invoiced i ON i.id = n.id
    FULL JOIN advanced v ON v.id = n.id
    WHERE COALESCE(n.id, 0) <> 0
) o""",
    ),
    (
        "line_value",
        """
SELECT o.account_id, o.document_id, o.currency_id, o.rate, v.component, v.value
FROM (
    SELECT o.*,
           o.side * GREATEST(0, o.side * o.worth - (o.advance - o.advance_on_sent)) AS rest,
           ROUND(o.value * o.way * o.out / o.quantity, 2) AS out_value,
           o.printed_only AND o.printed_on IS NULL
               OR COALESCE(o.delivery_on > o.horizon_on, false) AS is_far
    FROM ordered o
    WHERE o.counts AND NOT o.is_without
) o
-- What left the house and stays with its order is no promise for later.
CROSS JOIN LATERAL (
    SELECT CASE WHEN o.is_far THEN o.side * LEAST(o.side * o.rest, o.side * o.out_value)
           ELSE o.rest END AS value
) n
CROSS JOIN LATERAL (VALUES ('order_open', n.value), ('later', o.rest - n.value))
    v(component, value)
UNION ALL
SELECT u.account_id, u.document_id, u.currency_id, u.rate, 'delivered_uninvoiced',
       u.worth - COALESCE(u.side * GREATEST(0, LEAST(
           u.side * u.worth, u.advance - (u.run - GREATEST(0, u.side * u.worth)))), 0)
FROM (
    SELECT s.*, o.side, o.advance_on_sent AS advance,
           SUM(GREATEST(0, o.side * s.worth)) OVER (PARTITION BY s.source_line_id ORDER BY s.id)
               AS run
    FROM uninvoiced s
    FULL JOIN ordered o ON o.id = CASE WHEN s.hands_over THEN s.source_line_id END
    WHERE COALESCE(s.id, 0) <> 0
) u
WHERE u.counts AND NOT u.is_without AND (u.start_on IS NULL OR u.document_on >= u.start_on)
UNION ALL
SELECT n.account_id, n.document_id, n.currency_id, n.rate, 'delivered_uninvoiced',
       ROUND(n.value * SIGN(n.quantity) * LEAST(
           SIGN(n.quantity) * n.quantity, SIGN(n.quantity) * COALESCE(c.quantity, 0))
           / n.quantity, 2) - n.value
FROM (
    SELECT * FROM node WHERE kind = 'delivery' AND back AND accepted AND source_line_id IS NULL
) n FULL JOIN credited c ON c.id = n.id
WHERE COALESCE(n.id, 0) <> 0
  AND n.counts AND NOT n.is_without AND (n.start_on IS NULL OR n.document_on >= n.start_on)
UNION ALL
SELECT p.account_id, p.document_id, p.currency_id, p.rate,
       CASE WHEN p.status = 'held' THEN 'waiting' ELSE 'invoice_draft' END,
       CASE WHEN p.back THEN -p.value ELSE p.value END
FROM paper_line p
WHERE p.counts AND NOT p.is_without AND (
    p.status = 'held' AND p.kind IN ('order', 'delivery', 'invoice', 'advance', 'counter', 'charge')
    OR p.status IN ('draft', 'submitted', 'released') AND p.kind IN ('invoice', 'advance')
       AND (p.unprinted OR p.printed_on IS NOT NULL)
       AND (p.start_on IS NULL OR p.document_on >= p.start_on))
UNION ALL
-- Of a sale held at the counter only what is not paid there waits.
SELECT p.account_id, p.document_id, p.currency_id, p.rate, 'waiting',
       -ROUND(MIN(p.paid) * SUM(p.value) / SUM(p.gross), 2)
FROM paper_line p
WHERE p.kind = 'counter' AND p.status = 'held' AND p.counts AND NOT p.is_without AND p.paid > 0
GROUP BY p.account_id, p.document_id, p.currency_id, p.rate""",
    ),
    # One row per document and component: what a drill-down lists and a component adds up.
    (
        "document_value",
        """
SELECT account_id, component, document_id, currency_id,
       SUM(value) AS amount, SUM(ROUND(value * rate, 2)) AS company_amount
FROM line_value
GROUP BY account_id, component, document_id, currency_id
HAVING BOOL_OR(value <> 0)""",
    ),
)

LIVE_CTES: Final[tuple[Cte, ...]] = LIVE_NODES + _HAND_OVER
PAST_CTES: Final[tuple[Cte, ...]] = PAST_NODES + _HAND_OVER

# Each document with where its units went. An invoice is a line of its own and no node of the chain.
LINES: Final = """
SELECT v.account_id, v.component, 'documents.document', v.document_id, d.number, p.kind, p.status,
       p.document_on, NULL::date, p.delivery_on, d.payment_term_id, v.currency_id,
       v.amount, v.company_amount, p.total, p.quantity, p.delivered, p.invoiced, p.returned,
       p.advance
FROM document_value v
JOIN documents_document d ON d.id = v.document_id
JOIN (
    SELECT l.document_id, MIN(l.kind) AS kind, MIN(l.status) AS status,
           MIN(l.document_on) AS document_on, MIN(l.delivery_on) AS delivery_on,
           SUM(CASE WHEN l.back THEN -l.value ELSE l.value END) AS total,
           SUM(l.quantity) AS quantity, COALESCE(SUM(h.gone), 0) AS delivered,
           COALESCE(SUM(i.taken), 0) AS invoiced, COALESCE(SUM(r.came), 0) AS returned,
           COALESCE(SUM(a.value), 0) AS advance
    FROM (SELECT * FROM paper_line UNION SELECT * FROM node) l
    LEFT JOIN handed h ON h.id = l.id
    LEFT JOIN invoiced i ON i.id = l.id
    LEFT JOIN returned r ON r.id = l.id
    LEFT JOIN advanced a ON a.id = l.id
    GROUP BY l.document_id
) p ON p.document_id = v.document_id
"""

DOCUMENTS = ExposureSource(
    name="documents",
    ctes=LIVE_CTES,
    past_ctes=PAST_CTES,
    lines=LINES,
    sql="""
SELECT v.account_id, v.component, v.currency_id, SUM(v.amount), SUM(v.company_amount),
       COUNT(*), NULL::date, 0
FROM document_value v
GROUP BY v.account_id, v.component, v.currency_id, v.company_amount IS NULL
""",
)


def document_values(params: Mapping[str, Any]) -> dict[int, Decimal]:
    """What each document of the asked accounts counts now, in its own currency.

    `params` are those of the exposure statement (`credit_limits.exposure.exposure_params`).
    """
    ctes = ",\n".join(f"{name} AS ({body})" for name, body in (("account", ACCOUNT), *LIVE_CTES))
    with prepared_cursor() as cursor:
        cursor.execute(
            f"WITH {ctes} SELECT document_id, SUM(amount) FROM document_value"  # noqa: S608
            " WHERE component NOT IN ('waiting', 'later') GROUP BY document_id",
            params,
        )
        return dict(cursor.fetchall())
