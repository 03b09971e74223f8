"""What items and entries are worth, and everything together: the other half of the oracle.

Like its other half it imports nothing of ours and reads rows by model name.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.apps import apps

from tests.documents.histories.oracle import NOTHING, Day, Row, Terms, cents
from tests.documents.histories.oracle_papers import Papers

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

# component → amount in the account's risk currency, nothing that is zero
type Totals = dict[str, Decimal]
# (component, currency, whether a rate is known) → amount, amount in company currency
type Parts = dict[tuple[str, str, bool], tuple[Decimal, Decimal]]


def _rows(model: str, *fields: str, **where: Any) -> list[Row]:
    return list(apps.get_model("ledger", model).objects.filter(**where).values(*fields))


class Ledger:
    """The raw rows of an account's ledger."""

    def __init__(self, account_id: int) -> None:
        self.items = _rows(
            "OpenItem", "id", "direction", "amount", "due_on", "currency_id", "rate",
            "company_amount", "is_posted",
            "entered_at", "noted_at", "entry__posted_on", "entry__noted_on", "entry__kind",
            account=account_id,
        )  # fmt: skip
        self.allocations = _rows(
            "Allocation", "debit_item_id", "credit_item_id", "amount", "allocated_on",
            "entered_at", account=account_id,
        )  # fmt: skip
        self.disputes = _rows(
            "Dispute", "item_id", "amount", "opened_on", "opened_at", "closed_on", "closed_at",
            item__account=account_id,
        )  # fmt: skip
        self.lines = _rows(
            "JournalLine", "debit", "credit", "company_debit", "company_credit", "entry_id",
            "entry__posted_on", "entry__state", "entry__currency_id", "entry__entered_at",
            account=account_id,
        )  # fmt: skip
        self.bills = {
            row["id"]: row
            for row in _rows(
                "Bill", "id", "currency_id", "amount", "rate", "company_amount", account=account_id
            )
        }
        self.steps = sorted(
            _rows(
                "BillStep", "bill_id", "position", "on", "entered_at", "state", "presented",
                "pay_on", bill__account=account_id,
            ),
            key=lambda row: row["position"],
        )  # fmt: skip
        self.posted_at = defaultdict(list)
        for entry, moment in (
            apps.get_model("ledger", "OpenItem")
            .objects.filter(account=account_id)
            .values_list("entry_id", "entered_at")
        ):
            self.posted_at[entry].append(moment)

    def residual(self, item: Row, day: Day) -> Decimal:
        """What is left of an item: its amount less whatever was applied by then."""
        applied = sum(
            (
                row["amount"]
                for row in self.allocations
                if item["id"] in {row["debit_item_id"], row["credit_item_id"]}
                and day.has(row["allocated_on"])
                and day.knows(row["entered_at"])
            ),
            NOTHING,
        )
        return Decimal(item["amount"] - applied)

    def contested(self, item: Row, day: Day) -> Decimal:
        """How much of an item the customer contests."""
        total = NOTHING
        for dispute in self.disputes:
            if dispute["item_id"] != item["id"]:
                continue
            if not (day.has(dispute["opened_on"]) and day.knows(dispute["opened_at"])):
                continue
            is_over = (
                dispute["closed_at"] is not None
                and day.has(dispute["closed_on"])
                and day.knows(dispute["closed_at"])
            )
            if not is_over:
                total += item["amount"] if dispute["amount"] is None else dispute["amount"]
        return total

    def bill_parts(self, terms: Terms, day: Day) -> list[tuple[str, Row]]:
        """Every bill that counts, with its component: where its last step of the day left it."""
        last = {}
        for step in self.steps:
            if day.has(step["on"]) and day.knows(step["entered_at"]):
                last[step["bill_id"]] = step
        found = []
        grace = {
            "discount": terms.grace_discount,
            "subject": terms.grace_subject,
            "after": terms.grace_after,
        }
        for key, step in last.items():
            if step["state"] == "in_hand":
                found.append(("bill_issued", self.bills[key]))
            elif step["state"] == "returned":
                found.append(("bill_returned", self.bills[key]))
            elif step["state"] == "presented":
                days_left = (step["pay_on"] - day.on).days + grace[step["presented"]]
                if days_left > 0:
                    found.append(("bill_presented", self.bills[key]))
        return found

    def parts(self, terms: Terms, day: Day) -> Parts:
        """The ledger's components by currency."""
        found: dict[tuple[str, str, bool], list[Decimal]]
        found = defaultdict(lambda: [NOTHING, NOTHING])

        def put(component: str, currency: str, amount: Decimal, company: Decimal | None) -> None:
            pair = found[component, currency, company is not None]
            pair[0] += amount
            pair[1] += company or NOTHING

        for component, bill in self.bill_parts(terms, day):
            company = bill["company_amount"] if bill["rate"] is not None else None
            put(component, bill["currency_id"], bill["amount"], company)
        if terms.ledger_base:
            for line in self.lines:
                if self._is_posted(line, day) and (
                    terms.start_on is None or line["entry__posted_on"] >= terms.start_on
                ):
                    company = line["company_debit"]
                    put(
                        "invoice_open",
                        line["entry__currency_id"],
                        line["debit"] - line["credit"],
                        None if company is None else company - line["company_credit"],
                    )
            return {key: (a, c) for key, (a, c) in found.items()}
        for item in self.items:
            known = (
                item["is_posted"]
                and day.has(item["entry__posted_on"])
                and day.knows(item["entered_at"])
            )
            noted = (
                terms.provisional
                and item["entry__noted_on"] is not None
                and item["entry__kind"] != "payment"
                and day.has(item["entry__noted_on"])
                and day.knows(item["noted_at"])
            )
            if not (known or noted):
                continue
            left = self.residual(item, day)
            component = "credits"
            if item["direction"] == "debit":
                component = "invoice_overdue" if item["due_on"] < day.on else "invoice_open"
                if not terms.disputed:
                    left -= min(left, self.contested(item, day))
            else:
                left = -left
            if left:
                company = None
                if item["rate"] is not None:
                    company = cents(left * item["company_amount"] / item["amount"])
                put(component, item["currency_id"], left, company)
        return {key: (a, c) for key, (a, c) in found.items()}

    def _is_posted(self, line: Row, day: Day) -> bool:
        moments = self.posted_at[line["entry_id"]] or [line["entry__entered_at"]]
        return (
            line["entry__state"] == "posted"
            and day.has(line["entry__posted_on"])
            and day.knows(max(moments))
        )


