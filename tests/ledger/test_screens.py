"""The pages of the ledger: what they show, what they do, and what they refuse."""

from __future__ import annotations

import datetime
import io
from decimal import Decimal

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.clock import today
from core.models import AuditEvent
from ledger.models import Allocation, ImportProfile, ImportRun, JournalEntry, OpenItem
from ledger.services.imports import import_continue
from ledger.services.periods import period_close
from ledger.services.profiles import profiles_install_defaults
from tests.factories.core import CompanyFactory, CurrencyFactory, UserFactory
from tests.factories.customers import CustomerAccountFactory, CustomerFactory
from tests.factories.ledger import JournalEntryFactory, OpenItemFactory, PaymentFactory
from tests.ledger.files import History, load, standard, table

pytestmark = pytest.mark.django_db

D = datetime.date
GOOD = ["C1", "A1", "2026-01-01", "2026-01-31", "100.00"]


@pytest.fixture
def treasurer(client):
    user = UserFactory(username="teo", role="treasury")
    client.force_login(user)
    return user


@pytest.fixture
def account():
    return CustomerAccountFactory(customer=CustomerFactory(code="C1", name="Rossi"))


def days_ago(days):
    return today() - datetime.timedelta(days=days)


def overdue(account, days, **kwargs):
    return OpenItemFactory(
        account=account, document_on=days_ago(days + 30), due_on=days_ago(days), **kwargs
    )


# --- the list ------------------------------------------------------------------------------------


def numbers(response):
    return {item.number for item in response.context["table"].data.data}


def test_the_list_shows_what_is_open_and_what_it_comes_to(client, treasurer, account):
    overdue(account, 10, number="LATE", amount=100)
    overdue(account, -10, number="YOUNG", amount=50)
    PaymentFactory(pays=overdue(account, 5, number="PAID"))
    PaymentFactory(account=account, number="CASH", amount=30)
    JournalEntryFactory(account=account, number="DRAFT", provisional=True)
    response = client.get(reverse("ledger:item_list"))
    assert numbers(response) == {"LATE", "YOUNG", "CASH"}
    (sums,) = response.context["totals"]
    assert (sums["owed"], sums["credit"], sums["net"]) == (150, -30, 120)
    assert "Rossi" in response.content.decode()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=open", {"LATE", "OLD", "YOUNG", "CASH"}),
        ("state=owed", {"LATE", "OLD", "YOUNG"}),
        ("state=overdue", {"LATE", "OLD"}),
        ("state=credit", {"CASH"}),
        ("state=provisional", {"DRAFT"}),
        ("state=settled", {"PAID", "PAY-0"}),
        ("state=all&q=rossi+late", {"LATE"}),
        ("bucket=not_due", {"YOUNG"}),
        ("bucket=1-30", {"LATE"}),
        ("bucket=over-180", {"OLD"}),
        ("customer=999999", set()),
        ("state=nonsense", set()),
        ("as_of=nonsense", set()),
    ],
)
def test_filters(client, treasurer, account, query, expected):
    overdue(account, 1, number="LATE")
    overdue(account, 200, number="OLD")
    overdue(account, 0, number="YOUNG")
    PaymentFactory(pays=overdue(account, 5, number="PAID"), number="PAY-0")
    PaymentFactory(account=account, number="CASH")
    JournalEntryFactory(account=account, number="DRAFT", provisional=True)
    OpenItemFactory(
        number="ELSEWHERE", account=CustomerAccountFactory(company=CompanyFactory(code="X"))
    )
    response = client.get(f"{reverse('ledger:item_list')}?{query}")
    assert response.status_code == 200
    assert numbers(response) == expected


def test_the_list_of_a_past_day(client, treasurer, account):
    item = OpenItemFactory(
        account=account, document_on=D(2026, 1, 1), due_on=D(2026, 1, 31), number="A"
    )
    PaymentFactory(pays=item, received_on=D(2026, 3, 1))
    url = reverse("ledger:item_list")
    assert numbers(client.get(url)) == set()
    response = client.get(f"{url}?as_of=2026-02-15&state=overdue")
    assert numbers(response) == {"A"}
    assert response.context["totals"][0]["owed"] == 100
    assert numbers(client.get(f"{url}?as_of=2026-01-31&state=overdue")) == set()


