"""The policy in the administration: saving publishes, nothing unreadable is kept."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse

from core.clock import today
from core.models import AuditEvent
from credit_limits.engine.types import Component, ExposureTerms, Include, Rule, Severity
from credit_limits.models import CreditCheck, CreditPolicy
from credit_limits.policy_content import policy_facts
from credit_limits.services.policies import policies_install_defaults
from tests.factories.core import CompanyFactory, UserFactory
from tests.reports.cycle import Cycle
from tests.world import make_world

if TYPE_CHECKING:
    from core.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return UserFactory(username="root", role="admin", is_staff=True)


@pytest.fixture
def client(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def posted(client: Client, policy: CreditPolicy, **changes: Any) -> dict[str, Any]:
    """The form of the policy as the browser would send it back, with `changes`."""
    page = client.get(reverse("admin:credit_limits_creditpolicy_change", args=[policy.pk]))
    data: dict[str, Any] = {}
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            widget = bound.field.widget
            value = bound.value()
            if hasattr(widget, "widgets"):
                parts = value if isinstance(value, list) else widget.decompress(value)
                data |= {
                    f"{bound.html_name}_{number}": part
                    for number, part in enumerate(parts)
                    if part is not None and part is not False
                }
            elif value is not None and value is not False:
                data[bound.html_name] = value
    return {**data, **changes}


def rule_prefix(client: Client, policy: CreditPolicy, rule: str) -> str:
    page = client.get(reverse("admin:credit_limits_creditpolicy_change", args=[policy.pk]))
    (inline,) = page.context["inline_admin_formsets"]
    return next(form.prefix for form in inline.formset.forms if form.instance.rule == rule)


def save(client: Client, policy: CreditPolicy, data: dict[str, Any]) -> Any:
    url = reverse("admin:credit_limits_creditpolicy_change", args=[policy.pk])
    return client.post(url, data, follow=True)


def newest(policy: CreditPolicy) -> Any:
    return policy.versions.order_by("-number").first()


def test_saving_without_a_change_publishes_nothing(client: Client) -> None:
    policy = policies_install_defaults()
    before = AuditEvent.objects.count()
    response = save(client, policy, posted(client, policy))
    assert response.status_code == 200
    assert "version 1 stays" in response.content.decode()
    assert policy.versions.count() == 1
    assert AuditEvent.objects.count() == before


def test_a_changed_rule_is_published_with_one_event(client: Client, admin: User) -> None:
    policy = policies_install_defaults()
    prefix = rule_prefix(client, policy, "near_limit")
    before = AuditEvent.objects.count()
    data = posted(client, policy, **{f"{prefix}-effect": "hold", f"{prefix}-threshold": "75"})
    save(client, policy, data)
    version = newest(policy)
    setting = policy_facts(version).setting(Rule.NEAR_LIMIT)
    assert (version.number, version.published_by) == (2, admin)
    assert (setting.severity, setting.threshold) == (Severity.HOLD, 75)
    assert AuditEvent.objects.count() == before + 1
    assert AuditEvent.objects.order_by("-pk")[0].action == "credit_limits.policy.published"


def test_parts_of_a_rule_and_of_the_policy_are_edited_in_words(client: Client) -> None:
    policy = policies_install_defaults()
    status = rule_prefix(client, policy, "customer_status")
    component = rule_prefix(client, policy, "component_limit")
    method = rule_prefix(client, policy, "payment_method")
    data = posted(
        client,
        policy,
        include_0="show",
        checkpoints=["submit", "change"],
        **{
            f"{status}-details_1": "hold",
            f"{component}-effect": "hold",
            f"{component}-details_0": "1500.50",
            f"{method}-details_0": "on",
        },
    )
    response = save(client, policy, data)
    assert response.status_code == 200
    facts = policy_facts(newest(policy))
    assert facts.includes(Component.ORDER_OPEN) is Include.SHOW
    assert facts.includes(Component.CREDITS) is Include.COUNT
    assert {step.value for step in facts.checkpoints} == {"submit", "change"}
    by_status = facts.setting(Rule.CUSTOMER_STATUS).severity_by_status
    assert by_status["blocked"] is Severity.HOLD
    assert by_status["protested"] is Severity.REFUSE
    assert str(facts.setting(Rule.COMPONENT_LIMIT).thresholds["order_open"]) == "1500.50"
    assert facts.setting(Rule.PAYMENT_METHOD).options["analyse_non_immediate"] is True
    page = client.get(reverse("admin:credit_limits_creditpolicy_change", args=[policy.pk]))
    assert "1500.50" in page.content.decode()


def test_wrong_figures_are_refused_and_nothing_is_published(client: Client) -> None:
    policy = policies_install_defaults()
    prefix = rule_prefix(client, policy, "near_limit")
    response = save(client, policy, posted(client, policy, **{f"{prefix}-threshold": "-3"}))
    assert response.status_code == 200
    assert policy.versions.count() == 1
    assert policy.rules.get(rule="near_limit").threshold == 90


def test_a_policy_for_one_company_starts_as_a_copy_of_the_general_one(client: Client) -> None:
    general = policies_install_defaults()
    general.rules.filter(rule="near_limit").update(threshold=66)
    company = CompanyFactory()
    url = reverse("admin:credit_limits_creditpolicy_add")
    data = {
        "name": "Own",
        "company": company.pk,
        "release_valid_days": 10,
        "release_tolerance_percent": 0,
        "calculation_base": "items",
        "orders_count_from": "accepted",
        **{f"grace_days_{kind}": 0 for kind in ("subject", "after", "discount")},
        **{f"include_{number}": "count" for number in range(9)},
    }
    response = client.post(url, data, follow=True)
    assert response.status_code == 200
    own = CreditPolicy.objects.get(company=company)
    assert own.rules.count() == general.rules.count() == 12
    assert own.rules.get(rule="near_limit").threshold == 66
    assert newest(own).number == 1


def test_what_was_decided_can_be_read_and_never_changed(client: Client) -> None:
    world = make_world()
    limit = world.account.limits.get()
    page = client.get(reverse("admin:credit_limits_creditlimit_change", args=[limit.pk]))
    assert page.status_code == 200
    assert b'name="_save"' not in page.content
    for model in ("creditlimit", "creditcheck", "release", "exposuresnapshot", "alert"):
        assert client.post(reverse(f"admin:credit_limits_{model}_add")).status_code == 403
    policy = CreditPolicy.objects.get()
    url = reverse("admin:credit_limits_creditpolicy_delete", args=[policy.pk])
    assert client.post(url, {"post": "yes"}).status_code == 403
    assert CreditPolicy.objects.filter(pk=policy.pk).exists()


def test_only_administrators_get_in() -> None:
    policies_install_defaults()
    manager = Client()
    manager.force_login(UserFactory(role="credit_manager", is_staff=True))
    url = reverse("admin:credit_limits_creditpolicy_changelist")
    assert manager.get(url).status_code == 403


def test_every_parameter_stands_under_its_heading_and_versions_are_listed(client: Client) -> None:
    policy = policies_install_defaults()
    page = client.get(reverse("admin:credit_limits_creditpolicy_change", args=[policy.pk]))
    html = page.content.decode()

    for heading in ("Threshold", "Grace days", "Tolerated amount", "Details"):
        assert heading in html
    assert "v1 · " in html
    for form in page.context["inline_admin_formsets"][0].formset.initial_forms:
        takes_grace = form.instance.rule in {"overdue_days", "overdue_amount"}
        assert form.fields["grace_days"].disabled is not takes_grace
        assert ("hidden" in form.fields["grace_days"].widget.attrs) is not takes_grace


def test_a_rule_about_amounts_is_not_offered_what_it_cannot_do(client: Client) -> None:
    policy = policies_install_defaults()
    page = client.get(reverse("admin:credit_limits_creditpolicy_change", args=[policy.pk]))
    forms = page.context["inline_admin_formsets"][0].formset.initial_forms
    offered = {
        form.instance.rule: "refuse" in dict(form.fields["effect"].choices) for form in forms
    }

    assert offered["limit_exceeded"] is False
    assert offered["customer_status"] is True
    assert offered["overdue_days"] is True


def test_how_exposure_is_read_is_set_in_one_place_and_published(client: Client) -> None:
    policy = policies_install_defaults()
    page = client.get(reverse("admin:credit_limits_creditpolicy_change", args=[policy.pk]))
    html = page.content.decode()
    for number in ("P3", "P6", "P7", "P8", "P9"):
        assert re.search(rf"\b{number}\b", html), number
    groups = {group.name: list(group.fields) for group in page.context["adminform"]}
    assert [str(name) for name in groups] == ["None", "Exposure", "Checks", "Releases"]

    data = posted(
        client,
        policy,
        start_on="2026-01-15",
        calculation_base="ledger",
        orders_count_from="printed",
        orders_horizon_days="45",
        provisional_items_count="on",
    )
    for switch in (
        "unprinted_invoices_count",
        "documents_with_tax",
        "disputed_items_count",
        "block_print",
    ):
        del data[switch]
    save(client, policy, data)

    version = newest(policy)
    assert version.number == 2
    assert version.content["block_print"] is False
    assert policy_facts(version).terms == ExposureTerms(
        start_on=date(2026, 1, 15),
        ledger_base=True,
        provisional=True,
        unprinted=False,
        printed_only=True,
        disputed=False,
        with_tax=False,
        horizon_days=45,
    )
    # The first version still says what it said.
    assert policy_facts(policy.versions.get(number=1)).terms == ExposureTerms()


def test_wrong_parameters_of_exposure_are_refused_in_words(client: Client) -> None:
    policy = policies_install_defaults()
    data = posted(
        client, policy, start_on="31.31.2026", orders_horizon_days="-1", calculation_base="guess"
    )
    response = save(client, policy, data)
    errors = response.context["adminform"].form.errors
    assert {*errors} == {"start_on", "orders_horizon_days", "calculation_base"}
    assert policy.versions.count() == 1


def test_counting_begins_on_no_day_to_come(client: Client) -> None:
    policy = policies_install_defaults()
    tomorrow = (today() + timedelta(days=1)).isoformat()

    refused = save(client, policy, posted(client, policy, start_on=tomorrow))

    errors = refused.context["adminform"].form.errors
    assert "today or earlier" in str(errors["start_on"])
    policy.refresh_from_db()
    assert policy.start_on is None
    save(client, policy, posted(client, policy, start_on=today().isoformat()))
    policy.refresh_from_db()
    assert policy.start_on == today()


def test_installing_the_defaults_again_keeps_what_was_set(client: Client) -> None:
    policy = policies_install_defaults()
    save(client, policy, posted(client, policy, orders_horizon_days="45", start_on="2026-01-15"))

    again = policies_install_defaults()

    assert (again.pk, again.orders_horizon_days) == (policy.pk, 45)
    assert newest(policy).number == 2


@pytest.mark.parametrize(
    ("component", "kind"), [("delivered_uninvoiced", "delivery"), ("invoice_draft", "invoice")]
)
def test_a_limit_of_one_component_set_here_holds_its_documents(
    client: Client, component: str, kind: str
) -> None:
    world = make_world(limit=None)
    world.limit(None, "unlimited")
    prefix = rule_prefix(client, world.policy, "component_limit")
    number = [part.value for part in Component].index(component)
    data = posted(
        client,
        world.policy,
        **{f"{prefix}-effect": "hold", f"{prefix}-details_{number}": "150"},
    )
    save(client, world.policy, data)
    cycle = Cycle(world)
    source = cycle.order(10, "20")
    if kind == "invoice":
        source = cycle.next("delivery", source, 10)

    within = cycle.next(kind, source, 7)
    over = cycle.next(kind, source, 1)

    assert (within.status, over.status) == ("submitted", "held")
    check = CreditCheck.objects.filter(subject_id=over.pk).latest("pk")
    assert check.blocking == [f"COMPONENT_LIMIT:{component}"]
    finding = check.findings.get(reason=f"COMPONENT_LIMIT:{component}")
    assert (finding.observed, finding.threshold) == ("160.00", "150")
