"""How one file is to be read: the content of a profile, or what somebody chose on the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from core.importing import FileShape
from ledger.models import ImportProfile


@dataclass(frozen=True, slots=True)
class ImportSettings:
    """`mapping`: field → headings that may hold it, the first one found in the file counts.

    `ignore_leading_zeros`: numbers that differ in leading zeros only are the same document (for
    files that went through a spreadsheet). `negative_is_credit_note`: amounts below zero are credit
    notes. `default_days`: due date of rows without one, in days after the document date.
    `currency`: of rows without one; empty is the company's. Empty encoding and delimiter are found
    out from the file; empty sheet is the first visible one.
    """

    mapping: Mapping[str, list[str]] = field(default_factory=dict)
    date_format: str = "%Y-%m-%d"
    decimal_separator: str = "."
    delimiter: str = ""
    encoding: str = ""
    sheet: str = ""
    ignore_leading_zeros: bool = False
    negative_is_credit_note: bool = False
    default_days: int | None = None
    currency: str = ""

    @classmethod
    def of_profile(cls, profile: ImportProfile) -> Self:
        """The settings a profile holds."""
        known = {"sheet", *OPTIONS}
        return cls(
            mapping={name: _listed(value) for name, value in profile.mapping.items() if value},
            date_format=profile.date_format,
            decimal_separator=profile.decimal_separator,
            delimiter=profile.delimiter,
            encoding=profile.encoding,
            **{key: value for key, value in profile.options.items() if key in known},
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `as_json` stored."""
        names = set(cls.__dataclass_fields__)
        values = {key: value for key, value in data.items() if key in names}
        mapping = values.get("mapping", {})
        values["mapping"] = {name: _listed(value) for name, value in mapping.items() if value}
        return cls(**values)

    def as_json(self) -> dict[str, Any]:
        """A form that JSON can hold."""
        return asdict(self)

    def options(self) -> dict[str, Any]:
        """What a profile keeps beside mapping and formats."""
        return {name: getattr(self, name) for name in ("sheet", *OPTIONS)}

    def of_shape(self, shape: FileShape) -> Self:
        """The same, with encoding and separator as found in the file."""
        return replace(self, encoding=shape.encoding, delimiter=shape.delimiter)


OPTIONS = ("ignore_leading_zeros", "negative_is_credit_note", "default_days", "currency")


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [str(item) for item in value]
