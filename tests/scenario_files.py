"""A small scenario file that is right, for tests that make it wrong."""

from __future__ import annotations

from pathlib import Path

from reports.scenarios.runner import CaseResult, run
from reports.scenarios.schema import load
from reports.scenarios.scratch import Scratch

GOOD = """
cases:
- id: T-1
  title: one order
  given:
    customer: {limit: 100}
    documents: [{id: SO1, type: order, gross: 60}]
  steps:
    - when: {do: submit, document: SO1}
      then: {decision: allow, exposure: {order_open: 60, total: 60}}
"""


def written(path: Path, text: str = GOOD) -> Path:
    """The file, written."""
    path.write_text(text, encoding="utf-8")
    return path


def swapped(path: Path, before: str, after: str, text: str = GOOD) -> Path:
    """The file, written with something else in it."""
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    return path


def result_of(scratch: Scratch, path: Path) -> CaseResult:
    """What became of the only case of a file."""
    [result] = run(load([path]), scratch)
    return result
