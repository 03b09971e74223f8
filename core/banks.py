"""Bank details: are they possible, and how are they written on paper? No database, no network."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum import bic, iban


def compact(text: str) -> str:
    """The number as it is kept: capitals, without blanks and dashes."""
    return "".join(char for char in text.upper() if char.isalnum())


def iban_check(text: str) -> None:
    """Raise ValidationError unless the text is an IBAN whose check digits are right."""
    if not iban.is_valid(compact(text)):
        raise ValidationError(
            _("This is not a possible IBAN: compare its letters and digits."), code="iban"
        )


def bic_check(text: str) -> None:
    """Raise ValidationError unless the text is shaped like a BIC."""
    if not bic.is_valid(compact(text)):
        raise ValidationError(_("A BIC has eight or eleven letters and digits."), code="bic")


def grouped(text: str) -> str:
    """An IBAN in groups of four, as people read it."""
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))
