"""Sales documents, counted slowly: what their lines hand over to each other, and their worth.

Like the rest of the oracle it imports nothing of ours.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import TYPE_CHECKING

from tests.documents.histories.oracle import (
    BILLS,
    MAY_WAIT,
    NOTHING,
    ON_THE_WAY,
    STANDING,
    Row,
    Terms,
    Worth,
    cents,
    nearer,
    rest,
    share,
    toward,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal


class Papers:
    """Documents with their lines, and what the lines hand over to each other."""

    def __init__(self, papers: Iterable[Row], terms: Terms) -> None:
        self.terms = terms
        self.papers = list(papers)
        self.by_line: dict[int, tuple[Row, Row]] = {}
        self.next_lines: dict[int, list[tuple[Row, Row]]] = defaultdict(list)
        for paper in self.papers:
            for line in paper["lines"]:
                self.by_line[line["id"]] = (paper, line)
                if line["source_line_id"] is not None:
                    self.next_lines[line["source_line_id"]].append((paper, line))

    # What a document is.

    def stands(self, paper: Row) -> bool:
        return paper["status"] in STANDING

    def is_back(self, paper: Row) -> bool:
        return bool(paper["type__nature"] == "reverse")

    def takes(self, paper: Row) -> bool:
        """Whether an invoice, credit note or advance takes over from what it continues."""
        if paper["type__kind"] not in BILLS or paper["type__is_pro_forma"]:
            return False
        if paper["status"] == "posted":
            return True
        return (
            paper["status"] in ON_THE_WAY
            and paper["type__counts_as_credit"]
            and self.terms.drafts_count
            and (self.terms.unprinted_count or paper["printed_on"] is not None)
        )

    def value(self, line: Row) -> Decimal:
        amount: Decimal = line["gross_amount"] if self.terms.with_tax else line["net_amount"]
        return amount

    def after(self, line: Row, kind: str, *, back: bool) -> Iterator[tuple[Row, Row]]:
        """The lines of documents of a kind and nature that continue this line."""
        for paper, found in self.next_lines[line["id"]]:
            if paper["type__kind"] == kind and self.is_back(paper) == back:
                yield paper, found

    # How much of a line went on.

    def credited_again(self, line: Row) -> Decimal:
        """Of an invoice line, what credit notes say is to be invoiced again."""
        return sum(
            (
                note["quantity"]
                for paper, note in self.after(line, "invoice", back=True)
                if self.takes(paper) and note["reopens"]
            ),
            NOTHING,
        )

    def invoiced(self, line: Row, *, planned: bool = False) -> Decimal:
        """Of an order or delivery line, what invoices took and credit notes did not give back.

        `planned` also counts invoices that take nothing yet and are not given up.
        """
        total = NOTHING
        for paper, bill in self.after(line, "invoice", back=False):
            if planned:
                counts = not paper["type__is_pro_forma"] and paper["status"] not in {
                    "cancelled",
                    "refused",
                }
            else:
                counts = self.takes(paper)
            if counts:
                total += bill["quantity"] - self.credited_again(bill)
        return total

    def returned(self, line: Row) -> tuple[Decimal, Decimal, Decimal]:
        """Of a delivery line: what came back, what of it the order wants again, what has credit."""
        came = again = credited = NOTHING
        for paper, back in self.after(line, "delivery", back=True):
            if not self.stands(paper):
                continue
            came += back["quantity"]
            if back["reopens"]:
                again += back["quantity"]
            credited += self.credited(back)
        # Goods whose invoice was credited for good need no credit note when they come back.
        forgiven = toward(line["quantity"], nearer(came, self.forgiven(line), came - credited))
        return came, again, credited + forgiven

    def forgiven(self, line: Row) -> Decimal:
        """Of a delivery line, what was credited from its invoices and is not invoiced again."""
        return sum(
            (
                note["quantity"]
                for paper, bill in self.after(line, "invoice", back=False)
                if self.takes(paper)
                for later, note in self.after(bill, "invoice", back=True)
                if self.takes(later) and not note["reopens"] and not note["price_only"]
            ),
            NOTHING,
        )

    def billed(self, line: Row) -> Decimal:
        """The value invoiced of a delivery line that no credit note gave back."""
        total = NOTHING
        for paper, bill in self.after(line, "invoice", back=False):
            if self.takes(paper):
                total += self.value(bill) - self.given_back(bill)
        for paper, back in self.after(line, "delivery", back=True):
            if self.stands(paper):
                total -= self.given_back(back)
        return total

    def billed_units(self, line: Row) -> Decimal:
        """The units invoiced of a delivery line that no credit note gave back."""
        total = NOTHING
        for paper, bill in self.after(line, "invoice", back=False):
            if not self.takes(paper):
                continue
            total += bill["quantity"]
            for later, note in self.after(bill, "invoice", back=True):
                if self.takes(later) and not note["price_only"]:
                    total -= note["quantity"]
        for paper, back in self.after(line, "delivery", back=True):
            if self.stands(paper):
                total -= self.credited(back)
        return total

    def given_back(self, line: Row) -> Decimal:
        """The value that credit notes gave back of a line of a bill or of a return."""
        notes = self.after(line, "invoice", back=True)
        return sum((self.value(note) for paper, note in notes if self.takes(paper)), NOTHING)

    def credited(self, line: Row) -> Decimal:
        """Of a return line, what credit notes took."""
        return sum(
            (
                note["quantity"]
                for paper, note in self.after(line, "invoice", back=True)
                if self.takes(paper)
            ),
            NOTHING,
        )

    def is_of_invoice(self, line: Row) -> bool:
        """Whether a delivery line brings goods that were invoiced before (by whatever day)."""
        return line["source_line__document__type__kind"] in BILLS

    def deliveries_of(self, line: Row) -> list[tuple[Row, Row]]:
        """The accepted delivery lines of an order line, oldest first."""
        found = [pair for pair in self.after(line, "delivery", back=False) if self.stands(pair[0])]
        return sorted(found, key=lambda pair: pair[1]["id"])

    def hands_over(self, delivery: Row) -> bool:
        """Whether goods of this delivery note are counted as delivered and not invoiced."""
        return bool(self.terms.deliveries_count and delivery["type__counts_as_credit"])

    def credited_beyond(self) -> list[int]:
        """Delivery and invoice lines of which more units were credited than invoiced (none may be).

        Every credit note that is not given up counts, of the bills and of what came back.
        """
        found = []
        for paper, line in self.by_line.values():
            if self.is_back(paper) or self.is_gone(paper):
                continue
            if paper["type__kind"] == "delivery" and not self.is_of_invoice(line):
                bills = [
                    bill
                    for other, bill in self.after(line, "invoice", back=False)
                    if not self.is_gone(other)
                ]
                sent = [line]
            elif paper["type__kind"] == "invoice" and not self.is_of_delivery(line):
                bills = [line]
                sent = [found for _o, found in self.after(line, "delivery", back=False)]
            else:
                continue
            backs = [
                back
                for one in sent
                for other, back in self.after(one, "delivery", back=True)
                if not self.is_gone(other)
            ]
            room = sum((bill["quantity"] for bill in bills), NOTHING)
            for source in (*bills, *backs):
                for other, note in self.after(source, "invoice", back=True):
                    if not self.is_gone(other) and not note["price_only"]:
                        room -= note["quantity"]
            if room * line["quantity"] < 0:
                found.append(line["id"])
        return found

    def is_gone(self, paper: Row) -> bool:
        """Whether a document took nothing in the end."""
        return paper["status"] in {"cancelled", "refused"} or bool(paper["type__is_pro_forma"])

    def is_of_delivery(self, line: Row) -> bool:
        """Whether an invoice line brings what was delivered before."""
        return bool(line["source_line__document__type__kind"] == "delivery")

    # What a line is worth, and where.

    def delivered_worth(self, line: Row) -> Decimal:
        """Of an accepted delivery line: not invoiced, less what came back without credit."""
        if self.is_of_invoice(line):
            return NOTHING
        quantity = line["quantity"]
        came, _again, credited = self.returned(line)
        units = toward(quantity, quantity - self.invoiced(line)) - toward(quantity, came - credited)
        if units * quantity >= 0:
            return rest(self.value(line), quantity - units, quantity)
        # No more comes back than is still billed of so many.
        worth = share(self.value(line), units, quantity)
        billed, left = toward(quantity, self.billed(line)), self.billed_units(line)
        if abs(left) > abs(units) and left * quantity > 0:
            billed = share(billed, -units, left)
        return -nearer(quantity, -worth, billed)

    def taken(self, line: Row) -> Decimal:
        """Of an order line, what counts somewhere else by now."""
        return self.invoiced(line) + self.handed(line)

    def handed(self, line: Row) -> Decimal:
        """Of an order line, what counts somewhere else by way of its deliveries."""
        total = NOTHING
        for paper, sent in self.deliveries_of(line):
            quantity = sent["quantity"]
            came, again, credited = self.returned(sent)
            if self.hands_over(paper):
                total += quantity - again
                continue
            invoiced = self.invoiced(sent)
            total += nearer(quantity, invoiced, quantity)
            total -= nearer(quantity, again, credited)
            total += nearer(quantity, came - again, toward(quantity, quantity - invoiced))
        return total

    def gone_out(self, line: Row) -> Decimal:
        """Of an order line, what was delivered and is not wanted again."""
        return sum(
            (
                sent["quantity"] - self.returned(sent)[1]
                for _paper, sent in self.deliveries_of(line)
            ),
            NOTHING,
        )

    def kept_worth(self, paper: Row, line: Row) -> Decimal:
        """Of what an order line was not handed over yet, what has left the house."""
        quantity = line["quantity"]
        units = self.gone_out(line) - self.handed(line)
        still = self.due(paper, line) - self.taken(line)
        return share(self.value(line), toward(quantity, nearer(quantity, units, still)), quantity)

    def due(self, paper: Row, line: Row) -> Decimal:
        """How much an order promises of a line: a closed one no more than went on."""
        quantity: Decimal = line["quantity"]
        if paper["status"] != "closed":
            return quantity
        gone = self.invoiced(line, planned=True) + self.gone_out(line)
        return nearer(quantity, quantity, gone)

    def ordered_worth(self, paper: Row, line: Row) -> Decimal:
        """Of an accepted order line, what was not handed over yet (advances apart)."""
        quantity = line["quantity"]
        due = self.due(paper, line)
        promised = share(self.value(line), due, quantity)
        return promised - share(self.value(line), nearer(quantity, due, self.taken(line)), quantity)

    def advance(self, line: Row) -> Decimal:
        """What advances stand for of an order line, less what was deducted or credited."""
        total = NOTHING
        for paper, advance in self.after(line, "advance", back=False):
            if not self.takes(paper):
                continue
            total += self.value(advance)
            for later, found in self.next_lines[advance["id"]]:
                if not self.takes(later):
                    continue
                total += -self.value(found) if self.is_back(later) else self.value(found)
                if not self.is_back(later):  # a deduction given back with its invoice
                    total -= sum(
                        (
                            self.value(note)
                            for undo, note in self.after(found, "invoice", back=True)
                            if self.takes(undo) and note["reopens"]
                        ),
                        NOTHING,
                    )
        return total

    def order_and_deliveries(
        self, paper: Row, line: Row, as_of: datetime.date
    ) -> Iterator[tuple[Row, str, Decimal]]:
        """An order line and its counted deliveries, the advance taken off them in turn."""
        side = line["quantity"]
        left = toward(side, self.advance(line))
        for delivery, sent in self.deliveries_of(line):
            worth = self.delivered_worth(sent)
            if self.hands_over(delivery):
                stands_for = nearer(side, left, toward(side, worth))
                worth -= stands_for
                left -= stands_for
            yield delivery, "delivered_uninvoiced", worth
        value = toward(side, self.ordered_worth(paper, line) - left)
        if self.is_far(paper, as_of):
            out = nearer(side, value, self.kept_worth(paper, line))
            yield paper, "order_open", out
            yield paper, "later", value - out
        else:
            yield paper, "order_open", value

    def is_far(self, paper: Row, as_of: datetime.date) -> bool:
        """Whether an order is only shown: beyond the horizon, or not printed where that counts."""
        if self.terms.printed_orders_only and paper["printed_on"] is None:
            return True
        if self.terms.horizon_days is None or paper["delivery_on"] is None:
            return False
        return bool(paper["delivery_on"] > as_of + datetime.timedelta(days=self.terms.horizon_days))

    def lines_worth(self, as_of: datetime.date) -> Iterator[tuple[Row, str, Decimal]]:
        """Every line's value, with its document and the component it sits in."""
        seen: set[int] = set()
        for paper in self.papers:
            if paper["type__kind"] == "order" and self.stands(paper):
                for line in paper["lines"]:
                    yield from self.order_and_deliveries(paper, line, as_of)
                    seen |= {sent["id"] for _delivery, sent in self.deliveries_of(line)}
        for paper in self.papers:
            sign = -1 if self.is_back(paper) else 1
            if paper["status"] == "held" and paper["type__kind"] == "counter":
                whole = sum((self.value(line) for line in paper["lines"]), NOTHING)
                if paper["paid_amount"]:
                    paid = share(paper["paid_amount"], whole, paper["gross_amount"])
                    yield paper, "waiting", -paid
            for line in paper["lines"]:
                if paper["status"] == "held" and paper["type__kind"] in MAY_WAIT:
                    yield paper, "waiting", sign * self.value(line)
                elif paper["type__kind"] in BILLS and paper["status"] in ON_THE_WAY:
                    if self.terms.unprinted_count or paper["printed_on"] is not None:
                        yield paper, "invoice_draft", sign * self.value(line)
                elif paper["type__kind"] == "delivery" and self.stands(paper):
                    if not self.is_back(paper):
                        if line["id"] not in seen:
                            yield paper, "delivered_uninvoiced", self.delivered_worth(line)
                    elif line["source_line_id"] is None:
                        quantity = line["quantity"]
                        gone = nearer(quantity, quantity, self.credited(line))
                        value = -rest(self.value(line), gone, quantity)
                        yield paper, "delivered_uninvoiced", value

    def counted(self, paper: Row, component: str) -> str | None:
        """The component under these terms; None for what is not counted at all."""
        if not paper["type__counts_as_credit"]:
            return None
        terms = self.terms
        if component in {"delivered_uninvoiced", "invoice_draft"}:
            early = terms.start_on is not None and paper["document_on"] < terms.start_on
            return None if early else component
        return component

    def worth(self, as_of: datetime.date) -> Worth:
        """Every document's value by component; nothing of what is worth nothing."""
        values: dict[tuple[int, str, int], list[tuple[Decimal, Decimal | None]]]
        values = defaultdict(list)
        for paper, where, value in self.lines_worth(as_of):
            component = self.counted(paper, where)
            if component is None or not value:
                continue
            company = None if paper["rate"] is None else cents(value * paper["rate"])
            values[paper["account_id"], component, paper["id"]].append((value, company))
        result: Worth = {}
        for key, parts in values.items():
            company_parts = [company for _value, company in parts]
            result[key] = (
                sum((value for value, _company in parts), NOTHING),
                None
                if None in company_parts
                else sum((part for part in company_parts if part is not None), NOTHING),
            )
        return result
