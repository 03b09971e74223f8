"""A row that the database must refuse, beside one that it must take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Model

    from tests.architecture.ground import Ground, Values


@dataclass(frozen=True)
class Case:
    """`constraint` refuses the row `sound` makes once it has the values `bad`.

    Values that are functions get the ground. Rows of `beside` are stored first.
    """

    constraint: str
    sound: Callable[[Ground], tuple[type[Model], Values]]
    bad: Values
    fine: Values = field(default_factory=dict)
    beside: Values | None = None

    def __str__(self) -> str:
        return f"{self.constraint}: {self.bad}"


def same(**values: Any) -> Values:
    """The sound row itself stands beside, with these values."""
    return values
