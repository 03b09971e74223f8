"""The day of the open items: one that is over or today, written as everywhere else."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.urls import reverse

from core.clock import today
from core.dates import day_text
from tests.factories.core import UserFactory
from tests.factories.ledger import OpenItemFactory

pytestmark = pytest.mark.django_db


def test_a_day_to_come_is_refused_and_a_past_day_is_written_in_words(client: Client) -> None:
    client.force_login(UserFactory(is_superuser=True))
    OpenItemFactory(amount=100, number="F1", document_on=today() - datetime.timedelta(days=9))
    url = reverse("ledger:item_list")

    ahead = client.get(url, {"as_of": (today() + datetime.timedelta(days=1)).isoformat()})
    before = today() - datetime.timedelta(days=2)
    past = client.get(url, {"as_of": before.isoformat()}).content.decode()

    assert "Figures of a day to come are not known" in ahead.content.decode()
    assert "F1" not in ahead.content.decode()
    assert "F1" in past
    chips = client.get(url, {"as_of": before.isoformat()}).context["filter"].active
    assert [chip.value for chip in chips] == [day_text(before)]
