"""What bills come to, and which bill an entry belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db.models import Count, Q, Sum

from ledger.models import Bill, EntryKind

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from ledger.models import JournalEntry

ABOUT_BILLS: Final = frozenset(
    {
        EntryKind.BILL,
        EntryKind.BILL_MONEY,
        EntryKind.REVERSAL,
        EntryKind.FEE,
        EntryKind.BANK_COST,
    }
)


def entry_bill(entry: JournalEntry) -> Bill | None:
    """The bill that an entry posts, settles, opens again or charges for; None for others.

    One statement for the kinds of entries that can be about a bill, none for the rest.
    """
    if entry.kind not in ABOUT_BILLS:
        return None
    about = Q(entry=entry) | Q(steps__entry=entry) | Q(steps__charges_entry=entry)
    return Bill.objects.filter(about).distinct().first()


def bill_sums(rows: QuerySet[Bill]) -> list[dict[str, Any]]:
    """What bills come to by currency, and how much of it is in which state. One statement.

    Each with currency, count, total, and by: state → sum.
    """
    found: dict[str, dict[str, Any]] = {}
    grouped = (
        Bill.objects.filter(pk__in=rows.order_by().values("pk"))
        .order_by()
        .values("currency", "state")
        .annotate(sum=Sum("amount"), count=Count("pk"))
        .order_by("currency")
    )
    for row in grouped:
        line = found.setdefault(
            row["currency"], {"currency": row["currency"], "count": 0, "total": 0, "by": {}}
        )
        line["count"] += row["count"]
        line["total"] += row["sum"]
        line["by"][row["state"]] = row["sum"]
    return list(found.values())
