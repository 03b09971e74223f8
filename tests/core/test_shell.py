"""The frame of every page: navigation by role, theme, language, business date, query budget."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory as HttpRequestFactory
from django.urls import reverse

from core.context import NAVIGATION, STAFF, Shell, may_open
from core.models import Notification
from core.permissions import ROLES
from tests.factories.approvals import AuthorityFactory, RequestFactory
from tests.factories.core import CompanyFactory, UserFactory

pytestmark = pytest.mark.django_db

ROLE_LIST = sorted(ROLES)


def shell_of(user) -> Shell:
    """The frame a user gets on a page without a name."""
    request = HttpRequestFactory().get("/")
    request.user = user
    request.resolver_match = None
    return Shell(request)


@pytest.mark.parametrize("role", ROLE_LIST)
def test_navigation_shows_what_the_role_may_open_and_nothing_else(role):
    user = UserFactory(role=role)
    shown = {item.label for section in shell_of(user).nav for item in section.items}
    for _section, entries in NAVIGATION:
        for entry in entries:
            granted = entry.permission in ROLES[role]
            assert may_open(user, entry.permission) is granted
            assert (str(entry.label) in shown) is granted


def test_the_administration_is_offered_to_staff_only():
    assert may_open(UserFactory(is_staff=True), STAFF)
    assert not may_open(UserFactory(is_staff=False), STAFF)


def test_signed_out_there_is_no_navigation_and_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        shell = shell_of(AnonymousUser())
        assert shell.nav == []
        assert shell.unread == 0
        assert shell.as_of is None
        assert shell.theme == "auto"


def test_the_frame_costs_at_most_two_statements(django_assert_max_num_queries):
    user = UserFactory(
        role="credit_manager", companies=[CompanyFactory(), CompanyFactory(code="B")]
    )
    Notification.objects.create(user=user, code="x")
    Notification.objects.create(user=UserFactory(), code="x")
    user.has_perm(
        "approvals.view_inbox"
    )  # rights are loaded once per request, by whoever asks first
    shell = shell_of(user)
    with django_assert_max_num_queries(2):
        assert shell.unread == 1
        assert shell.companies == ("Company B", "Company IT01")
        assert shell.role_names == ("Credit manager",)
        assert shell.nav


def test_theme_is_remembered_and_rendered(client):
    user = UserFactory(role="sales")
    client.force_login(user)
    answer = client.post(
        reverse("core:theme_set"), {"theme": "dark", "next": reverse("core:notification_list")}
    )
    assert answer.status_code == 302
    assert answer["Location"] == reverse("core:notification_list")
    user.refresh_from_db()
    assert user.theme == "dark"
    assert 'data-bs-theme="dark"' in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("theme", ["neon", "", "DARK"])
def test_an_unknown_theme_changes_nothing(client, theme):
    user = UserFactory(theme="light")
    client.force_login(user)
    client.post(reverse("core:theme_set"), {"theme": theme})
    user.refresh_from_db()
    assert user.theme == "light"


def test_a_form_never_leads_to_another_site(client):
    client.force_login(UserFactory())
    answer = client.post(
        reverse("core:theme_set"), {"theme": "dark", "next": "https://evil.example/x"}
    )
    assert answer["Location"] == "/"


def test_theme_needs_post(client):
    client.force_login(UserFactory())
    assert client.get(reverse("core:theme_set")).status_code == 405


def test_language_is_remembered_on_the_user_and_spoken(client):
    user = UserFactory(role="sales")
    client.force_login(user)
    page = reverse("core:notification_list")
    assert '<html lang="en"' in client.get(page).content.decode()
    client.post(reverse("set_language"), {"language": "it", "next": page})
    user.refresh_from_db()
    assert user.language == "it"
    client.cookies.pop("django_language", None)  # the user's choice is enough
    answer = client.get(page)
    assert '<html lang="it"' in answer.content.decode()
    assert answer["Content-Language"] == "it"


def test_one_users_language_does_not_reach_the_next_request(client):
    italian, english = UserFactory(language="it"), UserFactory()
    page = reverse("core:notification_list")
    client.force_login(italian)
    assert '<html lang="it"' in client.get(page).content.decode()
    client.force_login(english)
    assert '<html lang="en"' in client.get(page).content.decode()


def test_language_can_be_chosen_signed_out(client):
    client.post(reverse("set_language"), {"language": "it", "next": reverse("login")})
    assert '<html lang="it"' in client.get(reverse("login")).content.decode()


def test_an_unknown_language_is_not_stored(client):
    user = UserFactory()
    client.force_login(user)
    client.post(reverse("set_language"), {"language": "xx"})
    user.refresh_from_db()
    assert user.language == ""


def test_every_request_gets_its_own_id_whatever_the_client_sends(client):
    first = client.get(reverse("login"), headers={"X-Request-ID": "forged"})["X-Request-ID"]
    second = client.get(reverse("login"))["X-Request-ID"]
    assert len(first) == len(second) == 36
    assert first != second


@pytest.mark.parametrize(
    ("role", "name"),
    [
        ("sales", "documents:order_list"),
        ("approver", "approvals:inbox"),
        ("credit_manager", "approvals:inbox"),
        ("treasury", "reports:treasury"),
        ("auditor", "reports:audit_list"),
        ("admin", "reports:treasury"),
    ],
)
def test_everybody_starts_where_their_work_is(client, role, name):
    client.force_login(UserFactory(role=role))
    answer = client.get(reverse("core:home"))
    assert answer["Location"] == reverse(name)
    assert client.get(answer["Location"]).status_code == 200


def test_a_superuser_starts_with_the_overview(client):
    client.force_login(UserFactory(is_superuser=True))
    assert client.get(reverse("core:home"))["Location"] == reverse("reports:treasury")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("rossi", "customers:customer_list"),
        ("rossi-bianchi", "customers:customer_list"),
        ("C1001", "customers:customer_list"),
        ("SO-2026-00042", "documents:document_list"),
        ("DN-2026-00042", "documents:document_list"),
    ],
)
def test_the_search_box_knows_a_number_from_a_name(client, text, name):
    client.force_login(UserFactory(role="sales"))
    answer = client.get(reverse("core:search"), {"q": f" {text} "})
    assert answer["Location"] == f"{reverse(name)}?q={text}"


def test_searching_without_rights_leads_home(client):
    client.force_login(UserFactory())
    assert client.get(reverse("core:search"), {"q": "x"})["Location"] == reverse("core:home")


def test_the_inbox_counts_what_waits_and_marks_where_one_is(client):
    AuthorityFactory()
    RequestFactory()
    RequestFactory(amount=99999)
    client.force_login(UserFactory(role="approver"))
    html = client.get(reverse("approvals:inbox")).content.decode()
    nav = html.partition("data-nav")[2].partition("</nav>")[0]
    entry = nav.partition('aria-current="page"')[2].partition("</a>")[0]
    assert "Inbox" in entry
    assert "1 waiting for you" in entry
    assert nav.count('aria-current="page"') == 1


def test_home_without_a_role_says_so(client):
    client.force_login(UserFactory())
    answer = client.get(reverse("core:home"))
    assert answer.status_code == 200
    assert "You have no role yet" in answer.content.decode()


def test_home_asks_for_a_login(client):
    answer = client.get(reverse("core:home"))
    assert answer["Location"].startswith(reverse("login"))


def test_signing_in_and_out(client):
    user = UserFactory()
    answer = client.post(
        reverse("login"), {"username": user.username, "password": "password", "next": ""}
    )
    assert answer["Location"] == "/"
    answer = client.post(reverse("logout"))
    assert answer["Location"] == reverse("login")
    assert client.get(reverse("core:notification_list")).status_code == 302


def test_a_wrong_password_does_not_sign_in(client):
    user = UserFactory()
    answer = client.post(reverse("login"), {"username": user.username, "password": "wrong"})
    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session