@pytest.mark.parametrize("sort", ["number", "-residual", "days", "-due_on", "customer", "nonsense"])
def test_sorting_and_htmx(client, treasurer, account, sort):
    overdue(account, 3)
    overdue(account, 30)
    url = f"{reverse('ledger:item_list')}?sort={sort}"
    assert client.get(url).status_code == 200
    part = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith("<div")
    assert "<html" not in part


def test_the_list_does_not_ask_more_for_more_rows(
    client, treasurer, account, django_assert_max_num_queries
):
    for days in range(30):
        overdue(account, days)
    with django_assert_max_num_queries(14):
        client.get(reverse("ledger:item_list"))


def test_the_list_as_filtered_can_be_taken_along(client, treasurer, account):
    overdue(account, 10, number="LATE", amount=Decimal("1234.50"))
    overdue(account, -10, number="YOUNG", amount=50)
    PaymentFactory(account=account, number="=CASH()", amount=30)
    url = reverse("ledger:item_list")
    assert "export=csv" in client.get(url).content.decode()
    response = client.get(f"{url}?state=owed&sort=-residual&export=csv")
    lines = b"".join(response).decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["Item", "LATE", "YOUNG"]
    assert ",10,EUR,1234.50,1234.50,no" in lines[1]
    everything = b"".join(client.get(f"{url}?export=csv")).decode()
    assert "'=CASH()" in everything
    assert ",-30.00," in everything
    book = openpyxl.load_workbook(io.BytesIO(b"".join(client.get(f"{url}?export=xlsx"))))
    rows = list(book.active.iter_rows(values_only=True))
    assert len(rows) == 4
    assert ("LATE", 1234.5) in [(row[0], row[11]) for row in rows]


# --- one item ------------------------------------------------------------------------------------


def test_an_item_shows_what_settled_it_and_its_history(client, treasurer, account):
    item = overdue(account, 10, number="A1", amount=100)
    payment = PaymentFactory(
        account=account, number="P1", amount=70, allocations=[(item, Decimal(60))], actor=treasurer
    )
    page = client.get(reverse("ledger:item_detail", args=[item.pk])).content.decode()
    assert reverse("ledger:item_detail", args=[payment.pk]) in page
    assert "Payment P1 of 70.00 EUR was recorded and applied to A1 60.00." in page
    assert "Invoice A1 over 100.00 EUR was posted." in page
    assert reverse("ledger:payment_create") + f"?account={account.pk}" in page
    back = client.get(reverse("ledger:item_detail", args=[payment.pk])).content.decode()
    assert reverse("ledger:item_apply", args=[payment.pk]) in back


def test_an_entry_shows_its_lines_and_items(client, treasurer, account):
    entry = JournalEntryFactory(account=account, instalments=[(D(2026, 2, 1), Decimal(5))] * 2)
    page = client.get(reverse("ledger:entry_detail", args=[entry.pk])).content.decode()
    assert "Trade receivables" in page
    assert "Revenue" in page
    first = entry.items.get(instalment=1)
    assert reverse("ledger:item_detail", args=[first.pk]) in page
    assert (
        "Other instalments"
        in client.get(reverse("ledger:item_detail", args=[first.pk])).content.decode()
    )


def test_confirming_a_provisional_payment(client, treasurer, account):
    item = overdue(account, 1, amount=100)
    payment = PaymentFactory(
        account=account, amount=100, allocations=[(item, Decimal(100))], provisional=True
    )
    page = client.get(reverse("ledger:item_detail", args=[payment.pk])).content.decode()
    url = reverse("ledger:entry_confirm", args=[payment.entry_id])
    assert url in page
    for _ in range(2):
        assert client.post(url).status_code == 302
    item.refresh_from_db()
    assert item.open_amount == 0
    assert Allocation.objects.count() == 1


# --- payments ------------------------------------------------------------------------------------


def payment_url(account, **query):
    rest = "".join(f"&{key}={value}" for key, value in query.items())
    return f"{reverse('ledger:payment_create')}?account={account.pk}{rest}"


