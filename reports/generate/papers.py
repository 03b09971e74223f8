"""Documents of a generated portfolio, line continuing line, with the states kept of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from core.money import ZERO
from documents.models import Document, DocumentLine, DocumentState, DocumentType, LineState
from reports.generate.plan import TAX_PERCENT, Good, Stage
from reports.generate.table import Table, first_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.models import User
    from customers.models import CustomerAccount
    from reports.generate.books import Books
    from reports.generate.plan import Dice

KEPT: Final = frozenset({"order", "delivery", "invoice"})
# A step that everything has passed through and that can add nothing any more.
RECENT_DAYS: Final = 120


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that was written, with the keys of its lines."""

    key: int
    goods: list[Good]
    lines: list[int]


class Papers:
    """Rows of documents, their lines and their states."""

    def __init__(self, dice: Dice, books: Books, clerk: User, tag: str) -> None:
        self.dice = dice
        self.books = books
        self.clerk = clerk
        self.tag = tag
        self.count = 0
        self.types = {type_.code: type_ for type_ in DocumentType.objects.all()}
        self.documents = Table(Document, first_key(Document))
        self.lines = Table(DocumentLine, first_key(DocumentLine))
        self.states = Table(DocumentState, first_key(DocumentState))
        self.line_states = Table(LineState, first_key(LineState))

    @property
    def tables(self) -> tuple[Table, ...]:
        """Parents first."""
        return (self.documents, self.lines, self.states, self.line_states)

    def sale(self, account: CustomerAccount, stage: Stage) -> None:
        """One sale as far as it has come: one to four documents."""
        goods = self.dice.goods()
        settled = stage in {Stage.POSTED, Stage.RETURNED, Stage.CANCELLED}
        day = self.dice.day(700 if settled else RECENT_DAYS, 5)
        if stage is Stage.QUOTED:
            self._paper(account, "quote", "submitted", goods, day, live=False)
            return
        if stage is Stage.CANCELLED:
            self._paper(account, "order", "cancelled", goods, day, live=False)
            return
        live = stage is not Stage.POSTED and stage is not Stage.RETURNED
        order = self._paper(account, "order", "submitted", goods, day, live=live)
        if stage is Stage.ORDERED:
            return
        sent = self.dice.split(goods) if stage is Stage.PART_DELIVERED else goods
        later = min(day + timedelta(days=3), self.dice.today)
        delivery = self._paper(
            account, "delivery", "submitted", sent, later, live=live, source=order
        )
        if stage in {Stage.PART_DELIVERED, Stage.DELIVERED}:
            return
        status = "draft" if stage is Stage.INVOICE_DRAFTED else "posted"
        invoice = self._paper(
            account, "invoice", status, sent, later, live=status == "draft", source=delivery
        )
        if stage is Stage.RETURNED:
            back = [invoice.goods[0].part(Decimal(1))]
            self._paper(account, "credit_note", "posted", back, later, live=False, source=invoice)

    def _paper(
        self,
        account: CustomerAccount,
        code: str,
        status: str,
        goods: Sequence[Good],
        day: date,
        *,
        live: bool,
        source: Paper | None = None,
    ) -> Paper:
        self.count += 1
        type_ = self.types[code]
        net = sum((good.net for good in goods), ZERO)
        tax = sum((good.tax for good in goods), ZERO)
        key = self.documents.add(
            type_id=type_.pk,
            company_id=account.company_id,
            number="" if status == "draft" else f"{self.tag}{self.count}",
            document_on=day,
            status=status,
            account_id=account.pk,
            payment_term_id=account.payment_term_id,
            payment_method_id=account.payment_method_id,
            currency_id=account.currency_id,
            rate=1,
            net_amount=net,
            tax_amount=tax,
            gross_amount=net + tax,
            created_by_id=self.clerk.pk,
            submitted_by_id=None if status == "draft" else self.clerk.pk,
            accepted_on=None if status in {"draft", "cancelled"} else day,
            ended_on=day if status == "cancelled" else None,
            posted_on=day if status == "posted" else None,
            entry_id=self._entry(account, code, status, net + tax, tax, day),
            is_live=live,
        )
        lines = [
            self.lines.add(
                document_id=key,
                position=position,
                description=f"G-{position:04d}",
                quantity=good.quantity,
                unit_price=good.unit_price,
                tax_percent=TAX_PERCENT,
                net_amount=good.net,
                tax_amount=good.tax,
                gross_amount=good.net + good.tax,
                source_line_id=source.lines[position - 1] if source else None,
            )
            for position, good in enumerate(goods, start=1)
        ]
        paper = Paper(key, list(goods), lines)
        if type_.kind in KEPT:
            self._state(account, paper, type_, status, day, source)
        return paper

    def _entry(
        self,
        account: CustomerAccount,
        code: str,
        status: str,
        gross: Decimal,
        tax: Decimal,
        day: date,
    ) -> int | None:
        if status != "posted":
            return None
        if code == "credit_note":
            return self.books.credit_note(account, gross, day, tax=tax).entry
        return self.books.invoice(account, gross, day, tax=tax).entry

    def _state(
        self,
        account: CustomerAccount,
        paper: Paper,
        type_: DocumentType,
        status: str,
        day: date,
        source: Paper | None,
    ) -> None:
        state = self.states.add(
            document_id=paper.key,
            on=day,
            account_id=account.pk,
            status=status,
            currency_id=account.currency_id,
            rate=1,
            document_on=day,
            counts=type_.counts_as_credit,
        )
        for position, (good, line) in enumerate(zip(paper.goods, paper.lines, strict=True)):
            values: dict[str, Any] = {"net_amount": good.net, "gross_amount": good.net + good.tax}
            self.line_states.add(
                state_id=state,
                line_id=line,
                source_line_id=source.lines[position] if source else None,
                quantity=good.quantity,
                **values,
            )
