"""What can happen to the documents of a random history."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from approvals.models import ApprovalRequest
from approvals.services import step_approve, step_refuse
from core.money import ZERO, quantize
from documents.amounts import LineInput, total_amounts
from documents.inputs import OrderHeader
from documents.models import Document, DocumentLine
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

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


from tests.documents.histories.house_ground import DAY, PORTIONS, Ground


class Sales(Ground):
    """Documents written, submitted, continued, posted, changed and ended."""

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
