"""Random histories through the real services equal the oracle after every step."""

from __future__ import annotations

import os
import random

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.documents.histories.house import furnish
from tests.documents.histories.machine import Driven, Histories

PHASES = [Phase.generate] if os.environ.get("HISTORIES_QUICK") else list(Phase)

STEPS = 2000
"""Of the usual run, over all parts."""

LONG_STEPS = int(os.environ.get("HISTORIES_STEPS", "50000"))
"""Of the long run, over all parts."""

pytestmark = pytest.mark.django_db


def drive(examples: int, steps: int, *, fixed: int | None = None) -> None:
    """Run histories, the same ones for the same `fixed` number, and count what they drove."""
    Driven.clear()
    furnish()
    run_state_machine_as_test(
        Histories if fixed is None else seed(fixed)(type(f"Histories{fixed}", (Histories,), {})),
        settings=settings(
            max_examples=examples,
            phases=PHASES,
            print_blob=False,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def told() -> str:
    """What was driven."""
    return (
        f"{Driven.steps} steps, {Driven.refused} refused, {Driven.examples} histories, "
        f"{Driven.compared} comparisons"
    )


# Several parts, for several processes.
@pytest.mark.parametrize("part", [1, 2])
def test_every_component_equals_the_oracle_after_every_step(part: int) -> None:
    total = chunk = 0
    while total < STEPS / 2:
        chunk += 1
        with transaction.atomic():
            drive(examples=10, steps=40, fixed=100 * part + chunk)
            transaction.set_rollback(True)
        total += Driven.steps
        print(f"{told()}; {total} steps so far", Driven.by_rule)
        assert Driven.steps > STEPS / 100, "these histories stand still"


@pytest.mark.long
@pytest.mark.parametrize("part", [1, 2])
def test_fifty_thousand_steps(part: int) -> None:
    """Other histories each time; HISTORIES_SEED, as printed, drives the same ones again."""
    first = int(os.environ.get("HISTORIES_SEED", "0")) or random.randrange(1, 10**9)
    total = chunk = 0
    while total < LONG_STEPS / 2:
        chunk += 1
        point = transaction.savepoint_create()
        print(f"HISTORIES_SEED={first}, part {part}, chunk {chunk}", flush=True)
        drive(examples=50, steps=40, fixed=first + 2 * chunk + part)
        transaction.savepoint_rollback(point)
        total += Driven.steps
        print(f"{told()}; {total} steps so far", flush=True)
