"""The user of a session comes with all he may do, as Django itself would say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.backends import OneReadBackend
from core.models import User
from core.permissions import ROLES
from tests.factories.core import CompanyFactory, UserFactory

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

pytestmark = pytest.mark.django_db


def permissions(user: User) -> tuple[set[str], set[str], set[str]]:
    """Own, of groups, and all: asked of Django's backend, which reads what it does not know."""
    django = ModelBackend()
    return (
        django.get_user_permissions(user),
        django.get_group_permissions(user),
        django.get_all_permissions(user),
    )


@pytest.mark.parametrize("role", sorted(ROLES))
def test_every_role_may_what_django_says_and_is_not_asked_again(role: str) -> None:
    user = UserFactory(role=role)
    user.user_permissions.add(*Permission.objects.order_by("codename")[:2])
    expected = permissions(User.objects.get(pk=user.pk))
    assert expected[1]

    with CaptureQueriesContext(connection) as queries:
        found = OneReadBackend().get_user(user.pk)
        assert found is not None
        assert permissions(found) == expected
        assert all(found.has_perm(name) for name in expected[2])
        assert not found.has_perm("core.no_such_right")
    assert len(queries) == 1


def test_several_roles_add_up() -> None:
    user = UserFactory(role="sales")
    before = permissions(User.objects.get(pk=user.pk))[2]
    user.groups.add(*UserFactory(role="treasury").groups.all())

    found = OneReadBackend().get_user(user.pk)

    assert found is not None
    assert found.get_all_permissions() == permissions(User.objects.get(pk=user.pk))[2] > before


def test_nobody_without_roles_may_anything() -> None:
    found = OneReadBackend().get_user(UserFactory().pk)
    assert found is not None
    assert found.get_all_permissions() == set()


def test_a_superuser_may_everything() -> None:
    user = UserFactory(is_superuser=True)
    found = OneReadBackend().get_user(user.pk)
    assert found is not None
    assert found.has_perm("documents.view_document")
    assert found.get_all_permissions() == permissions(User.objects.get(pk=user.pk))[2] != set()


def test_who_is_gone_or_inactive_is_not_signed_in() -> None:
    inactive = UserFactory(role="admin", is_active=False)
    assert OneReadBackend().get_user(inactive.pk) is None
    assert OneReadBackend().get_user(0) is None


def test_a_role_taken_away_counts_with_the_next_request() -> None:
    user = UserFactory(role="sales", companies=[CompanyFactory()])
    client = Client()
    client.force_login(user)
    orders = reverse("documents:order_list")
    assert client.get(orders).status_code == 200

    user.groups.clear()

    assert client.get(orders).status_code == 403


def test_signing_in_with_a_password_still_works(settings: Settings) -> None:
    user = UserFactory()
    user.set_password("Correct-horse-9")
    user.save()
    client = Client()
    assert not client.login(username=user.username, password="wrong")
    assert client.login(username=user.username, password="Correct-horse-9")
    assert settings.AUTHENTICATION_BACKENDS == ["core.backends.OneReadBackend"]
