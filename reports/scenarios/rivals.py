"""Actions at the same instant: real threads, real transactions, real locks."""

from __future__ import annotations

import contextvars
from threading import Barrier, Event, Thread
from typing import TYPE_CHECKING

from django.db import connections, transaction

from core.errors import Busy
from core.locks import busy_on_timeout
from customers.locks import scope_lock
from customers.services import AccountInput, CustomerInput, customer_create
from documents.services.submit import document_submit
from reports.scenarios import papers
from reports.scenarios.actions import perform
from reports.scenarios.doing import Doing

if TYPE_CHECKING:
    from collections.abc import Callable

    from reports.scenarios.cases import Action
    from reports.scenarios.world import World

PATIENCE_SECONDS = 30
BYSTANDER = "bystander"


def at_once(doing: Doing, parts: tuple[Action, ...]) -> None:
    """Start every action in a thread and transaction of its own, all at the same moment."""
    barrier = Barrier(len(parts))
    doings = [Doing(doing.world) for _part in parts]
    failures: list[BaseException] = []

    def job(own: Doing, part: Action) -> Callable[[], None]:
        def run() -> None:
            barrier.wait(PATIENCE_SECONDS)
            perform(own, part)

        return run

    _run([job(own, part) for own, part in zip(doings, parts, strict=True)], failures)
    if failures:
        raise failures[0]
    for part in doings:
        doing.touched += [name for name in part.touched if name not in doing.touched]
        doing.answers |= part.answers
        doing.answer = part.answer


def others_wait(world: World, customer: str | None, company: str | None) -> bool:
    """Whether an order of another customer has to wait while this customer's scope is locked."""
    account = world.account(customer, company)
    clerk = world.user("clerk")
    stranger = customer_create(
        fields=CustomerInput(code=BYSTANDER, name=BYSTANDER),
        accounts=[AccountInput(company=account.company, currency=account.currency)],
        actor=None,
    )
    world.customers[BYSTANDER] = stranger
    document = papers.order_save(
        world, {"id": "bystander-order", "customer": BYSTANDER, "gross": 1}, clerk
    )
    locked, tried = Event(), Event()
    waited: list[bool] = []
    failures: list[BaseException] = []

    def hold() -> None:
        with busy_on_timeout(), transaction.atomic():
            scope_lock(account_ids=[account.pk])
            locked.set()
            tried.wait(PATIENCE_SECONDS)

    def pass_by() -> None:
        locked.wait(PATIENCE_SECONDS)
        try:
            document_submit(document=document, actor=clerk, as_of=world.today)
            waited.append(False)
        except Busy:
            waited.append(True)
        finally:
            tried.set()

    _run([hold, pass_by], failures)
    if failures:
        raise failures[0]
    return waited[0]


def _run(jobs: list[Callable[[], None]], failures: list[BaseException]) -> None:
    """Run jobs in threads that see the same business day; collect what they raise."""

    def guarded(job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [
        Thread(target=contextvars.copy_context().run, args=(guarded, job), daemon=True)
        for job in jobs
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS * 2)
    if any(thread.is_alive() for thread in threads):
        failures.append(TimeoutError("an action did not come to an end"))