def form_of(client, url, **changes):
    """What a browser would send: the page's values, changed."""
    form = client.get(url).context["form"]
    values = {name: form[name].value() for name in form.fields}
    values = {name: "" if v in (None, False) else v for name, v in values.items()}
    return values | changes


def test_a_payment_without_account_asks_for_it(client, treasurer, account):
    CustomerAccountFactory(company=CompanyFactory(code="X"))
    page = client.get(reverse("ledger:payment_create")).content.decode()
    assert f"?account={account.pk}" in page
    assert page.count("?account=") == 2
    assert client.get(reverse("ledger:payment_create") + "?q=nobody").status_code == 200


def test_recording_a_payment_with_decimal_commas(client, treasurer, account):
    first = overdue(account, 30, amount=Decimal("1234.50"))
    second = overdue(account, 10, amount=100)
    data = form_of(
        client,
        payment_url(account),
        amount="1.300,00",
        number="B-1",
        **{f"item_{first.pk}": "1.234,50", f"item_{second.pk}": "40,5"},
    )
    response = client.post(payment_url(account), data)
    credit = OpenItem.objects.get(number="B-1")
    assert response.url == reverse("ledger:item_detail", args=[credit.pk])
    assert (credit.amount, credit.open_amount) == (1300, 25)
    assert OpenItem.objects.get(pk=first.pk).open_amount == 0
    assert OpenItem.objects.get(pk=second.pk).open_amount == Decimal("59.50")
    assert credit.entry.created_by == treasurer
    assert AuditEvent.objects.get(action="ledger.payment.recorded").actor == treasurer


def test_the_oldest_items_are_suggested_first_without_a_script(client, treasurer, account):
    young = overdue(account, 10, amount=100)
    old = overdue(account, 40, amount=80)
    data = form_of(client, payment_url(account), amount="120", suggest="1")
    response = client.post(payment_url(account), data)
    assert response.status_code == 200
    form = response.context["form"]
    assert (form[f"item_{old.pk}"].value(), form[f"item_{young.pk}"].value()) == ("80.00", "40.00")
    assert not JournalEntry.objects.filter(kind="payment").exists()


def test_a_link_from_an_item_fills_the_form(client, treasurer, account):
    item = overdue(account, 10, amount=Decimal("77.30"))
    form = client.get(payment_url(account, item=item.pk)).context["form"]
    assert form["amount"].value() == Decimal("77.30")
    assert form[f"item_{item.pk}"].value() == Decimal("77.30")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "abc"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"amount": ""}, "amount"),
        ({"amount": "1.005"}, "amount"),
        ({"amount": "10000000000000"}, "amount"),
        ({"received_on": "2999-01-01"}, "received_on"),
        ({"received_on": "31/02/2026"}, "received_on"),
        ({"item": "101"}, "item"),
        ({"item": "-1"}, "item"),
        ({"amount": "50", "item": "60"}, "__all__"),
        ({"number": "x" * 61}, "number"),
        ({"token": "no"}, "token"),
    ],
)
def test_what_is_wrong_with_a_payment_stands_at_its_place(
    client, treasurer, account, changes, field
):
    item = overdue(account, 10, amount=100)
    if "item" in changes:
        changes = changes | {f"item_{item.pk}": changes.pop("item")}
    data = form_of(client, payment_url(account), **({"amount": "100"} | changes))
    response = client.post(payment_url(account), data)
    assert response.status_code == 422
    name = f"item_{item.pk}" if field == "item" else field
    assert name in response.context["form"].errors
    assert not JournalEntry.objects.filter(kind="payment").exists()
    item.refresh_from_db()
    assert item.open_amount == 100


@pytest.mark.parametrize(
    ("typed", "field", "more"),
    [
        ("", "received_on", " Or keep this day and enter a posting date."),
        ("2026-01-31", "posted_on", ""),
    ],
)
def test_a_closed_period_is_said_at_the_day_that_was_typed(
    client, treasurer, account, typed, field, more
):
    period_close(company=account.company, through=D(2026, 1, 31), actor=treasurer)
    data = form_of(
        client, payment_url(account), amount="5", received_on="2026-01-30", posted_on=typed
    )
    response = client.post(payment_url(account), data)
    assert response.status_code == 422
    assert response.context["form"].errors == {
        field: [f"The books are closed through 31 Jan 2026. Take 1 Feb 2026 or a later day.{more}"]
    }
    assert not JournalEntry.objects.filter(kind="payment").exists()


