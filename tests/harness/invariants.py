"""What must be true of every database at rest, whatever was killed. Each yields its complaints."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from core.clock import today
from core.models import AuditEvent, NumberSequence
from credit_limits.engine.types import Component
from credit_limits.models import CreditCheck, ExposureSnapshot
from credit_limits.selectors import CreditPosition, credit_position, portfolio_positions
from credit_limits.services.snapshots import snapshot_values
from documents.models import Document, HoldCase
from documents.services.history import live_refresh
from ledger.models import Allocation, Bill, EntryKind, JournalEntry, OpenItem, Presentation
from ledger.selectors.proof import ledger_misses, residual_proof

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

OVERDUE: Final = Component.INVOICE_OVERDUE

STATELESS: Final = frozenset({"quote", "receipt", "move"})
NEVER_STOOD: Final = frozenset({"draft", "cancelled"})

# The latest event of these says where the document stands; others leave it where it is.
STANDING: Final[dict[str, frozenset[str]]] = {
    "created": frozenset({"draft"}),
    "submitted": frozenset({"submitted", "released", "posted"}),
    "override_used": frozenset({"submitted", "released", "posted"}),
    "held": frozenset({"held"}),
    "released": frozenset({"submitted", "released", "posted"}),
    "cancelled": frozenset({"cancelled"}),
    "closed": frozenset({"closed"}),
    "reopened": frozenset({"draft", "submitted", "released"}),
    "posted": frozenset({"posted"}),
    "confirmed": frozenset({"submitted"}),
    "hold_ended": frozenset({"draft", "submitted", "released", "posted"}),
    "documents.quote.accepted": frozenset({"submitted", "released", "closed"}),
    "documents.counter.voided": frozenset({"cancelled"}),
}


SIDES: Final[dict[str, int]] = {
    EntryKind.CHARGEBACK: 2,
    EntryKind.BANK_COST: 0,
    EntryKind.BILL_MONEY: 0,
}


def residuals() -> Iterator[str]:
    """What is open of an item is its amount less its allocations."""
    for miss in residual_proof():
        yield f"{miss.number} has {miss.stored} open, its allocations leave {miss.proved}"


def books() -> Iterator[str]:
    """Every entry balances, and the control account of a customer is the sum of the open items."""
    yield from ledger_misses()


def entries() -> Iterator[str]:
    """The items of an entry add up to it; an applied credit and its debit are of one account.

    A chargeback has two: the part that is closed, and the one that goes on in its place. What
    moves between accounts of ours has none.
    """
    for entry in JournalEntry.objects.annotate(in_items=Sum("items__amount")):
        sides = SIDES.get(entry.kind, 1)
        if entry.in_items != (sides * entry.amount or None):
            yield f"{entry} is {entry.amount}, its items are {entry.in_items}"
    for row in Allocation.objects.select_related("debit_item", "credit_item"):
        if len({row.account_id, row.debit_item.account_id, row.credit_item.account_id}) != 1:
            yield f"allocation {row} joins two accounts"


def audit() -> Iterator[str]:
    """Whatever stands was told: every document, check, entry and import has its event."""
    told: dict[tuple[str, int], list[str]] = defaultdict(list)
    checks_told: set[int | None] = set()
    named: set[int] = set()
    for event in AuditEvent.objects.order_by("pk"):
        told[event.subject_type, event.subject_id].append(event.action)
        checks_told |= {event.data.get("check_id"), event.data.get("overruled_check_id")}
        named |= {row["entry_id"] for row in [event.data, *_rows(event)] if "entry_id" in row}
    for document in Document.objects.all():
        yield from _document_told(document, told["documents.document", document.pk])
    for check in CreditCheck.objects.exclude(pk__in=checks_told - {None}):
        yield f"check {check.pk} of {check.subject_text} is in no event"
    yield from _entries_untold({key for key, actions in told.items() if actions}, named)


def _rows(event: AuditEvent) -> list[dict[str, Any]]:
    lists = ("deductions", "bills", "collected", "returned")
    rows: list[dict[str, Any]] = [row for name in lists for row in event.data.get(name, [])]
    return rows


def _entries_untold(told: set[tuple[str, int]], named: set[int]) -> Iterator[str]:
    """Entries are told by an event about them, their items, import, document, or companion."""
    documents = set(Document.objects.exclude(entry=None).values_list("account_id", "number"))
    entries = {entry.pk: entry for entry in JournalEntry.objects.prefetch_related("items")}

    def is_told(entry: JournalEntry) -> bool:
        subjects = [("ledger.journalentry", entry.pk)]
        subjects += [("ledger.openitem", item.pk) for item in entry.items.all()]
        if entry.import_run_id is not None:
            subjects.append(("ledger.importrun", entry.import_run_id))
        if entry.pk in named or (entry.account_id, entry.number) in documents:
            return True
        if any(subject in told for subject in subjects):
            return True
        companions = (entry.goes_with_id, entry.reverses_id)
        return any(is_told(entries[key]) for key in companions if key is not None)

    for entry in entries.values():
        if not is_told(entry):
            yield f"entry {entry} is in no event"


def _document_told(document: Document, actions: list[str]) -> Iterator[str]:
    words = [action.removeprefix("documents.document.") for action in actions]
    if "created" not in words:
        yield f"{document} was never told to be created"
        return
    last = next(word for word in reversed(words) if word in STANDING)
    allowed = STANDING[last] | ({"refused"} if "refused" in words else set())
    if document.status not in allowed:
        yield f"{document} is {document.status}, its last event says {last}"


def holds() -> Iterator[str]:
    """A held document waits in exactly one case, and a request is open as long as its case."""
    for document in Document.objects.prefetch_related("hold_cases__request"):
        cases = [case for case in document.hold_cases.all() if case.status == HoldCase.Status.OPEN]
        entry_cases = [case for case in cases if case.checkpoint == "submit"]
        held = document.status == Document.Status.HELD
        if len(entry_cases) != int(held):
            yield f"{document} is {document.status} with {len(entry_cases)} open cases of entry"
        for case in document.hold_cases.all():
            is_open = case.status == HoldCase.Status.OPEN
            if case.request is not None and (case.request.status == "open") != is_open:
                yield f"the case of {document} is {case.status}, its request {case.request.status}"
            if (
                case.request is not None
                and is_open
                and not case.request.steps.filter(status="waiting").exists()
            ):
                yield f"nobody's turn in the request about {document}"


def states() -> Iterator[str]:
    """A document stands as its newest kept state says, and is live as long as it can add value."""
    for document in Document.objects.select_related("type").prefetch_related("states", "lines"):
        kept = document.states.order_by("pk").last()
        if kept is None:
            if document.type.kind not in STATELESS and document.status not in NEVER_STOOD:
                yield f"{document} is {document.status}, and no state of it was kept"
            continue
        if (kept.status, kept.printed_on) != (document.status, document.printed_on):
            yield f"{document} is {document.status}, its newest state {kept.status}"
        lines = {(line.pk, line.quantity, line.gross_amount) for line in document.lines.all()}
        if lines != {(line.line_id, line.quantity, line.gross_amount) for line in kept.lines.all()}:
            yield f"{document}: its newest state has other lines"
    live = dict(Document.objects.values_list("pk", "is_live"))
    with transaction.atomic():
        for document in Document.objects.select_related("type").order_by("-pk"):
            live_refresh(document)
        anew = dict(Document.objects.values_list("pk", "is_live"))
        transaction.set_rollback(True)
    for key, is_live in live.items():
        if is_live != anew[key]:
            yield f"document {key} is marked {is_live} for live, and is {anew[key]}"


def numbers() -> Iterator[str]:
    """Every number a sequence gave is used exactly once, without a gap."""
    used: dict[int, set[str]] = defaultdict(set)
    # Money on a bill is numbered after the bill and its step.
    entries = JournalEntry.objects.exclude(kind=EntryKind.BILL_MONEY)
    for rows in (Document.objects, entries, Bill.objects, Presentation.objects):
        for company_id, number in rows.values_list("company_id", "number"):
            used[company_id].add(number)
    for sequence in NumberSequence.objects.all():
        head = f"{sequence.prefix}{sequence.year}-"
        found = sorted(
            int(number.removeprefix(head))
            for number in used[sequence.company_id]
            if number.startswith(head)
        )
        if found != list(range(1, sequence.next_number)):
            yield f"{sequence}: used are {found}"


def exposures() -> Iterator[str]:
    """Exposure read for one, for all and from history is the same, and so are its ledger parts."""
    day = today()
    live = portfolio_positions(as_of=day)
    history = portfolio_positions(as_of=day, known_at=timezone.now())
    for key, position in live.items():
        one = credit_position(account=position.account, as_of=day)
        for name, other in (("history", history[key]), ("alone", one)):
            if _figures(position) != _figures(other):
                yield f"{position.account}: {_figures(position)}, {name} {_figures(other)}"
        open_items = OpenItem.objects.filter(account=key, is_posted=True)
        by_side = dict(open_items.values_list("direction").annotate(Sum("open_amount")))
        owed = sum(position.components[part] for part in (Component.INVOICE_OPEN, OVERDUE))
        if owed != by_side.get("debit", Decimal(0)):
            yield f"{position.account}: owes {owed}, open items say {by_side.get('debit')}"
        credit = position.components[Component.CREDITS]
        if credit != -by_side.get("credit", Decimal(0)):
            yield f"{position.account}: has {credit}, open credits say {by_side.get('credit')}"


def _figures(position: CreditPosition) -> dict[str, Any]:
    amounts = {str(part): amount for part, amount in position.components.items() if amount}
    return amounts | {"total": position.total, "waiting": position.waiting}


def snapshots() -> Iterator[str]:
    """A stored night is what the facts known then say today (same moment of knowledge)."""
    for row in ExposureSnapshot.objects.select_related("account"):
        then = credit_position(account=row.account, as_of=row.as_of, known_at=row.taken_at)
        for column, value in snapshot_values(then).items():
            if getattr(row, column) != value:
                yield f"{row}: {column} is {getattr(row, column)}, computed {value}"


WHOLE: Final[tuple[Callable[[], Iterable[str]], ...]] = (
    residuals,
    books,
    entries,
    audit,
    holds,
    states,
    numbers,
    exposures,
    snapshots,
)
"""All of them: the default of every command."""
