"""Errors of the domain: a stable code, parameters, and a sentence made at the edge."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from core.dates import day_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise


class DomainError(Exception):
    """Something the user asked for cannot be done. `message` is lazy, translated text."""

    status = 400

    def __init__(
        self,
        code: str,
        message: str | _StrPromise,
        *,
        params: Mapping[str, Any] | None = None,
        field: str | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.params = dict(params or {})
        self.field = field

    def __str__(self) -> str:
        text = str(self.message)
        return text % self.shown if self.params else text

    @property
    def shown(self) -> dict[str, Any]:
        """The parameters as sentences have them: days written out."""
        return {
            name: day_text(value) if isinstance(value, date) else value
            for name, value in self.params.items()
        }


class Invalid(DomainError):
    """The input is wrong; `field` says where."""

    status = 422


class Conflict(DomainError):
    """The thing changed meanwhile, or is not in a state that allows the step."""

    status = 409


class NotAllowed(DomainError):
    """The person may not do this."""

    status = 403


class Busy(DomainError):
    """Somebody else is working on the same scope; try again in a moment."""

    status = 409
