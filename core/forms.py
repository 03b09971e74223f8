"""Form fields and bases of every form: figures and dates as people write them, errors that link."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.models import ModelFormMetaclass
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.clock import today
from core.money import LARGEST
from core.numerals import FigureError, format_decimal, format_plain, parse_decimal

if TYPE_CHECKING:
    from django.forms.boundfield import BoundField

# Outside these years a date is a slip of the hand (0206 for 2026), not a business date.
FIRST_YEAR, LAST_YEAR = 1950, 2150


class DecimalInput(forms.TextInput):
    """A text box for a figure: numeric keyboard, digits to the right, the language's mark."""

    least_places = 0
    """Decimals shown even when zero; the field sets it."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            {"inputmode": "decimal", "autocomplete": "off", "class": "num", **(attrs or {})}
        )

    def format_value(self, value: Any) -> str | None:
        """A stored figure in the active language; what the user typed stays as typed."""
        if isinstance(value, Decimal | int):
            return format_plain(Decimal(value), self.least_places)
        return None if value is None else str(value)


def money_fits(value: Decimal) -> None:
    """Raise ValidationError for more than one amount may be."""
    if abs(value) > LARGEST:
        raise ValidationError(
            _("This amount is too large: at most %(most)s.") % {"most": format_decimal(LARGEST)},
            code="too_large",
        )


class LocalDecimalField(forms.DecimalField):
    """A decimal that reads `1.234,56` and `1,234.56` alike, and refuses a riddle."""

    widget = DecimalInput

    def __init__(self, **kwargs: Any) -> None:
        if (kwargs.get("max_digits"), kwargs.get("decimal_places")) == (18, 2):
            # Money: the largest amount says more than a number of digits.
            kwargs |= {
                "max_digits": None,
                "validators": [*kwargs.get("validators", ()), money_fits],
            }
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        """The figure in `value`; None when empty. Raises ValidationError."""
        if value in self.empty_values or (isinstance(value, str) and not value.strip()):
            return None
        if not isinstance(value, str):
            return super().to_python(value)
        try:
            return parse_decimal(value, self.decimal_places)
        except FigureError as error:
            raise ValidationError(str(error), code=error.code) from error

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """No min/max/step: they belong to type=number, which cannot hold a decimal comma."""
        if isinstance(widget, DecimalInput):
            # Money shows its cents; rates and quantities just the digits they need.
            widget.least_places = 2 if self.decimal_places == 2 else 0
        return {}


class DateInput(forms.DateInput):
    """The browser's own date picker, which always speaks ISO."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class LocalDateField(forms.DateField):
    """A date from the picker (ISO) or typed in the active language's order, with a full year."""

    widget = DateInput

    def to_python(self, value: Any) -> dt.date | None:
        """The date in `value`; None when empty. Raises ValidationError."""
        if isinstance(value, str):
            value = value.strip()
            self.input_formats = ["%Y-%m-%d", *_full_year_formats()]
        try:
            date = super().to_python(value)
        except ValidationError as error:
            raise ValidationError(
                _("“%(text)s” is not a date. Write dates like %(example)s or 2026-11-30.")
                % {"text": str(value)[:40], "example": _example_date()},
                code="invalid",
            ) from error
        if date and not FIRST_YEAR <= date.year <= LAST_YEAR:
            raise ValidationError(
                _("The year %(year)s looks wrong. Use a year between %(first)s and %(last)s.")
                % {"year": f"{date.year:04}", "first": FIRST_YEAR, "last": LAST_YEAR},
                code="year",
            )
        return date


class AsOfField(LocalDateField):
    """A day whose figures can be known: today or earlier."""

    def clean(self, value: Any) -> dt.date | None:
        """The day; None when empty. Raises ValidationError for a day to come."""
        day: dt.date | None = super().clean(value)
        if day and day > today():
            raise ValidationError(
                _("Figures of a day to come are not known. Choose today or an earlier day."),
                code="future",
            )
        return day


def _full_year_formats() -> list[str]:
    # Two-digit years are left out: 01/02/26 is a riddle.
    return [
        str(pattern) for pattern in formats.get_format("DATE_INPUT_FORMATS") if "%y" not in pattern
    ]


def _example_date() -> str:
    pattern = next((p for p in _full_year_formats() if p != "%Y-%m-%d"), "%Y-%m-%d")
    return dt.date(2026, 11, 30).strftime(pattern)


@dataclass(frozen=True, slots=True)
class FormError:
    """One line of the error summary; `target` is the id to jump to, empty for the whole form."""

    target: str
    label: str
    message: str


class ErrorSummaryMixin:
    """Gives a form `error_summary`: every error with the id of its control, in the form's order."""

    use_required_attribute = False
    """Browsers' own bubbles vanish and differ; our messages stay beside the field."""

    if TYPE_CHECKING:

        def non_field_errors(self) -> Any: ...
        def __iter__(self) -> Iterator[BoundField]: ...

    @property
    def error_summary(self) -> list[FormError]:
        """All errors, those of the whole form first; empty when valid or unbound."""
        lines = [FormError("", "", str(message)) for message in self.non_field_errors()]
        for bound in self:
            # A group of choices has no control with the group's own id: jump to its first choice.
            target = bound.id_for_label or f"{bound.auto_id}_0"
            lines += [
                FormError("" if bound.is_hidden else target, str(bound.label), str(message))
                for message in bound.errors
            ]
        return lines


class BaseForm(ErrorSummaryMixin, forms.Form):
    """A form that is not about one model."""


def local_formfield(field: models.Field[Any, Any], **kwargs: Any) -> forms.Field | None:
    """The form field for a model field: ours for figures and dates, Django's for the rest."""
    if isinstance(field, models.DecimalField):
        kwargs.setdefault("form_class", LocalDecimalField)
    elif isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField):
        kwargs.setdefault("form_class", LocalDateField)
    return field.formfield(**kwargs)


class LocalModelFormMetaclass(ModelFormMetaclass):
    """Lets every model form build its fields through `local_formfield`, whatever its Meta says."""

    def __new__(mcs, name: str, bases: tuple[type, ...], attrs: dict[str, Any]) -> Any:
        """The form class, with our callback in Meta unless it names its own."""
        meta = attrs.get("Meta")
        if meta is not None and not hasattr(meta, "formfield_callback"):
            meta.formfield_callback = staticmethod(local_formfield)
        return super().__new__(mcs, name, bases, attrs)


class BaseModelForm[M: models.Model](
    ErrorSummaryMixin, forms.ModelForm[M], metaclass=LocalModelFormMetaclass
):
    """A form about one row. Subclasses name `Meta.model` and `Meta.fields`."""


class ReasonForm(BaseForm):
    """A command that must say why: release, refuse, cancel."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
