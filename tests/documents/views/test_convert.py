"""The conversion page: what it offers, what it makes, and what it refuses with nothing lost."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import AuditEvent, NumberSequence
from credit_limits.models import CreditCheck
from documents.models import Document, DocumentType
from documents.services.steps import document_close
from tests.documents.services.cycle import Cycle, fresh, item, kind
from tests.factories.core import UserFactory
from tests.factories.customers import CustomerAccountFactory
from tests.world import TODAY, World

PAGE = reverse("documents:convert")


@pytest.fixture
def cycle(world: World) -> Cycle:
    from django.contrib.auth.models import Permission

    world.limit(10_000)
    treasurer = UserFactory(username="teo", role="treasury")
    treasurer.user_permissions.add(Permission.objects.get(codename="post_document"))
    return Cycle(world, treasurer)


def opened(client: Client, code: str, *documents: Document) -> Any:
    keys = [str(row.pk) for row in documents]
    return client.get(PAGE, {"type": code, "document": keys})


def sent(code: str, *documents: Document, action: str = "draft", **fields: Any) -> dict[str, Any]:
    """The form as a browser sends it; `q` are the quantities of the lines in order."""
    data: dict[str, Any] = {
        "action": action,
        "type": code,
        "document": [str(row.pk) for row in documents],
        "document_on": TODAY.isoformat(),
        "submission_key": str(uuid.uuid4()),
    }
    lines = [line for row in documents for line in row.lines.order_by("position")]
    for name, values in (("quantity", fields.pop("q", ())), ("amount", fields.pop("a", ()))):
        for line, value in zip(lines, values, strict=False):
            data[f"{name}-{line.pk}"] = str(value)
    return data | fields


def faults(response: Any) -> dict[str, list[str]]:
    form = response.context["form"]
    return {name: [str(text) for text in texts] for name, texts in form.errors.items()}


def newest() -> Document:
    return Document.objects.select_related("type").latest("pk")


# ---- the page ----------------------------------------------------------------------------------


def test_it_proposes_what_is_left_and_says_what_credit_says(clerk: Client, cycle: Cycle) -> None:
    order = cycle.order(item(100, 10), item(5, 4, "Bolts"))
    cycle.deliver(order, 4, 4)
    counts = (Document.objects.count(), AuditEvent.objects.count(), CreditCheck.objects.count())
    numbers = list(NumberSequence.objects.order_by("pk").values_list("code", "next_number"))

    page = opened(clerk, "delivery", order)

    assert page.status_code == 200
    rows = page.context["groups"][0]["rows"]
    assert [(row["row"].gone, row["row"].left) for row in rows] == [(4, 6), (4, 0)]
    assert [row["field"] is not None for row in rows] == [True, False]
    assert rows[0]["field"].value() == 6
    assert page.context["made"].gross_amount == 600
    assert page.context["box"].outcome == "pass"
    assert (page.context["box"].used, page.context["box"].this_amount) == (420, 600)
    assert "nothing left" in page.content.decode()
    # Looking leaves no trace.
    assert counts == (
        Document.objects.count(),
        AuditEvent.objects.count(),
        CreditCheck.objects.count(),
    )
    assert numbers == list(NumberSequence.objects.order_by("pk").values_list("code", "next_number"))


def test_the_live_part_answers_with_figures_and_the_fault_at_its_line(
    clerk: Client, cycle: Cycle
) -> None:
    order = cycle.order(item(100, 10))
    line = order.lines.get()

    good = clerk.post(
        PAGE, sent("delivery", order, action="check", q=[3]), headers={"HX-Request": "true"}
    ).content.decode()
    bad = clerk.post(
        PAGE, sent("delivery", order, action="check", q=[11]), headers={"HX-Request": "true"}
    ).content.decode()

    assert "<html" not in good
    assert re.search(rf'id="total-{line.pk}"[^>]*>\s*300\.00', good)
    assert 'id="convert-sum"' in good
    assert "If you submit now: it passes." in good
    assert re.search(rf'id="said-{line.pk}".*11 is too much, 10 of 10 are left', bad, re.S)
    assert not Document.objects.filter(type__code="delivery").exists()


def test_a_hold_is_foretold_with_its_reasons(clerk: Client, cycle: Cycle) -> None:
    order = cycle.order(item(100, 90))
    cycle.world.limit(500, valid_from=TODAY)
    cycle.world.item(10, due_on=TODAY.replace(month=1))

    page = opened(clerk, "delivery", order)

    assert page.context["box"].outcome == "hold"
    assert "overdue" in page.content.decode()
    assert page.context["approvers"] == [cycle.world.manager]  # Anna decides up to 5,000
    clerk.post(PAGE, sent("delivery", order, action="submit", q=[90]))
    assert newest().status == "held"


def test_what_cannot_go_on_says_why_and_offers_nothing(clerk: Client, cycle: Cycle) -> None:
    draft = cycle.draft("order", item(100))
    done = cycle.order(item(100))
    cycle.deliver(done)
    closed = cycle.order(item(100))
    document_close(document=closed, actor=cycle.world.clerk, as_of=TODAY)

    for order, words in ((draft, "Draft"), (done, "Nothing is left"), (closed, "Closed")):
        page = opened(clerk, "delivery", order)
        text = page.content.decode()
        assert words in text
        assert 'value="submit"' not in text
        assert "quantity-" not in text
        answer = clerk.post(PAGE, sent("delivery", order, action="submit", q=[1]))
        assert answer.status_code in {409, 422}
    assert Document.objects.filter(type__code="delivery").count() == 1


def test_two_customers_are_named_and_taken_one_at_a_time(clerk: Client, cycle: Cycle) -> None:
    other = CustomerAccountFactory(company=cycle.world.company)
    cycle.world.limit(1000, account=other)
    mine = cycle.order(item(100))
    foreign = cycle.submit(cycle.draft("order", item(50), account=other)).document

    page = opened(clerk, "delivery", mine, foreign)

    text = page.content.decode()
    assert "billed to different customers" in text
    assert f"?type=delivery&amp;document={foreign.pk}" in text
    answer = clerk.post(PAGE, sent("delivery", mine, foreign, q=[1, 1]))
    assert answer.status_code == 409
    assert not Document.objects.filter(type__code="delivery").exists()


def test_foreign_and_unknown_documents_are_not_found(clerk: Client, cycle: Cycle) -> None:
    from tests.factories.core import CompanyFactory

    order = cycle.order(item(100))
    elsewhere = CustomerAccountFactory(company=CompanyFactory(code="XX99"))
    hidden = cycle.order(item(100))
    Document.objects.filter(pk=hidden.pk).update(account=elsewhere)

    assert clerk.get(PAGE, {"type": "delivery", "document": "999999"}).status_code == 404
    assert clerk.get(PAGE, {"type": "nonsense", "document": str(order.pk)}).status_code == 404
    assert opened(clerk, "delivery", hidden).status_code == 404
    assert clerk.get(PAGE, {"type": "delivery"}).status_code == 302
    odd = clerk.get(PAGE, {"type": "delivery", "document": "1; DROP"})
    assert odd.status_code == 302


def test_without_the_right_it_stays_closed(cycle: Cycle) -> None:
    order = cycle.order(item(100))
    client = Client()
    client.force_login(UserFactory(username="olga", role="auditor"))
    assert opened(client, "delivery", order).status_code == 403
    assert client.post(PAGE, sent("delivery", order, q=[1])).status_code == 403


# ---- making ------------------------------------------------------------------------------------


def test_a_draft_or_submitted_at_once(clerk: Client, cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))

    clerk.post(PAGE, sent("delivery", order, q=[4]))
    draft = newest()
    assert (draft.type.code, draft.status, draft.gross_amount) == ("delivery", "draft", 400)
    assert cycle.figures() == {"O": 1000}
    clerk.post(PAGE, sent("delivery", order, action="submit", q=[6]))
    sent_off = newest()

    assert (sent_off.status, sent_off.gross_amount) == ("submitted", 600)
    assert cycle.figures() == {"O": 400, "N": 600}


def test_a_second_click_finds_the_first_ones_document(clerk: Client, cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))
    data = sent("delivery", order, action="submit", q=[10])

    first = clerk.post(PAGE, data)
    second = clerk.post(PAGE, data)

    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    assert Document.objects.filter(type__code="delivery").count() == 1
    assert CreditCheck.objects.filter(checkpoint="deliver").count() == 1


def test_the_same_page_with_other_figures_asks_first(clerk: Client, cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))
    data = sent("delivery", order, q=[2])
    clerk.post(PAGE, data)
    line = order.lines.get()

    again = clerk.post(PAGE, data | {f"quantity-{line.pk}": "3"})

    assert again.status_code == 409
    assert "was made of this form before" in again.content.decode()
    assert again.context["groups"][0]["rows"][0]["field"].value() == "3"
    assert Document.objects.filter(type__code="delivery").count() == 1
    key = again.context["form"]["submission_key"].value()
    clerk.post(PAGE, data | {f"quantity-{line.pk}": "3", "submission_key": key})
    assert newest().gross_amount == 300


def test_a_type_that_confirms_by_itself_is_submitted_by_saving(clerk: Client, cycle: Cycle) -> None:
    DocumentType.objects.filter(code="delivery").update(automatic_confirmation=True)
    order = cycle.order(item(100, 10))
    clerk.post(PAGE, sent("delivery", order, q=[10]))
    assert newest().status == "submitted"


def test_too_much_is_said_at_the_line_and_nothing_typed_is_lost(
    clerk: Client, cycle: Cycle
) -> None:
    order = cycle.order(item(100, 10), item(5, 4, "Bolts"))
    first, second = order.lines.order_by("position")

    answer = clerk.post(PAGE, sent("delivery", order, action="submit", q=[3, 5]))

    assert answer.status_code == 409
    assert list(faults(answer)) == [f"quantity-{second.pk}"]
    assert "5 is too much, 4 of 4 are left" in faults(answer)[f"quantity-{second.pk}"][0]
    assert answer.context["form"][f"quantity-{first.pk}"].value() == "3"
    assert not Document.objects.filter(type__code="delivery").exists()


@pytest.mark.parametrize("wrong", ["abc", "-1", "1,234", "1.23456", "1e9", "99999999999"])
def test_figures_that_are_none_are_refused_at_their_field(
    clerk: Client, cycle: Cycle, wrong: str
) -> None:
    order = cycle.order(item(100, 10))
    answer = clerk.post(PAGE, sent("delivery", order, action="submit", q=[wrong]))
    assert answer.status_code == 422
    assert list(faults(answer)) == [f"quantity-{order.lines.get().pk}"]
    assert not Document.objects.filter(type__code="delivery").exists()


def test_nothing_chosen_and_no_date_are_said(clerk: Client, cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))
    answer = clerk.post(PAGE, sent("delivery", order, q=[""]))
    assert answer.status_code == 422
    assert "Choose a quantity" in answer.content.decode()
    answer = clerk.post(PAGE, sent("delivery", order, q=[1], document_on="soon"))
    assert list(faults(answer)) == ["document_on"]


def test_goods_taken_meanwhile_by_somebody_else(clerk: Client, cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))
    data = sent("delivery", order, action="submit", q=[10])
    cycle.deliver(order, 8)

    answer = clerk.post(PAGE, data)

    assert answer.status_code == 409
    assert "10 is too much, 2 of 10 are left" in answer.content.decode()
    assert Document.objects.filter(type__code="delivery").count() == 1


def test_figures_of_lines_that_cannot_be_taken_are_told_and_nothing_is_made(
    clerk: Client, cycle: Cycle
) -> None:
    order = cycle.order(item(100, 10), item(5, 4, "Bolts"))
    other = cycle.order(item(7, 3, "Secret")).lines.get()
    first, second = order.lines.order_by("position")
    cycle.deliver(order, 0, 4)

    foreign = clerk.post(PAGE, sent("delivery", order, q=[3]) | {f"quantity-{other.pk}": "2"})
    gone = clerk.post(PAGE, sent("delivery", order, q=[3, 4]))

    assert (foreign.status_code, gone.status_code) == (422, 409)
    (said,) = faults(foreign)["__all__"]
    assert said == "A quantity belongs to a line of none of these documents. Nothing was made."
    assert faults(gone) == {f"quantity-{second.pk}": ["4 is too much, 0 of 4 are left."]}
    assert gone.context["form"][f"quantity-{first.pk}"].value() == "3"
    assert Document.objects.filter(type__code="delivery").count() == 1


def test_all_and_none_work_without_a_script(clerk: Client, cycle: Cycle) -> None:
    order = cycle.order(item(100, 10), item(5, 4, "Bolts"))

    everything = clerk.post(PAGE, sent("delivery", order, action="all", q=[1, ""]))
    nothing = clerk.post(PAGE, sent("delivery", order, action="none", q=[1, 2]))

    assert everything.context["made"].gross_amount == 1020
    assert nothing.context["made"] is None
    assert not Document.objects.filter(type__code="delivery").exists()


# ---- the other ways ----------------------------------------------------------------------------


def test_a_quote_is_accepted_and_an_expired_one_is_not(clerk: Client, cycle: Cycle) -> None:
    quote = cycle.made("quote", item(100, 10), valid_until=TODAY)
    clerk.post(PAGE, sent("order", quote, action="submit", q=[10]))
    assert (newest().type.code, newest().status) == ("order", "submitted")
    assert fresh(quote).status == "closed"

    old = cycle.made("quote", item(100, 10), valid_until=TODAY.replace(day=1))
    page = opened(clerk, "order", old)
    assert "valid until 1 Mar 2026" in page.content.decode()
    assert 'value="submit"' not in page.content.decode()


def test_the_invoice_of_an_order_proposes_what_was_delivered(clerk: Client, cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))
    delivery = cycle.deliver(order, 4)

    page = opened(clerk, "invoice", order)

    names = [group["document"] for group in page.context["groups"]]
    assert names == [delivery, order]
    wanted = [row["row"].wanted for group in page.context["groups"] for row in group["rows"]]
    assert wanted == [4, 0]
    assert page.context["made"].gross_amount == 400
    data = sent("invoice", order, action="submit", q=[1])
    data[f"quantity-{delivery.lines.get().pk}"] = "4"
    clerk.post(PAGE, data)
    assert newest().gross_amount == 500
    assert cycle.figures() == {"O": 500, "F": 500}


def test_an_advance_is_shown_where_it_is_deducted(clerk: Client, cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))
    clerk.post(PAGE, sent("advance", order, action="submit", percent="30"))
    made = newest()
    assert (made.type.code, made.gross_amount, made.status) == ("advance", 300, "submitted")
    cycle.post(made)

    page = opened(clerk, "invoice", order)

    assert [line.gross_amount for line in page.context["deductions"]] == [-300]
    assert page.context["made"].gross_amount == 700
    clerk.post(PAGE, sent("advance", order, amount="100.50", percent="30"))
    assert newest().gross_amount == 100.5


def test_an_advance_asks_for_a_percent_or_an_amount_that_is_left(
    clerk: Client, cycle: Cycle
) -> None:
    order = cycle.order(item(100, 10))
    for fields, where in (
        ({"percent": ""}, "__all__"),
        ({"percent": "101"}, "percent"),
        ({"percent": "0"}, "percent"),
        ({"amount": "-1", "percent": ""}, "amount"),
        ({"amount": "1000.01", "percent": ""}, "amount"),
    ):
        answer = clerk.post(PAGE, sent("advance", order, **fields))
        assert answer.status_code in {409, 422}, fields
        assert list(faults(answer)) == [where], fields
    assert not Document.objects.filter(type__code="advance").exists()


def test_goods_back_wanted_again_or_not(clerk: Client, cycle: Cycle) -> None:
    delivery = cycle.deliver(cycle.order(item(100, 10)))
    assert opened(clerk, "return", delivery).context["form"]["again"].value()

    clerk.post(PAGE, sent("return", delivery, action="submit", q=[2], again="on"))
    assert cycle.figures() == {"O": 200, "N": 800}
    clerk.post(PAGE, sent("return", delivery, action="submit", q=[3]))
    assert cycle.figures() == {"O": 200, "N": 500}


def test_credit_of_goods_again_or_only_a_price(clerk: Client, cycle: Cycle) -> None:
    delivery = cycle.deliver(cycle.order(item(100, 10)))
    invoice = cycle.posted(cycle.invoice(delivery))

    clerk.post(PAGE, sent("credit_note", invoice, action="submit", credit="price", q=[9], a=["50"]))
    price = newest()
    assert (price.gross_amount, price.status) == (50, "submitted")
    assert price.lines.get().price_only
    clerk.post(PAGE, sent("credit_note", invoice, credit="again", q=[2]))
    again = newest()
    assert again.lines.get().reopens
    answer = clerk.post(PAGE, sent("credit_note", invoice, credit="price", q=[1], a=["800.01"]))
    line = invoice.lines.get()
    assert list(faults(answer)) == [f"amount-{line.pk}"]
    assert "is too much" in faults(answer)[f"amount-{line.pk}"][0]
    assert Document.objects.filter(type__code="credit_note").count() == 2


def test_a_pro_forma_becomes_an_invoice(clerk: Client, cycle: Cycle) -> None:
    paper = cycle.made("pro_forma", item(100, 3))
    page = opened(clerk, "invoice", paper)
    assert page.context["made"].gross_amount == 300
    clerk.post(PAGE, sent("invoice", paper, action="submit"))
    assert (newest().type.code, newest().status) == ("invoice", "submitted")
    count = Document.objects.count()
    clerk.post(PAGE, sent("invoice", paper, action="submit"))
    assert Document.objects.count() == count


def test_a_pro_forma_asks_nobody(clerk: Client, cycle: Cycle) -> None:
    order = cycle.order(item(100, 3))
    page = opened(clerk, "pro_forma", order)
    assert page.context["box"] is None
    assert "never counts" in page.context["uncounted"]
    clerk.post(PAGE, sent("pro_forma", order, action="submit", q=[3]))
    assert (newest().type.code, newest().status) == ("pro_forma", "submitted")
    assert cycle.figures() == {"O": 300}


def test_several_types_are_offered_and_the_chosen_one_is_made(clerk: Client, cycle: Cycle) -> None:
    sample = kind("delivery")
    sample.pk = None
    sample.code, sample.name, sample.number_prefix = "sample", "Samples", "SM-"
    sample.counts_as_credit = False
    sample.save()
    order = cycle.order(item(100, 3))

    page = opened(clerk, "delivery", order)
    assert page.context["several_types"]
    clerk.post(PAGE, sent("sample", order, action="submit", q=[1]))

    assert newest().type.code == "sample"


def test_create_and_post_for_who_may(cycle: Cycle) -> None:
    from django.contrib.auth.models import Permission

    both = UserFactory(username="bea", role="sales")
    both.user_permissions.add(Permission.objects.get(codename="post_document"))
    client = Client()
    client.force_login(both)
    delivery = cycle.deliver(cycle.order(item(100, 10)))

    assert 'value="post"' in opened(client, "invoice", delivery).content.decode()
    client.post(PAGE, sent("invoice", delivery, action="post", q=[10]))

    assert newest().status == "posted"
    assert cycle.figures() == {"B": 1000}


def test_create_and_post_without_the_right_keeps_the_draft_and_says_so(
    clerk: Client, cycle: Cycle
) -> None:
    delivery = cycle.deliver(cycle.order(item(100, 10)))
    answer = clerk.post(PAGE, sent("invoice", delivery, action="post", q=[10]), follow=True)
    assert newest().status == "draft"
    assert any("not posted" in str(message) for message in answer.context["messages"])


def test_five_hundred_lines_ask_as_often_as_two(clerk: Client, cycle: Cycle) -> None:
    """The page with its trial and the making: a constant number of statements, and bounded."""
    cycle.world.limit(1_000_000)
    counts = []
    for size in (2, 500):
        order = cycle.order(*(item(1, 2, f"Part {n}") for n in range(size)))
        with CaptureQueriesContext(connection) as page:
            assert opened(clerk, "delivery", order).status_code == 200
        with CaptureQueriesContext(connection) as making:
            clerk.post(PAGE, sent("delivery", order, action="submit", q=[1] * size))
        assert newest().lines.count() == size
        counts.append((len(page), len(making)))

    (page_of_two, making_two), (page_of_many, making_many) = counts
    assert page_of_many == page_of_two <= 50
    assert making_many <= making_two <= 90  # the first one starts the number sequence
