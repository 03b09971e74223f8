"""The lines of an order as a formset: blank rows are ignored, every other row must be whole."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms.formsets import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from core.forms import BaseForm, LocalDecimalField
from documents.amounts import LineInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from documents.models import DocumentLine

BLANK_ROWS_ON_A_NEW_ORDER = 3
ROWS_ADDED_AT_ONCE = 5
MOST_LINES = 500
# What a person types; the tax rate alone does not make a row, since new rows copy it.
TYPED = ("description", "quantity", "unit_price", "discount_percent")


def _percent(label: Any, wrong: Any) -> LocalDecimalField:
    return LocalDecimalField(
        label=label,
        required=False,
        max_digits=7,
        decimal_places=4,
        validators=[MinValueValidator(Decimal(0), wrong), MaxValueValidator(Decimal(100), wrong)],
    )


class LineForm(BaseForm):
    """One line. Amounts are in the currency of the order, without tax."""

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

    def has_changed(self) -> bool:
        """Whether anything was typed that makes this a line."""
        if not self.is_bound:
            return super().has_changed()
        return any(str(self.data.get(self.add_prefix(name)) or "").strip() for name in TYPED)

    def clean_quantity(self) -> Decimal:
        """The quantity; goods that come back belong in a credit note, not in a negative order."""
        quantity: Decimal = self.cleaned_data["quantity"]
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

    def line(self) -> LineInput:
        """The valid line, as the services take it."""
        data = self.cleaned_data
        return LineInput(
            description=data["description"],
            quantity=data["quantity"],
            unit_price=data["unit_price"],
            discount_percent=data["discount_percent"],
            tax_percent=data["tax_percent"],
        )


class BaseLineFormSet(BaseFormSet[LineForm]):
    """All rows are treated alike: which line stood where before does not matter to the services."""

    def initial_form_count(self) -> int:
        """None: a stored line that was emptied is simply gone."""
        return 0

    def add_fields(self, form: LineForm, index: int | None) -> None:
        """Adds the removal tick under a name people understand."""
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("Remove")

    def clean(self) -> None:
        """An order sells something."""
        if any(self.errors):
            return
        if not self.kept():
            raise ValidationError(_("Add at least one line to the order."), code="no_lines")

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
    extra=BLANK_ROWS_ON_A_NEW_ORDER,
    can_delete=True,
    max_num=MOST_LINES,
    validate_max=True,
    absolute_max=MOST_LINES + ROWS_ADDED_AT_ONCE,
)

if TYPE_CHECKING:
    LineFormSet = BaseLineFormSet
else:
    LineFormSet = _LineFormSet


def line_initial(lines: Iterable[DocumentLine]) -> list[dict[str, Any]]:
    """Stored lines as the initial values of rows."""
    return [
        {
            "description": line.description,
            "quantity": line.quantity,
            "unit_price": line.unit_price,
            "discount_percent": line.discount_percent or None,
            "tax_percent": line.tax_percent or None,
        }
        for line in lines
    ]


def unbound_lines(initial: list[dict[str, Any]], *, extra: int) -> BaseLineFormSet:
    """Rows for `initial` and `extra` blank ones, showing no errors."""
    formset = LineFormSet(prefix="lines", initial=initial)
    formset.extra = len(initial) + extra
    return formset
