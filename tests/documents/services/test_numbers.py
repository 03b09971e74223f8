"""Numbers of documents: gapless, and never one that exists, whatever the types say."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.models import NumberSequence
from documents.models import Document
from tests.documents.services.cycle import Cycle, kind

pytestmark = pytest.mark.django_db


def test_another_sequence_with_the_same_prefix_goes_on_above_what_is_used(cycle: Cycle) -> None:
    first, second = cycle.world.order(10).number, cycle.world.order(10).number
    # As an older version let the administration do it.
    type(kind("order")).objects.filter(code="order").update(sequence_code="order_new")

    third, fourth = cycle.world.order(10).number, cycle.world.order(10).number

    numbers = [f"SO-2026-0000{n}" for n in (1, 2, 3, 4)]
    assert [first, second, third, fourth] == numbers
    assert NumberSequence.objects.get(code="order_new").next_number == 5


def test_only_numbers_of_the_year_and_the_company_are_above(cycle: Cycle) -> None:
    order = cycle.world.order(10)
    Document.objects.filter(pk=order.pk).update(number="SO-2025-00041")
    foreign = cycle.world.order(10)
    Document.objects.filter(pk=foreign.pk).update(number="SO-2026-X-9")
    NumberSequence.objects.all().delete()

    assert cycle.world.order(10).number == "SO-2026-00001"
    assert cycle.world.order(10, document_on=date(2025, 5, 1)).number == "SO-2025-00042"


def test_a_number_that_exists_already_is_left_behind(cycle: Cycle) -> None:
    taken = [cycle.world.order(10) for _n in range(3)]
    NumberSequence.objects.filter(code="order").update(next_number=2)

    assert cycle.world.order(10).number == "SO-2026-00004"
    assert [order.number for order in taken] == [f"SO-2026-0000{n}" for n in (1, 2, 3)]


def test_a_failed_command_leaves_no_gap(cycle: Cycle, monkeypatch: pytest.MonkeyPatch) -> None:
    cycle.world.order(10)

    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("documents.services.save.lines_write", fail)
        with pytest.raises(ZeroDivisionError):
            cycle.world.order(10)

    assert cycle.world.order(10).number == "SO-2026-00002"
