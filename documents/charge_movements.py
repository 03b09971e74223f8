"""The movements of a charge account with their balance: charges, credits, and what settled them.

The balance after the last movement is what is open of the charges, less what is left of credits
given by hand: the figures of the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, overload

from django.db import connection
from django.utils.translation import gettext_lazy as _

from core import clock
from documents.models import Document
from ledger.models import JournalEntry

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from customers.models import CustomerAccount

# Where a movement stands, in the words of the page.
STATES: Final = {
    "draft": _("Draft"),
    "analysis": _("In analysis"),
    "open": _("Open"),
    "partly": _("Partly settled"),
    "settled": _("Settled"),
    "refused": _("Refused"),
    "cancelled": _("Cancelled"),
    "applied": _("Applied"),
    "partly_reversed": _("Partly taken back"),
    "reversed": _("Taken back"),
    "reversal": _("Reversal"),
}
TONES: Final = {
    "draft": "mute",
    "analysis": "warn",
    "open": "info",
    "partly": "info",
    "settled": "ok",
    "refused": "bad",
    "cancelled": "mute",
    "applied": "ok",
    "partly_reversed": "warn",
    "reversed": "mute",
    "reversal": "mute",
}
# What the filter offers → the states in it.
FILTERS: Final = {
    "analysis": ("analysis",),
    "open": ("open", "partly"),
    "settled": ("settled", "applied"),
    "refused": ("refused", "cancelled"),
    "reversed": ("reversed", "partly_reversed", "reversal"),
}

_MOVEMENTS: Final = """
WITH charged AS (
    SELECT i.id, i.entry_id, i.open_amount, i.due_on
    FROM ledger_openitem i
    JOIN documents_document d ON d.entry_id = i.entry_id
    JOIN documents_documenttype t ON t.id = d.type_id
    WHERE i.account_id = %(account)s AND i.currency_id = %(currency)s
      AND i.direction = 'debit' AND t.kind = 'charge'
),
credited AS (
    SELECT i.id, i.entry_id, i.open_amount
    FROM ledger_openitem i
    JOIN documents_document d ON d.entry_id = i.entry_id
    JOIN documents_charge c ON c.document_id = d.id
    WHERE i.account_id = %(account)s AND i.currency_id = %(currency)s
      AND i.direction = 'credit'
),
left_over AS (
    SELECT entry_id, SUM(open_amount) AS amount,
           MIN(due_on) FILTER (WHERE open_amount > 0) AS due_on
    FROM (
        SELECT entry_id, open_amount, due_on FROM charged
        UNION ALL SELECT entry_id, open_amount, NULL FROM credited
    ) items
    GROUP BY 1
),
movement AS (
    SELECT CASE t.nature WHEN 'reverse' THEN 'credit' ELSE 'charge' END AS what,
           d.id AS document_id, NULL::bigint AS entry_id, d.document_on AS day,
           COALESCE(e.entered_at, d.created_at) AS at, d.id AS seq,
           CASE t.nature WHEN 'reverse' THEN -d.gross_amount ELSE d.gross_amount END AS amount,
           CASE d.status
               WHEN 'held' THEN 'analysis'
               WHEN 'draft' THEN 'draft'
               WHEN 'refused' THEN 'refused'
               WHEN 'posted' THEN CASE
                   WHEN COALESCE(l.amount, 0) = 0 THEN 'settled'
                   WHEN l.amount < d.gross_amount THEN 'partly'
                   ELSE 'open' END
               ELSE 'cancelled' END AS state,
           d.status = 'posted' AS is_posted, l.amount AS open_amount, l.due_on,
           c.agreement_id, COALESCE(c.employee, '') AS employee,
           CONCAT_WS(' ', d.number, d.reference, c.employee) AS words
    FROM documents_document d
    JOIN documents_documenttype t ON t.id = d.type_id
    LEFT JOIN documents_charge c ON c.document_id = d.id
    LEFT JOIN left_over l ON l.entry_id = d.entry_id
    LEFT JOIN ledger_journalentry e ON e.id = d.entry_id
    WHERE d.account_id = %(account)s AND d.currency_id = %(currency)s
      AND (t.kind = 'charge' OR c.id IS NOT NULL)
    UNION ALL
    SELECT 'settlement', NULL, e.id, a.allocated_on, MIN(a.entered_at), MIN(a.id), -SUM(a.amount),
           CASE WHEN a.reverses_id IS NOT NULL THEN 'reversal'
                WHEN BOOL_AND(r.id IS NOT NULL) THEN 'reversed'
                WHEN BOOL_OR(r.id IS NOT NULL) THEN 'partly_reversed'
                ELSE 'applied' END,
           TRUE, NULL, NULL, NULL, '', CONCAT_WS(' ', e.number, e.text)
    FROM ledger_allocation a
    JOIN charged ON charged.id = a.debit_item_id
    JOIN ledger_openitem i ON i.id = a.credit_item_id
    JOIN ledger_journalentry e ON e.id = i.entry_id
    LEFT JOIN ledger_allocation r ON r.reverses_id = a.id
    WHERE a.credit_item_id NOT IN (SELECT id FROM credited)
    GROUP BY e.id, a.allocated_on, a.reverses_id IS NOT NULL
    UNION ALL
    -- A credit of this account that was used for something else in the ledger.
    SELECT 'elsewhere', NULL, e.id, a.allocated_on, MIN(a.entered_at), MIN(a.id), SUM(a.amount),
           CASE WHEN a.reverses_id IS NOT NULL THEN 'reversal'
                WHEN BOOL_AND(r.id IS NOT NULL) THEN 'reversed'
                WHEN BOOL_OR(r.id IS NOT NULL) THEN 'partly_reversed'
                ELSE 'applied' END,
           TRUE, NULL, NULL, NULL, '', CONCAT_WS(' ', e.number, e.text)
    FROM ledger_allocation a
    JOIN credited ON credited.id = a.credit_item_id
    JOIN ledger_openitem i ON i.id = a.debit_item_id
    JOIN ledger_journalentry e ON e.id = i.entry_id
    LEFT JOIN ledger_allocation r ON r.reverses_id = a.id
    WHERE a.debit_item_id NOT IN (SELECT id FROM charged)
    GROUP BY e.id, a.allocated_on, a.reverses_id IS NOT NULL
),
counted AS (
    SELECT m.*,
           CASE WHEN is_posted
                THEN SUM(CASE WHEN is_posted THEN amount ELSE 0 END) OVER (ORDER BY day, at, seq)
           END AS balance
    FROM movement m
)"""
_WHERE: Final = """
WHERE (%(states)s::text[] IS NULL OR state = ANY(%(states)s::text[]))
  AND (%(agreement)s::bigint IS NULL OR agreement_id = %(agreement)s)
  AND (%(employee)s = '' OR employee = %(employee)s)
  AND (%(begin)s::date IS NULL OR day >= %(begin)s)
  AND (%(end)s::date IS NULL OR day <= %(end)s)
  AND words ILIKE ALL (%(words)s::text[])"""
_COLUMNS: Final = "what, document_id, entry_id, day, amount, state, open_amount, due_on, balance"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which movements are wanted: empty values want all."""

    state: str = ""
    agreement_id: int | None = None
    employee: str = ""
    begin: date | None = None
    end: date | None = None
    words: str = ""


