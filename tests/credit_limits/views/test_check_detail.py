"""Why? Every rule of a stored check, with its figures, and whether deciding again says the same."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.test import Client

from core.models import User
from credit_limits.models import CheckFinding, CreditCheck
from credit_limits.replay import compare
from credit_limits.selectors import check_replay
from documents.services.submit import document_submit
from tests.factories.core import CompanyFactory, UserFactory
from tests.world import TODAY, World

pytestmark = pytest.mark.django_db


def checked(world: World, gross: int = 1100) -> CreditCheck:
    document = world.order(gross)
    return document_submit(document=document, actor=world.clerk, as_of=TODAY).check


def test_every_rule_is_listed_the_passed_ones_too(world: World, manager: Client) -> None:
    world.item(200, due_on=TODAY - datetime.timedelta(days=21))
    check = checked(world)

    response = manager.get(f"/credit/checks/{check.pk}/")

    rows = {row.rule: row for row in response.context["rows"]}
    assert len(rows) == check.findings.count() == 12
    limit = rows["Limit exceeded"]
    assert (limit.found, limit.allowed, limit.effect) == ("1,300.00", "1,000.00", "hold")
    late = rows["Days overdue"]
    assert (late.found, late.allowed, late.effect) == ("21 days", "10 days", "hold")
    assert late.sources[0][0] == "debit-1"
    assert limit.sources[0][1] == f"/reports/exposure/{world.account.pk}/total/?as_of={TODAY}"
    assert f"customer={world.account.customer_id}&state=overdue" in late.sources[0][1]
    for row in rows.values():
        for _words, url in row.sources:
            assert url == "" or manager.get(url).status_code == 200, url
    status = rows["Customer status"]
    assert (status.found, status.effect) == ("Released", "ok")
    assert (rows["Maximum value of one document"].effect, rows["Amount overdue"].off_word) == (
        "off",
        "Switched off",
    )
    page = response.content.decode()
    for row in rows.values():
        assert row.rule in page
    assert "by 300.00 EUR" in page
    assert "What would have made it pass" in page
    assert f'href="/orders/{check.subject_id}/"' in page


def test_what_stopped_it_stands_first(world: World, manager: Client) -> None:
    check = checked(world)

    effects = [row.effect for row in manager.get(f"/credit/checks/{check.pk}/").context["rows"]]

    assert effects[0] == "hold"
    assert effects == sorted(effects, key=["refuse", "hold", "warn", "note", "ok", "off"].index)


def test_a_replay_gives_the_same_verdict(world: World, manager: Client) -> None:
    check = checked(world)
    world.limit(9999, valid_from=TODAY)
    world.item(500)

    response = manager.get(f"/credit/checks/{check.pk}/?replay=1")

    assert response.context["replay"].is_same
    assert "Same verdict" in response.content.decode()
    assert CreditCheck.objects.count() == 1


def test_without_asking_nothing_is_replayed(world: World, manager: Client) -> None:
    check = checked(world)

    response = manager.get(f"/credit/checks/{check.pk}/")

    assert response.context["replay"] is None
    assert "Same verdict" not in response.content.decode()


def test_htmx_gets_only_the_verdict_of_the_replay(world: World, manager: Client) -> None:
    check = checked(world)

    response = manager.get(f"/credit/checks/{check.pk}/?replay=1", headers={"HX-Request": "true"})

    page = response.content.decode()
    assert page.strip().startswith('<div id="replay"')
    assert "Same verdict" in page
    assert "<html" not in page


def test_a_different_verdict_is_told_figure_by_figure(world: World) -> None:
    check = checked(world)
    findings = list(check.findings.all())
    check.outcome, check.projected = "pass", check.projected + 1
    findings[0] = CheckFinding(
        rule=findings[0].rule, scope=findings[0].scope, reason="STATUS_BLOCKED", effect="refuse"
    )

    replay = compare(check, findings, check_replay(check))

    assert not replay.is_same
    text = "\n".join(replay.differences)
    assert "Outcome: stored pass, now hold" in text
    assert "Projected: stored 1101.00, now 1100.00" in text
    assert "STATUS_BLOCKED" in text
    assert len(replay.differences) == 3


def test_figures_that_cannot_be_read_any_more_are_said(
    world: World, manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = checked(world)
    monkeypatch.setattr("credit_limits.engine.serialise.SCHEMA", 2)

    response = manager.get(f"/credit/checks/{check.pk}/?replay=1")

    assert response.status_code == 200
    assert "cannot be read any more" in response.content.decode()
    assert "Limit exceeded" in response.content.decode()


def test_other_checks_of_the_same_order_are_linked(world: World, manager: Client) -> None:
    first = checked(world)
    world.limit(5000, valid_from=TODAY)
    document = world.clerk  # the same order, submitted again
    from documents.models import Document

    order = Document.objects.get(pk=first.subject_id)
    second = document_submit(document=order, actor=document, as_of=TODAY).check

    page = manager.get(f"/credit/checks/{second.pk}/").content.decode()

    assert f'href="/credit/checks/{first.pk}/"' in page


def test_a_check_of_another_company_is_not_found(
    world: World, login: Callable[[User], Client]
) -> None:
    check = checked(world)
    stranger = UserFactory(role="credit_manager", companies=[CompanyFactory(code="FR01")])
    nobody = UserFactory(companies=[world.company])

    assert login(stranger).get(f"/credit/checks/{check.pk}/").status_code == 404
    assert login(nobody).get(f"/credit/checks/{check.pk}/").status_code == 403
