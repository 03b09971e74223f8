"""Domain errors that no view caught become pages with the right status; bugs stay bugs."""

from __future__ import annotations

import json

import pytest
from django.test import override_settings

from tests.factories.core import UserFactory

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("_failing_urls"),
]


@pytest.fixture
def _failing_urls():
    with override_settings(ROOT_URLCONF="tests.core.urls_errors"):
        yield


@pytest.fixture
def signed_in(client):
    client.force_login(UserFactory(role="sales"))
    return client


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("conflict", 409, "Aldo was faster."),
        ("busy", 409, "Try again in a moment."),
        ("forbidden", 403, "You may not."),
        ("invalid", 422, "Wrong &lt;b&gt;figure&lt;/b&gt;."),
    ],
)
def test_the_page_says_what_is_the_matter(signed_in, kind, status, words):
    answer = signed_in.get(f"/failing/{kind}/")
    assert answer.status_code == status
    html = answer.content.decode()
    assert words in html
    assert "<html" in html


def test_htmx_gets_a_part_and_a_toast(signed_in):
    answer = signed_in.post("/failing/conflict/", headers={"HX-Request": "true"})
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "Aldo was faster." in html
    assert "<html" not in html
    toasts = json.loads(answer["HX-Trigger"])["af:toast"]["toasts"]
    assert toasts == [{"message": "Aldo was faster.", "level": "error"}]


def test_a_bug_is_not_dressed_up(signed_in):
    with pytest.raises(ZeroDivisionError):
        signed_in.get("/failing/bug/")
