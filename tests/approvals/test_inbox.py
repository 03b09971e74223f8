"""The inbox in the browser's place: tabs, list, the selected request, deciding without a script."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import transaction
from django.urls import reverse

from approvals.models import ApprovalRequest
from approvals.selectors import (
    inbox_count,
    request_may_act,
    requests_decided,
    requests_for,
    requests_team,
)
from approvals.services import request_close, step_approve, step_refuse
from core.models import User
from customers.models import Customer
from tests.approvals.handlers import REFUSED, RELEASED
from tests.factories.approvals import AuthorityFactory, RequestFactory
from tests.factories.core import CompanyFactory, CurrencyFactory, ExchangeRateFactory, UserFactory
from tests.factories.customers import CustomerAccountFactory

pytestmark = pytest.mark.django_db

INBOX = "approvals:inbox"


@pytest.fixture
def approver():
    AuthorityFactory()
    return UserFactory(username="aldo", role="approver")


@pytest.fixture
def desk(client, approver):
    """The approver's browser."""
    client.force_login(approver)
    return client


def page(client, **params) -> str:
    answer = client.get(reverse(INBOX), params)
    assert answer.status_code == 200
    return answer.content.decode()


def decide(client, request, verdict="approve", follow=True, query="", **data):
    url = reverse(f"approvals:request_{verdict}", args=[request.pk])
    return client.post(f"{url}?{query}", {"reason": "good customer", **data}, follow=follow)


# --- what the lists hold ---------------------------------------------------------------------


def test_mine_is_exactly_what_the_service_lets_through(approver):
    """One rule, read in two ways: the list by one statement, the service person by person."""
    usd = CurrencyFactory(code="USD")
    ExchangeRateFactory()
    other = CompanyFactory(code="X")
    big = UserFactory(username="big", role="credit_manager", companies=[CompanyFactory(), other])
    AuthorityFactory(group=None, user=big, max_amount=None)
    dollars = UserFactory(username="dollars", role="approver", own_accounts_only=True)
    AuthorityFactory(group=None, user=dollars, max_amount=Decimal(20000), currency=usd)
    root = UserFactory(username="root", is_superuser=True)
    sara = UserFactory(username="sara", role="sales")
    AuthorityFactory(group=None, user=sara, max_amount=None)
    own = CustomerAccountFactory(agent=dollars)
    RequestFactory(amount=100)
    RequestFactory(amount=10000)
    RequestFactory(amount=Decimal("10000.01"))
    RequestFactory(amount=18000, account=own)
    RequestFactory(amount=Decimal("18000.01"), account=CustomerAccountFactory(agent=dollars))
    RequestFactory(amount=5, currency=usd)
    RequestFactory(amount=5, currency=CurrencyFactory(code="CHF"))
    RequestFactory(amount=5, requested_by=approver)
    RequestFactory(amount=5, barred_ids=[approver.pk, big.pk])
    RequestFactory(amount=5, account=CustomerAccountFactory(company=other))
    RequestFactory(amount=5, kind="limit_change")
    everything = list(ApprovalRequest.objects.select_related("account"))
    offered = {}
    for user in (approver, big, dollars, root, sara):
        fresh = User.objects.get(pk=user.pk)
        listed = set(requests_for(fresh).values_list("pk", flat=True))
        assert listed == {r.pk for r in everything if request_may_act(r, fresh)}, user
        assert inbox_count(fresh) == len(listed)
        offered[user.username] = len(listed)
    assert offered == {"aldo": 3, "big": 9, "dollars": 1, "root": 0, "sara": 0}


def test_the_badge_is_one_statement(approver, django_assert_num_queries):
    for _number in range(5):
        RequestFactory()
    user = User.objects.get(pk=approver.pk)
    user.has_perm("approvals.decide_request")
    with django_assert_num_queries(1):
        assert inbox_count(user) == 5


def test_all_and_decided_hold_what_the_user_may_see(approver):
    near = RequestFactory()
    far = RequestFactory(account__company=CompanyFactory(code="X"))
    done = RequestFactory()
    step_approve(request=done, actor=approver, comment="fine with me")
    assert list(requests_team(approver)) == [near]
    assert list(requests_decided(approver)) == [done]
    assert far not in requests_decided(approver)
    assert not requests_team(UserFactory(own_accounts_only=True)).exists()


