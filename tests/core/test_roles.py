"""`sync_roles` makes exactly the groups of the table, again and again."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from core import roles
from core.permissions import ROLE_NAMES, ROLES
from core.roles import roles_sync
from tests.factories.core import UserFactory

pytestmark = pytest.mark.django_db


def held(group: Group) -> set[str]:
    return {
        f"{app}.{codename}"
        for app, codename in group.permissions.values_list("content_type__app_label", "codename")
    }


def test_groups_hold_exactly_the_rights_of_the_table():
    roles_sync()
    assert {group.name: held(group) for group in Group.objects.all()} == {
        role: set(rights) for role, rights in ROLES.items()
    }
    assert set(ROLE_NAMES) == set(ROLES)


def test_running_again_changes_nothing():
    roles_sync()
    before = {group.pk: held(group) for group in Group.objects.all()}
    changes = roles_sync()
    assert {group.pk: held(group) for group in Group.objects.all()} == before
    assert all((c.created, c.added, c.removed) == (False, 0, 0) for c in changes)


def test_stale_rights_go_and_missing_ones_come_back():
    roles_sync()
    sales = Group.objects.get(name="sales")
    member = UserFactory()
    member.groups.add(sales)
    extra = Permission.objects.get(codename="decide_request")
    lost = sales.permissions.get(codename="submit_document")
    sales.permissions.add(extra)
    sales.permissions.remove(lost)
    change = next(c for c in roles_sync() if c.role == "sales")
    assert (change.created, change.added, change.removed) == (False, 1, 1)
    assert held(sales) == set(ROLES["sales"])
    assert list(sales.user_set.all()) == [member]


def test_other_groups_are_left_alone():
    own = Group.objects.create(name="second level")
    own.permissions.add(Permission.objects.get(codename="decide_request"))
    roles_sync()
    assert held(own) == {"approvals.decide_request"}


def test_a_right_that_does_not_exist_stops_the_sync_before_it_starts(monkeypatch):
    monkeypatch.setattr(roles, "ROLES", {"sales": frozenset({"documents.fly"})})
    with pytest.raises(CommandError, match=r"documents\.fly"):
        call_command("sync_roles")
    assert not Group.objects.exists()


def test_the_command_says_what_it_did():
    out = StringIO()
    call_command("sync_roles", stdout=out)
    assert f"sales: made, +{len(ROLES['sales'])} -0" in out.getvalue()
    out = StringIO()
    call_command("sync_roles", stdout=out)
    assert "sales: kept, +0 -0" in out.getvalue()


def test_only_deciders_decide_and_only_auditing_roles_read_the_trail():
    deciders = {role for role, rights in ROLES.items() if "approvals.decide_request" in rights}
    readers = {role for role, rights in ROLES.items() if "core.view_auditevent" in rights}
    assert deciders == {"approver", "credit_manager"}
    assert readers == {"credit_manager", "auditor", "admin"}
