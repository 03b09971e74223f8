"""A company with two customers, and everything that can happen to their documents.

Each command takes small whole numbers that choose among what is there, so that a random history
can be drawn and made smaller; all of them go through the services that people use. A command that
the services refuse changes nothing and says so.
"""

from __future__ import annotations

import datetime
import itertools
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from approvals.models import ApprovalRequest
from approvals.services import step_approve, step_refuse
from core.clock import business_day
from core.errors import DomainError
from core.money import ZERO, quantize
from credit_limits.models import CreditPolicy, PolicyRule
from credit_limits.services.limits import limit_grant
from credit_limits.services.policies import policies_install_defaults, policy_publish
from documents.amounts import LineInput, total_amounts
from documents.inputs import OrderHeader
from documents.models import Document, DocumentLine, DocumentType
from documents.remaining import remaining
from documents.services.change import order_change
from documents.services.convert import (
    advance_create,
    credit_note_create,
    document_continue,
    invoice_create,
    price_credit_create,
    return_create,
)
from documents.services.defaults import document_types_install_defaults
from documents.services.history import state_write
from documents.services.posting import invoice_post
from documents.services.quotes import order_from_quote
from documents.services.recheck import held_recheck
from documents.services.save import order_create, order_update
from documents.services.steps import (
    document_cancel,
    document_close,
    document_copy,
    document_reopen,
)
from documents.services.submit import document_submit
from ledger.models import Dispute, JournalEntry, OpenItem
from ledger.services.disputes import dispute_close, dispute_open
from ledger.services.entries import entry_confirm
from ledger.services.payments import credit_apply, payment_record
from ledger.services.reversals import payment_reverse
from tests.documents.histories.oracle import STANDING, papers_now
from tests.documents.histories.oracle_ledger import Ledger
from tests.factories.core import (
    CompanyFactory,
    CurrencyFactory,
    ExchangeRateFactory,
    UserFactory,
)
from tests.factories.customers import CustomerAccountFactory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from core.models import User
    from customers.models import CustomerAccount
    from documents.results import SubmitResult
    from tests.documents.histories.oracle import Row

DAY = datetime.timedelta(days=1)
NUMBERS = itertools.count(1)
PORTIONS = (Decimal(1), Decimal("0.5"), Decimal("0.3"), Decimal("1.1"))
UGLY_PRICES = (Decimal("3.3333"), Decimal("10"), Decimal("99.99"), Decimal("7.005"))
TIDY_PRICES = (Decimal("3"), Decimal("10"), Decimal("100"), Decimal("7"))


