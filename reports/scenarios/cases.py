"""Cases, steps and actions as the runner sees them: parsed, validated, unchangeable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

FORMAT_VERSION = 1
DEFAULT_TODAY = date(2026, 3, 31)


def words(value: object) -> str:
    """A value as it stands in a line of the report."""
    if isinstance(value, Mapping):
        told = ", ".join(f"{words(key)}: {words(content)}" for key, content in value.items())
        return f"{{{told}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(words(item) for item in value)}]"
    if isinstance(value, set | frozenset):
        return words(sorted(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return "nothing" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a step does. `actor` is a user of the case; empty for the verb's own."""

    verb: str
    params: Mapping[str, Any]
    actor: str = ""
    parts: tuple[Action, ...] = ()

    @property
    def words(self) -> str:
        """The action as a short line."""
        if self.parts:
            return f"{self.verb} [{'; '.join(part.words for part in self.parts)}]"
        told = ", ".join(f"{key} {words(value)}" for key, value in self.params.items())
        return " ".join(filter(None, [self.verb, told, f"as {self.actor}" if self.actor else ""]))


@dataclass(frozen=True, slots=True)
class Step:
    """What is done, and what it must come to. `needs` are capabilities not built yet."""

    number: int
    actions: tuple[Action, ...]
    then: Mapping[str, Any]
    title: str = ""
    today: date | None = None
    fresh: bool = False
    needs: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The step as a short line."""
        return self.title or "; ".join(action.words for action in self.actions)


@dataclass(frozen=True, slots=True)
class Case:
    """One acceptance case. `needs` are the capabilities that the whole case waits for.

    `stated_needs` are those the file names, built or not.
    """

    file: str
    id: str
    title: str
    given: Mapping[str, Any]
    steps: tuple[Step, ...]
    today: date = DEFAULT_TODAY
    needs: tuple[str, ...] = ()
    stated_needs: frozenset[str] = field(default_factory=frozenset)

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Every capability that keeps the case, or a step of it, from running."""
        return tuple(sorted({*self.needs, *(need for step in self.steps for need in step.needs)}))
