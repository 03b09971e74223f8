"""The audit trail cannot be changed, and is read as sentences with links."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from core import audit, events
from core.links import absolute, subject_url
from core.models import AuditEvent
from core.selectors import timeline_for, timeline_for_customer
from tests.factories.approvals import RequestFactory
from tests.factories.core import UserFactory
from tests.factories.customers import CustomerFactory

pytestmark = pytest.mark.django_db

CREATED = "customers.customer.created"


def recorded(customer, actor=None, **data) -> AuditEvent:
    return events.record(
        CREATED,
        customer,
        actor=actor,
        customer_id=customer.pk,
        data={"code": customer.code, "companies": [], **data},
    )


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE core_auditevent SET actor_name = 'somebody else' WHERE id = %s",
        "UPDATE core_auditevent SET data = '{}' WHERE id = %s",
        "DELETE FROM core_auditevent WHERE id = %s",
    ],
)
def test_the_database_refuses_to_change_history(sql):
    event = recorded(CustomerFactory())
    with (
        pytest.raises(DatabaseError, match="Cannot update or delete rows"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, [event.pk])
    kept = AuditEvent.objects.get(pk=event.pk)
    assert (kept.actor_name, kept.data) == (event.actor_name, event.data)


def test_neither_does_the_orm_get_around_it():
    event = recorded(CustomerFactory())
    event.actor_name = "somebody else"
    with pytest.raises(DatabaseError), transaction.atomic():
        event.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEvent.objects.all().delete()
    assert AuditEvent.objects.get().actor_name == events.SYSTEM_NAME


def test_recording_keeps_names_request_and_figures():
    actor = UserFactory(first_name="Sara", last_name="Rossi")
    token = events.request_id.set("11111111-2222-3333-4444-555555555555")
    try:
        event = recorded(CustomerFactory(name="Bianchi"), actor)
    finally:
        events.request_id.reset(token)
    event.refresh_from_db()
    assert event.actor_name == "Sara Rossi"
    assert event.subject_text == "Bianchi"
    assert event.request_id == "11111111-2222-3333-4444-555555555555"


def test_an_action_without_a_sentence_is_not_recorded():
    with pytest.raises(ValueError, match="no sentence"):
        events.record("customers.customer.winked", CustomerFactory(), actor=None)
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_recording_needs_the_transaction_of_its_command():
    with pytest.raises(RuntimeError):
        recorded(CustomerFactory())
    assert not AuditEvent.objects.exists()


def test_one_action_has_one_sentence():
    with pytest.raises(ValueError, match="two renderers"):
        audit.renders(CREATED)(str)


def test_a_sentence_without_its_figures_still_reads():
    event = recorded(CustomerFactory())
    event.data = {}
    assert audit.sentence(event) == f"{CREATED} (figures missing)"
    event.action = "customers.customer.forgotten"
    assert audit.sentence(event) == "customers.customer.forgotten"


def test_the_timeline_of_one_thing_is_newest_first_and_only_its_own(django_assert_num_queries):
    customer, other = CustomerFactory(code="C-1"), CustomerFactory(code="C-2")
    sara = UserFactory(username="sara")
    recorded(customer)
    recorded(other)
    recorded(customer, sara)
    with django_assert_num_queries(1):
        entries = timeline_for(customer)
    assert [entry.actor for entry in entries] == ["Sara", ""]
    assert all("C-1" in entry.sentence for entry in entries)
    assert all(entry.url == "" for entry in entries)
    assert len(timeline_for(customer, limit=1)) == 1


def test_the_timeline_of_a_customer_names_and_opens_each_thing(django_assert_num_queries):
    request = RequestFactory(subject_text="SO-7")
    customer = request.account.customer
    recorded(customer)
    events.record(
        "approvals.step.approved",
        request,
        actor=UserFactory(username="aldo"),
        customer_id=customer.pk,
        data={"subject": "SO-7", "amount": "10.00", "currency": "EUR", "step": 1, "reason": "ok"},
    )
    recorded(CustomerFactory())
    with django_assert_num_queries(1):
        newest, first = timeline_for_customer(customer.pk)
    assert newest.sentence.startswith(
        "Release of a document: SO-7: Step 1 approved for SO-7, 10.00"
    )
    assert newest.url == subject_url("approvals.approvalrequest", request.pk)
    assert newest.tone == "ok"
    assert first.url == subject_url("customers.customer", customer.pk)
    assert not first.sentence.startswith(str(customer))


def test_a_subject_without_a_page_has_no_link(settings):
    settings.SITE_URL = "https://affido.example"
    assert subject_url("core.currency", 1) == ""
    assert subject_url("approvals.approvalrequest", 3) == "/inbox/3/"
    assert absolute("/inbox/3/") == "https://affido.example/inbox/3/"