def test_a_number_that_is_taken_is_said_beside_it(client, treasurer, account):
    PaymentFactory(account=account, number="B-1")
    data = form_of(client, payment_url(account), amount="5", number="B-1")
    response = client.post(payment_url(account), data)
    assert response.status_code == 422
    assert "Payment B-1 is in the ledger" in str(response.context["form"].errors["number"])


def test_a_double_click_records_one_payment(client, treasurer, account):
    data = form_of(client, payment_url(account), amount="5")
    first = client.post(payment_url(account), data)
    second = client.post(payment_url(account), data)
    assert first.url == second.url
    assert OpenItem.objects.count() == 1


def test_an_item_paid_by_a_colleague_meanwhile_is_said_and_nothing_is_recorded(
    client, treasurer, account
):
    item = overdue(account, 10, amount=100)
    data = form_of(client, payment_url(account), amount="100", **{f"item_{item.pk}": "100"})
    PaymentFactory(account=account, amount=70, allocations=[(item, Decimal(70))])
    response = client.post(payment_url(account), data)
    assert response.status_code == 422
    assert JournalEntry.objects.filter(kind="payment").count() == 1


@pytest.mark.parametrize("box", ["item", "discount", "difference", "chargeback"])
def test_what_was_typed_for_an_item_that_a_colleague_settled_is_not_dropped(
    client, treasurer, account, box
):
    item, other = overdue(account, 10, amount=100), overdue(account, 5, amount=40)
    data = form_of(client, payment_url(account), amount="90", **{f"item_{other.pk}": "40"})
    data |= {f"{box}_{item.pk}": "12.50", "chargeback_reason": "damage"}
    PaymentFactory(account=account, amount=100, allocations=[(item, Decimal(100))])
    response = client.post(payment_url(account), data)
    assert response.status_code == 422
    assert "12.50 was typed for an item that is not open any more" in response.content.decode()
    assert response.context["form"][f"item_{other.pk}"].value() == "40"
    assert JournalEntry.objects.filter(kind="payment").count() == 1


def test_a_double_click_on_a_payment_that_settles_an_item_records_it_once(
    client, treasurer, account
):
    item = overdue(account, 10, amount=100)
    data = form_of(client, payment_url(account), amount="100", **{f"item_{item.pk}": "100"})
    first = client.post(payment_url(account), data)
    second = client.post(payment_url(account), data)
    assert first.status_code == second.status_code == 302
    assert first.url == second.url
    assert JournalEntry.objects.filter(kind="payment").count() == 1


def test_currencies_have_their_own_page(client, treasurer, account):
    CurrencyFactory(code="USD")
    item = overdue(account, 10, currency="USD")
    page = client.get(payment_url(account, currency="USD"))
    assert [row.item for row in page.context["form"].item_rows] == [item]
    assert client.get(payment_url(account)).context["form"].item_rows == []
    assert client.get(payment_url(account, currency="GBP")).status_code == 404
    data = form_of(client, payment_url(account, currency="USD"), amount="10")
    client.post(payment_url(account, currency="USD"), data)
    assert OpenItem.objects.get(direction="credit").currency_id == "USD"


def test_a_provisional_payment_from_the_form(client, treasurer, account):
    item = overdue(account, 10, amount=100)
    data = form_of(
        client, payment_url(account), amount="100", provisional="on", **{f"item_{item.pk}": "100"}
    )
    client.post(payment_url(account), data)
    item.refresh_from_db()
    assert item.open_amount == 100
    assert not OpenItem.objects.get(direction="credit").is_posted


