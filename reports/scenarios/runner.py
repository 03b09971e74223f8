"""Running cases one after the other, each on a database of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

import structlog
from celery import current_app
from celery.signals import task_failure
from django.db import connection
from django.utils import translation

from core.clock import business_day
from reports.scenarios.actions import perform
from reports.scenarios.building import build
from reports.scenarios.compare import Line, compare
from reports.scenarios.doing import Doing
from reports.scenarios.rivals import at_once, others_wait
from reports.scenarios.verbs import AT_ONCE
from reports.scenarios.world import GivenError, World

if TYPE_CHECKING:
    from reports.scenarios.cases import Case, Step
    from reports.scenarios.scratch import Scratch

log = structlog.get_logger(__name__)

PASSED, FAILED, WAITING = "passed", "failed", "waiting"


@dataclass(frozen=True, slots=True)
class StepResult:
    """What became of a step. `trouble` says why it could not be carried out at all."""

    step: Step
    status: str
    lines: tuple[Line, ...] = ()
    needs: tuple[str, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of a case: failed with any failed step, else waiting with any waiting one."""

    case: Case
    steps: tuple[StepResult, ...]

    @property
    def status(self) -> str:
        """passed, failed or waiting."""
        found = {step.status for step in self.steps}
        return next((one for one in (FAILED, WAITING) if one in found), PASSED)


def run(
    cases: Sequence[Case], scratch: Scratch, on_result: Callable[[CaseResult], None] | None = None
) -> list[CaseResult]:
    """Run the cases in order; `on_result` hears of each as soon as it is known."""
    results = []
    with _background_work_at_once(), translation.override("en"):
        for case in cases:
            result = CaseResult(case, tuple(_run_case(case, scratch)))
            results.append(result)
            if on_result is not None:
                on_result(result)
    return results


def _run_case(case: Case, scratch: Scratch) -> Iterator[StepResult]:
    if case.needs:
        needs = set(case.needs)
        for step in case.steps:
            yield StepResult(step, WAITING, needs=tuple(sorted(needs | set(step.needs))))
        return
    for stretch in _stretches(case.steps):
        yield from _run_stretch(case, stretch, scratch)


def _stretches(steps: Sequence[Step]) -> list[list[Step]]:
    """The steps, cut before each that starts from the given again."""
    result: list[list[Step]] = []
    for step in steps:
        if step.fresh or not result:
            result.append([])
        result[-1].append(step)
    return result


def _run_stretch(case: Case, steps: Sequence[Step], scratch: Scratch) -> Iterator[StepResult]:
    if all(step.needs for step in steps):
        yield from (StepResult(step, WAITING, needs=step.needs) for step in steps)
        return
    with scratch.fresh():
        world: World | None = None
        trouble = ""
        try:
            with business_day(case.today):
                world = build(case)
        except Exception as error:
            trouble = f"the given facts could not be made: {_named(error, case)}"
        for step in steps:
            if step.needs:
                yield StepResult(step, WAITING, needs=step.needs)
            elif world is None:
                yield StepResult(step, FAILED, trouble=trouble)
            else:
                yield _run_step(case, step, world)


def _run_step(case: Case, step: Step, world: World) -> StepResult:
    if step.today is not None:
        world.today = step.today
    doing = Doing(world)
    try:
        with business_day(world.today):
            _do(doing, step)
            lines = compare(doing, step.then)
    except Exception as error:
        return StepResult(step, FAILED, trouble=_named(error, case))
    status = PASSED if all(line.met for line in lines) else FAILED
    return StepResult(step, status, tuple(lines))


def _do(doing: Doing, step: Step) -> None:
    doing.mark()
    with _measured(doing), _failures(doing):
        for action in step.actions:
            if action.verb == AT_ONCE:
                at_once(doing, action.parts)
            elif not perform(doing, action):
                break
    if "other_customers_wait" in {*step.then, *step.then.get("wrong", {})}:
        doing.other_customers_wait = others_wait(doing.world, doing.customer, doing.company)


def _named(error: Exception, case: Case) -> str:
    """One line about what went wrong; a programming error is also logged with its traceback."""
    if isinstance(error, GivenError):
        return str(error)
    log.error("scenario_step_crashed", case=case.id, exc_info=error)
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


@contextmanager
def _measured(doing: Doing) -> Iterator[None]:
    """Count statements of this thread and the time, work after commit included."""

    def count(execute: Any, sql: str, params: Any, many: bool, context: Mapping[str, Any]) -> Any:
        doing.queries += 1
        return execute(sql, params, many, context)

    start = perf_counter()
    with connection.execute_wrapper(count):
        yield
    doing.seconds = perf_counter() - start


@contextmanager
def _failures(doing: Doing) -> Iterator[None]:
    """Notice background work that fails: after commit nobody else would."""

    def note(sender: Any = None, exception: object = None, **_rest: Any) -> None:
        doing.background_failures.append(f"{getattr(sender, 'name', sender)}: {exception}")

    task_failure.connect(note, weak=False)
    try:
        yield
    finally:
        task_failure.disconnect(note)


@contextmanager
def _background_work_at_once() -> Iterator[None]:
    """Run tasks where they are queued, after commit, so that no broker hears of a scratch run."""
    before = current_app.conf.task_always_eager
    trace = logging.getLogger("celery.app.trace")
    level = trace.level
    current_app.conf.task_always_eager = True
    trace.setLevel(logging.WARNING)  # a line for every task that went well says nothing here
    try:
        yield
    finally:
        current_app.conf.task_always_eager = before
        trace.setLevel(level)
