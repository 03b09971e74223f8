"""What an import found: the first problems in full, and the number of all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from core.importing import Problem

KEPT: Final = 200


@dataclass(slots=True)
class Tally:
    """Problems in the order of their discovery; beyond KEPT they are only counted."""

    count: int = 0
    kept: list[Problem] = field(default_factory=list)

    def add(self, problem: Problem) -> None:
        """Count a problem and keep it if there is room."""
        self.count += 1
        if len(self.kept) < KEPT:
            self.kept.append(problem)

    def as_json(self) -> list[dict[str, Any]]:
        """The kept problems by row, those of the whole file first."""
        ordered = sorted(self.kept, key=lambda problem: (problem.row or 0, problem.column))
        return [problem.as_json() for problem in ordered]


@dataclass(slots=True)
class Findings:
    """`errors` stop an import, `notices` do not."""

    errors: Tally = field(default_factory=Tally)
    notices: Tally = field(default_factory=Tally)