def test_applying_a_credit(client, treasurer, account):
    credit = PaymentFactory(account=account, amount=100, received_on=days_ago(5))
    item = overdue(account, 10, amount=60)
    url = reverse("ledger:item_apply", args=[credit.pk])
    assert client.post(url, {"on": ""}).status_code == 422
    too_much = client.post(url, {"on": "", f"item_{item.pk}": "61"})
    assert too_much.status_code == 422
    suggested = client.post(url, {"on": "", "suggest": "1"})
    assert suggested.context["form"][f"item_{item.pk}"].value() == "60.00"
    early = client.post(url, {"on": str(days_ago(8)), f"item_{item.pk}": "60"})
    assert early.status_code == 422
    assert not Allocation.objects.exists()
    done = client.post(url, {"on": str(days_ago(2)), f"item_{item.pk}": "60"})
    assert done.status_code == 302
    credit.refresh_from_db()
    assert credit.open_amount == 40
    assert Allocation.objects.get().allocated_on == days_ago(2)
    assert client.get(reverse("ledger:item_apply", args=[item.pk])).status_code == 404


@pytest.mark.parametrize("key", ["0", "abc", "99999999"])
def test_an_unknown_account_is_not_there(client, treasurer, key):
    assert client.get(f"{reverse('ledger:payment_create')}?account={key}").status_code == 404


# --- imports -------------------------------------------------------------------------------------


def send(client, data, *, profile="", name="history.csv"):
    profiles_install_defaults()
    key = ImportProfile.objects.get(name=profile).pk if profile else ""
    return client.post(
        reverse("ledger:import_create"),
        {
            "file": SimpleUploadedFile(name, data),
            "company": CompanyFactory().pk,
            "profile": key,
        },
    )


def test_a_file_with_a_profile_is_checked_and_imported_in_two_clicks(client, treasurer):
    history = History()
    response = send(client, history.csv(), profile="ibm_ar")
    run = ImportRun.objects.get()
    assert response.url == reverse("ledger:import_detail", args=[run.pk])
    page = client.get(response.url).content.decode()
    assert f"{history.total:,.2f}" in page
    assert "Nothing has been written yet" in page
    assert not JournalEntry.objects.exists()
    client.post(reverse("ledger:import_commit", args=[run.pk]))
    run.refresh_from_db()
    assert (run.status, run.started_by) == ("done", treasurer)
    assert OpenItem.objects.debits().count() == 60
    page = client.get(response.url).content.decode()
    assert "agree to the cent" in page
    assert "history.csv" in client.get(reverse("ledger:import_list")).content.decode()
    client.post(reverse("ledger:import_commit", args=[run.pk]))
    assert OpenItem.objects.debits().count() == 60


def test_without_a_profile_the_columns_are_asked_guessed_and_saved(client, treasurer):
    data = table(
        ["Codice cliente", "Numero fattura", "Data fattura", "Scadenza", "Importo", "Note"],
        [
            ["C1", "A1", "31.12.2025", "30.01.2026", "1.234,50", "x"],
            ["C1", "A2", "01.01.2026", "31.01.2026", "10,00", ""],
        ],
        delimiter=";",
        encoding="cp1252",
    )
    response = send(client, data)
    run = ImportRun.objects.get()
    url = reverse("ledger:import_columns", args=[run.pk])
    assert response.url == url
    page = client.get(url)
    form = page.context["form"]
    assert form["column_amount"].value() == "Importo"
    assert form["column_due_date"].value() == "Scadenza"
    assert form["date_format"].value() == "%d.%m.%Y"
    assert form["decimal_separator"].value() == ","
    assert form["delimiter"].value() == ";"
    assert "1.234,50" in page.content.decode()
    values = form_of(client, url, profile_name="Gestionale")
    assert client.post(url, values).url == reverse("ledger:import_detail", args=[run.pk])
    run.refresh_from_db()
    assert (run.status, run.error_count, run.profile.name) == ("previewed", 0, "Gestionale")
    client.post(reverse("ledger:import_commit", args=[run.pk]))
    assert OpenItem.objects.get(number="A1").amount == Decimal("1234.50")
    send(client, data, profile="Gestionale")
    assert ImportRun.objects.latest("pk").totals["entries_known"] == 2


def test_columns_that_are_missing_or_chosen_twice(client, treasurer):
    send(client, table(["a", "b"], [["1", "2"]]))
    url = reverse("ledger:import_columns", args=[ImportRun.objects.get().pk])
    values = form_of(client, url)
    response = client.post(url, values | {"column_customer_code": "a", "column_amount": "a"})
    assert response.status_code == 422
    errors = response.context["form"].errors
    assert {"column_invoice_number", "column_invoice_date", "column_amount"} <= set(errors)