def test_tabs_show_their_own(desk, approver):
    waiting, large = RequestFactory(), RequestFactory(amount=99999)
    done = RequestFactory()
    step_refuse(request=done, actor=approver, comment="pays too late")
    mine = page(desk)
    assert waiting.subject_text in mine
    assert large.subject_text not in mine
    everything = page(desk, tab="all")
    assert waiting.subject_text in everything
    assert large.subject_text in everything
    assert done.subject_text not in everything
    decided = page(desk, tab="decided")
    assert done.subject_text in decided
    assert "Refused" in decided
    assert "pays too late" in decided
    assert waiting.subject_text not in decided


def test_empty_tabs_say_what_to_expect(desk):
    assert "Nothing waits for you" in page(desk)
    assert "Nothing waits at all" in page(desk, tab="all")
    assert "Nothing has been decided yet" in page(desk, tab="decided")
    assert "Nothing waits for you" in page(desk, tab="nonsense")


def test_list_is_sorted_and_filtered_by_the_url(desk):
    small = RequestFactory(amount=10, overrun=10, subject_text="SO-small")
    large = RequestFactory(amount=900, overrun=5, subject_text="SO-large", reasons=["NO_LIMIT"])
    assert order_of(page(desk), small, large) == [small, large]
    assert order_of(page(desk, order="newest"), small, large) == [large, small]
    assert order_of(page(desk, order="amount"), small, large) == [large, small]
    assert order_of(page(desk, order="over"), small, large) == [small, large]
    only = page(desk, reason="NO_LIMIT")
    assert order_of(only, small, large) == [large]
    assert order_of(page(desk, q="small"), small, large) == [small]
    none = page(desk, q="nobody")
    assert order_of(none, small, large) == []
    assert "Nothing matches" in none
    odd = page(desk, order="sideways")
    assert order_of(odd, small, large) == [small, large]
    assert "Select a valid choice" in odd


def order_of(html: str, *requests) -> list[ApprovalRequest]:
    """The requests in the order their rows stand in the list."""
    body = html.partition("<tbody>")[2].partition("</tbody>")[0]
    found = [(body.find(f">{r.subject_text}</a>"), r) for r in requests]
    return [r for place, r in sorted(found, key=lambda pair: pair[0]) if place >= 0]


@pytest.mark.parametrize(
    "params", [{"q": "\u0663"}, {"page": "x"}, {"page": "99"}, {"reason": "?"}]
)
def test_odd_questions_still_get_a_page(desk, params):
    RequestFactory()
    page(desk, **params)


def test_no_text_holds_a_null_character(desk):
    for params in ({"q": "\x00"}, {"id": "\x00"}):
        assert desk.get(reverse(INBOX), params).status_code == 400


def test_a_foreign_request_is_not_shown_by_its_id(desk):
    far = RequestFactory(account__company=CompanyFactory(code="X"), subject_text="SO-secret")
    assert "SO-secret" not in page(desk, id=far.pk)
    for name in ("request_detail", "request_approve", "request_refuse"):
        url = reverse(f"approvals:{name}", args=[far.pk])
        call = desk.get if name == "request_detail" else desk.post
        assert call(url, {"reason": "let me in"}).status_code == 404
    far.refresh_from_db()
    assert far.status == "open"


def test_the_page_costs_the_same_however_long_the_list(desk, django_assert_max_num_queries):
    RequestFactory()
    page(desk)
    with django_assert_max_num_queries(40) as few:
        page(desk)
    customer = RequestFactory().account.customer
    for _number in range(8):
        RequestFactory(requested_by=UserFactory(role="sales"))
        RequestFactory(
            account=CustomerAccountFactory(customer=customer),
            subject_type="documents.document",
            subject_id=_number,
        )
    with django_assert_max_num_queries(len(few.captured_queries)):
        html = page(desk)
    assert html.count("data-key-item") == 18


# --- the selected one ------------------------------------------------------------------------


def test_the_selected_request_shows_all_that_the_decision_needs(desk):
    request = RequestFactory()
    html = page(desk, id=request.pk)
    for words in (
        "Over the limit by 2,360.00 EUR",  # why it is here
        "Exposure 52,360.00 of limit 50,000.00 EUR: over by 2,360.00.",  # in one look
        "3,400.00",  # overdue
        "Covers this one reason",  # what releasing means
        "9,607.50",
        "22 Dec 2026",
        "Reduce the order by 2,360.00 EUR",  # ways out
        "asked by",
        "can be decided by",
        "Aldo",
        "This customer never needed a decision before.",
    ):
        assert words in html, words


def test_the_first_is_selected_without_an_id(desk):
    first, second = RequestFactory(subject_text="SO-1"), RequestFactory(subject_text="SO-2")
    assert selected_id(page(desk)) == first.pk
    assert selected_id(page(desk, id=second.pk)) == second.pk
    for odd in ("x", "-1", "9" * 30, "\u0663", "", "1.5"):
        assert selected_id(page(desk, id=odd)) == first.pk


