"""The kill harness itself: what it must find, it finds; what is whole, it lets pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction

from core.models import Company, Currency
from tests.harness.kills import Command, KillError, Point, kill_everywhere
from tests.harness.lab import Lab, path_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness.lab import Arguments


# --- Small commands: a company is to be renamed, and a second row says so ----------------------


def one_company() -> Arguments:
    Currency.objects.create(code="EUR", name="told 0")
    company = Company.objects.create(code="A", name="0", currency_id="EUR")
    return {"pk": company.pk}


def _rename(pk: int) -> int:
    company = Company.objects.get(pk=pk)
    company.name = str(int(company.name) + 1)
    company.save()
    return int(company.name)


def _tell(times: int) -> None:
    Currency.objects.filter(code="EUR").update(name=f"told {times}")


def rename(pk: int) -> None:
    with transaction.atomic():
        _tell(_rename(pk))


def found_another(pk: int) -> None:
    with transaction.atomic():
        Company.objects.create(code="B", name=Company.objects.get(pk=pk).name, currency_id="EUR")


def rename_in_two_transactions(pk: int) -> None:
    with transaction.atomic():
        times = _rename(pk)
    with transaction.atomic():
        _tell(times)


def tell_what_is_missing(pk: int) -> None:
    """Brings the interrupted work to its end."""
    times = int(Company.objects.get(pk=pk).name)
    if times == 0:
        rename_in_two_transactions(pk)
    else:
        _tell(times)


def rename_twice(pk: int) -> None:
    """Does not notice that it was done already."""
    rename(pk)


def rename_without_waiting_for_the_disk(pk: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
    rename(pk)


def only_look(pk: int) -> None:
    Company.objects.get(pk=pk)


def break_down(pk: int) -> None:
    raise ZeroDivisionError(pk)


def every_name_was_told() -> Iterator[str]:
    told = Currency.objects.get(code="EUR").name
    for company in Company.objects.exclude(name=told.removeprefix("told ")):
        yield f"{company.name} is not what was {told}"


def names(**_arguments: Any) -> list[str]:
    return list(Company.objects.values_list("name", flat=True))


def in_commit(point: Point) -> bool:
    return point.sql == "COMMIT"


def never_content() -> Iterator[str]:
    yield "this is wrong"


def command(run: Any, **others: Any) -> Command:
    values: dict[str, Any] = {"invariants": (every_name_was_told,), "figures": names} | others
    return Command(run.__name__, one_company, run, **values)


# --- What it does with them ---------------------------------------------------------------------


def test_a_command_in_one_transaction_is_whole_wherever_it_is_killed(lab: Lab) -> None:
    report = kill_everywhere(lab, command(rename))
    # Before and after each of three statements, and before, in and after the commit.
    assert (report.places, report.kills, report.commits) == (9, 9, 1)


def test_half_a_command_is_found(lab: Lab) -> None:
    with pytest.raises(KillError) as caught:
        kill_everywhere(lab, command(rename_in_two_transactions))
    assert "killed after #3 COMMIT: every_name_was_told: 1 is not what was told 0" in str(
        caught.value
    )
    assert "killed before #2" not in str(caught.value)
    assert "killed after #5" not in str(caught.value)


def test_part_of_a_command_must_say_how_it_is_taken_up_again(lab: Lab) -> None:
    split = command(rename_in_two_transactions, invariants=())
    with pytest.raises(KillError, match="does not say how it is taken up again"):
        kill_everywhere(lab, split, among=in_commit)
    mended = command(rename_in_two_transactions, invariants=(), again=tell_what_is_missing)
    assert kill_everywhere(lab, mended, sample=6).commits == 2


def test_a_repetition_that_does_it_twice_is_found(lab: Lab) -> None:
    with pytest.raises(KillError, match=r"after #4 COMMIT: done again it comes to \['2'\]"):
        kill_everywhere(lab, command(rename, again=rename_twice), among=in_commit)


def test_invariants_that_fail_before_any_kill_are_told_at_once(lab: Lab) -> None:
    with pytest.raises(KillError, match="its scene: never_content: this is wrong"):
        kill_everywhere(lab, command(rename, invariants=(never_content,)))


def test_commands_that_do_nothing_or_fail_prove_nothing(lab: Lab) -> None:
    with pytest.raises(RuntimeError, match="changes nothing"):
        kill_everywhere(lab, command(only_look))
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        kill_everywhere(lab, command(break_down))


def test_a_sample_has_the_last_commit_and_is_the_same_for_a_seed(lab: Lab) -> None:
    from tests.harness.kills import _sample

    points = [Point(n, when, "SELECT", (0,)) for n in range(1, 20) for when in ("before", "after")]
    points.append(Point(20, "during", "COMMIT", (0,)))
    drawn = _sample(points, 7, 3)
    assert drawn == _sample(points, 7, 3) != _sample(points, 7, 4)
    assert len(drawn) == 7
    assert drawn[-1] == points[-1]
    assert _sample(points, None, 3) == points


def test_only_functions_of_a_module_can_be_called_elsewhere() -> None:
    assert path_of(rename) == f"{__name__}:rename"
    with pytest.raises(ValueError, match="cannot be called from another process"):
        path_of(lambda: None)


def test_a_killed_server_keeps_what_it_answered_for(lab: Lab) -> None:
    """Killed in the last commit and just after it, on a server that then recovers."""
    report = kill_everywhere(lab, command(rename), whom="server", among=in_commit)
    assert report.kills == 3


def test_keys_of_new_rows_are_the_same_after_crashes_before(lab: Lab) -> None:
    """A recovery lets sequences jump ahead; the scene must not be moved by it."""
    report = kill_everywhere(lab, command(found_another), whom="server")
    assert report.kills == report.places == 7


def test_a_commit_that_does_not_reach_the_disk_is_found(lab: Lab) -> None:
    """The control of the kill of the server: an answered commit that a crash takes back."""
    with pytest.raises(KillError, match=r"after #5 COMMIT: .*half done: core_company"):
        kill_everywhere(
            lab, command(rename_without_waiting_for_the_disk), whom="server", among=in_commit
        )
