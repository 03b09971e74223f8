"""Random histories of documents, each step compared with the oracle."""

from __future__ import annotations

import datetime
import os
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from documents.models import Document
from ledger.models import Allocation
from tests.documents.histories import compare
from tests.documents.histories.compare import CORE, ago, today_of
from tests.documents.histories.house import House
from tests.documents.histories.house_ground import DAY
from tests.documents.histories.oracle import Day, Terms, Worth
from tests.documents.histories.oracle_ledger import Totals
from tests.documents.histories.oracle_papers import Papers

EVERY_POLICY = bool(os.environ.get("HISTORIES_EVERY_POLICY"))

PICK = st.integers(0, 11)
SEEDS = st.lists(st.integers(0, 143), min_size=1, max_size=3)
BACK = st.sampled_from((0, 0, 0, 2))
FLAG = st.booleans()

# The rarer terms of a policy, beside which components take over.
ODD: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict[str, Any],
    with_tax=FLAG,
    start_on=st.sampled_from((None, 0, 5)),
    horizon_days=st.sampled_from((None, 15, 30)),
    printed_orders_only=FLAG,
    ledger_base=FLAG,
    provisional=FLAG,
    disputed=FLAG,
    grace_discount=st.sampled_from((0, 2)),
    grace_subject=st.sampled_from((0, 3, 30)),
    grace_after=st.sampled_from((0, 5)),
)


class Driven:
    """How much was done, over all examples of a run."""

    steps = 0
    refused = 0
    examples = 0
    compared = 0
    by_rule: dict[str, list[int]] = {}

    @classmethod
    def clear(cls) -> None:
        """Begin anew."""
        cls.steps = cls.refused = cls.examples = cls.compared = 0
        cls.by_rule = {}