def selected_id(html: str) -> int:
    """The request whose decision form is on the page."""
    return int(html.partition("/approve/")[0].rpartition("/")[2])


def test_the_last_five_decisions_on_this_customer_are_shown_with_their_outcome(desk, approver):
    account = CustomerAccountFactory()
    for number in range(7):
        past = RequestFactory(account=account, subject_text=f"SO-past-{number}")
        (step_approve if number % 2 else step_refuse)(
            request=past, actor=approver, comment=f"because {number}"
        )
    other = RequestFactory(subject_text="SO-elsewhere")
    step_approve(request=other, actor=approver, comment="another customer")
    html = page(desk, id=RequestFactory(account=account).pk)
    history = html.partition("Last decisions on this customer</h3>")[2]
    for number in range(2, 7):
        assert f"because {number}" in history
    for number in range(2):
        assert f"because {number}" not in history
    assert "another customer" not in history


def test_a_request_nobody_may_decide_says_so_with_the_top(desk):
    html = page(desk, tab="all", id=RequestFactory(amount=Decimal("12000")).pk)
    assert "Nobody has authority for 12,000.00 EUR: the highest ends at 10,000.00 EUR" in html
    assert "data-decide>" not in html


def test_a_request_beyond_the_reader_says_so_and_offers_no_buttons(desk):
    boss = UserFactory(username="boss", role="credit_manager")
    AuthorityFactory(group=None, user=boss, max_amount=None)
    html = page(desk, tab="all", id=RequestFactory(amount=12000).pk)
    assert "12,000.00 EUR is beyond what you may decide" in html
    assert "Boss" in html
    assert "data-decide>" not in html


def test_ones_own_request_says_so_and_offers_no_buttons(desk, approver):
    UserFactory(role="approver")  # somebody else can
    html = page(desk, tab="all", id=RequestFactory(requested_by=approver).pk)
    assert "You asked for this or worked on it yourself" in html
    assert "data-decide>" not in html


def test_a_request_only_its_own_people_could_decide_says_so(desk, approver):
    html = page(desk, tab="all", id=RequestFactory(requested_by=approver).pk)
    assert "Everybody with authority for this amount asked for it" in html


def test_readers_without_the_right_to_decide_see_no_buttons(client, approver):
    request = RequestFactory()
    client.force_login(UserFactory(role="auditor"))
    html = page(client, tab="all", id=request.pk)
    assert "Your role reads the inbox, it does not decide." in html
    assert "data-decide>" not in html


def test_a_currency_without_a_rate_is_named(desk):
    boss = UserFactory(username="boss", role="credit_manager")
    AuthorityFactory(group=None, user=boss, currency=CurrencyFactory(code="CHF"))
    html = page(desk, tab="all", id=RequestFactory(amount=20000).pk)
    assert "Authorities in CHF could not be compared" in html


def test_the_lasting_address_opens_the_right_tab(desk, approver):
    mine, large, done = RequestFactory(), RequestFactory(amount=99999), RequestFactory()
    step_approve(request=done, actor=approver, comment="fine with me")
    for request, tab in ((mine, "mine"), (large, "all"), (done, "decided")):
        answer = desk.get(reverse("approvals:request_detail", args=[request.pk]))
        assert answer["Location"] == f"{reverse(INBOX)}?tab={tab}&id={request.pk}"


def test_a_snapshot_of_nothing_still_makes_a_page(desk):
    request = RequestFactory(snapshot={}, reasons=["ODD_REASON"])
    assert "ODD_REASON" in page(desk, id=request.pk)


