"""Head and lines of a document as one form: new, stored, posted, or redrawn with what was typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from django.utils.translation import gettext as _

from core.forms import FormError
from documents.amounts import MOST_LINES, LineInput
from documents.forms.content import Content, content_of, content_stored
from documents.forms.lines import (
    BLANK_ROWS_AT_FIRST,
    MOST_ROWS,
    ROWS_ADDED_AT_ONCE,
    BaseLineFormSet,
    bound_lines,
    fixed_prices,
    line_initial,
    unbound_lines,
)
from documents.forms.order import OrderForm, account_initial, order_initial
from documents.stored_lines import lines_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.core.files.uploadedfile import UploadedFile
    from django.http import QueryDict
    from django.utils.datastructures import MultiValueDict

    from core.models import User
    from customers.models import CustomerAccount
    from documents.models import Document, DocumentType

LINES = "lines"
# Chosen by searching; the chosen one travels hidden.
SEARCHED = ("account", "ordered_by", "ship_to_customer")
# What of the head a credit check looks at.
HEAD = (
    "type",
    "document_on",
    "currency",
    "payment_method",
    "payment_term",
    "delivery_on",
    "valid_until",
    "paid_amount",
)
LINE_FIELDS = (
    "line_id",
    "description",
    "quantity",
    "unit_price",
    "discount_percent",
    "tax_percent",
)


@dataclass(frozen=True, slots=True)
class Sketch:
    """As much of a half-typed document as can be understood.

    `lines` holds (row of the formset, line); `unclear` the numbers of lines that have faults.
    """

    account: CustomerAccount | None
    head: dict[str, Any]
    lines: list[tuple[int, LineInput]]
    unclear: list[int]


def sketch_stored(document: Document) -> Sketch:
    """A stored document as a sketch of itself."""
    head = {name: getattr(document, name) for name in HEAD}
    lines = [
        LineInput(
            description=line.description,
            quantity=line.quantity,
            unit_price=line.unit_price,
            discount_percent=line.discount_percent,
            tax_percent=line.tax_percent,
            line_id=line.pk,
            reopens=line.reopens,
        )
        for line in lines_of(document)
    ]
    return Sketch(document.account, head, list(enumerate(lines)), [])


class OrderEntry:
    """The two forms of the entry page and what they mean together."""

    def __init__(
        self, form: OrderForm, lines: BaseLineFormSet, account: CustomerAccount | None = None
    ) -> None:
        self.form = form
        self.lines = lines
        self.account = account  # as far as it is known without reading it again

    @classmethod
    def new(
        cls, user: User, account: CustomerAccount | None = None, type_: DocumentType | None = None
    ) -> Self:
        """An empty document, its terms filled in when the account is known."""
        initial = account_initial(account) if account else None
        form = OrderForm(user=user, type_=type_, initial=initial)
        return cls(form, unbound_lines([], extra=BLANK_ROWS_AT_FIRST), account)

    @classmethod
    def stored(cls, user: User, document: Document) -> Self:
        """A stored document, with one blank row to go on."""
        initial = order_initial(document) | {"base": content_stored(document).sealed()}
        form = OrderForm(user=user, document=document, initial=initial)
        lines = list(lines_of(document))
        fixed = fixed_prices(document, lines)
        rows = unbound_lines(line_initial(lines), extra=1, fixed=fixed)
        return cls(form, rows, document.account)

    @classmethod
    def posted(
        cls,
        user: User,
        data: QueryDict,
        files: MultiValueDict[str, UploadedFile[Any]] | None = None,
        document: Document | None = None,
    ) -> Self:
        """What was sent, to be validated."""
        form = OrderForm(data, files, user=user, document=document)
        stored = {line.pk: line for line in document.lines.all()} if document else {}
        fixed = fixed_prices(document, stored.values()) if document else frozenset()
        return cls(form, bound_lines(data, stored, fixed))

    @classmethod
    def redrawn(
        cls,
        user: User,
        data: QueryDict,
        document: Document | None = None,
        *,
        more_rows: bool = False,
        account: CustomerAccount | None = None,
        parties: Mapping[str, int | None] | None = None,
    ) -> Self:
        """What was typed, as typed and unjudged: for steps in the middle of filling in the form.

        `account` and `parties` (field → customer) replace what was chosen before; `more_rows` adds
        blank lines.
        """
        initial: dict[str, Any] = {name: data.get(name) for name in OrderForm.base_fields}
        if account:
            initial |= account_initial(account)
        initial |= parties or {}
        rows = _typed_rows(data)
        extra = min(ROWS_ADDED_AT_ONCE, MOST_LINES - len(rows)) if more_rows else 0
        form = OrderForm(user=user, document=document, initial=initial)
        fixed = fixed_prices(document, document.lines.all()) if document else frozenset()
        return cls(form, unbound_lines(rows, extra=max(extra, 0 if rows else 1), fixed=fixed))

    def is_valid(self) -> bool:
        """Whether head and lines are; both are always judged, so that every fault shows at once."""
        valid = [self.form.is_valid(), self.lines.is_valid()]
        return all(valid)

    def content(self) -> Content:
        """What the valid entry says."""
        return content_of(self.form.header(), self.lines.line_inputs())

    def sketch(self, *, redrawn: bool = False) -> Sketch:
        """What can be understood of a posted entry, faults left aside.

        `redrawn` counts the rows as `OrderEntry.redrawn` draws them: without the removed ones.
        """
        self.is_valid()
        head = dict(self.form.cleaned_data)
        lines: list[tuple[int, LineInput]] = []
        unclear: list[int] = []
        kept = self.lines.kept()
        rows = {id(form): index for index, form in enumerate(self.lines.forms)}
        for number, form in self.lines.numbered():
            if form not in kept:
                continue
            if form.is_valid():
                lines.append((number - 1 if redrawn else rows[id(form)], form.line()))
            else:
                unclear.append(number)
        return Sketch(head.get("account"), head, lines, unclear)

    @property
    def labels(self) -> dict[str, str]:
        """The words beside the fields of the head."""
        return {name: str(field.label) for name, field in self.form.fields.items()}

    @property
    def error_summary(self) -> list[FormError]:
        """Every fault of the page, in the order of the page, each with the control to jump to."""
        if not self.form.is_bound:
            return []
        found = [
            # The chosen customer travels hidden; its fault leads to the search box.
            FormError(f"id_{error_name}_search", error.label, error.message)
            if (error_name := self._searched(error))
            else error
            for error in self.form.error_summary
        ]
        found += [
            FormError("id_lines-0-description", _("Lines"), str(m))
            for m in self.lines.non_form_errors()
        ]
        for number, form in self.lines.numbered():
            if self.lines.is_removed(form):
                continue
            found += [
                FormError(
                    error.target,
                    _("Line %(number)s, %(field)s") % {"number": number, "field": error.label},
                    error.message,
                )
                for error in form.error_summary
            ]
        return found

    def _searched(self, error: FormError) -> str:
        """The name of the searched-for field the fault belongs to, if it is one."""
        return next(
            (
                n
                for n in SEARCHED
                if n in self.form.fields
                and str(self.form.fields[n].label) == error.label
                and not error.target
            ),
            "",
        )


def _typed_rows(data: QueryDict) -> list[dict[str, Any]]:
    """The rows of the lines as typed, removed ones left out."""
    try:
        total = min(int(data.get(f"{LINES}-TOTAL_FORMS") or 0), MOST_ROWS)
    except ValueError:
        total = 0
    return [
        {name: data.get(f"{LINES}-{index}-{name}", "") for name in LINE_FIELDS}
        for index in range(total)
        if not data.get(f"{LINES}-{index}-DELETE")
    ]
