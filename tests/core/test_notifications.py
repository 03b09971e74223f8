"""Notifications: rows at once, mails after commit, never twice, never lost."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from celery import current_app
from django.core import mail
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone, translation
from kombu.exceptions import OperationalError

from core import notifications, tasks
from core.models import Notification
from core.notifications import (
    RESEND_DAYS,
    Text,
    notifications_email,
    notifications_email_pending,
    notify,
)
from tests.factories.core import UserFactory

CODE = "tests.greeting"

notifications.renders(CODE)(
    lambda params: Text(
        f"Hello {params['who']}", f"{params['who']} says hello.", (f"Sum: {params['sum']}",)
    )
)

LANGUAGE_CODE = "tests.language"

notifications.renders(LANGUAGE_CODE)(lambda _params: Text(translation.get_language(), "x"))


def greet(*users, who="Sara", url="/notifications/"):
    with transaction.atomic():
        return notify(users=users, code=CODE, params={"who": who, "sum": "1.00"}, url=url)


@pytest.fixture
def queued():
    """Takes the mail tasks out of the (in-memory) broker: the ids of each."""

    def drain() -> list[list[int]]:
        found: list[list[int]] = []
        with current_app.connection_for_read() as link, link.SimpleQueue("celery") as queue:
            while True:
                try:
                    message = queue.get(block=False)
                except queue.Empty:
                    return found
                message.ack()
                (ids,), _kwargs, _embed = message.payload
                found.append(ids)

    drain()
    return drain


@pytest.mark.django_db
def test_one_row_each_without_doubles_or_people_who_left():
    sara, gone = UserFactory(username="sara"), UserFactory(is_active=False)
    rows = greet(sara, sara, gone)
    assert [row.user for row in rows] == [sara]
    assert Notification.objects.count() == 1
    assert mail.outbox == []


@pytest.mark.django_db
def test_a_code_without_words_is_refused():
    with pytest.raises(ValueError, match="no text"), transaction.atomic():
        notify(users=[UserFactory()], code="tests.unknown", params={}, url="")
    assert not Notification.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_mail_is_queued_only_after_commit(queued):
    user = UserFactory()
    with transaction.atomic():
        (row,) = notify(users=[user], code=CODE, params={"who": "S", "sum": 1}, url="")
        assert queued() == []
    assert queued() == [[row.pk]]


@pytest.mark.django_db(transaction=True)
def test_a_rollback_leaves_neither_row_nor_mail(queued):
    user = UserFactory()
    with transaction.atomic():
        notify(users=[user], code=CODE, params={"who": "S", "sum": 1}, url="")
        transaction.set_rollback(True)
    assert queued() == []
    assert not Notification.objects.exists()
    assert notifications_email_pending() == 0
    assert mail.outbox == []


@pytest.fixture
def broker_away(monkeypatch, tmp_path, queued):
    """A broker address behind which nobody listens, for everything that is sent."""
    url = f"redis+socket://{tmp_path}/nobody-listens.sock"
    with monkeypatch.context() as patch:
        patch.setattr(current_app.conf, "broker_write_url", url)
        forget_connections()
        yield
    forget_connections()


def forget_connections() -> None:
    """Let Celery connect anew, to whatever address is set now."""
    app: Any = current_app
    app.amqp._producer_pool = None
    app._pool = None


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_does_not_break_the_command_and_loses_nothing(broker_away):
    greet(UserFactory())
    assert Notification.objects.get().emailed_at is None
    assert notifications_email_pending() == 1
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_the_broker_was_really_away(broker_away):
    with pytest.raises(OperationalError):
        tasks.send_notification_emails.delay([1])


@pytest.mark.django_db
def test_the_task_sends_once_however_often_it_runs(settings):
    settings.SITE_URL = "https://affido.example"
    user = UserFactory(first_name="Aldo", email="aldo@example.com")
    (row,) = greet(user)
    tasks.send_notification_emails([row.pk])
    tasks.send_notification_emails([row.pk])
    assert notifications_email_pending() == 0
    (message,) = mail.outbox
    assert message.to == ["aldo@example.com"]
    assert message.subject == "Hello Sara"
    assert "Hello Aldo" in message.body
    assert "Sara says hello." in message.body
    assert "- Sum: 1.00" in message.body
    assert "https://affido.example/notifications/" in message.body
    row.refresh_from_db()
    assert row.emailed_at is not None


@pytest.mark.django_db
def test_the_mail_speaks_the_readers_language():
    (row,) = greet(UserFactory(language="it"))
    Notification.objects.filter(pk=row.pk).update(code=LANGUAGE_CODE)
    notifications_email([row.pk])
    assert mail.outbox[0].subject == "it"


@pytest.mark.django_db
def test_a_mail_server_that_fails_leaves_the_mail_owed_and_the_others_go_out(settings):
    settings.MAILERS = {
        "default": {"BACKEND": "tests.core.test_notifications.FailingForBroken"},
    }
    broken, fine = UserFactory(email="broken@example.com"), UserFactory(email="fine@example.com")
    first, second = greet(broken, fine)
    assert notifications_email([first.pk, second.pk]) == 1
    owed = Notification.objects.filter(emailed_at=None)
    assert [row.user for row in owed] == [broken]
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    assert notifications_email_pending() == 1
    assert [message.to for message in mail.outbox][-1] == ["broken@example.com"]


@pytest.mark.django_db
def test_nobody_without_an_address_and_nothing_stale_is_mailed():
    silent = UserFactory(email="")
    (none,) = greet(silent)
    (old,) = greet(UserFactory())
    (left,) = greet(gone := UserFactory())
    gone.is_active = False
    gone.save()
    stale = timezone.now() - datetime.timedelta(days=RESEND_DAYS, minutes=1)
    Notification.objects.filter(pk=old.pk).update(created_at=stale)
    assert notifications_email_pending() == 0
    assert notifications_email([none.pk, old.pk, left.pk]) == 0
    assert mail.outbox == []


@pytest.mark.django_db
def test_line_breaks_in_names_do_not_reach_the_mail_header():
    (row,) = greet(UserFactory(), who="Sara\nBcc: all@example.com")
    notifications_email([row.pk])
    assert mail.outbox[0].subject == "Hello Sara Bcc: all@example.com"


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_send_the_same_mail():
    """A row that another transaction has claimed is left to it."""
    import threading

    (row,) = greet(UserFactory())
    Notification.objects.filter(pk=row.pk).update(emailed_at=None)
    mail.outbox.clear()
    counts = []

    def other_worker():
        try:
            counts.append(notifications_email([row.pk]))
        finally:
            connection.close()

    with transaction.atomic():
        Notification.objects.select_for_update().get(pk=row.pk)
        thread = threading.Thread(target=other_worker)
        thread.start()
        thread.join(timeout=10)
    assert counts == [0]
    assert notifications_email([row.pk]) == 1
    assert len(mail.outbox) == 1


# --- the page --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_list_shows_ones_own_and_opening_marks_as_read(client):
    sara, aldo = UserFactory(username="sara"), UserFactory(username="aldo")
    (mine,) = greet(sara, who="Carla", url="/notifications/?page=1")
    (theirs,) = greet(aldo, who="Secret")
    client.force_login(sara)
    html = client.get(reverse("core:notification_list")).content.decode()
    assert "Carla says hello." in html
    assert "Secret" not in html
    answer = client.get(reverse("core:notification_open", args=[mine.pk]))
    assert answer["Location"] == "/notifications/?page=1"
    mine.refresh_from_db()
    read_at = mine.read_at
    assert read_at is not None
    client.get(reverse("core:notification_open", args=[mine.pk]))
    mine.refresh_from_db()
    assert mine.read_at == read_at
    assert client.get(reverse("core:notification_open", args=[theirs.pk])).status_code == 404
    theirs.refresh_from_db()
    assert theirs.read_at is None


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_notification_never_leads_away(client, url):
    user = UserFactory()
    (row,) = greet(user, url=url)
    client.force_login(user)
    answer = client.get(reverse("core:notification_open", args=[row.pk]))
    assert answer["Location"] == reverse("core:notification_list")


@pytest.mark.django_db
def test_marking_all_as_read_touches_only_ones_own(client):
    sara, aldo = UserFactory(), UserFactory()
    greet(sara)
    greet(sara)
    greet(aldo)
    client.force_login(sara)
    url = reverse("core:notification_read_all")
    assert client.get(url).status_code == 405
    html = client.post(url, follow=True).content.decode()
    assert "2 notifications marked as read." in html
    assert not sara.notifications.filter(read_at=None).exists()
    assert aldo.notifications.filter(read_at=None).count() == 1


@pytest.mark.django_db
def test_the_empty_list_says_what_will_come(client):
    client.force_login(UserFactory())
    html = client.get(reverse("core:notification_list")).content.decode()
    assert "Nothing has been sent to you yet" in html


class FailingForBroken:
    """A mail server that is away for one address: a real backend, not a patch."""

    def __init__(self, **_options: object) -> None:
        self.alias = "default"

    def send_messages(self, messages):
        for message in messages:
            if "broken@example.com" in message.to:
                raise ConnectionRefusedError("mail server away")
        mail.outbox.extend(messages)
        return len(messages)
