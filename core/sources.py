"""What a source of exposure hands upward: a piece of SQL with fixed columns.

All pieces are joined by UNION ALL into one statement, so that every component is read from the
same snapshot (law L1). The statement begins with

    WITH account AS (... a(id bigint, start_on date, ledger_base bool, provisional bool,
                            disputed bool, delivered bool, drafts bool, unprinted bool,
                            printed_only bool, with_tax bool, horizon_on date,
                            grace_discount int, grace_subject int, grace_after int))

one row per account asked for, with what its policy says:

    start_on      delivery notes, invoices and ledger entries dated earlier are ignored
    ledger_base   the ledger balance stands for the open items
    provisional   items of provisional entries count
    disputed      disputed items count
    delivered     goods delivered and not invoiced are counted, so a delivery takes over
    drafts        invoices not posted are counted, so an unposted invoice takes over
    unprinted     of those also the ones that were not printed for good
    printed_only  an order counts only once it was printed for good
    with_tax      documents count with their tax
    horizon_on    orders to be delivered after this day are shown and not counted (NULL: no end)
    grace_*       days after its due date during which a bill with a bank counts, by its kind

then come the sources' own `ctes` in order (one name is taken once, whoever brings it), then the
pieces. A piece is a SELECT, or several joined by UNION ALL, that reads `FROM account a JOIN ...`
and has the columns, in this order:

    account_id bigint · component text · currency text · amount numeric (document currency)
    · company_amount numeric (at the rate the document carries, NULL when it carries none)
    · item_count bigint · oldest_due_on date · worst_days integer (days past due, 0 when none)

`component` is one of the engine's components, or "waiting" for held documents and "later" for
orders beyond the horizon, which are shown and never counted. A piece may refer to the parameters

    %(accounts)s      array of the account ids
    %(as_of)s         date
    %(is_current)s    true when `as_of` is not before the business day of `known_at` (or of now):
                      then whatever was known counts, even with a later date
    %(known_at)s      timestamp or NULL: only what had been entered by then
    %(without_type)s, %(without_id)s   the document whose own value is left out
    %(taking_type)s, %(taking_id)s     a document that takes over from its sources as if accepted
    %(absent_type)s, %(absent_id)s     a document that takes over nothing, as if it were not there

Where today is read differently from a past day (from what stands, and from kept states), a
source brings `past_ctes` and `past_sql`; empty means that the same text serves both.

Each source also lists what its values are made of, a row for each document or item and component:
`lines` reads the same tables (or its own `line_ctes`, where the sums are read from an index alone)
and has the columns

    account_id bigint · component text · subject_type text · subject_id bigint · number text
    · kind text (of the document, or of the ledger entry) · state text (of a document on that day)
    · document_on date · due_on date (of an item) · wanted_on date (when goods are to be delivered)
    · term_id bigint (payment terms of a document) · currency text · amount · company_amount
    (signed as counted) · total numeric (what the whole document or item is worth)
    · quantity, delivered, invoiced, returned numeric (units of the document, and where they went)
    · advance numeric (of an order, covered by advances)
"""

from __future__ import annotations

from dataclasses import dataclass

type Cte = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ExposureSource:
    """One named piece of the exposure statement, with the tables it prepares (name, SELECT)."""

    name: str
    sql: str
    ctes: tuple[Cte, ...] = ()
    past_sql: str = ""
    past_ctes: tuple[Cte, ...] = ()
    lines: str = ""
    line_ctes: tuple[Cte, ...] = ()

    def pieces(self, *, past: bool) -> tuple[tuple[Cte, ...], str]:
        """The tables and the SELECT for a past day, or for what stands now."""
        if past:
            return self.past_ctes or self.ctes, self.past_sql or self.sql
        return self.ctes, self.sql

    def line_pieces(self, *, past: bool) -> tuple[tuple[Cte, ...], str]:
        """The tables and the SELECT that list the documents or items behind the values."""
        return self.line_ctes or self.pieces(past=past)[0], self.lines


def statement(sources: tuple[ExposureSource, ...], *, past: bool) -> str:
    """All sources as one statement below the `account` table, which the caller's terms fill."""
    return _joined([source.pieces(past=past) for source in sources])


def line_statement(sources: tuple[ExposureSource, ...], *, past: bool) -> str:
    """The documents and items behind the values of all sources, as one statement."""
    return _joined([source.line_pieces(past=past) for source in sources])


def _joined(pieces: list[tuple[tuple[Cte, ...], str]]) -> str:
    ctes: dict[str, str] = {"account": ACCOUNT}
    selects = []
    for own, select in pieces:
        for name, body in own:
            ctes.setdefault(name, body)
        selects.append(select)
    head = ",\n".join(f"{name} AS ({body})" for name, body in ctes.items())
    return f"WITH {head}\n" + "\nUNION ALL\n".join(selects)


# Arrays of equal length: how many accounts are asked for is what the planner sees.
ACCOUNT = """
SELECT * FROM unnest(
    %(accounts)s::bigint[], %(start_on)s::date[], %(ledger_base)s::bool[],
    %(provisional)s::bool[], %(disputed)s::bool[], %(delivered)s::bool[], %(drafts)s::bool[],
    %(unprinted)s::bool[], %(printed_only)s::bool[], %(with_tax)s::bool[], %(horizon_on)s::date[],
    %(grace_discount)s::int[], %(grace_subject)s::int[], %(grace_after)s::int[]
) AS a (id, start_on, ledger_base, provisional, disputed, delivered, drafts, unprinted,
        printed_only, with_tax, horizon_on, grace_discount, grace_subject, grace_after)
"""
