"""What a run says: lines for people, one JSON object for machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from reports.scenarios.cases import words
from reports.scenarios.runner import FAILED, PASSED, WAITING

if TYPE_CHECKING:
    from reports.scenarios.compare import Line
    from reports.scenarios.runner import CaseResult, StepResult


def text(result: CaseResult) -> Iterator[str]:
    """A case, its steps, and expected against actual of each step."""
    yield f"{result.case.id}  {result.status}  {result.case.title}"
    for step in result.steps:
        yield f"  {step.step.number} {step.status}: {step.step.words}"
        if step.needs:
            yield f"      waits for {', '.join(step.needs)}"
        if step.trouble:
            yield f"      {step.trouble}"
        yield from (_line(line) for line in step.lines)


def summary(results: Sequence[CaseResult]) -> str:
    """The last line: how many passed, failed and wait."""
    counts = count(results)
    parts = [f"{counts[status]} {status}" for status in (PASSED, FAILED, WAITING)]
    missed = [result.case.id for result in results if result.status == FAILED]
    return ", ".join(parts) + (f" ({', '.join(missed)})" if missed else "")


def count(results: Sequence[CaseResult]) -> dict[str, int]:
    """How many cases passed, failed and wait."""
    return {
        status: sum(result.status == status for result in results)
        for status in (PASSED, FAILED, WAITING)
    }


def as_json(results: Sequence[CaseResult]) -> dict[str, Any]:
    """The whole run. Amounts are strings, so that no reader rounds them."""
    return {
        **count(results),
        "cases": [
            {
                "id": result.case.id,
                "status": result.status,
                "steps": [_step_json(step) for step in result.steps],
            }
            for result in results
        ],
    }


def _line(line: Line) -> str:
    mark = " " if line.met else "!"
    expected = f"not {words(line.expected)}" if line.wrong else words(line.expected)
    return f"    {mark} {line.key}: expected {expected}, actual {words(line.actual)}"


def _step_json(step: StepResult) -> dict[str, Any]:
    return {
        "step": step.step.number,
        "status": step.status,
        "when": step.step.words,
        "needs": list(step.needs),
        "trouble": step.trouble,
        "checks": [
            {
                "key": line.key,
                "expected": _plain(line.expected),
                "actual": _plain(line.actual),
                "met": line.met,
            }
            for line in step.lines
        ],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(content) for key, content in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, bool | int) or value is None:
        return value
    return str(value)
