"""The table of cases in docs/scenarios.md: status, and the keys that each case uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from reports.scenarios.cases import Case
from reports.scenarios.reading import read
from reports.scenarios.schema import load

ROOT = Path(__file__).parent / "scenarios"
HEAD = ("| case | status | title | given | then |", "|---|---|---|---|---|")


def rows() -> list[str]:
    """The table, one row for each case that comes from a peer, by id."""
    raw = {case["id"]: case for path in sorted(ROOT.glob("*.yaml")) for case in read(path)["cases"]}
    cases = sorted((case for case in load([ROOT]) if is_peer(case)), key=lambda case: case.id)
    return [*HEAD, *(_row(case, raw[case.id]) for case in cases)]


def is_peer(case: Case) -> bool:
    """Whether the case comes from a peer and not from us."""
    return not case.id.startswith("AFF-")


def _row(case: Case, raw: Mapping[str, Any]) -> str:
    then = _keys([step["then"] for step in raw["steps"]])
    if any("limit_now" in step for step in raw["steps"]):
        then += "; limit_now (of the step)"
    return f"| {case.id} | {_status(case)} | {case.title} | {_keys([raw['given']])} | {then} |"


def _status(case: Case) -> str:
    if not case.waits_for:
        return "runs"
    waits = f"waits for {', '.join(case.waits_for)}"
    running = [str(step.number) for step in case.steps if not step.needs]
    if case.needs or not running:
        return waits
    return f"step {', '.join(running)} runs, the rest {waits}"


def _keys(parts: Iterable[Mapping[str, Any]]) -> str:
    """The keys and, in brackets, the keys below them."""
    found: dict[str, set[str]] = {}
    for part in parts:
        for key, content in part.items():
            found.setdefault(str(key), set()).update(_below(content))
    return "; ".join(
        f"{key} ({', '.join(sorted(below))})" if below else key for key, below in found.items()
    )


def _below(content: Any) -> set[str]:
    if isinstance(content, Mapping):
        return {str(key) for key in content}
    if isinstance(content, list):
        return {key for part in content if isinstance(part, Mapping) for key in _below(part)}
    return set()
