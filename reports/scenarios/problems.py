"""What is wrong with a file, collected so that one run names everything."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


class ScenarioFileError(Exception):
    """Files that are not scenarios; `messages` are sentences that name file, case and key."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages


class ScenarioRunError(Exception):
    """Scenarios cannot be run here (no right to make a database, say); one clear sentence."""


@dataclass(frozen=True, slots=True)
class At:
    """A place in a file. `say` notes a problem there; `down` goes to a key or position below."""

    file: str
    messages: list[str] = field(default_factory=list)
    case: str = ""
    path: str = ""

    def of_case(self, case: str) -> At:
        """The top of one case."""
        return replace(self, case=case, path="")

    def down(self, key: object) -> At:
        """A key (or, for a number, the position in a list, counted from 1) below this place."""
        step = f"[{key}]" if isinstance(key, int) else f".{key}" if self.path else str(key)
        return replace(self, path=f"{self.path}{step}")

    def say(self, message: str) -> None:
        """Note a problem at this place."""
        parts = [self.file]
        if self.case:
            parts.append(f"case {self.case}")
        if self.path:
            parts.append(self.path)
        self.messages.append(": ".join([*parts, message]))