def test_htmx_gets_only_the_room(desk):
    RequestFactory()
    answer = desk.get(reverse(INBOX), headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert html.lstrip().startswith('<div id="inbox"')
    assert "<html" not in html
    assert "HX-Request" in answer["Vary"]


# --- deciding --------------------------------------------------------------------------------


def test_release_says_what_it_set_in_motion_and_goes_to_the_next(desk):
    first, second = RequestFactory(subject_text="SO-1"), RequestFactory(subject_text="SO-2")
    answer = decide(desk, first, next=second.pk, follow=False, query="tab=mine&order=oldest")
    assert answer["Location"] == f"{reverse(INBOX)}?tab=mine&order=oldest&id={second.pk}#selected"
    html = desk.get(answer["Location"]).content.decode()
    assert "Approved: SO-1 of" in html
    assert "has been told" in html
    assert selected_id(html) == second.pk
    first.refresh_from_db()
    assert first.status == "approved"
    assert Customer.objects.get(pk=first.subject_id).status_reason == RELEASED
    assert Customer.objects.get(pk=second.subject_id).status_reason == ""


def test_refuse_says_so(desk):
    request = RequestFactory()
    html = decide(desk, request, "refuse").content.decode()
    assert "Refused: " in html
    request.refresh_from_db()
    assert request.status == "refused"
    assert Customer.objects.get(pk=request.subject_id).status_reason == REFUSED


def test_the_page_names_the_next_of_the_list_and_at_its_end_the_one_before(desk):
    first, second = RequestFactory(), RequestFactory()
    assert f'name="next" value="{second.pk}"' in page(desk, id=first.pk)
    assert f'name="next" value="{first.pk}"' in page(desk, id=second.pk)


def test_next_that_is_gone_or_foreign_is_not_selected(desk):
    far = RequestFactory(account__company=CompanyFactory(code="X"))
    answer = decide(desk, RequestFactory(), next=far.pk, follow=False)
    assert "id=" not in answer["Location"]


@pytest.mark.parametrize("reason", ["", "  ", "ok", "with a \x00 in it", "x" * 2001])
@pytest.mark.parametrize("verdict", ["approve", "refuse"])
def test_a_missing_reason_is_asked_for_beside_its_field(desk, reason, verdict):
    request = RequestFactory()
    answer = decide(desk, request, verdict, reason=reason)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert 'class="af-error"' in html
    assert 'aria-invalid="true"' in html
    assert selected_id(html) == request.pk
    assert ("Say why, in a few words" in html) is (len(reason) < 3)
    request.refresh_from_db()
    assert request.status == "open"


def test_a_conflict_keeps_what_was_typed(desk):
    request = RequestFactory(account__customer__status="debtor")
    answer = decide(desk, request, reason="a long good reason")
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "This customer became a debtor." in html
    assert "a long good reason" in html
    request.refresh_from_db()
    assert request.status == "open"


def test_decided_meanwhile_tells_who_and_shows_the_outcome(desk):
    request = RequestFactory()
    late = page(desk, id=request.pk)
    assert "data-decide>" in late
    other = UserFactory(username="luisa", role="approver")
    step_refuse(request=request, actor=other, comment="pays too late")
    answer = decide(desk, request)
    html = answer.content.decode()
    assert "Luisa was faster: refused" in html
    assert "Your decision was not stored." in html
    assert "pays too late" in html
    request.refresh_from_db()
    assert request.status == "refused"


def test_withdrawn_meanwhile_is_told(desk):
    request = RequestFactory()
    with transaction.atomic():
        request_close(request=request, status="withdrawn", comment="order cancelled")
    html = decide(desk, request).content.decode()
    assert "Meanwhile this is closed" in html


def test_posting_ones_own_request_is_refused_with_a_page(desk, approver):
    request = RequestFactory(requested_by=approver)
    answer = decide(desk, request)
    assert answer.status_code == 403
    assert "somebody else must decide" in answer.content.decode()
    request.refresh_from_db()
    assert request.status == "open"


def test_posting_without_the_right_is_forbidden(client, approver):
    request = RequestFactory()
    client.force_login(UserFactory(role="auditor"))
    assert decide(client, request).status_code == 403
    request.refresh_from_db()
    assert request.status == "open"


def test_deciding_needs_post(desk):
    request = RequestFactory()
    for verdict in ("approve", "refuse"):
        url = reverse(f"approvals:request_{verdict}", args=[request.pk])
        assert desk.get(url).status_code == 405


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("sales", 403),
        ("approver", 200),
        ("credit_manager", 200),
        ("treasury", 200),
        ("auditor", 200),
        ("admin", 200),
    ],
)
def test_who_may_open_the_inbox(client, role, status):
    client.force_login(UserFactory(role=role))
    assert client.get(reverse(INBOX)).status_code == status


@pytest.mark.parametrize(
    ("checkpoint", "step", "effect"),
    [
        ("deliver", "Delivery", "The goods may go out at once."),
        ("invoice", "Invoicing", "The invoice gets its number at once."),
        ("post", "Posting", "It is posted at once, on its own date."),
        ("submit", "Submission", ""),
        ("", "Release of a document", ""),
    ],
)
def test_a_request_says_which_step_waits_and_what_yes_does(
    checkpoint: str, step: str, effect: str
) -> None:
    from approvals.pages import Row
    from approvals.snapshot import figures

    request = RequestFactory(snapshot={"checkpoint": checkpoint})
    row = Row(request, "", (), "", None, selected=False)

    assert row.step == step
    assert figures(request.snapshot, "EUR").effect == effect
