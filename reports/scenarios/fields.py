"""The building blocks of the format: small checks that give back a normalised value.

A field takes a value and its place, notes what is wrong there and returns what the rest of the
code reads (amounts as Decimal, names as text, lists where one or many were allowed). After a
problem the returned value is only good for finding further problems.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from reports.scenarios.problems import At

type Field = Callable[[Any, At], Any]

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,39}$")
_CURRENCY = re.compile(r"^[A-Z]{3}$")
_CEILING = Decimal(10) ** 16


def shown(value: object) -> str:
    """A value as it is quoted in a message."""
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def suggestion(word: object, known: Iterable[str]) -> str:
    """The end of a message about an unknown word: the nearest one, and all that are known."""
    words = sorted(known)
    near = get_close_matches(str(word), words, n=1)
    hint = f'; did you mean "{near[0]}"?' if near else "."
    return f"{hint} Known: {', '.join(words)}."


def text(value: Any, at: At) -> str:
    """Words on one or more lines."""
    if not isinstance(value, str) or not value.strip():
        at.say(f"write some text here, not {shown(value)}.")
        return ""
    return value.strip()


def name(value: Any, at: At) -> str:
    """The short name of a document, a customer, a company, a user …: SO1, A, clerk."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not _NAME.match(value):
        at.say(f"write a short name such as SO1 (letters, digits, no spaces), not {shown(value)}.")
        return ""
    return value


def flag(value: Any, at: At) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        at.say(f"write true or false, not {shown(value)}.")
        return False
    return value


def whole(value: Any, at: At) -> int:
    """A whole number from 0 on."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        at.say(f"write a whole number such as 10, not {shown(value)}.")
        return 0
    return value


def number(value: Any, at: At) -> Decimal:
    """A number with as many decimals as needed, positive or negative."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        at.say(f"write a plain number such as 1234.50, not {shown(value)}.")
        return Decimal(0)
    found = Decimal(value)
    if abs(found) >= _CEILING:
        at.say(f"{value} is too large for an amount.")
        return Decimal(0)
    return found


def amount(value: Any, at: At) -> Decimal:
    """An amount with at most two decimals; negative where the customer is owed."""
    found = number(value, at)
    if found != found.quantize(Decimal("0.01")):
        at.say(f"an amount has at most two decimals, not {shown(value)}.")
        return Decimal(0)
    return found.quantize(Decimal("0.01"))


def positive(value: Any, at: At) -> Decimal:
    """An amount from 0 on."""
    found = amount(value, at)
    if found < 0:
        at.say(f"write an amount that is not negative, not {shown(value)}.")
        return Decimal(0)
    return found


def rate(value: Any, at: At) -> Decimal:
    """An exchange rate above zero."""
    found = number(value, at)
    if found <= 0:
        at.say(f"a rate is a number above zero, not {shown(value)}.")
        return Decimal(1)
    return found


def day(value: Any, at: At) -> date:
    """A day such as 2026-03-31 (quoted or not)."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    elif isinstance(value, date):
        return value
    at.say(f"write a day such as 2026-03-31, not {shown(value)}.")
    return date.min


def currency(value: Any, at: At) -> str:
    """Three capital letters."""
    if not isinstance(value, str) or not _CURRENCY.match(value):
        at.say(f"write a currency as three capital letters such as EUR, not {shown(value)}.")
        return "EUR"
    return value


def optional(field: Field) -> Field:
    """The field, or nothing (null)."""

    def check(value: Any, at: At) -> Any:
        return None if value is None else field(value, at)

    return check


def word(known: Iterable[str] | Mapping[str, str]) -> Field:
    """One of these words; a mapping turns a synonym into our word."""
    table = known if isinstance(known, Mapping) else {item: item for item in known}

    def check(value: Any, at: At) -> str:
        if value is False and "off" in table:
            value = "off"
        if not isinstance(value, str) or value not in table:
            at.say(f"unknown word {shown(value)!r}{suggestion(value, table)}")
            return next(iter(table.values()))
        return table[value]

    return check


def list_of(field: Field) -> Field:
    """A list of such values."""

    def check(value: Any, at: At) -> list[Any]:
        if not isinstance(value, list):
            at.say(f"write a list here, such as [a, b], not {shown(value)}.")
            return []
        return [field(item, at.down(position)) for position, item in enumerate(value, start=1)]

    return check


def one_or_many(field: Field) -> Field:
    """One such value or a list of them; gives back a list."""
    many = list_of(field)

    def check(value: Any, at: At) -> list[Any]:
        return list(many(value, at)) if isinstance(value, list) else [field(value, at)]

    return check


def mapping_of(key: Field, value: Field) -> Field:
    """A mapping whose keys are not fixed in advance."""

    def check(found: Any, at: At) -> dict[Any, Any]:
        if not isinstance(found, dict):
            at.say(f"write `key: value` pairs here, not {shown(found)}.")
            return {}
        return {
            key(one, at.down(str(one))): value(content, at.down(str(one)))
            for one, content in found.items()
        }

    return check


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with known keys. Unknown keys are refused; a key left out stays left out.

    At most one key of each group in `one_of` may be there, and at least one of each in `some_of`.
    """

    fields: Mapping[str, Field]
    required: tuple[str, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    some_of: tuple[tuple[str, ...], ...] = ()

    def __call__(self, value: Any, at: At) -> dict[str, Any]:
        if not isinstance(value, dict):
            at.say(f"write `key: value` pairs here, not {shown(value)}.")
            return {}
        result: dict[str, Any] = {}
        for key, content in value.items():
            field = self.fields.get(key) if isinstance(key, str) else None
            if field is None:
                at.say(f"unknown key {shown(key)!r}{suggestion(key, self.fields)}")
            else:
                result[key] = field(content, at.down(key))
        for key in self.required:
            if key not in value:
                at.say(f'the key "{key}" is missing.')
        for group in self.one_of:
            found = [key for key in group if key in value]
            if len(found) > 1:
                at.say(f"write only one of: {', '.join(found)}.")
        for group in self.some_of:
            if not any(key in value for key in group):
                at.say(f"write one of: {', '.join(group)}.")
        return result
