"""Whether documents of a type count is switched from today on; days before stay as they were."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.clock import business_day
from core.models import AuditEvent
from documents.models import Document, DocumentState, DocumentType
from documents.services.types import type_counts_set
from documents.tasks import recheck_held_settings
from tests.documents.chains import EVERY_CHOICE, Chain, make_chain
from tests.factories.core import UserFactory

pytestmark = pytest.mark.django_db

YESTERDAY = timezone.localdate() - datetime.timedelta(days=1)
type Figures = list[dict[str, Decimal]]


@pytest.fixture
def chain() -> Chain:
    """An order of ten at 10.00, four delivered, one of them invoiced and posted."""
    with business_day(YESTERDAY):
        chain = make_chain(limit=1000)
        order = chain.order(10, 10)
        note = chain.deliver(order, quantity=4)
        chain.post(chain.accept(chain.invoice(note, quantity=1)))
        chain.order(3, 10)
    return chain


def figures(chain: Chain, **asked: object) -> Figures:
    return [chain.amounts(terms, **asked) for terms in EVERY_CHOICE]


def switch(code: str, *, counts: bool) -> None:
    type_counts_set(type_=DocumentType.objects.get(code=code), counts=counts)


@pytest.mark.parametrize("code", ["order", "delivery", "invoice"])
def test_days_before_the_switch_stay_and_today_is_told_the_same_twice(
    chain: Chain, code: str
) -> None:
    before = figures(chain)
    yesterday = figures(chain, as_of=YESTERDAY)
    moment = timezone.now()

    switch(code, counts=False)

    now = figures(chain)
    again = figures(chain, known_at=timezone.now())
    assert figures(chain, as_of=YESTERDAY) == yesterday
    assert figures(chain, as_of=YESTERDAY, known_at=moment) == yesterday
    assert figures(chain, known_at=moment) == before
    switch(code, counts=True)
    back = figures(chain)

    assert again == now
    assert back == before
    assert (now != before) is (code != "invoice")  # nothing is left that an invoice would count


def test_what_is_over_and_what_never_stood_keeps_no_new_state(chain: Chain) -> None:
    chain.write("order", 1, 1)
    over = chain.order(1, 1)
    chain.post(chain.accept(chain.invoice(over)))
    kept = set(DocumentState.objects.values_list("pk", flat=True))

    switch("order", counts=False)

    fresh = DocumentState.objects.exclude(pk__in=kept)
    standing = Document.objects.filter(type__code="order", is_live=True)
    assert {state.document_id for state in fresh} == {order.pk for order in standing}
    assert {state.counts for state in fresh} == {False}
    assert over.pk not in {state.document_id for state in fresh}


def test_the_page_of_the_type_switches_it_and_holds_are_asked_again(
    chain: Chain, client: Client
) -> None:
    chain.world.limit(170)
    held = chain.submit(chain.write("order", 10, 10)).document
    assert held.status == "held"
    client.force_login(UserFactory(role="admin", is_staff=True))
    type_ = DocumentType.objects.get(code="order")
    data = {
        "code": "order",
        "name": type_.name,
        "sequence_code": "order",
        "number_prefix": "SO-",
        "over_delivery_percent": "0",
        "prices_on_paper": "on",
        "is_active": "on",
    }
    kept = DocumentState.objects.count()

    answer = client.post(reverse("admin:documents_documenttype_change", args=[type_.pk]), data)

    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert DocumentState.objects.count() > kept
    event = AuditEvent.objects.filter(action="core.setting.changed").get()
    recheck_held_settings(event.pk)
    held.refresh_from_db()
    assert held.status == "submitted"
    # Saved again without a change, it keeps no states again.
    kept = DocumentState.objects.count()
    client.post(reverse("admin:documents_documenttype_change", args=[type_.pk]), data)
    assert DocumentState.objects.count() == kept
