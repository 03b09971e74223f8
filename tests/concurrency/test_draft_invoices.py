"""A draft invoice counts as soon as it is saved, so it waits for whoever is asking for credit."""

from __future__ import annotations

from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.db import transaction

from core.errors import Busy
from credit_limits.selectors import credit_position
from customers.locks import scope_lock
from documents.models import Document, DocumentType
from documents.services.save import order_create, order_update
from documents.services.steps import document_cancel
from tests.harness.pauses import boundaries, paused
from tests.world import TODAY, World, line, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return make_world(limit=1000)


def draft(world: World, code: str) -> Document:
    return order_create(
        header=world.header(type=DocumentType.objects.get(code=code)),
        lines=[line(60)],
        actor=world.clerk,
    )


@contextmanager
def scope_locked(world: World) -> Iterator[None]:
    """Another transaction holds the customer's scope meanwhile."""

    def hold() -> None:
        with transaction.atomic():
            scope_lock(account_ids=[world.account.pk])

    commit = next(each for each in boundaries(lambda: hold) if each.event.is_commit)
    with paused(hold, at=commit):
        yield


def test_saving_a_draft_invoice_waits_and_leaves_nothing_half_written(world: World) -> None:
    with scope_locked(world), pytest.raises(Busy):
        draft(world, "invoice")

    assert not Document.objects.exists()
    assert credit_position(account=world.account, as_of=TODAY).total == 0


def test_a_draft_order_counts_nothing_and_does_not_wait(world: World) -> None:
    with scope_locked(world):
        draft(world, "order")

    assert Document.objects.get().status == "draft"


def test_rewriting_and_cancelling_a_draft_invoice_wait(world: World) -> None:
    document = draft(world, "invoice")
    header = world.header(type=document.type)

    with scope_locked(world), pytest.raises(Busy):
        order_update(
            document=document,
            header=header,
            lines=[line(90)],
            version=document.version,
            actor=world.clerk,
        )
    with scope_locked(world), pytest.raises(Busy):
        document_cancel(document=document, actor=world.clerk)

    document.refresh_from_db()
    assert (document.status, document.gross_amount) == ("draft", Decimal(60))