@dataclass(slots=True)
class Movement:
    """One movement. `amount` is signed; `balance` None for what is not in the ledger.

    `what` is charge, credit, settlement or elsewhere; the first two have a document, the others an
    entry of the ledger.
    """

    what: str
    document_id: int | None
    entry_id: int | None
    day: date
    amount: Decimal
    state: str
    open_amount: Decimal | None
    due_on: date | None
    balance: Decimal | None
    document: Document | None = None
    entry: JournalEntry | None = None

    @property
    def state_words(self) -> str:
        """Its state for people."""
        return str(STATES[self.state])

    @property
    def tone(self) -> str:
        """The tone of its state."""
        return TONES[self.state]

    @property
    def is_overdue(self) -> bool:
        """Whether something of it is past due."""
        return self.due_on is not None and self.due_on < clock.today() and bool(self.open_amount)

    @property
    def may_be_taken_back(self) -> bool:
        """Whether it is a payment that still stands."""
        return (
            self.what == "settlement"
            and self.state == "applied"
            and self.entry is not None
            and self.entry.kind == "payment"
        )


class Movements(Sequence[Movement]):
    """The movements of an account in one currency, newest first; read a page at a time."""

    def __init__(self, account: CustomerAccount, currency: str, wanted: Wanted) -> None:
        self._params: dict[str, Any] = {
            "account": account.pk,
            "currency": currency,
            "states": list(FILTERS[wanted.state]) if wanted.state else None,
            "agreement": wanted.agreement_id,
            "employee": wanted.employee,
            "begin": wanted.begin,
            "end": wanted.end,
            "words": [f"%{_plain(word)}%" for word in wanted.words.split()],
        }

    def __len__(self) -> int:
        return int(self._read("COUNT(*)", "")[0][0])

    @overload
    def __getitem__(self, key: int) -> Movement: ...
    @overload
    def __getitem__(self, key: slice) -> list[Movement]: ...
    def __getitem__(self, key: int | slice) -> Movement | list[Movement]:
        if isinstance(key, int):
            return self[key : key + 1][0]
        start = key.start or 0
        limit = "" if key.stop is None else f" LIMIT {int(key.stop) - int(start)}"
        rows = self._read(
            _COLUMNS, f" ORDER BY day DESC, at DESC, seq DESC{limit} OFFSET {int(start)}"
        )
        return _with_papers([Movement(*row) for row in rows])

    def _read(self, columns: str, end: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"{_MOVEMENTS} SELECT {columns} FROM counted{_WHERE}{end}",  # noqa: S608 - ours
                self._params,
            )
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _plain(word: str) -> str:
    """A word as LIKE takes it literally."""
    return word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def _with_papers(rows: list[Movement]) -> list[Movement]:
    documents = Document.objects.select_related("type", "charge__agreement").in_bulk(
        [row.document_id for row in rows if row.document_id]
    )
    entries = JournalEntry.objects.in_bulk([row.entry_id for row in rows if row.entry_id])
    for row in rows:
        row.document = documents.get(row.document_id or 0)
        row.entry = entries.get(row.entry_id or 0)
    return rows
