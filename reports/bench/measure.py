"""Timing both ways in turn: the service, and the floor."""

from __future__ import annotations

import gc
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Any

from celery import current_app
from django.db import connection

from documents.models import Document
from documents.services.submit import document_submit
from reports.bench.floor import Floor, Recording, written
from reports.bench.portfolio import Portfolio, build

WARM_UP = 10
CUSTOMERS = 4


@dataclass(slots=True)
class Series:
    """Times of one size, in milliseconds."""

    open_items: int
    service: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Measured:
    """All series, the statements of one submit, and how busy the machine was (1 min load)."""

    series: list[Series]
    statements: int
    customers: int
    load_before: float
    load_after: float


def percentile(times: Sequence[float], percent: int) -> float:
    """The nearest-rank percentile: a time that was really measured."""
    ordered = sorted(times)
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1]


def measure(
    rounds: Mapping[int, int],
    *,
    customers: int = CUSTOMERS,
    warm_up: int = WARM_UP,
    say: Callable[[str], None] = print,
) -> Measured:
    """Time `rounds` (open items → how often) on the empty, migrated database we are connected to.

    In every round one draft goes through the service and one through the floor, now the one first
    and now the other. Drafts are made and orders ended outside the measured time.
    """
    load = os.getloadavg()[0]
    say("Making customers and their ledgers …")
    with _no_broker(), Floor() as floor:
        portfolio = build(list(rounds), customers)
        smallest = portfolio.accounts[min(rounds)][0]
        recorded = portfolio.draft(smallest, 0)
        recording = Recording.of(portfolio, recorded)
        _same_rows(portfolio, recording, floor, recorded)
        say(f"Submitting {2 * sum(rounds.values())} orders …")
        series = {size: Series(size) for size in rounds}
        for size in rounds:
            for number in range(warm_up):
                _round(portfolio, recording, floor, Series(size), number)
        for size, number in _schedule(rounds):
            _round(portfolio, recording, floor, series[size], number)
    return Measured(
        list(series.values()), len(recording.statements), customers, load, os.getloadavg()[0]
    )


def _schedule(rounds: Mapping[int, int]) -> list[tuple[int, int]]:
    """All rounds as (size, number), the sizes spread evenly over the whole time.

    When the machine is busier for a while, every size bears its share of it.
    """
    all_rounds = [
        (number / count, size) for size, count in rounds.items() for number in range(count)
    ]
    return [(size, round(part * rounds[size])) for part, size in sorted(all_rounds)]


def _round(
    portfolio: Portfolio, recording: Recording, floor: Floor, series: Series, number: int
) -> None:
    accounts = portfolio.accounts[series.open_items]
    account = accounts[number % len(accounts)]
    ours, bare = portfolio.draft(account, number), portfolio.draft(account, number)
    works = [partial(_submit, portfolio, ours), partial(floor.run, recording.adapted(bare))]
    gc.collect(0)
    first = number % 2
    times = {first: _timed(works[first]), 1 - first: _timed(works[1 - first])}
    series.service.append(times[0])
    series.floor.append(times[1])
    portfolio.end([ours, bare])


def _submit(portfolio: Portfolio, document: Document) -> None:
    result = document_submit(document=document, actor=portfolio.clerk)
    if not result.passed:
        msg = f"{document} was held: {result.outcome.value}"
        raise RuntimeError(msg)


def _timed(work: Callable[[], Any]) -> float:
    start = perf_counter()
    work()
    return (perf_counter() - start) * 1000


def _same_rows(
    portfolio: Portfolio, recording: Recording, floor: Floor, recorded: Document
) -> None:
    """Prove that the floor writes what the service writes, before anything is timed."""
    bare = portfolio.draft(recorded.account, 0)
    floor.run(recording.adapted(bare))
    ours, theirs = written(recorded), written(bare)
    if ours != theirs or not all(ours.values()):
        msg = f"the floor wrote {theirs}, the service {ours}"
        raise RuntimeError(msg)
    portfolio.end([recorded, bare])


@contextmanager
def _no_broker() -> Iterator[None]:
    """Work after commit stays in this process: no worker may hear of a scratch database."""
    before = current_app.conf.task_always_eager
    current_app.conf.task_always_eager = True
    try:
        yield
    finally:
        current_app.conf.task_always_eager = before


def server_version() -> str:
    """The version of the database server, such as "17.10"."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0]).split()[0]