@dataclass
class House:
    """`first_day` is where history begins; `tidy` keeps every share of a line in whole cents."""

    first_day: datetime.date
    tidy: bool = False
    risk_currency: str = "EUR"
    limit: int | None = None
    over_percent: int = 0
    terms: dict[str, object] = field(default_factory=dict)
    include: dict[str, str] = field(default_factory=dict)
    accounts: list[CustomerAccount] = field(default_factory=list)
    usd: list[tuple[datetime.date, Decimal]] = field(default_factory=list)
    # Every version of every paper: business day, moment, the paper.
    history: list[tuple[datetime.date, datetime.datetime, Row]] = field(default_factory=list)
    papers: dict[int, Row] = field(default_factory=dict)
    last_result: SubmitResult | None = None
    last_error: DomainError | None = None
    # Raw rows of each account's ledger, read once between two commands.
    ledgers: dict[int, Ledger] = field(default_factory=dict)

    def __post_init__(self) -> None:
        number = next(NUMBERS)
        self.today = self.first_day
        self.company = CompanyFactory(code=f"H{number}", currency=CurrencyFactory(code="EUR"))
        self.clerk: User = UserFactory(username=f"clerk{number}", is_superuser=True)
        self.boss: User = UserFactory(username=f"boss{number}", is_superuser=True)
        CurrencyFactory(code="USD")
        self.rate_set(Decimal("0.90"), self.first_day - 400 * DAY)
        for currency in ("EUR", self.risk_currency):
            self.accounts.append(
                CustomerAccountFactory(
                    company=self.company, currency=CurrencyFactory(code=currency)
                )
            )
        for account in self.accounts:
            if self.limit is not None:
                limit_grant(
                    account=account,
                    state="amount",
                    amount=Decimal(self.limit),
                    currency=account.currency,
                    valid_from=self.first_day - 400 * DAY,
                    reason="so far",
                    actor=None,
                )
        self._policy_write()
        self._types_write(number)
        self.notice(self.today)

    def _policy_write(self) -> None:
        self.policy = CreditPolicy.objects.create(
            company=self.company, name=self.company.code, include=self.include, **self.terms
        )
        PolicyRule.objects.create(
            policy=self.policy,
            rule="limit_exceeded",
            effect="hold" if self.limit is not None else "off",
        )
        policy_publish(policy=self.policy, actor=None)

    def _types_write(self, number: int) -> None:
        """A delivery type that does not count, and how much more than is left may be taken."""
        self.types = {found.code: found for found in DocumentType.objects.all()}
        for code in ("delivery", "return", "invoice", "credit_note"):
            self.types[code] = DocumentType.objects.create(
                code=f"{code}-{number}",
                name=code,
                kind=self.types[code].kind,
                nature=self.types[code].nature,
                sequence_code=code,
                number_prefix=code[:2],
                over_delivery_percent=(
                    self.over_percent if self.types[code].nature == "normal" else 0
                ),
            )
        self.types["sample"] = DocumentType.objects.create(
            code=f"sample-{number}",
            name="Sample",
            kind="delivery",
            sequence_code="sample",
            number_prefix="SA-",
            counts_as_credit=False,
        )

    # --- What everything here needs ------------------------------------------------------------

    def rate_set(self, rate: Decimal, on: datetime.date) -> None:
        """EUR for one USD from a day on."""
        ExchangeRateFactory(
            from_currency=CurrencyFactory(code="USD"),
            to_currency=CurrencyFactory(code="EUR"),
            valid_on=on,
            rate=rate,
            entered_at=timezone.now(),
        )
        self.usd.append((on, rate))

    def rates(self, on: datetime.date) -> dict[tuple[str, str], Decimal]:
        """The rates of a day."""
        rate = next(rate for day, rate in reversed(self.usd) if day <= on)
        return {("USD", "EUR"): rate, ("EUR", "USD"): Decimal(1) / rate}

    @contextmanager
    def at(self, on: datetime.date) -> Iterator[None]:
        """Something that happens on a business day; what changed is noted."""
        self.last_error = self.last_result = None
        self.ledgers = {}
        with business_day(on):
            try:
                yield
            except DomainError as error:
                self.last_error = error
        if self.last_error is None:
            self.notice(on)

    def ledger(self, account: CustomerAccount) -> Ledger:
        """The raw rows of an account's ledger as they are since the last command."""
        if account.pk not in self.ledgers:
            self.ledgers[account.pk] = Ledger(account.pk)
        return self.ledgers[account.pk]

    def notice(self, on: datetime.date) -> None:
        """Keep the new version of every paper that is not what it was.

        What is posted holds from the day of the books on.
        """
        found = papers_now(account.pk for account in self.accounts)
        moment = timezone.now()
        for key, paper in found.items():
            if self.papers.get(key) != paper:
                self.history.append((self._day_of(paper, on), moment, paper))
        self.papers = found

    def _day_of(self, paper: Row, on: datetime.date) -> datetime.date:
        """From which day on a new version holds: goods from the day they went, bills from the day
        of the books."""
        if paper["posted_on"]:
            return paper["posted_on"]
        was = self.papers.get(paper["id"])
        is_new = paper["status"] in STANDING and (was is None or was["status"] not in STANDING)
        if paper["type__kind"] == "delivery" and is_new:
            return min(on, paper["document_on"])
        return on

    def documents(
        self, *kinds: str, back: bool | None = None, status: Sequence[str] = ()
    ) -> list[Document]:
        """The documents of these kinds, the oldest first."""
        keys = [
            key
            for key, paper in self.papers.items()
            if (not kinds or paper["type__kind"] in kinds)
            and (back is None or (paper["type__nature"] == "reverse") == back)
            and (not status or paper["status"] in status)
        ]
        return list(
            Document.objects.filter(pk__in=sorted(keys))
            .select_related("type", "account__company", "account__customer", "currency")
            .order_by("pk")
        )

    def pick(self, pick: int, found: Sequence[Document]) -> Document | None:
        """One of them; None where there are none."""
        return found[pick % len(found)] if found else None

    def header(self, account: CustomerAccount, code: str, currency: str = "EUR") -> OrderHeader:
        """The head of a document of a type of this house."""
        return OrderHeader(
            account=account,
            document_on=self.today,
            type=self.types[code],
            currency=CurrencyFactory(code=currency),
        )

    def lines(self, seeds: Sequence[int]) -> list[LineInput]:
        """A line for each number; some are rebates, some carry tax or a discount."""
        prices = TIDY_PRICES if self.tidy else UGLY_PRICES
        found = []
        for place, seed in enumerate(seeds):
            price = prices[seed % 4]
            quantity = Decimal(10 * (seed // 4 % 3 + 1))
            is_rebate = place > 0 and seed // 36 % 4 == 3
            found.append(
                LineInput(
                    f"Goods {place}",
                    -quantity / 10 if is_rebate else quantity,
                    price if not is_rebate else min(price, Decimal(3)),
                    tax_percent=Decimal((0, 10, 22)[seed // 12 % 3]),
                    discount_percent=Decimal(0 if self.tidy else (0, 0, 12)[seed % 3]),
                )
            )
        return found

    def rows(self, document: Document) -> list[DocumentLine]:
        """Its lines, as what continues them needs them."""
        return list(
            document.lines.select_related(
                "document__type",
                "document__account__company",
                "document__account__customer",
                "document__currency",
                "document__payment_method",
                "document__payment_term",
                "document__ordered_by",
                "document__ship_to_customer",
            ).order_by("position")
        )

    # --- Documents -------------------------------------------------------------------------------

    def write(
        self, account: int, code: str, currency: str, seeds: Sequence[int], back: int = 0
    ) -> Document | None:
        """A new draft of any type, typed in by hand."""
        owner = self.accounts[account % len(self.accounts)]
        with self.at(self.today):
            lines = self.lines(seeds)
            gross = total_amounts(lines).gross
            wanted_on = self.today + (seeds[0] % 3) * 20 * DAY if code == "order" else None
            return order_create(
                header=replace(
                    self.header(owner, code, currency),
                    document_on=self.today - back * DAY,
                    delivery_on=wanted_on,
                    paid_amount=quantize(gross / 3) if code == "counter" else ZERO,
                ),
                lines=lines,
                actor=self.clerk,
            )
        return None

    def submit(self, pick: int, back: int = 0) -> Document | None:
        """Submit a draft, a held or a refused document."""
        found = self.pick(pick, self.documents(status=("draft", "held", "refused")))
        return self.submitted(found, back) if found else None

    def submitted(self, document: Document, back: int = 0) -> Document | None:
        """Submit this one; `back` days ago by the calendar of the business."""
        with self.at(self.today - back * DAY):
            self.last_result = document_submit(
                document=document, actor=self.clerk, as_of=self.today - back * DAY
            )
            return self.last_result.document
        return None

    def go_on(
        self, sources: Sequence[Document], code: str, portion: int, *, reopens: bool = False
    ) -> Document | None:
        """Make the next document from what is left of these, or from a part of it."""
        part = PORTIONS[portion % len(PORTIONS)]
        if self.tidy:
            part = PORTIONS[portion % 2]
        with self.at(self.today):
            rows = [row for document in sources for row in self.rows(document)]
            left = remaining(rows, self.types[code])
            parts = []
            for row in rows:
                quantity = (left[row.pk] * part).quantize(
                    Decimal(1) if self.tidy else Decimal("0.001")
                )
                if abs(row.quantity) == 1:  # what is left of an advance or a deduction
                    quantity = left[row.pk]
                if quantity:
                    parts.append((row, quantity))
            return self.continued(parts, code, reopens=reopens)
        return None

    def continued(
        self, parts: Sequence[tuple[DocumentLine, Decimal]], code: str, *, reopens: bool
    ) -> Document:
        """The next document through the service of its kind."""
        if code == "invoice":
            return invoice_create(
                lines=parts, actor=self.clerk, on=self.today, type_=self.types[code]
            )
        if code in {"return", "credit_note"}:
            make = return_create if code == "return" else credit_note_create
            return make(
                lines=parts,
                actor=self.clerk,
                on=self.today,
                type_=self.types[code],
                reopens=reopens,
            )
        return document_continue(
            lines=parts, type_=self.types[code], actor=self.clerk, on=self.today, reopens=reopens
        )

    def price_credit(self, pick: int, amount: int) -> Document | None:
        """A credit note for an amount of an invoice, without goods."""
        bill = self.pick(pick, self.documents("invoice", back=False, status=("posted",)))
        if bill is None:
            return None
        with self.at(self.today):
            row = self.rows(bill)[0]
            return price_credit_create(
                amounts=[(row, Decimal(amount % 20 + 1))],
                actor=self.clerk,
                on=self.today,
                type_=self.types["credit_note"],
            )
        return None

    def together(self, pick: int, kinds: Sequence[str], status: Sequence[str]) -> list[Document]:
        """One or two documents that one document may continue: same account, same currency."""
        found = self.documents(*kinds, back=False, status=status)
        first = self.pick(pick, found)
        if first is None:
            return []
        others = [
            document
            for document in found
            if document.pk != first.pk
            and document.account_id == first.account_id
            and document.currency_id == first.currency_id
        ]
        return [first, *others[:1]] if pick % 3 == 0 else [first]

    def advance(self, pick: int, percent: int) -> Document | None:
        """An advance invoice on an accepted order."""
        order = self.pick(pick, self.documents("order", status=("submitted", "released")))
        if order is None:
            return None
        with self.at(self.today):
            return advance_create(order=order, percent=Decimal(percent), actor=self.clerk)
        return None

    def post(self, pick: int, back: int = 0) -> Document | None:
        """Post an invoice, a credit note or an advance."""
        found = self.pick(
            pick, self.documents("invoice", "advance", status=("draft", "submitted", "released"))
        )
        return self.posted(found, back) if found else None

    def posted(self, document: Document, back: int = 0) -> Document | None:
        """Post this one into the books of `back` days ago."""
        with self.at(self.today):
            self.last_result = invoice_post(
                document=document,
                actor=self.clerk,
                on=self.today - back * DAY,
                as_of=self.today,
            )
            return self.last_result.document
        return None

    def rewrite(self, pick: int, factor: int) -> None:
        """Change quantities or prices of a draft, a held or an accepted document."""
        found = self.pick(
            pick, self.documents(status=("draft", "held", "refused", "submitted", "released"))
        )
        if found is None:
            return
        by = (Decimal("0.5"), Decimal("1.5"), Decimal("0.9"), Decimal(2))[factor % 4]
        in_price = factor // 4 % 2
        lines = [
            LineInput(
                row.description,
                row.quantity if in_price else row.quantity * by,
                row.unit_price * by if in_price else row.unit_price,
                row.discount_percent,
                row.tax_percent,
                line_id=row.pk,
                source_id=row.source_line_id,
                reopens=row.reopens,
                price_only=row.price_only,
            )
            for row in self.rows(found)
        ]
        header = OrderHeader(
            account=found.account,
            document_on=found.document_on,
            type=found.type,
            currency=found.currency,
            delivery_on=found.delivery_on,
            paid_amount=found.paid_amount,
        )
        with self.at(self.today):
            if found.status in {"submitted", "released"}:
                self.last_result = order_change(
                    document=found,
                    header=header,
                    lines=lines,
                    version=found.version,
                    actor=self.clerk,
                    as_of=self.today,
                )
            else:
                order_update(
                    document=found,
                    header=header,
                    lines=lines,
                    version=found.version,
                    actor=self.clerk,
                    as_of=self.today,
                )

    def end(self, pick: int, how: str, back: int = 0) -> None:
        """Cancel, close, reopen or copy a document."""
        step: dict[str, tuple[Callable[..., object], tuple[str, ...]]] = {
            "cancel": (document_cancel, ("draft", "held", "refused", "submitted", "released")),
            "close": (document_close, ("submitted", "released")),
            "reopen": (document_reopen, ("closed", "cancelled")),
        }
        if how == "copy":
            source = self.pick(pick, self.documents())
            if source is not None:
                with self.at(self.today):
                    document_copy(document=source, actor=self.clerk, on=self.today)
            return
        act, status = step[how]
        found = self.pick(pick, self.documents(status=status))
        if found is not None:
            with self.at(self.today - back * DAY):
                result = act(document=found, actor=self.clerk, as_of=self.today - back * DAY)
                self.last_result = result if how == "reopen" else None  # type: ignore[assignment]

    def accept_quote(self, pick: int) -> None:
        """The customer takes the quote: a draft order is made of it."""
        quote = self.pick(pick, self.documents("quote", status=("submitted", "released")))
        if quote is not None:
            with self.at(self.today):
                order_from_quote(quote=quote, actor=self.clerk, on=self.today)

    def decide(self, pick: int, *, approved: bool) -> None:
        """Release or refuse something held."""
        open_requests = list(
            ApprovalRequest.objects.filter(
                account__in=self.accounts, status=ApprovalRequest.Status.OPEN
            ).order_by("pk")
        )
        if not open_requests:
            return
        with self.at(self.today):
            act = step_approve if approved else step_refuse
            act(
                request=open_requests[pick % len(open_requests)],
                actor=self.boss,
                comment="as agreed",
                as_of=self.today,
            )

    def recheck(self) -> None:
        """What follows a payment: holds whose cause is gone end."""
        with self.at(self.today):
            held_recheck(account_ids=[a.pk for a in self.accounts], as_of=self.today)

    def print_final(self, pick: int) -> None:
        """Print a document for good."""
        found = self.pick(
            pick,
            [
                document
                for document in self.documents(
                    "order", "invoice", "advance", status=("draft", "submitted", "released")
                )
                if document.printed_on is None
            ],
        )
        if found is None:
            return
        with self.at(self.today):
            Document.objects.filter(pk=found.pk).update(
                printed_on=self.today, printed_by=self.clerk
            )
            found.refresh_from_db()
            state_write(found, on=self.today)

    # --- Ledger ----------------------------------------------------------------------------------

    def items(self, direction: str) -> list[OpenItem]:
        """What is open on one side."""
        return list(
            OpenItem.objects.filter(
                account__in=self.accounts, direction=direction, open_amount__gt=0, is_posted=True
            )
            .select_related("account__company", "entry", "currency")
            .order_by("pk")
        )

    def pay(self, pick: int, portion: int, *, provisional: bool, back: int = 0) -> None:
        """A payment of an open item, of a part of it, or of more than it."""
        found = self.items("debit")
        if not found:
            return
        item = found[pick % len(found)]
        part = (item.open_amount * PORTIONS[portion % 4]).quantize(Decimal("0.01"))
        if not part:
            return
        with self.at(self.today):
            payment_record(
                account=item.account,
                received_on=self.today - back * DAY,
                amount=part,
                allocations=[(item, min(part, item.open_amount))] if portion % 5 else [],
                currency=item.currency,
                provisional=provisional,
                actor=None,
            )

    def confirm(self, pick: int) -> None:
        """Post a provisional entry."""
        found = list(
            JournalEntry.objects.filter(account__in=self.accounts, state="provisional").order_by(
                "pk"
            )
        )
        if found:
            with self.at(self.today):
                entry_confirm(entry=found[pick % len(found)], actor=None)

    def apply(self, pick: int, other: int) -> None:
        """Apply a credit on account to something owed."""
        credits, debits = self.items("credit"), self.items("debit")
        if not credits:
            return
        credit = credits[pick % len(credits)]
        fitting = [
            item
            for item in debits
            if item.account_id == credit.account_id and item.currency_id == credit.currency_id
        ]
        if not fitting:
            return
        debit = fitting[other % len(fitting)]
        with self.at(self.today):
            credit_apply(
                credit_item=credit,
                allocations=[(debit, min(credit.open_amount, debit.open_amount))],
                on=self.today,
                actor=None,
            )

    def pay_back(self, pick: int) -> None:
        """A payment is returned."""
        found = list(
            JournalEntry.objects.filter(
                account__in=self.accounts, kind="payment", state="posted", reversed_by=None
            ).order_by("pk")
        )
        if found:
            with self.at(self.today):
                payment_reverse(
                    payment=found[pick % len(found)], on=self.today, reason="no funds", actor=None
                )

    def contest(self, pick: int, part: int) -> None:
        """The customer contests an item, or a part; what is contested is settled."""
        found = self.items("debit")
        if not found:
            return
        item = found[pick % len(found)]
        with self.at(self.today):
            dispute = Dispute.objects.filter(item=item, closed_at=None).first()
            if dispute is not None:
                dispute_close(dispute=dispute, outcome="agreed", actor=None)
                return
            amount = min(item.open_amount, Decimal(part)) if part % 2 else None
            dispute_open(item=item, reason="damaged", amount=amount, actor=None)


def furnish() -> None:
    """What every house of a run shares: types, the general policy."""
    policies_install_defaults()
    document_types_install_defaults()
