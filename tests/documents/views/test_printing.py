"""Paper in the browser: what the command leads to, what anybody may look at, and long ones."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.urls import reverse
from kombu.exceptions import OperationalError

from core import pdf
from core.errors import Busy
from credit_limits.services.policies import policy_publish
from documents import paper_files
from documents.models import Document, DocumentPaper
from documents.services.change import order_change
from documents.services.steps import document_cancel
from documents.tasks import make_paper
from documents.views import printing
from tests.documents.papers import Papers, goods, make_papers, words_of
from tests.documents.views.conftest import MORNING, texts
from tests.factories.core import CompanyFactory, UserFactory
from tests.world import TODAY, line

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from core.models import User


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def papers(db: None) -> Papers:
    return make_papers(limit=1000)


@pytest.fixture
def clerk(papers: Papers, login: Callable[[User], Client]) -> Client:
    return login(papers.world.clerk)


def policy(papers: Papers, *, blocks: bool) -> None:
    papers.world.policy.block_print = blocks
    papers.world.policy.save()
    policy_publish(policy=papers.world.policy, actor=None)


def paper_url(document: Document) -> str:
    return reverse("documents:document_paper", args=[document.pk])


def print_it(client: Client, document: Document) -> Any:
    """The answer to the command."""
    return client.post(reverse("documents:document_print", args=[document.pk]))


def read(answer: Any) -> str:
    """The words of a PDF that was answered."""
    assert answer.status_code == 200, answer.status_code
    assert answer["Content-Type"] == "application/pdf"
    return words_of(answer.content)


def test_printing_leads_to_the_original_and_later_to_a_copy(papers: Papers, clerk: Client) -> None:
    order = papers.made("order", [line(400)])

    answer = print_it(clerk, order)

    assert answer.status_code == 302
    original = read(clerk.get(answer["Location"]))
    assert f"Order confirmation {order.number}" in original
    assert "COPY" not in original.upper()
    assert "DRAFT" not in original.upper()
    order.refresh_from_db()
    assert order.printed_on == TODAY

    assert "COPY" in read(clerk.get(paper_url(order))).upper()
    with time_machine.travel(MORNING.replace(hour=9), tick=True):
        assert "COPY" in read(clerk.get(answer["Location"])).upper(), "the address is used up"
    again = print_it(clerk, order)
    assert "COPY" in read(clerk.get(again["Location"])).upper()
    assert DocumentPaper.objects.count() == 1


def test_the_answer_is_private_and_nothing_but_a_pdf(papers: Papers, clerk: Client) -> None:
    order = papers.made("order", [line(400)])

    answer = clerk.get(paper_url(order))

    assert answer["Content-Disposition"] == (
        f'inline; filename="order-confirmation-{order.number.lower()}-draft.pdf"'
    )
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("status", ["draft", "held", "refused"])
def test_a_temporary_paper_is_always_there_and_never_counts(
    papers: Papers, clerk: Client, status: str
) -> None:
    policy(papers, blocks=True)
    order = papers.draft("order", [line(5000)])
    Document.objects.filter(pk=order.pk).update(status=status)

    text = read(clerk.get(paper_url(order))).upper()

    assert "DRAFT" in text
    assert ("HELD – NOT RELEASED" in text) is (status == "held")
    order.refresh_from_db()
    assert order.printed_on is None
    assert not DocumentPaper.objects.exists()


def test_block_on_the_page_says_why_there_is_no_paper(papers: Papers, clerk: Client) -> None:
    policy(papers, blocks=True)
    order = papers.made("order", [line(5000)])
    page = clerk.get(reverse("documents:order_detail", args=[order.pk])).content.decode()
    assert reverse("documents:document_print", args=[order.pk]) in page

    answer = clerk.post(reverse("documents:document_print", args=[order.pk]), follow=True)

    [text] = texts(answer)
    assert text == (
        f"Order {order.number} is held and was not printed: Over the limit. An approver is asked."
    )
    assert answer.redirect_chain[-1][0] == reverse("documents:order_detail", args=[order.pk])
    order.refresh_from_db()
    assert order.printed_on is None


def test_block_off_the_paper_is_marked(papers: Papers, clerk: Client) -> None:
    policy(papers, blocks=False)
    order = papers.made("order", [line(5000)])

    text = read(clerk.get(print_it(clerk, order)["Location"])).upper()

    assert "HELD – NOT RELEASED" in text
    assert "DRAFT" not in text
    order.refresh_from_db()
    assert order.printed_on is None


def test_what_changed_since_its_print_is_a_draft_until_it_is_printed_anew(
    papers: Papers, clerk: Client
) -> None:
    order = papers.made("order", [line(400)])
    print_it(clerk, order)
    order.refresh_from_db()
    detail = reverse("documents:order_detail", args=[order.pk])
    assert reverse("documents:document_print", args=[order.pk]) not in (
        clerk.get(detail).content.decode()
    )
    order_change(
        document=order,
        header=papers.world.header(reference="PO 4711"),
        lines=[line(500)],
        version=order.version,
        actor=papers.world.clerk,
        as_of=TODAY,
    )

    assert "DRAFT" in read(clerk.get(paper_url(order))).upper()
    assert reverse("documents:document_print", args=[order.pk]) in (
        clerk.get(detail).content.decode()
    )
    first = read(clerk.get(f"{paper_url(order)}?edition=1"))
    assert "400.00" in first
    assert "COPY" in first.upper()
    second = read(clerk.get(print_it(clerk, order)["Location"]))
    assert "Edition 2" in second
    assert "500.00" in second
    assert "COPY" not in second.upper()


def test_a_copy_of_what_was_cancelled_says_so(papers: Papers, clerk: Client) -> None:
    order = papers.made("order", [line(400)])
    print_it(clerk, order)
    document_cancel(document=order, actor=papers.world.clerk, as_of=TODAY)

    text = read(clerk.get(paper_url(order))).upper()
    assert "COPY · CANCELLED" in text


def test_a_draft_cannot_be_printed_for_good(papers: Papers, clerk: Client) -> None:
    draft = papers.draft("order", [line(1)])

    answer = clerk.post(reverse("documents:document_print", args=[draft.pk]), follow=True)

    assert texts(answer) == ["This step is not possible while the document is “Draft”."]


def test_a_busy_customer_is_a_message(papers: Papers, clerk: Client, monkeypatch) -> None:
    def busy(**_kwargs: object) -> None:
        raise Busy("core.busy", "Somebody else is working on this customer.")

    monkeypatch.setattr(printing, "document_print_final", busy)
    answer = clerk.post(
        reverse("documents:document_print", args=[papers.made("order", [line(1)]).pk]), follow=True
    )
    assert texts(answer) == ["Somebody else is working on this customer."]


def test_a_get_prints_nothing(papers: Papers, clerk: Client) -> None:
    order = papers.made("order", [line(1)])
    assert clerk.get(reverse("documents:document_print", args=[order.pk])).status_code == 405


def test_who_may_not_see_it_finds_no_paper(
    papers: Papers, clerk: Client, login: Callable[[User], Client]
) -> None:
    order = papers.made("order", [line(400)])
    address = print_it(clerk, order)["Location"]
    stranger = login(UserFactory(role="sales", companies=[CompanyFactory(code="OTHER")]))
    reader = login(UserFactory(role="auditor"))

    assert stranger.get(address).status_code == 404
    assert print_it(stranger, order).status_code == 404
    assert reader.get(paper_url(order)).status_code == 200
    assert print_it(reader, papers.made("order", [line(1)])).status_code == 403


def test_an_address_of_another_document_or_a_forged_one_gives_a_draft(
    papers: Papers, clerk: Client
) -> None:
    order, other = papers.made("order", [line(400)]), papers.made("order", [line(300)])
    token = print_it(clerk, order)["Location"].partition("?")[2]

    assert "DRAFT" in read(clerk.get(f"{paper_url(other)}?{token}")).upper()
    assert "DRAFT" in read(clerk.get(f"{paper_url(other)}?print=nonsense")).upper()
    assert "DRAFT" in read(clerk.get(f"{paper_url(other)}?edition=7")).upper()


def test_without_pango_the_document_page_says_it(
    papers: Papers, clerk: Client, monkeypatch
) -> None:
    def missing() -> None:
        raise pdf.PdfUnavailable("core.pdf_unavailable", "This server cannot make PDFs.")

    monkeypatch.setattr(pdf, "_weasyprint", missing)
    order = papers.made("order", [line(400)])

    answer = clerk.get(paper_url(order), follow=True)

    assert texts(answer) == ["This server cannot make PDFs."]
    assert answer.status_code == 200


def test_the_reader_chooses_the_language(papers: Papers, clerk: Client) -> None:
    order = papers.made("order", [line(400)])
    papers.world.clerk.language = "it"
    papers.world.clerk.save()

    assert "400,00" in read(clerk.get(paper_url(order)))


# --- long papers ---------------------------------------------------------------------------------


@pytest.fixture
def long(papers: Papers, monkeypatch) -> Document:
    """Long enough, once more than two lines are long: drawing hundreds would only take time."""
    monkeypatch.setattr(paper_files, "LINES_AT_ONCE", 2)
    return papers.made("order", [goods(f"Part {index}", "1", "1") for index in (1, 2, 150)])


def test_a_hundred_and_fifty_lines_are_drawn_at_once_and_no_more(papers: Papers) -> None:
    for count, is_long in ((150, False), (151, True)):
        order = papers.draft("order", [goods("Part", "1", "1")] * count)
        assert paper_files.wanted_now(order, "en").is_long is is_long


@pytest.fixture
def queue(monkeypatch) -> list[tuple[Any, ...]]:
    """What was handed to the workers."""
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(make_paper, "delay", lambda *args: sent.append(args))
    return sent


def test_a_long_paper_is_made_by_a_worker_while_one_waits(
    clerk: Client, long: Document, queue: list[tuple[Any, ...]]
) -> None:
    page = clerk.get(paper_url(long))

    assert page.status_code == 202
    assert "The paper is being made" in page.content.decode()
    assert queue == [(long.pk, None, "", "en")]
    found = re.search(r'http-equiv="refresh" content="3;url=([^"]+)"', page.content.decode())
    assert found is not None
    again = found[1].replace("&amp;", "&")
    assert clerk.get(again).status_code == 202
    assert len(queue) == 1, "asked once"

    make_paper(*queue[0])

    text = read(clerk.get(again)).upper()
    assert "PART 150" in text
    assert "DRAFT" in text


def test_the_original_of_a_long_print_is_waited_for_too(
    clerk: Client, long: Document, queue: list[tuple[Any, ...]]
) -> None:
    address = print_it(clerk, long)["Location"]

    assert clerk.get(address).status_code == 202
    paper = DocumentPaper.objects.get()
    assert queue == [(long.pk, paper.pk, "original", "en")]
    make_paper(*queue[0])

    text = read(clerk.get(address)).upper()
    assert "COPY" not in text
    assert "DRAFT" not in text
    assert clerk.get(paper_url(long)).status_code == 202, "the copy is another file"


def test_a_file_is_never_handed_to_who_may_not_see_the_document(
    clerk: Client,
    long: Document,
    queue: list[tuple[Any, ...]],
    login: Callable[[User], Client],
) -> None:
    clerk.get(paper_url(long))
    make_paper(*queue[0])
    stranger = login(UserFactory(role="sales", companies=[CompanyFactory(code="OTHER")]))

    assert clerk.get(paper_url(long)).status_code == 200
    assert stranger.get(paper_url(long)).status_code == 404


def test_a_changed_document_has_no_stale_file(
    clerk: Client, long: Document, queue: list[tuple[Any, ...]]
) -> None:
    clerk.get(paper_url(long))
    make_paper(*queue[0])
    Document.objects.filter(pk=long.pk).update(reference="Another")

    assert clerk.get(paper_url(long)).status_code == 202


def test_without_a_broker_it_is_made_at_once(clerk: Client, long: Document, monkeypatch) -> None:
    def away(*_args: object) -> None:
        raise OperationalError

    monkeypatch.setattr(make_paper, "delay", away)

    assert "Part 150" in read(clerk.get(paper_url(long)))


def test_without_a_worker_it_can_be_made_by_hand(
    clerk: Client, long: Document, queue: list[tuple[Any, ...]]
) -> None:
    page = clerk.get(f"{paper_url(long)}?asked=40").content.decode()

    assert "http-equiv" not in page
    assert "Make it now" in page
    assert "Part 150" in read(clerk.get(f"{paper_url(long)}?now=1"))
    assert queue == []


def test_files_of_earlier_days_go_and_broken_ones_are_made_anew(
    clerk: Client, long: Document, queue: list[tuple[Any, ...]]
) -> None:
    clerk.get(paper_url(long))
    make_paper(*queue[0])
    [name] = default_storage.listdir(paper_files.FOLDER)[1]
    path = f"{paper_files.FOLDER}/{name}"
    with default_storage.open(path, "wb") as stored:
        stored.write(b"%PDF half")
    assert clerk.get(paper_url(long)).status_code == 202
    make_paper(*queue[0])
    assert "Part 150" in read(clerk.get(paper_url(long)))

    Document.objects.filter(pk=long.pk).update(reference="Another")
    os.utime(default_storage.path(path), (yesterday := MORNING.timestamp() - 100_000, yesterday))
    make_paper(*queue[0])
    [left] = default_storage.listdir(paper_files.FOLDER)[1]
    assert left != name


def test_the_waiting_page_works_on_its_own(
    clerk: Client, long: Document, queue: list[tuple[Any, ...]]
) -> None:
    """Without scripts: a refresh, a link to look again and a link back."""
    page = clerk.get(paper_url(long)).content.decode()
    assert "Look again" in page
    assert reverse("documents:order_detail", args=[long.pk]) in page
    assert 'role="status"' in page
