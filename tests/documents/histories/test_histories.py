"""Random histories through the real services equal the oracle after every step."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.documents.histories.house import furnish
from tests.documents.histories.machine import Driven, Histories

PHASES = [Phase.generate] if os.environ.get("HISTORIES_QUICK") else list(Phase)

pytestmark = pytest.mark.django_db


def drive(examples: int, steps: int, *, seeded: bool = True) -> None:
    """Run histories and tell how much they drove."""
    Driven.clear()
    furnish()
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=examples,
            phases=PHASES,
            print_blob=False,
            stateful_step_count=steps,
            derandomize=seeded,
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


def test_every_component_equals_the_oracle_after_every_step() -> None:
    drive(examples=int(os.environ.get("EX", "60")), steps=50)

    print(told(), Driven.by_rule)
    assert Driven.steps >= 2000, told()


@pytest.mark.long
def test_fifty_thousand_steps() -> None:
    total = 0
    while total < 50_000:
        drive(examples=200, steps=60, seeded=False)
        total += Driven.steps
        print(told())
