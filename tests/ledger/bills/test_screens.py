"""The pages of bills: portfolio, one bill, issuing, presenting, results."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal

import pytest
from django.urls import reverse

from core.clock import today
from ledger.models import Bill, Presentation
from ledger.services.bills import (
    bill_collect,
    bill_return,
    bill_return_post,
    bills_present,
)
from tests.factories.core import CompanyFactory, UserFactory
from tests.factories.customers import CustomerAccountFactory
from tests.factories.ledger import OpenItemFactory
from tests.ledger.bills.places import issue

pytestmark = pytest.mark.django_db
D = datetime.date


def url(name, *args):
    return reverse(f"ledger:{name}", args=args)


@pytest.fixture
def clerk(client, account):
    user = UserFactory(role="treasury", companies=[account.company])
    client.force_login(user)
    return user


@pytest.fixture
def bill(item):
    return issue(item)


def present(*bills, kind="subject", **more):
    return bills_present(
        bills=bills, kind=kind, bank="Banca Alba", on=D(2026, 1, 12), actor=None, **more
    )


def data(**more):
    return {
        "kind": "riba",
        "how": "one",
        "drawn_on": "2026-01-10",
        "post": "on",
        "token": str(uuid.uuid4()),
    } | more


def test_a_bill_is_issued_from_the_page_of_the_item(client, clerk, account, item):
    page = client.get(url("item_detail", item.pk))
    address = f"{url('bill_create')}?account={account.pk}"
    assert f"{address}&amp;currency=EUR&amp;item={item.pk}" in page.text
    form = client.get(f"{address}&item={item.pk}")
    assert form.context["form"].initial[f"item_{item.pk}"] == 1000
    answer = client.post(address, data(**{f"item_{item.pk}": "400"}), follow=True)
    made = Bill.objects.get()
    assert (made.amount, made.created_by, made.state) == (400, clerk, "in_hand")
    assert answer.redirect_chain[-1][0] == url("bill_detail", made.pk)


def test_without_an_account_it_asks_whose(client, clerk, account):
    page = client.get(url("bill_create"))
    assert f"?account={account.pk}" in page.text


def test_a_bill_on_each_item_keeps_their_due_dates(client, clerk, account, item, later):
    address = f"{url('bill_create')}?account={account.pk}"
    filled = client.post(address, data(fill="1", how="each"))
    assert filled.status_code == 200
    assert filled.context["form"].initial[f"item_{later.pk}"] == 500
    assert filled.context["form"].initial["how"] == "each"
    client.post(
        address,
        data(how="each", **{f"item_{item.pk}": "1000", f"item_{later.pk}": "500"}),
    )
    assert list(Bill.objects.order_by("due_on").values_list("due_on", "amount")) == [
        (item.due_on, Decimal(1000)),
        (later.due_on, Decimal(500)),
    ]


def test_one_bill_for_each_takes_no_number_nor_due_date_of_its_own(client, clerk, account, item):
    answer = client.post(
        f"{url('bill_create')}?account={account.pk}",
        data(how="each", number="X", due_on="2026-03-01", **{f"item_{item.pk}": "1"}),
    )
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"number", "due_on"}


def test_what_is_wrong_is_said_at_its_place_and_nothing_is_lost(client, clerk, account, item):
    address = f"{url('bill_create')}?account={account.pk}"
    answer = client.post(address, data(**{f"item_{item.pk}": "1000.01"}, reference="kept"))
    assert answer.status_code == 422
    assert f"item_{item.pk}" in answer.context["form"].errors
    assert "kept" in answer.text
    answer = client.post(address, data())
    assert "Fill in how much" in answer.text
    issue(item, parts=[(item, Decimal(900))], post=False)
    answer = client.post(address, data(**{f"item_{item.pk}": "200"}))
    assert "Only 100.00 EUR of A are open and not on another bill." in answer.text
    assert Bill.objects.count() == 1


def test_a_form_sent_twice_goes_to_the_bill_it_made(client, clerk, account, item):
    address = f"{url('bill_create')}?account={account.pk}"
    sent = data(**{f"item_{item.pk}": "10"})
    client.post(address, sent)
    answer = client.post(address, sent, follow=True)
    assert answer.redirect_chain[-1][0] == url("bill_detail", Bill.objects.get().pk)


def test_the_portfolio_shows_what_is_where(client, clerk, account, item, later, bill):
    second = issue(later)
    present(second)
    page = client.get(url("bill_list"))
    assert page.context["sums"] == [
        {
            "currency": "EUR",
            "count": 2,
            "total": Decimal(1500),
            "by": {"in_hand": Decimal(1000), "presented": Decimal(500)},
        }
    ]
    assert "Subject to collection" in page.text
    assert [row.record for row in page.context["table"].rows] == [bill, second]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"hand", "back"}),
        ("state=returned", {"back"}),
        ("state=collected", {"paid"}),
        ("state=all", {"hand", "back", "paid"}),
        ("state=back", {"back"}),
        ("presented=subject", {"back"}),
        ("since=2026-02-01", set()),
        ("until=2026-01-31", {"hand", "back"}),
        ("q=nobody", set()),
        ("kind=note", set()),
        ("state=guess", None),
    ],
)
def test_the_portfolio_is_filtered(client, clerk, account, query, found):
    items = [OpenItemFactory(account=account, document_on=D(2026, 1, 1)) for _each in range(3)]
    bills = dict(zip(("hand", "paid", "back"), (issue(each) for each in items), strict=True))
    present(bills["paid"], bills["back"])
    bill_collect(bill=bills["paid"], on=D(2026, 1, 31), actor=None)
    bill_return(bill=bills["back"], on=D(2026, 2, 2), actor=None)
    page = client.get(f"{url('bill_list')}?{query}")
    if found is None:
        assert page.context["filter"].form.errors
        return
    listed = {row.record.pk for row in page.context["table"].rows}
    assert listed == {bills[name].pk for name in found}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_portfolio_is_downloaded_as_filtered(client, clerk, bill, kind):
    answer = client.get(f"{url('bill_list')}?export={kind}")
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert answer["Content-Disposition"].startswith(f'attachment; filename="bills-{today()}')
    if kind == "csv":
        assert bill.number in content.decode("utf-8-sig")


def test_other_companies_are_not_seen(client, clerk):
    foreign = CustomerAccountFactory(company=CompanyFactory(code="US01"))
    other = issue(OpenItemFactory(account=foreign, document_on=D(2026, 1, 1)))
    made = present(other)
    assert client.get(url("bill_detail", other.pk)).status_code == 404
    assert client.get(url("bill_step", other.pk, "collect")).status_code == 404
    assert client.get(url("presentation_detail", made.pk)).status_code == 404
    assert not client.get(url("bill_list") + "?state=all").context["table"].rows
    assert not client.get(url("presentation_list")).context["table"].rows


def test_a_bill_offers_what_can_happen_next_and_no_more(client, clerk, bill):
    def offered():
        page = client.get(url("bill_detail", bill.pk))
        return [str(action["label"]) for action in page.context["actions"]]

    assert offered() == ["Present", "Collected", "Cancel"]
    present(bill)
    assert offered() == [
        "Collected",
        "Came back unpaid",
        "Take back from the bank",
        "Undo “Presented”",
    ]
    bill_return(bill=bill, on=D(2026, 2, 2), actor=None)
    assert offered() == [
        "Present again",
        "Collected",
        "Post the return",
        "Protested",
        "Undo “Returned unpaid”",
    ]


def test_readers_are_offered_nothing(client, account, bill):
    client.force_login(UserFactory(role="auditor", companies=[account.company]))
    page = client.get(url("bill_detail", bill.pk))
    assert url("bill_step", bill.pk, "collect") not in page.text
    assert client.get(url("bill_step", bill.pk, "collect")).status_code == 403
    assert client.post(url("presentation_detail", present(bill).pk), {}).status_code == 403


@pytest.mark.parametrize(
    ("step", "more", "state"),
    [
        ("collect", {"text": "paid"}, "collected"),
        ("return", {"reason": "no funds", "charges": "5", "bearer": "us"}, "returned"),
        ("return", {"post": "on"}, "reopened"),
        ("withdraw", {"reason": "wrong bank"}, "in_hand"),
        ("undo", {"reason": "mistake"}, "in_hand"),
    ],
)
def test_each_step_has_its_page(client, clerk, bill, step, more, state):
    present(bill)
    address = url("bill_step", bill.pk, step)
    page = client.get(address)
    assert page.status_code == 200
    assert page.context["consequences"]
    answer = client.post(address, {"on": "2026-02-02", **more}, follow=True)
    bill.refresh_from_db()
    assert (bill.state, answer.redirect_chain[-1][0]) == (state, url("bill_detail", bill.pk))


def test_returned_it_is_posted_protested_and_opens_its_items(client, clerk, item, bill):
    present(bill)
    bill_return(bill=bill, on=D(2026, 2, 2), actor=None)
    client.post(url("bill_step", bill.pk, "protest"), {"on": "2026-02-03", "text": "notary"})
    client.post(url("bill_step", bill.pk, "post-return"), {"on": "2026-02-04"})
    bill.refresh_from_db()
    item.refresh_from_db()
    assert (bill.state, bill.is_protested, item.open_amount) == ("reopened", True, 1000)
    page = client.get(url("bill_detail", bill.pk))
    assert "Protested" in page.text
    assert "notary" in page.text


def test_a_step_that_makes_no_sense_now_is_told(client, clerk, bill):
    answer = client.get(url("bill_step", bill.pk, "return"), follow=True)
    assert "is “In hand” by now" in answer.text
    assert client.get(url("bill_step", bill.pk, "burn")).status_code == 404


def test_a_refused_step_is_told_at_its_place(client, clerk, bill):
    present(bill)
    answer = client.post(
        url("bill_step", bill.pk, "return"), {"on": "2026-01-01", "charges": "5", "reason": "kept"}
    )
    assert answer.status_code == 422
    assert "kept" in answer.text
    assert "on" in answer.context["form"].errors


def test_bills_are_presented_from_their_page(client, clerk, account, item, later, bill):
    second = issue(later)
    address = f"{url('presentation_create')}?company={account.company_id}&currency=EUR"
    page = client.get(f"{address}&bill={second.pk}")
    assert [(row.bill, row.chosen) for row in page.context["form"].rows] == [
        (bill, False),
        (second, True),
    ]
    sent = {"kind": "discount", "bank": "Banca Alba", "on": "2026-01-12"}
    sent["token"] = str(uuid.uuid4())
    nothing = client.post(address, sent)
    assert nothing.status_code == 422
    assert "Choose the bills" in nothing.text
    answer = client.post(address, sent | {f"bill_{bill.pk}": "on"}, follow=True)
    made = Presentation.objects.get()
    assert answer.redirect_chain[-1][0] == url("presentation_detail", made.pk)
    bill.refresh_from_db()
    second.refresh_from_db()
    assert (bill.state, second.state) == ("presented", "in_hand")


def test_a_returned_bill_is_presented_again_for_a_new_day(client, clerk, account, bill):
    present(bill)
    bill_return(bill=bill, on=D(2026, 2, 2), actor=None)
    address = f"{url('presentation_create')}?company={account.company_id}&currency=EUR"
    sent = {
        "kind": "after",
        "bank": "Banca Alba",
        "on": "2026-02-03",
        "token": str(uuid.uuid4()),
        f"bill_{bill.pk}": "on",
        f"again_{bill.pk}": "2026-02-02",
    }
    refused = client.post(address, sent)
    assert refused.status_code == 422
    assert f"again_{bill.pk}" in refused.context["form"].errors
    client.post(address, sent | {f"again_{bill.pk}": "2026-03-15"})
    bill.refresh_from_db()
    assert (bill.state, bill.pay_on) == ("presented", D(2026, 3, 15))


def test_the_result_of_the_bank_is_recorded_for_the_whole_list(client, clerk, item, later, bill):
    second = issue(later)
    made = present(bill, second)
    address = url("presentation_detail", made.pk)
    page = client.get(address)
    assert page.context["waiting"] == 2
    sent = {"on": "2026-02-28", f"result_{bill.pk}": "back", f"result_{second.pk}": "paid"}
    client.post(address, sent | {"charges": "4", "bearer": "us", "reason": "no funds"})
    bill.refresh_from_db()
    second.refresh_from_db()
    assert (bill.state, second.state) == ("returned", "collected")
    assert bill.steps.get(kind="return").charges == 4
    again = client.post(address, sent, follow=True)
    assert "is recorded for all of these bills" in again.text
    assert client.get(address).context["form"] is None


def test_nothing_said_is_told(client, clerk, bill):
    made = present(bill)
    answer = client.post(url("presentation_detail", made.pk), {"on": "2026-02-28"})
    assert answer.status_code == 422
    assert "Say which bills" in answer.text


def test_a_bill_that_went_on_waits_on_its_last_list_only(client, clerk, bill):
    first = present(bill, kind="discount")
    bill_return(bill=bill, on=D(2026, 2, 2), actor=None)
    second = bills_present(
        bills=[bill], kind="after", bank="B", on=D(2026, 2, 3), pay_on=None, actor=None
    )
    assert client.get(url("presentation_detail", first.pk)).context["waiting"] == 0
    assert client.get(url("presentation_detail", second.pk)).context["waiting"] == 1
    rows = client.get(url("presentation_list")).context["table"].rows
    assert [(row.record, row.record.open_count) for row in rows] == [(second, 1), (first, 0)]


def test_entries_of_a_bill_lead_to_it_and_are_not_taken_back_by_themselves(
    client, clerk, item, bill
):
    present(bill, kind="discount")
    bill_return(bill=bill, on=D(2026, 2, 2), charges=Decimal(5), bearer="customer", actor=None)
    page = client.get(url("item_detail", item.pk))
    (allocation,) = item.debit_allocations.all()
    assert url("allocation_reverse", allocation.pk) not in page.text
    assert f"{bill.number} over 1,000.00 EUR came back unpaid" in page.text
    credit = bill.entry.items.get()
    assert url("bill_detail", bill.pk) in client.get(url("item_detail", credit.pk)).text
    bill_return_post(bill=bill, on=D(2026, 2, 3), actor=None)
    steps = list(bill.steps.all())
    entries = {step.entry for step in steps} | {step.charges_entry for step in steps}
    assert len(entries - {None}) == 5
    for entry in entries - {None}:
        page = client.get(url("entry_detail", entry.pk))
        lead = page.text.split('<ul class="af-meta">')[1].split("</ul>")[0]
        assert url("bill_detail", bill.pk) in lead, entry
        assert "came back unpaid" in page.text
        assert url("entry_reverse", entry.pk) not in page.text


@pytest.mark.parametrize("currency", ["XXX", "eur"])
def test_no_odd_currency_breaks_a_page(client, clerk, account, bill, currency):
    address = f"{url('bill_create')}?account={account.pk}&currency={currency}"
    assert client.get(address).status_code == 404
    address = f"{url('presentation_create')}?company={account.company_id}&currency={currency}"
    assert client.get(address).context["group"]["currency"] == "EUR"


def test_a_list_sums_only_what_the_reader_may_see(client, clerk, account, bill):
    foreign = CustomerAccountFactory(company=account.company)
    other = issue(OpenItemFactory(account=foreign, document_on=D(2026, 1, 1), amount=70))
    made = present(bill, other)
    (row,) = client.get(url("presentation_list")).context["table"].rows
    assert (row.record.count, row.record.amount, row.record.open_count) == (2, 1070, 2)
    agent = UserFactory(role="sales", companies=[account.company], own_accounts_only=True)
    account.agent = agent
    account.save()
    client.force_login(agent)
    (row,) = client.get(url("presentation_list")).context["table"].rows
    assert (row.record.count, row.record.amount, row.record.open_count) == (1, 1000, 1)
    page = client.get(url("presentation_detail", made.pk))
    assert (len(page.context["steps"]), page.context["total"]) == (1, 1000)
    assert other.number not in page.text
