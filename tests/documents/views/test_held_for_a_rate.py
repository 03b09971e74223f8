"""What is held because a rate is missing says so: nobody is asked to approve it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from credit_limits.engine.types import Checkpoint
from credit_limits.selectors import credit_preview
from documents.asking import asked_document
from documents.credit_box import credit_box
from documents.models import Document
from documents.services.steps import document_close
from documents.services.submit import document_submit
from tests.factories.core import CurrencyFactory, ExchangeRateFactory, UserFactory
from tests.world import TODAY, World

pytestmark = pytest.mark.django_db

UNTIL = "held until the exchange rate is entered"


def taken(client: Client, step: str, document: Document) -> str:
    """The page after a step."""
    url = reverse(f"documents:{step}", args=[document.pk])
    return client.post(url, {"version": document.version}, follow=True).content.decode()


@pytest.fixture
def francs(world: World) -> Document:
    return world.order(100, currency=CurrencyFactory(code="CHF"))


def test_submitting_and_its_preview_wait_for_the_rate(
    world: World, clerk: Client, francs: Document
) -> None:
    asked = asked_document(francs, checkpoint=Checkpoint.SUBMIT)
    preview = credit_preview(
        account=world.account, asked=asked, checkpoint=Checkpoint.SUBMIT, as_of=TODAY
    )
    assert UNTIL in credit_box(world.account, preview).verdict

    page = clerk.post(
        reverse("documents:order_submit", args=[francs.pk]),
        {"version": francs.version},
        follow=True,
    ).content.decode()

    assert UNTIL in page
    assert "waits for approval" not in page


def test_reopening_waits_for_the_rate(world: World, francs: Document, client: Client) -> None:
    """The rate by which it was accepted has been withdrawn since it was closed."""
    rate = {"from_currency": francs.currency, "valid_on": TODAY}
    ExchangeRateFactory(**rate)
    document_submit(document=francs, actor=world.clerk, as_of=TODAY)
    document_close(document=francs, actor=world.clerk, as_of=TODAY)
    ExchangeRateFactory(**rate, entered_at=timezone.now(), is_withdrawn=True)
    francs.refresh_from_db()
    client.force_login(UserFactory(is_superuser=True))

    page = client.post(
        reverse("documents:order_reopen", args=[francs.pk]),
        {"version": francs.version},
        follow=True,
    ).content.decode()

    francs.refresh_from_db()
    assert francs.status == "closed"
    assert f"reopening is {UNTIL}" in page


def test_what_is_held_for_its_amount_waits_for_approval(world: World, clerk: Client) -> None:
    large = world.order(5000)

    page = taken(clerk, "order_submit", large)

    assert "is held and waits for approval" in page
    assert UNTIL not in page
