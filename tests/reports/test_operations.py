"""Jobs, alerts and the audit trail."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEvent, JobRun
from credit_limits.models import Alert
from customers.services import customer_status_set
from reports.sentences import alert_sentence
from tests.factories.core import CompanyFactory, UserFactory
from tests.reports.books import account_in, statements
from tests.world import TODAY, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client


@pytest.fixture
def client(world: World, as_user: Callable[..., Client]) -> Client:
    return as_user(world.manager)


def alert_of(world: World, **values: object) -> Alert:
    return Alert.objects.create(
        **{"account": world.account, "kind": "overdue", "as_of": TODAY, **values}
    )


def run_of(**values: object) -> JobRun:
    return JobRun.objects.create(
        **{
            "name": "nightly",
            "as_of": TODAY,
            "status": "done",
            "finished_at": timezone.now() + datetime.timedelta(seconds=12),
            "counts": {"accounts": 63, "alerts": 2},
            **values,
        }
    )


class TestJobs:
    def test_the_list_tells_counts_and_errors(self, client: Client, world: World) -> None:
        run_of()
        run_of(status="failed", errors=["account 7: no rate", "account 9: no rate"])
        text = client.get(reverse("reports:job_list")).content.decode()
        assert "Nightly run" in text
        assert "accounts 63" in text
        assert "Failed" in text
        failed = client.get(f"{reverse('reports:job_list')}?status=failed")
        assert len(failed.context["table"].rows) == 1

    def test_a_run_shows_every_error(self, client: Client) -> None:
        run = run_of(
            counts={"proof_misses": 0},
            errors=["account 7: no rate", {"stage": "snapshots", "error": "boom"}],
        )
        other = run_of()
        text = client.get(reverse("reports:job_detail", args=[run.pk])).content.decode()
        assert "account 7: no rate" in text
        assert "snapshots" in text
        assert "boom" in text
        assert "<dd>0</dd>" in text
        assert reverse("reports:job_detail", args=[other.pk]) in text

    def test_a_run_that_still_works_says_so(self, client: Client) -> None:
        run = run_of(status="running", finished_at=None)
        text = client.get(reverse("reports:job_detail", args=[run.pk])).content.decode()
        assert "last sign of life" in text

    def test_who_may_see_them(self, world: World, as_user) -> None:
        clerk = as_user(UserFactory(role="sales"))
        assert clerk.get(reverse("reports:job_list")).status_code == 403


class TestAlerts:
    def test_the_figures_are_told(self, world: World) -> None:
        over = alert_of(
            world,
            kind="over_limit",
            facts={"total": "1200.00", "headroom": "-200.00", "limit": "1000.00"},
        )
        late = alert_of(world, facts={"overdue": "50.00", "days": 1, "currency": "EUR"})
        bare = alert_of(world, as_of=TODAY - datetime.timedelta(days=1))
        assert "1,200.00 of 1,000.00 EUR, over by 200.00" in alert_sentence(over)
        assert "50.00 EUR, the oldest for 1 day" in alert_sentence(late)
        assert "not stored" in alert_sentence(bare)

    def test_only_alerts_of_visible_accounts(self, world: World, client: Client, as_user) -> None:
        hidden = account_in(world, "Hidden", CompanyFactory(code="XX"))
        alert_of(world)
        foreign = alert_of(world, account=hidden)
        response = client.get(reverse("reports:alert_list"))
        assert [row.record.account for row in response.context["table"].rows] == [world.account]
        answer = client.post(reverse("reports:alert_seen", args=[foreign.pk]))
        assert answer.status_code == 404
        foreign.refresh_from_db()
        assert foreign.seen_at is None

    def test_taking_note_once(self, world: World, client: Client) -> None:
        alert = alert_of(world)
        url = reverse("reports:alert_seen", args=[alert.pk])
        assert client.get(url).status_code == 405
        assert client.post(url)["Location"] == reverse("reports:alert_list")
        alert.refresh_from_db()
        assert alert.seen_by == world.manager
        seen_at = alert.seen_at
        event = AuditEvent.objects.get(action="credit_limits.alert.seen")
        assert event.customer_id == world.account.customer_id
        client.post(url)
        alert.refresh_from_db()
        assert alert.seen_at == seen_at
        assert AuditEvent.objects.filter(action="credit_limits.alert.seen").count() == 1

    def test_who_may_only_look_sees_no_button(self, world: World, as_user) -> None:
        alert = alert_of(world)
        reader = as_user(UserFactory(role="auditor"))
        assert "Mark as seen" not in reader.get(reverse("reports:alert_list")).content.decode()
        assert reader.post(reverse("reports:alert_seen", args=[alert.pk])).status_code == 403
        alert.refresh_from_db()
        assert alert.seen_at is None

    def test_filters(self, world: World, client: Client) -> None:
        alert_of(world, seen_at=timezone.now(), seen_by=world.manager)
        alert_of(world, kind="over_limit")

        def kinds(query: str) -> list[str]:
            rows = client.get(f"{reverse('reports:alert_list')}?{query}").context["table"].rows
            return [row.record.kind for row in rows]

        assert kinds("seen=no") == ["over_limit"]
        assert kinds("seen=yes") == ["overdue"]
        assert kinds("kind=overdue") == ["overdue"]
        assert kinds("since=2026-04-01") == []
        assert len(kinds("")) == 2


class TestAudit:
    def test_filters_by_actor_action_subject_and_day(self, world: World, client: Client) -> None:
        customer_status_set(
            customer=world.account.customer,
            status="blocked",
            reason="x",
            actor=world.manager,
            on=TODAY,
        )
        url = reverse("reports:audit_list")

        def actions(query: str) -> set[str]:
            rows = client.get(f"{url}?{query}").context["table"].rows
            return {row.record.action for row in rows}

        changed = "customers.customer.status_changed"
        assert changed in actions("")
        assert actions(f"actor={world.manager.pk}") == {changed}
        assert actions(f"action={changed}") == {changed}
        assert actions(f"q={world.account.customer.name.split()[-1]}") >= {changed}
        assert actions("since=2026-04-01") == set()
        assert changed in actions("until=2026-03-31")
        text = client.get(f"{url}?action={changed}").content.decode()
        assert "Status changed from Released to Blocked" in text

    def test_events_of_foreign_companies_and_customers_are_not_there(
        self, world: World, client: Client, as_user
    ) -> None:
        hidden = account_in(world, "Hidden", CompanyFactory(code="XX"))
        world.limit(77777, account=hidden)
        customer_status_set(
            customer=hidden.customer, status="blocked", reason="secret", actor=None, on=TODAY
        )
        text = client.get(reverse("reports:audit_list")).content.decode()
        assert "77777" not in text
        assert "secret" not in text
        boss = as_user(UserFactory(is_superuser=True))
        text = boss.get(reverse("reports:audit_list")).content.decode()
        assert "77777" in text
        assert "secret" in text

    def test_the_number_of_statements_does_not_grow(self, world: World, client: Client) -> None:
        url = reverse("reports:audit_list")
        client.get(url)
        few = statements(lambda: client.get(url))
        for _ in range(20):
            world.order(10)
        assert statements(lambda: client.get(url)) == few

    def test_who_may_read_it(self, world: World, as_user) -> None:
        treasurer = as_user(UserFactory(role="treasury"))
        assert treasurer.get(reverse("reports:audit_list")).status_code == 403