def test_errors_are_shown_by_row_and_column_and_block_the_import(client, treasurer):
    send(client, standard(GOOD, ["C1", "A2", "x", "2026-01-31", "1,5"]), profile="standard")
    run = ImportRun.objects.get()
    page = client.get(reverse("ledger:import_detail", args=[run.pk])).content.decode()
    assert "“x” is not a date like 2026-11-30." in page
    assert "“1,5” is not an amount like 1234.50." in page
    assert reverse("ledger:import_commit", args=[run.pk]) not in page
    client.post(reverse("ledger:import_commit", args=[run.pk]))
    assert not JournalEntry.objects.exists()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is empty."),
        (bytes(range(256)) * 20_000, "binary data"),
        (b"PK\x03\x04broken", "damaged"),
    ],
    ids=["empty", "garbage", "broken"],
)
@pytest.mark.parametrize("profile", ["", "standard"])
def test_what_is_no_table_is_refused_beside_the_file(client, treasurer, data, message, profile):
    response = send(client, data, profile=profile)
    assert response.status_code == 422
    assert message in str(response.context["form"].errors["file"])
    assert not ImportRun.objects.exists()


def test_progress_of_a_long_file(client, treasurer, monkeypatch):
    from ledger import tasks

    monkeypatch.setattr(tasks.import_continue, "delay", lambda run_id: None)
    rows = [["C1", f"A{n}", "2026-01-01", "2026-01-31", "1.00"] for n in range(5001)]
    response = send(client, standard(*rows), profile="standard")
    run = ImportRun.objects.get()
    page = client.get(response.url).content.decode()
    url = reverse("ledger:import_progress", args=[run.pk])
    assert f'hx-get="{url}"' in page
    assert "Start again" in page
    part = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "<progress" in part
    assert "<html" not in part
    import_continue(run.pk)
    done = client.get(url, headers={"HX-Request": "true"})
    assert done.headers["HX-Refresh"] == "true"
    assert client.get(url).url == response.url
    run.refresh_from_db()
    assert run.status == "previewed"


def test_checking_again_and_discarding(client, treasurer):
    send(client, standard(GOOD), profile="standard")
    run = ImportRun.objects.get()
    load(standard(GOOD))
    client.post(reverse("ledger:import_check", args=[run.pk]))
    page = client.get(reverse("ledger:import_detail", args=[run.pk])).content.decode()
    assert "Everything in this file is in the ledger already." in page
    response = client.post(reverse("ledger:import_discard", args=[run.pk]))
    assert response.url == reverse("ledger:import_list")
    assert not ImportRun.objects.filter(pk=run.pk).exists()
    imported = ImportRun.objects.get()
    client.post(reverse("ledger:import_discard", args=[imported.pk]))
    client.post(reverse("ledger:import_resume", args=[imported.pk]))
    assert ImportRun.objects.filter(pk=imported.pk, status="done").exists()


def test_an_import_of_another_company_is_not_there(client, treasurer):
    run = load(standard(GOOD), company=CompanyFactory(code="OTHER"))
    for name in ("import_detail", "import_progress", "import_columns"):
        assert client.get(reverse(f"ledger:{name}", args=[run.pk])).status_code == 404
    for name in ("import_commit", "import_check", "import_resume", "import_discard"):
        assert client.post(reverse(f"ledger:{name}", args=[run.pk])).status_code == 404
    assert run.file_name not in client.get(reverse("ledger:import_list")).content.decode()
    form = client.get(reverse("ledger:import_create")).context["form"]
    assert not form.fields["company"].queryset.filter(code="OTHER").exists()


def test_those_who_may_not_are_refused(client, account):
    client.force_login(UserFactory(role="sales"))
    item = overdue(account, 1)
    assert client.get(reverse("ledger:item_list")).status_code == 200
    assert client.get(reverse("ledger:item_detail", args=[item.pk])).status_code == 200
    assert "Record a payment" not in client.get(reverse("ledger:item_list")).content.decode()
    for name in ("payment_create", "import_list", "import_create"):
        assert client.get(reverse(f"ledger:{name}")).status_code == 403
    assert client.post(reverse("ledger:entry_confirm", args=[item.entry_id])).status_code == 403
