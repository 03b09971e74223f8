"""Figures as people write them: formatting and reading decimals in the active language.

Reading is strict about what a figure can mean. `1.234,56` and `1,234.56` are both clear, and so is
`1234.5`; `1,234` is clear only where one of its two readings is impossible. A figure that could
mean two values is refused with a sentence that shows how to write it, never guessed.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from django.utils import formats
from django.utils.translation import gettext as _

from core.money import quantize

MINUS: Final = "\u2212"
_SPACES: Final = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f'\u2019](?=\d)")
_SHAPE: Final = re.compile(r"[0-9]+(?:[., ][0-9]+)*|[.,][0-9]+")


class FigureError(ValueError):
    """A text that is no figure we can take; `code` is invalid, ambiguous or places.

    `args[0]` is a translated sentence fit for showing beside the field.
    """

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


def format_decimal(
    value: Decimal, places: int = 2, *, grouped: bool = True, minus: str = MINUS
) -> str:
    """`value` rounded half up to `places`, in the active language's separators.

    Negative figures carry a true minus sign, and a figure that rounds to zero carries none.
    """
    rounded = quantize(value, places)
    text = formats.number_format(
        abs(rounded), decimal_pos=places, use_l10n=True, force_grouping=grouped
    )
    if not grouped:
        # USE_THOUSAND_SEPARATOR would group behind our back; edit fields show plain digits.
        text = f"{abs(rounded):f}".replace(".", formats.get_format("DECIMAL_SEPARATOR"))
    return f"{minus}{text}" if rounded < 0 else text


def format_plain(value: Decimal, least: int = 0) -> str:
    """`value` with the decimals it needs, at least `least`, not grouped: for edit fields."""
    places = max(least, -_exponent(value.normalize()))
    return format_decimal(value, places, grouped=False, minus="-")


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def parse_decimal(text: str, places: int | None = 2) -> Decimal:
    """The figure a person wrote in `text`; `places` is how many decimals the field can hold.

    Accepts either sign of minus, `.` or `,` as decimal mark, and `.`, `,`, a blank or an apostrophe
    between groups of three digits. Raises FigureError.
    """
    body = text.strip()
    negative = body[:1] in {"-", MINUS}
    if body[:1] in {"-", "+", MINUS}:
        body = body[1:].lstrip()
    body = _SPACES.sub(" ", body)
    if not _SHAPE.fullmatch(body):
        raise _invalid(text)
    whole, fraction = _split(body, text, places)
    if places is not None and len(fraction.rstrip("0")) > places:
        raise FigureError(
            _("“%(text)s” has more than %(places)s decimals.")
            % {"text": text.strip(), "places": places},
            "places",
        )
    value = Decimal(f"{whole or '0'}.{fraction}" if fraction else whole)
    return -value if negative and value else value


def _split(body: str, text: str, places: int | None) -> tuple[str, str]:
    """`body` cut into its digits before and after the decimal mark."""
    marks = [char for char in body if not char.isdigit()]
    if not marks:
        return body, ""
    last = marks[-1]
    if len(set(marks)) > 1:
        # Two kinds of mark: the last one, standing once, is the decimal mark.
        if last == " " or marks.count(last) > 1:
            raise _invalid(text)
        head, _mark, tail = body.rpartition(last)
        return _ungroup(head, text), tail
    if last == " " or len(marks) > 1:
        return _ungroup(body, text), ""
    head, _mark, tail = body.partition(last)
    if len(tail) != 3 or not 1 <= len(head) <= 3 or head.startswith("0"):
        return head, tail
    return _one_mark_three_digits(head, tail, last, text, places)


def _one_mark_three_digits(
    head: str, tail: str, mark: str, text: str, places: int | None
) -> tuple[str, str]:
    """`1.234` or `1,234`: a thousand or a fraction? Only the field and the language can tell."""
    may_be_fraction = places is None or places >= len(tail)
    if mark == formats.get_format("DECIMAL_SEPARATOR") and may_be_fraction:
        return head, tail
    if mark == formats.get_format("THOUSAND_SEPARATOR") and not may_be_fraction:
        return head + tail, ""
    raise FigureError(
        _(
            "“%(text)s” could mean two amounts. Write %(whole)s, or %(fraction)s, "
            "without a mark between thousands."
        )
        % {
            "text": text.strip(),
            "whole": head + tail,
            "fraction": format_decimal(Decimal(f"{head}.{tail}"), 2, grouped=False),
        },
        "ambiguous",
    )


def _ungroup(head: str, text: str) -> str:
    """`head` without its marks between thousands; every group but the first has three digits."""
    groups = re.split(r"[., ]", head)
    if len(groups) > 1 and (
        not 1 <= len(groups[0]) <= 3
        or any(len(group) != 3 for group in groups[1:])
        or len({char for char in head if not char.isdigit()}) > 1
    ):
        raise _invalid(text)
    return "".join(groups)


def _invalid(text: str) -> FigureError:
    example = format_decimal(Decimal("1234.50"), 2, grouped=False)
    return FigureError(
        _("“%(text)s” is not an amount. Write amounts like %(example)s, digits only.")
        % {"text": text.strip()[:40], "example": example},
        "invalid",
    )
