"""The form of a conversion: a quantity for each line, and what the next document needs besides."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.forms import BaseForm, LocalDateField, LocalDecimalField
from documents.models import DocumentType, Nature
from documents.services.conversion import Choice, Way

if TYPE_CHECKING:
    from django.forms.boundfield import BoundField

    from core.errors import DomainError
    from documents.services.conversion import Conversion, Row, Source

Kind = DocumentType.Kind


@dataclass(frozen=True, slots=True)
class FormRow:
    """A line as the page shows it; `field` is None where nothing can be taken of it."""

    row: Row
    field: BoundField | None


class ConversionForm(BaseForm):
    """Fields by what is made: quantities of lines, or a percent or amount of an order.

    Amounts of a price credit are before tax, in the currency of the documents. `submission_key`
    marks one filling-in of the page, so that a second click finds the first one's document.
    """

    type = forms.ModelChoiceField(
        DocumentType.objects.none(),
        label=gettext_lazy("Type"),
        empty_label=None,
        to_field_name="code",
    )
    document_on = LocalDateField(
        label=gettext_lazy("Date"),
        error_messages={"required": gettext_lazy("Enter the date of the document.")},
    )
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, conversion: Conversion, types: list[DocumentType], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.conversion = conversion
        choice = self.fields["type"]
        assert isinstance(choice, forms.ModelChoiceField)  # noqa: S101 - narrows the type
        choice.queryset = DocumentType.objects.filter(pk__in=[each.pk for each in types])
        choice.initial = conversion.type_.code
        self.fields["document_on"].initial = clock.today
        self.fields["submission_key"].initial = uuid.uuid4
        {
            Way.CREDIT: self._credit,
            Way.ADVANCE: self._advance,
        }.get(conversion.way, self._quantities)()

    # ---- what each way asks for -------------------------------------------------------------

    def _quantities(self) -> None:
        if self.conversion.way is Way.PRO_FORMA:
            return
        if self.conversion.type_.nature == Nature.REVERSE:
            self.fields["again"] = forms.BooleanField(
                label=gettext_lazy("The order wants these goods again"),
                help_text=gettext_lazy("They are open again in the order and count there."),
                required=False,
                initial=True,
            )
        for row in self.conversion.rows:
            if self._is_asked(row):
                self._quantity(row)

    def _is_asked(self, row: Row) -> bool:
        """Whether a line has a field: also one of which nothing is left, where a figure was sent.

        So that a figure for what somebody else took meanwhile is refused at its line.
        """
        return row.is_open or bool(self.is_bound and self.data.get(quantity_name(row)))

    def _quantity(self, row: Row) -> None:
        self.fields[quantity_name(row)] = LocalDecimalField(
            label=_("Quantity of %(item)s") % {"item": row.line.description},
            required=False,
            max_digits=14,
            decimal_places=4,
            initial=row.wanted or None,
        )

    def _credit(self) -> None:
        self.fields["credit"] = forms.ChoiceField(
            label=gettext_lazy("What is credited"),
            choices=(
                ("goods", gettext_lazy("Quantities, at the price invoiced")),
                ("again", gettext_lazy("Quantities, to be invoiced again")),
                ("price", gettext_lazy("Only a price: an amount of each line")),
            ),
            widget=forms.RadioSelect,
            initial="goods",
        )
        for row in self.conversion.rows:
            if not self._is_asked(row):
                continue
            self._quantity(row)
            if row.value_left > 0:
                self.fields[amount_name(row)] = LocalDecimalField(
                    label=_("Amount of %(item)s before tax") % {"item": row.line.description},
                    required=False,
                    max_digits=18,
                    decimal_places=2,
                )

    def _advance(self) -> None:
        self.fields["percent"] = LocalDecimalField(
            label=gettext_lazy("Percent of the order"),
            required=False,
            max_digits=7,
            decimal_places=4,
            initial=Decimal(30),
            validators=[
                MinValueValidator(Decimal(0), gettext_lazy("Between 0 and 100 %%.")),
                MaxValueValidator(Decimal(100), gettext_lazy("Between 0 and 100 %%.")),
            ],
        )
        self.fields["amount"] = LocalDecimalField(
            label=gettext_lazy("or an amount before tax"),
            required=False,
            max_digits=18,
            decimal_places=2,
        )

    # ---- reading ----------------------------------------------------------------------------

    @property
    def is_price_only(self) -> bool:
        """Whether amounts instead of quantities are credited."""
        return self.conversion.way is Way.CREDIT and self["credit"].value() == "price"

    def clean(self) -> dict[str, Any]:
        """Every quantity goes the way of its line; an amount of a price credit is above zero."""
        data = self.cleaned_data
        for row in self.conversion.rows:
            name, amount = quantity_name(row), amount_name(row)
            wanted = data.get(name)
            if wanted and wanted * row.line.quantity < 0 and not self.is_price_only:
                self.add_error(
                    name,
                    _("This line goes the other way: enter a quantity below zero.")
                    if row.line.quantity < 0
                    else _("Enter a quantity above zero, or leave it empty."),
                )
            if (data.get(amount) or 0) < 0:
                self.add_error(amount, _("Enter an amount above zero, or leave it empty."))
        self._refuse_strangers()
        if self.conversion.way is Way.ADVANCE:
            self._clean_advance(data)
        return data

    def _refuse_strangers(self) -> None:
        """A figure sent for a line of other documents is told, never left out without a word."""
        known = {str(row.line.pk) for row in self.conversion.rows}
        for name, value in self.data.items():
            what, _dash, key = name.partition("-")
            if key and what in {"quantity", "amount"} and key not in known and value.strip():
                self.add_error(
                    None,
                    _("A quantity belongs to a line of none of these documents. Nothing was made."),
                )
                return

    def _clean_advance(self, data: dict[str, Any]) -> None:
        if data.get("percent") is None and data.get("amount") is None:
            if not self.errors:
                raise ValidationError(_("Enter a percent or an amount."), code="nothing")
        elif (data.get("amount") or 0) < 0:
            self.add_error("amount", _("An advance is an amount above zero."))

    def choice(self) -> Choice:
        """What was chosen, as the service takes it. Only of a valid form."""
        data = self.cleaned_data
        price_only = self.is_price_only
        name = amount_name if price_only else quantity_name
        amount = data.get("amount")
        key = data.get("submission_key")
        return Choice(
            on=data["document_on"],
            quantities={
                row.line.pk: wanted
                for row in self.conversion.rows
                if (wanted := data.get(name(row)))
            },
            reopens=bool(data.get("again")) or data.get("credit") == "again",
            price_only=price_only,
            percent=None if amount else data.get("percent"),
            amount=amount or None,
            import_key=f"web:{key}" if key else "",
        )

    def place(self, params: dict[str, Any], field: str | None) -> str | None:
        """The field a service's message belongs to; None for the whole form."""
        key = params.get("source_line_id")
        if key is None and field and field.startswith("line-"):
            key = int(field.removeprefix("line-"))
        if key is not None:
            prefix = "amount" if self.is_price_only else "quantity"
            field = f"{prefix}-{key}"
        elif field == "on":
            field = "document_on"
        return field if field in self.fields else None

    def said(self, error: DomainError) -> tuple[str | None, str]:
        """A service's message and the field it belongs to; at a line it need not name the line."""
        place = self.place(error.params, error.field)
        if place is not None and error.code == "documents.too_much":
            text = _("%(quantity)s is too much, %(left)s of %(ordered)s are left.")
            return place, text % error.shown
        return place, str(error)

    # ---- showing ----------------------------------------------------------------------------

    def rows_of(self, source: Source) -> list[FormRow]:
        """The lines of a document with their quantity fields."""
        return [self._shown(row, quantity_name(row)) for row in source.rows]

    def _shown(self, row: Row, name: str) -> FormRow:
        return FormRow(row, self[name] if name in self.fields else None)

    def amount_of(self, row: Row) -> BoundField | None:
        """The amount field of a line of a credit note."""
        name = amount_name(row)
        return self[name] if name in self.fields else None


def quantity_name(row: Row) -> str:
    """The name of a line's quantity field."""
    return f"quantity-{row.line.pk}"


def amount_name(row: Row) -> str:
    """The name of a line's amount field."""
    return f"amount-{row.line.pk}"