def exposure(
    *,
    account: Row,
    papers: Iterable[Row],
    ledger: Ledger,
    terms: Terms,
    day: Day,
    rates: dict[tuple[str, str], Decimal],
) -> Totals:
    """Every component of an account in its risk currency, with waiting and later.

    `account` has id, currency and company_currency; `rates` those of the day. What is in the risk
    currency stays; else the document's own rate, when the risk currency is the company's; else
    the rate of the day, converted and rounded once per component.
    """
    found: dict[tuple[str, str, bool], list[Decimal]] = defaultdict(lambda: [NOTHING, NOTHING])
    currency_of = {}
    of_account = [paper for paper in papers if paper["account_id"] == account["id"]]
    for paper in of_account:
        currency_of[paper["id"]] = paper["currency_id"]
    for (_account, component, document), (amount, company) in (
        Papers(of_account, terms).worth(day.on).items()
    ):
        pair = found[component, currency_of[document], company is not None]
        pair[0] += amount
        pair[1] += company or NOTHING
    for key, (amount, own) in ledger.parts(terms, day).items():
        found[key][0] += amount
        found[key][1] += own
    totals: Totals = {}
    for (component, currency, has_rate), (amount, company_amount) in found.items():
        if currency == account["currency"]:
            value = amount
        elif account["currency"] == account["company_currency"] and has_rate:
            value = company_amount
        else:
            value = cents(amount * rates[currency, account["currency"]])
        totals[component] = totals.get(component, NOTHING) + value
    return {component: value for component, value in totals.items() if value}


def as_known(
    history: Iterable[tuple[datetime.date, datetime.datetime, Row]], day: Day
) -> list[Row]:
    """Of versions (business day, moment, paper) in the order they came: the last one that holds."""
    last: dict[int, Row] = {}
    for on, at, paper in history:
        if day.has(on) and day.knows(at):
            last[paper["id"]] = paper
    return list(last.values())
