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


HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/inbox/?tab=all"}


@pytest.mark.parametrize(("kind", "status"), [("conflict", 409), ("invalid", 422)])
def test_htmx_gets_a_part_to_put_in_its_place(signed_in, kind, status):
    answer = signed_in.post(f"/failing/{kind}/", headers=HTMX)
    assert answer.status_code == status
    html = answer.content.decode()
    assert 'role="alert"' in html
    assert "<html" not in html
    assert "HX-Trigger" not in answer


def test_htmx_announces_what_may_not_be(signed_in):
    answer = signed_in.post("/failing/forbidden/", headers=HTMX)
    assert answer.status_code == 403
    toasts = json.loads(answer["HX-Trigger"])["af:toast"]["toasts"]
    assert toasts == [{"message": "You may not.", "level": "error"}]


def test_after_the_session_ended_a_part_sends_the_whole_page_to_the_sign_in(client):
    answer = client.get("/inbox/", headers=HTMX)
    assert answer.status_code == 200
    assert answer["HX-Redirect"] == "/login/?next=%2Finbox%2F%3Ftab%3Dall"
    assert "Location" not in answer


def test_a_page_is_redirected_as_ever(client):
    answer = client.get("/inbox/")
    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/inbox/")
    assert "HX-Redirect" not in answer


def test_other_redirects_of_parts_are_left_alone(signed_in):
    answer = signed_in.get("/search/?q=x", headers=HTMX)
    assert answer.status_code == 302
    assert "HX-Redirect" not in answer


def test_a_bug_is_not_dressed_up(signed_in):
    with pytest.raises(ZeroDivisionError):
        signed_in.get("/failing/bug/")
