"""The lines of a document as a formset: blank rows are ignored, every other row must be whole."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms.formsets import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from core.forms import BaseForm, LocalDecimalField
from core.money import LARGEST
from core.numerals import format_decimal, format_plain
from documents.amounts import MOST_LINES, LineInput, count_fits, line_amounts, lines_fit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from django.http import QueryDict

    from documents.models import Document, DocumentLine

BLANK_ROWS_AT_FIRST = 3
ROWS_ADDED_AT_ONCE = 5
MOST_ROWS = 1000
"""Rows that are read and drawn again, blank and removed ones included; a browser sends fewer."""
# What a person types; the tax rate alone does not make a row, since new rows copy it.
TYPED = ("description", "quantity", "unit_price", "discount_percent")
PRICE = ("unit_price", "discount_percent", "tax_percent")


def _percent(label: Any, wrong: Any) -> LocalDecimalField:
    return LocalDecimalField(
        label=label,
        required=False,
        max_digits=7,
        decimal_places=4,
        validators=[MinValueValidator(Decimal(0), wrong), MaxValueValidator(Decimal(100), wrong)],
    )


class LineForm(BaseForm):
    """One line. Amounts are in the currency of the document, without tax.

    `stored` holds the document's lines by key. `line_id` names the one that the row rewrites, so
    that what continues it finds it again; a key of anywhere else makes a new line. `fixed` are the
    keys of lines whose price is not theirs to change (goods that come back).
    """

    line_id = forms.CharField(required=False, widget=forms.HiddenInput)
    description = forms.CharField(
        label=_("Item"),
        max_length=200,
        error_messages={"required": _("Say what is sold, or empty the whole line.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    quantity = LocalDecimalField(
        label=_("Quantity"),
        max_digits=14,
        decimal_places=4,
        error_messages={"required": _("Enter a quantity.")},
    )
    unit_price = LocalDecimalField(
        label=_("Unit price"),
        max_digits=18,
        decimal_places=4,
        error_messages={"required": _("Enter a price; 0 for a free item.")},
        validators=[MinValueValidator(Decimal(0), _("A price cannot be below zero."))],
    )
    discount_percent = _percent(_("Discount %"), _("A discount lies between 0 and 100 %%."))
    tax_percent = _percent(_("Tax %"), _("A tax rate lies between 0 and 100 %%."))

    def __init__(
        self,
        *args: Any,
        stored: Mapping[int, DocumentLine] | None = None,
        fixed: frozenset[int] = frozenset(),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.stored = stored or {}
        if self.line_key in fixed:
            for name in PRICE:
                self.fields[name].widget.attrs["readonly"] = True

    def has_changed(self) -> bool:
        """Whether anything was typed that makes this a line."""
        if not self.is_bound:
            return super().has_changed()
        return any(str(self.data.get(self.add_prefix(name)) or "").strip() for name in TYPED)

    @property
    def row(self) -> DocumentLine | None:
        """The stored line that the row rewrites; None for a new one."""
        return self.stored.get(self.line_key) if self.is_bound and self.line_key else None

    @property
    def line_key(self) -> int | None:
        """The key that the row says it rewrites, whether there is such a line or not."""
        raw = str(self["line_id"].value() or "")
        return int(raw) if raw.isdecimal() else None

    def clean_quantity(self) -> Decimal:
        """The quantity; goods that come back belong in a credit note, not in a negative line.

        What was made below zero (an advance taken off) stays below zero.
        """
        quantity: Decimal = self.cleaned_data["quantity"]
        if (row := self.row) is not None and row.quantity < 0:
            if quantity >= 0:
                raise ValidationError(
                    _("This line takes something off: its quantity stays below zero."),
                    code="not_negative",
                )
            return quantity
        if quantity <= 0:
            raise ValidationError(
                _("The quantity must be more than zero."),
                code="not_positive",
            )
        return quantity

    def clean_discount_percent(self) -> Decimal:
        """The discount; nothing typed means none."""
        return self.cleaned_data["discount_percent"] or Decimal(0)

    def clean_tax_percent(self) -> Decimal:
        """The tax rate; nothing typed means none."""
        return self.cleaned_data["tax_percent"] or Decimal(0)

    def clean(self) -> dict[str, Any]:
        """Quantity and price together stay within what an amount may be."""
        data = super().clean() or self.cleaned_data
        if not self.errors and self.has_changed():
            amount = line_amounts(self.line()).gross
            if abs(amount) > LARGEST:
                self.add_error(
                    "unit_price",
                    _("The line comes to %(amount)s; at most %(most)s fit. Check the figures.")
                    % {"amount": format_decimal(amount), "most": format_decimal(LARGEST)},
                )
        return data

    def line(self) -> LineInput:
        """The valid line, as the services take it."""
        data = self.cleaned_data
        return LineInput(
            description=data["description"],
            quantity=data["quantity"],
            unit_price=data["unit_price"],
            discount_percent=data["discount_percent"],
            tax_percent=data["tax_percent"],
            line_id=row.pk if (row := self.row) else 0,
            reopens=row.reopens if row else False,
        )


class BaseLineFormSet(BaseFormSet[LineForm]):
    """All rows are treated alike; those of stored lines say so themselves (`line_id`)."""

    def initial_form_count(self) -> int:
        """None: a stored line that was emptied is simply gone."""
        return 0

    def add_fields(self, form: LineForm, index: int | None) -> None:
        """Adds the removal tick under a name people understand."""
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("Remove")

    def clean(self) -> None:
        """Every document is about something, and takes so many lines and no more."""
        kept = self.kept()
        sent = self.management_form.cleaned_data.get("TOTAL_FORMS") or 0
        try:
            count_fits(sent if sent > MOST_ROWS else len(kept))
        except Invalid as error:
            raise ValidationError(str(error), code=error.code) from error
        if any(self.errors):
            return
        if not kept:
            raise ValidationError(_("Add at least one line."), code="no_lines")
        try:
            lines_fit(self.line_inputs())
        except Invalid as error:
            raise ValidationError(str(error), code="total_too_large") from error

    def is_removed(self, form: LineForm) -> bool:
        """Whether the row was ticked for removal."""
        if not form.is_bound:
            return False
        box = form.fields["DELETE"].widget
        return bool(box.value_from_datadict(form.data, {}, form.add_prefix("DELETE")))

    def kept(self) -> list[LineForm]:
        """The rows that are lines: not blank and not removed."""
        return [form for form in self.forms if form.has_changed() and not self.is_removed(form)]

    def line_inputs(self) -> list[LineInput]:
        """The lines of a valid formset, in order."""
        return [form.line() for form in self.kept()]

    def rewriting(self, line_id: int) -> LineForm | None:
        """The row that rewrites this stored line, removed or emptied ones included."""
        return next((form for form in self.forms if form.row and form.row.pk == line_id), None)

    def put_back(self, data: QueryDict, line_id: int) -> QueryDict:
        """The data with a stored line in it again, where it was removed or emptied."""
        form = self.rewriting(line_id)
        if form is None or form.row is None:
            return data
        again = data.copy()
        again.pop(form.add_prefix("DELETE"), None)
        if not form.has_changed():
            for name, value in line_initial([form.row])[0].items():
                words = format_plain(value) if isinstance(value, Decimal) else value
                again[form.add_prefix(name)] = "" if words is None else str(words)
        return again

    def numbered(self) -> Iterator[tuple[int, LineForm]]:
        """The rows with the numbers a person counts them by (removed rows do not count)."""
        number = 0
        for form in self.forms:
            if not self.is_removed(form):
                number += 1
            yield number, form


_LineFormSet = formset_factory(
    LineForm,
    formset=BaseLineFormSet,
    extra=BLANK_ROWS_AT_FIRST,
    can_delete=True,
    max_num=MOST_LINES,
    absolute_max=MOST_ROWS,
)

if TYPE_CHECKING:
    LineFormSet = BaseLineFormSet
else:
    LineFormSet = _LineFormSet


def line_initial(lines: Iterable[DocumentLine]) -> list[dict[str, Any]]:
    """Stored lines as the initial values of rows."""
    return [
        {
            "line_id": line.pk,
            "description": line.description,
            "quantity": line.quantity,
            "unit_price": line.unit_price,
            "discount_percent": line.discount_percent or None,
            "tax_percent": line.tax_percent or None,
        }
        for line in lines
    ]


def fixed_prices(document: Document, lines: Iterable[DocumentLine]) -> frozenset[int]:
    """The keys of `lines` that come back at the price at which they went out."""
    if not document.type.is_return:
        return frozenset()
    return frozenset(line.pk for line in lines if line.source_line_id is not None)


def bound_lines(
    data: QueryDict, stored: Mapping[int, DocumentLine], fixed: frozenset[int] = frozenset()
) -> BaseLineFormSet:
    """The rows as sent; `stored` are the lines of the document that they may rewrite."""
    return LineFormSet(data, prefix="lines", form_kwargs={"stored": stored, "fixed": fixed})


def unbound_lines(
    initial: list[dict[str, Any]], *, extra: int, fixed: frozenset[int] = frozenset()
) -> BaseLineFormSet:
    """Rows for `initial` and `extra` blank ones, showing no errors."""
    formset = LineFormSet(prefix="lines", initial=initial, form_kwargs={"fixed": fixed})
    formset.extra = len(initial) + extra
    # Rows typed beyond what a document takes are drawn again: nothing typed is lost.
    formset.max_num = max(MOST_LINES, len(initial))
    return formset