class Histories(RuleBasedStateMachine):
    """One company from its first order on."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint_create()
        self.house: House | None = None
        self.moments: list[tuple[Day, Terms, dict[int, Totals]]] = []
        self.turn = 0

    def teardown(self) -> None:
        try:
            if self.house is not None and self.turn:
                with connection.cursor() as cursor:  # what the database checks at commit
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                for terms in (*CORE, *(self.odd(each) for each in CORE)):
                    self.compare_documents(terms)
                self.chains_are_apart()
                self.history_counts_nothing()
        finally:
            transaction.savepoint_rollback(self.savepoint)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    @initialize(
        future=FLAG,
        risk_currency=st.sampled_from(("EUR", "EUR", "USD")),
        limit=st.sampled_from((None, None, 1500)),
        over=st.sampled_from((0, 20)),
        odd=ODD,
        published=st.integers(0, len(CORE) - 1),
        first=st.lists(SEEDS, min_size=1, max_size=2),
    )
    def begin(self, future: bool, published: int, odd: dict[str, Any], **values: Any) -> None:
        """`future`: days that are not over yet for the computer's clock, so dates never filter."""
        Driven.examples += 1
        if os.environ.get("HISTORIES_TOLD"):
            print(Driven.examples, Driven.steps, Driven.refused, timezone.now(), flush=True)
        first_day = datetime.date(2120 if future else 2020, 3, 2)
        if odd["start_on"] is not None:
            odd["start_on"] = first_day + odd["start_on"] * DAY
        self.odd_terms = odd
        core = self.published = CORE[published]
        self.house = House(
            first_day,
            risk_currency=values["risk_currency"],
            limit=values["limit"],
            over_percent=values["over"],
            include={
                "delivered_uninvoiced": "count" if core.deliveries_count else "show",
                "invoice_draft": "count" if core.drafts_count else "leave_out",
            },
            terms={"unprinted_invoices_count": core.unprinted_count},
        )
        for seeds in values["first"]:
            made = self.house.write(0, "order", "EUR", seeds)
            if made is not None:
                self.house.submitted(made)

    def odd(self, terms: Terms) -> Terms:
        """The same with the rarer terms of this example."""
        return replace(terms, **self.odd_terms)

    # --- What happens ------------------------------------------------------------------------

    def done(self, name: str) -> None:
        """Count a step."""
        counts = Driven.by_rule.setdefault(name, [0, 0])
        if self.house.last_error is None:
            Driven.steps += 1
            counts[0] += 1
        else:
            Driven.refused += 1
            counts[1] += 1

    @rule(account=st.integers(0, 1), usd=st.sampled_from((False, False, True)), seeds=SEEDS,
          back=BACK)  # fmt: skip
    def order(self, account: int, usd: bool, seeds: list[int], back: int) -> None:
        made = self.house.write(account, "order", "USD" if usd else "EUR", seeds, back)
        self.done("order")
        if made is not None and seeds[0] % 5:
            self.house.submitted(made, back)

    @rule(
        account=st.integers(0, 1),
        code=st.sampled_from(
            ("quote", "invoice", "credit_note", "delivery", "return", "sample", "pro_forma",
             "counter", "charge")
        ),
        seeds=SEEDS,
        back=BACK,
    )  # fmt: skip
    def typed(self, account: int, code: str, seeds: list[int], back: int) -> None:
        made = self.house.write(account, code, "EUR", seeds, back)
        self.done(f"typed {code}")
        if made is not None and seeds[0] % 3:
            self.house.submitted(made, back)

    @precondition(lambda self: self.has(None, "draft", "held", "refused"))
    @rule(pick=PICK, back=BACK)
    def submit(self, pick: int, back: int) -> None:
        if self.house.submit(pick, back):
            self.done("submit")

    @precondition(lambda self: self.has("order", "submitted", "released"))
    @rule(pick=PICK, portion=PICK, sample=st.sampled_from((False, False, False, True)), now=FLAG)
    def deliver(self, pick: int, portion: int, sample: bool, now: bool) -> None:
        sources = self.house.together(pick, ("order",), ("submitted", "released"))
        self.next_paper(sources, "sample" if sample else "delivery", portion, now=now)

    @precondition(lambda self: self.has("delivery", "submitted", "released", "closed"))
    @rule(pick=PICK, portion=PICK, now=FLAG)
    def bill_delivery(self, pick: int, portion: int, now: bool) -> None:
        sources = self.house.together(pick, ("delivery",), ("submitted", "released", "closed"))
        self.next_paper(sources, "invoice", portion, now=now)

    @precondition(lambda self: self.has("order", "submitted", "released"))
    @rule(pick=PICK, portion=PICK, now=FLAG)
    def bill_order(self, pick: int, portion: int, now: bool) -> None:
        sources = self.house.together(pick, ("order",), ("submitted", "released"))
        self.next_paper(sources, "invoice", portion, now=now)

    @precondition(lambda self: self.has("invoice", "posted"))
    @rule(pick=PICK, portion=PICK, now=FLAG)
    def deliver_billed(self, pick: int, portion: int, now: bool) -> None:
        sources = self.house.together(pick, ("invoice",), ("posted",))
        self.next_paper(sources, "delivery", portion, now=now)

    @precondition(lambda self: self.has("delivery", "submitted", "released", "closed"))
    @rule(pick=PICK, portion=PICK, now=FLAG, reopens=FLAG)
    def give_back(self, pick: int, portion: int, now: bool, reopens: bool) -> None:
        sources = self.house.together(pick, ("delivery",), ("submitted", "released", "closed"))
        self.next_paper(sources, "return", portion, now=now, reopens=reopens)

    @precondition(lambda self: self.has("invoice", "posted") or self.has("advance", "posted"))
    @rule(pick=PICK, portion=PICK, now=FLAG, reopens=FLAG)
    def credit(self, pick: int, portion: int, now: bool, reopens: bool) -> None:
        sources = self.house.together(pick, ("invoice", "advance"), ("posted",))
        self.next_paper(sources, "credit_note", portion, now=now, reopens=reopens)

    @precondition(lambda self: self.has_return())
    @rule(pick=PICK, portion=PICK, now=FLAG, reopens=FLAG)
    def credit_return(self, pick: int, portion: int, now: bool, reopens: bool) -> None:
        found = self.house.documents("delivery", back=True, status=("submitted", "released"))
        source = self.house.pick(pick, found)
        if source is not None:
            self.next_paper([source], "credit_note", portion, now=now, reopens=reopens)

    @precondition(lambda self: self.has("invoice", "posted"))
    @rule(pick=PICK, amount=PICK)
    def credit_price(self, pick: int, amount: int) -> None:
        if self.house.price_credit(pick, amount) is not None or self.house.last_error:
            self.done("price credit")

    @precondition(lambda self: self.has("order", "submitted", "released"))
    @rule(pick=PICK, percent=st.sampled_from((10, 30, 100)), now=FLAG)
    def advance(self, pick: int, percent: int, now: bool) -> None:
        made = self.house.advance(pick, percent)
        self.done("advance")
        if made is not None and now:
            self.house.posted(made)

    @precondition(lambda self: self.has_bill())
    @rule(pick=PICK, back=BACK)
    def post(self, pick: int, back: int) -> None:
        if self.house.post(pick, back) is not None or self.house.last_error:
            self.done("post")

    @rule(pick=PICK, factor=st.integers(0, 7))
    def rewrite(self, pick: int, factor: int) -> None:
        self.house.rewrite(pick, factor)
        self.done("rewrite")

    @precondition(lambda self: self.house.papers)
    @rule(
        pick=PICK,
        how=st.sampled_from(("cancel", "cancel", "close", "close", "reopen", "reopen", "copy")),
        back=BACK,
    )
    def end(self, pick: int, how: str, back: int) -> None:
        self.house.end(pick, how, back)
        self.done(how)

    @precondition(lambda self: self.has("quote", "submitted"))
    @rule(pick=PICK)
    def accept_quote(self, pick: int) -> None:
        self.house.accept_quote(pick)
        self.done("accept quote")

    @precondition(lambda self: self.has(None, "held"))
    @rule(pick=PICK, approved=st.sampled_from((True, True, False)))
    def decide(self, pick: int, approved: bool) -> None:
        self.house.decide(pick, approved=approved)
        self.done("decide")

    @precondition(lambda self: self.has(None, "held"))
    @rule()
    def recheck(self) -> None:
        self.house.recheck()
        self.done("recheck")

    @precondition(lambda self: self.has_unprinted())
    @rule(pick=PICK)
    def print_final(self, pick: int) -> None:
        self.house.print_final(pick)
        self.done("print")

    @precondition(lambda self: self.any_posted())
    @rule(pick=PICK, portion=PICK, provisional=st.sampled_from((False, False, True)), back=BACK)
    def pay(self, pick: int, portion: int, provisional: bool, back: int) -> None:
        self.house.pay(pick, portion, provisional=provisional, back=back)
        self.done("pay")

    @precondition(lambda self: self.any_posted())
    @rule(pick=PICK, other=PICK, what=st.sampled_from(("confirm", "apply", "return", "contest")))
    def ledger(self, pick: int, other: int, what: str) -> None:
        if what == "confirm":
            self.house.confirm(pick)
        elif what == "apply":
            self.house.apply(pick, other)
        elif what == "return":
            self.house.pay_back(pick)
        else:
            self.house.contest(pick, other)
        self.done(f"ledger {what}")

    @precondition(lambda self: self.any_posted())
    @rule(pick=PICK, portion=PICK, post=st.sampled_from((True, True, True, False)))
    def draw_bill(self, pick: int, portion: int, post: bool) -> None:
        self.house.draw(pick, portion, post=post)
        self.done("draw bill")

    @precondition(lambda self: self.any_bill())
    @rule(pick=PICK, choice=PICK)
    def step_of_bill(self, pick: int, choice: int) -> None:
        name = self.house.step(pick, choice)
        if name is not None:
            self.done(f"bill {name}")

    @rule(days=st.sampled_from((1, 3, 20)), rate=st.sampled_from((None, "0.8", "0.9333")))
    def days_go_by(self, days: int, rate: str | None) -> None:
        self.house.today += days * DAY
        if rate is not None:
            self.house.rate_set(Decimal(rate), self.house.today)
        self.house.last_error = None
        self.done("day")

    @precondition(lambda self: self.house.papers and len(self.moments) < 4)
    @rule()
    def night(self) -> None:
        """Remember what stood now, to be computed again later."""
        terms = CORE[self.turn % len(CORE)]
        day = today_of(self.house)
        stated = compare.stated_totals(self.house, terms, day)
        known = Day(on=day.on, today=day.today, known_at=timezone.now())
        self.moments.append((known, terms, stated))
        self.house.last_error = None
        self.done("night")

    def next_paper(
        self, sources: list[Any], code: str, portion: int, *, now: bool, reopens: bool = False
    ) -> None:
        if not sources:
            return
        made = self.house.go_on(sources, code, portion, reopens=reopens)
        self.done(f"next {code}")
        if made is not None and now:
            self.house.submitted(made)

    def has(self, kind: str | None, *status: str) -> bool:
        return any(
            (kind is None or paper["type__kind"] == kind) and paper["status"] in status
            for paper in self.house.papers.values()
        )

    def has_return(self) -> bool:
        return any(
            paper["type__kind"] == "delivery"
            and paper["type__nature"] == "reverse"
            and paper["status"] in {"submitted", "released"}
            for paper in self.house.papers.values()
        )

    def has_bill(self) -> bool:
        return self.has("invoice", "draft", "submitted", "released") or self.has(
            "advance", "draft", "submitted", "released"
        )

    def has_unprinted(self) -> bool:
        return any(
            paper["type__kind"] in {"order", "invoice", "advance"}
            and paper["status"] in {"draft", "submitted", "released"}
            and paper["printed_on"] is None
            for paper in self.house.papers.values()
        )

    def any_posted(self) -> bool:
        return any(paper["status"] == "posted" for paper in self.house.papers.values())

    def any_bill(self) -> bool:
        return any(self.house.ledger(account).bills for account in self.house.accounts)

    # --- What must hold ----------------------------------------------------------------------

    @invariant()
    def equals_the_oracle(self) -> None:
        if self.house is None:
            return
        self.turn += 1
        if EVERY_POLICY:
            for terms in CORE:
                self.compare_documents(terms)
                self.compare_documents(self.odd(terms))
                self.compare_totals(self.odd(terms))
        else:
            core = [CORE[(self.turn + each) % len(CORE)] for each in range(3)]
            self.compare_documents(core[0], past=self.turn % 4 == 0)
            self.compare_totals(self.odd(core[1]) if self.turn % 3 else core[1])
            self.compare_past(core[2])
        self.was_asked_as_it_stands()
        self.nothing_is_credited_twice()

    def nothing_is_credited_twice(self) -> None:
        """No goods are given back more often than they were invoiced, whatever paper says so."""
        beyond = Papers(self.house.papers.values(), CORE[0]).credited_beyond()
        assert not beyond, f"lines {beyond} were credited beyond their invoices\n{self.told()}"

    def was_asked_as_it_stands(self) -> None:
        """What the check said would stand is what stands, where everything counts.

        In another currency the check converts a document's whole value, the exposure each line:
        they may differ by half a cent for each of them.
        """
        house, result = self.house, self.house.last_result
        house.last_result = None
        if result is None or result.decision is None or self.published != CORE[0]:
            return
        paper = house.papers[result.document.pk]
        account = next(each for each in house.accounts if each.pk == paper["account_id"])
        if (
            result.case is not None
            or paper["status"] in {"held", "draft"}
            or not paper["type__counts_as_credit"]
            or paper["type__kind"] == "quote"
        ):
            return
        day = today_of(house)
        totals = compare.counted_totals(house, CORE[0], day, past=False)[account.pk]
        stands = compare.counts(totals, CORE[0])
        lines = sum(len(each["lines"]) for each in house.papers.values())
        is_foreign = paper["currency_id"] != account.currency_id
        if is_foreign and result.check is not None and result.check.as_of != house.today:
            return  # asked at the rates of a day that is over; what stands is read at today's
        most = Decimal("0.005") * lines if is_foreign else Decimal(0)
        asked = result.decision.projected + self.exchanged(paper["id"])
        if abs(asked - stands) > most:
            found = [f"asked as {asked}, stands at {stands}: {paper}"]
            self.same("asked", CORE[0], day, found)

    def exchanged(self, document: int) -> Decimal:
        """The difference of exchange in what a credit note settled, which nobody is asked about."""
        settled = Allocation.objects.filter(credit_item__entry__document=document)
        rows = settled.values_list("amount", "credit_item__entry__rate", "debit_item__entry__rate")
        return sum((amount * (own - other) for amount, own, other in rows), Decimal(0))

    def chains_are_apart(self) -> None:
        """No document is worth more or less for what is in a chain that it has no part in."""
        papers = list(self.house.papers.values())
        of_line = {line["id"]: paper["id"] for paper in papers for line in paper["lines"]}
        chain = {paper["id"]: paper["id"] for paper in papers}
        for _each in papers:
            for paper in papers:
                for line in paper["lines"]:
                    if line["source_line_id"] is not None:
                        other = of_line[line["source_line_id"]]
                        first = min(chain[other], chain[paper["id"]])
                        chain[other] = chain[paper["id"]] = first
        day = today_of(self.house)
        for terms in CORE:
            whole = compare.stated_documents(self.house, terms, day, past=False)
            alone: Worth = {}
            for name in set(chain.values()):
                one = [paper for paper in papers if chain[paper["id"]] == name]
                alone |= Papers(one, terms).worth(day.on)
            self.same("chains", terms, day, compare.differences(whole, compare.nonzero(alone)))
            for (_account, component, key), (amount, _company) in whole.items():
                # Where deliveries are left out, the order also keeps what they would count: goods
                # that came back and were credited before they were invoiced.
                paper = self.house.papers[key]
                if component != "order_open" or not terms.deliveries_count:
                    continue
                if not 0 <= amount <= paper["gross_amount"]:
                    below = any(row["quantity"] < 0 for row in paper["lines"])
                    assert below, f"{terms}: order {key} counts {amount}\n{self.told()}"

    def history_counts_nothing(self) -> None:
        """What is no longer live counts nothing, and nothing differs for leaving it out."""
        day = today_of(self.house)
        every = (*CORE, *(self.odd(each) for each in CORE))
        before = [compare.stated_documents(self.house, terms, day, past=False) for terms in every]
        Document.objects.filter(account__in=self.house.accounts).update(is_live=True)
        for terms, found in zip(every, before, strict=True):
            forced = compare.stated_documents(self.house, terms, day, past=False)
            self.same("history", terms, day, compare.differences(found, forced))

    def compare_documents(self, terms: Terms, *, past: bool = True) -> None:
        """Each document today, read from what stands and from the kept states."""
        day = today_of(self.house)
        counted = compare.counted_documents(self.house, terms, day, past=False)
        stated = compare.stated_documents(self.house, terms, day, past=False)
        self.same("documents", terms, day, compare.differences(stated, counted))
        if past:
            kept = compare.stated_documents(self.house, terms, day, past=True)
            self.same("kept documents", terms, day, compare.differences(kept, counted))

    def compare_totals(self, terms: Terms) -> None:
        """Each component of each account today."""
        day = today_of(self.house)
        stated = compare.stated_totals(self.house, terms, day)
        counted = compare.counted_totals(self.house, terms, day, past=False)
        for account, totals in counted.items():
            self.same("totals", terms, day, compare.differences(stated[account], totals))

    def compare_past(self, terms: Terms) -> None:
        """A past day as it is seen today; a remembered moment as it was known then."""
        house = self.house
        if self.turn % 3 == 0:
            day = ago(house, self.turn % 5 + 1)
            counted = compare.counted_documents(house, terms, day, past=True)
            stated = compare.stated_documents(house, terms, day, past=True)
            self.same("past documents", terms, day, compare.differences(stated, counted))
            figures_of = compare.stated_totals(house, terms, day)
            for account, figures in compare.counted_totals(house, terms, day, past=True).items():
                self.same("past", terms, day, compare.differences(figures_of[account], figures))
        elif self.moments:
            day, terms, remembered = self.moments[self.turn % len(self.moments)]
            again = compare.stated_totals(house, terms, day)
            counted_then = compare.counted_totals(house, terms, day, past=True)
            for account, totals in remembered.items():
                if day.is_current:
                    self.same("moment", terms, day, compare.differences(again[account], totals))
                self.same(
                    "moment as known",
                    terms,
                    day,
                    compare.differences(again[account], counted_then[account]),
                )

    def same(self, what: str, terms: Terms, day: Day, found: list[str]) -> None:
        Driven.compared += 1
        if found:
            raise AssertionError("\n".join([f"{what} {terms} {day}", *found, self.told()]))

    def told(self) -> str:
        """The papers, to see what happened."""
        rows = []
        for paper in self.house.papers.values():
            lines = ", ".join(
                f"#{line['id']}×{line['quantity']}={line['gross_amount']}"
                + (f"←{line['source_line_id']}" if line["source_line_id"] else "")
                + (" reopens" if line["reopens"] else "")
                for line in paper["lines"]
            )
            rows.append(
                f"{paper['id']} {paper['type__kind']}/{paper['type__nature']} {paper['status']}: "
                f"{lines}"
            )
        return "\n".join(rows)
