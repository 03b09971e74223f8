"""What papers say, read from the PDF: parties, lines, taxes, dates of payment, marks, pages."""

from __future__ import annotations

import datetime
import io
import time
from decimal import Decimal

import pytest
import time_machine
from django.utils import translation
from pypdf import PdfReader

from documents.models import Document, DocumentType
from documents.paper import paper_html, paper_pdf
from documents.paper_words import Mark
from documents.printing import RELATED, Content, content_of, says_the_same
from documents.services.convert import delivery_create, invoice_create
from tests.documents.papers import LINES, Papers, goods, make_papers, text_of, words_of
from tests.factories.customers import CustomerFactory
from tests.world import TODAY

pytestmark = pytest.mark.django_db

MORNING = datetime.datetime.combine(TODAY, datetime.time(8), tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def _on_the_day(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(MORNING, tick=True):
        yield


@pytest.fixture
def papers() -> Papers:
    return make_papers()


def content(document: Document) -> Content:
    """As a view reads it."""
    return content_of(Document.objects.select_related(*RELATED).get(pk=document.pk))


LETTERHEAD = (
    "Officine Valtorta S.p.A. Via delle Industrie 14 24127 Bergamo BG Italy VAT no. IT01234567897 "
    "+39 035 000 000 sales@valtorta.example valtorta.example"
)
FOOT = (
    "Share capital € 500,000 fully paid · Companies register of Bergamo 01234567897 · REA BG-000000"
)


def test_an_invoice_word_for_word(papers: Papers) -> None:
    """From order over advance and delivery: nothing is missing, and it adds up."""
    invoice = papers.of_every_kind()["invoice"]

    text = words_of(paper_pdf(content(invoice)))

    # The address stands in the window, the goods' beside it: read line by line.
    for part in (
        "Bill to Goods go to Idraulica Bianchi S.r.l. Cantiere Nord Corso Magenta 7 Strada "
        "Provinciale 9 20123 Milano MI 23900 Lecco LC Italy Italy Gate 3, unloading until 4 pm",
        "Invoice IN-2026-00001 Date Customer no. Customer's VAT no. Your reference 31 Mar 2026 "
        "C-1042 IT09876543217 PO 4711",
        "Refers to Delivery note DN-2026-00001, 31 Mar 2026 · Order SO-2026-00001, 31 Mar 2026",
        "No. Description Quantity Unit price Discount Tax Net EUR",
        "1 Centrifugal pump CP-80, cast iron 4 1,250.00 5 % 22 % 4,750.00",
        "2 Shaft seal, silicon carbide 10 38.50 22 % 385.00",
        "3 Start-up and training on site, per hour 7.5 80.00 10 % 600.00",
        "Goods and services, net 5,735.00",
        "Less Advance invoice AI-2026-00001,",
        "−1,720.50",
        "10 % 420.00 42.00",
        "22 % 3,594.50 790.79",
        "Amount due EUR 4,847.29",
        "50 % after 30 days, 50 % after 60 days · Transfer",
        "30 Apr 2026 2,423.65",
        "30 May 2026 2,423.64",
        "Banca di Prova, Bergamo",
        "IBAN IT60 X054 2811 1010 0000 0123 456",
        "BIC BLOPIT22",
        "Payment reference IN-2026-00001",
        "Registered office: Piazza Grande 1, 24100 Bergamo BG",
        "Page 1 of 1",
        FOOT,
    ):
        assert part in text, f"{part}\n\n{text}"
    for word in ("Draft", "Copy", "Held", "Edition"):
        assert word.upper() not in text.upper()


EVERY_KIND = {
    "quote": ("Quote QU-2026-00001", "Offered to", "Valid until", "30 Apr 2026", "Total EUR"),
    "order": (
        "Order confirmation SO-2026-00001",
        "Delivery wished on",
        "Due, if invoiced on 14 Apr 2026",
        "14 May 2026 3,462.35",
        "Total EUR 6,924.70",
    ),
    "delivery": (
        "Delivery note DN-2026-00001",
        "Refers to Order SO-2026-00001",
        "Received in good order (date, name, signature)",
        "Start-up and training on site, per hour 7.5",
    ),
    "invoice": ("Invoice IN-2026-00001", "Amount due EUR 4,847.29"),
    "return": ("Return note RN-2026-00001", "Returned by", "Refers to Delivery note DN-2026-00002"),
    "credit_note": ("Credit note CN-2026-00001", "Total credited EUR 1,448.75", "set off against"),
    "advance": (
        "Advance invoice AI-2026-00001",
        "Refers to Order SO-2026-00001",
        "taken off in the final invoice",
        "Amount due EUR 2,077.41",
    ),
    "pro_forma": ("Pro-forma invoice PF-2026-00001", "This is not an invoice"),
    "counter": (
        "Receipt CS-2026-00001",
        "Paid at once −200.00",
        "Left on account EUR 269.70",
        "31 Mar 2026 269.70",
    ),
    "charge": (
        "Charge voucher CH-2026-00001",
        "Agreed to be charged (date, name, signature)",
        "30 Apr 2026 234.85",
    ),
    "receipt": ("Goods received SR-2026-00001", "Received from"),
    "move": ("Internal move MV-2026-00001", "Handed over by"),
}
WITHOUT_PRICES = {"delivery", "return", "receipt", "move"}


def test_every_kind_says_its_own(papers: Papers) -> None:
    made = papers.of_every_kind()
    assert set(made) == set(EVERY_KIND) == {type_.code for type_ in DocumentType.objects.all()}

    for code, document in made.items():
        text = words_of(paper_pdf(content(document)))
        for part in (*EVERY_KIND[code], "Idraulica Bianchi S.r.l.", FOOT, "Page 1 of 1"):
            assert part in text, f"{code}: {part}\n\n{text}"
        has_prices = "Unit price" in text
        assert has_prices is (code not in WITHOUT_PRICES), code
        assert ("IBAN" in text) is (
            code in {"quote", "order", "invoice", "advance", "pro_forma", "charge"}
        ), code


def test_a_delivery_note_with_prices_when_its_type_says_so(papers: Papers) -> None:
    order = papers.made("order")
    delivery = papers.taken(delivery_create, order)
    assert "1,250.00" not in words_of(paper_pdf(content(delivery)))

    DocumentType.objects.filter(code="delivery").update(prices_on_paper=True)
    text = words_of(paper_pdf(content(delivery)))
    assert "1,250.00" in text
    assert "Value of the goods EUR 6,924.70" in text
    assert "IBAN" not in text


def test_a_type_with_a_name_of_its_own_goes_by_it(papers: Papers) -> None:
    DocumentType.objects.filter(code="invoice").update(name="Fattura immediata")
    assert "Fattura immediata IN-2026-00001" in words_of(paper_pdf(content(papers.made("invoice"))))


def test_who_ordered_stands_on_it_when_it_is_not_who_pays(papers: Papers) -> None:
    buyer = CustomerFactory(name="Filiale Sud", address="Via Mare 2\n80100 Napoli")
    text = words_of(paper_pdf(content(papers.made("order", ordered_by=buyer))))
    assert "Ordered by" in text
    assert "Filiale Sud" in text
    assert "Ordered by" not in words_of(paper_pdf(content(papers.made("order"))))


def test_lines_of_several_orders_name_theirs(papers: Papers) -> None:
    first, second = papers.made("order", LINES[:1]), papers.made("order", LINES[1:])
    lines = [(line, line.quantity) for order in (first, second) for line in order.lines.all()]
    delivery = papers.submitted(delivery_create(lines=lines, actor=papers.world.clerk, on=TODAY))
    third = papers.made("order")
    invoice = papers.taken(invoice_create, third)

    text = words_of(paper_pdf(content(delivery)))
    assert text.count(first.number) == 2, "once in the head, once at its line"
    assert text.count(second.number) == 3
    assert words_of(paper_pdf(content(invoice))).count(third.number) == 1


def test_without_letterhead_it_is_still_a_paper(papers: Papers) -> None:
    company = papers.world.company
    for field in ("logo", "iban", "bic", "bank_name", "legal_footer", "registered_office"):
        setattr(company, field, "")
    company.address = company.phone = company.email = company.website = company.vat_number = ""
    company.save()

    made = paper_pdf(content(papers.made("invoice")))

    text = words_of(made)
    assert "Officine Valtorta S.p.A." in text
    assert "IBAN" not in text
    assert not PdfReader(io.BytesIO(made)).pages[0].images


def test_untaxed_and_undiscounted_papers_have_no_such_columns(papers: Papers) -> None:
    text = words_of(paper_pdf(content(papers.made("order", [goods("Book", "2", "10", tax=0)]))))
    assert "No. Description Quantity Unit price Net EUR 1 Book 2 10.00 20.00" in text
    assert "Tax rate" not in text
    assert "Discount" not in text


def test_odd_figures_stay_whole(papers: Papers) -> None:
    """Rebates, quantities and prices of four decimals, markup in a description."""
    lines = [
        goods("Screw <b>M4</b> & washer", "1000.125", "0.0375"),
        goods("Rebate", "-1", "5"),
    ]
    text = words_of(paper_pdf(content(papers.made("order", lines))))
    assert "1 Screw <b>M4</b> & washer 1,000.125 0.0375 22 % 37.50" in text
    assert "2 Rebate −1 5.00 22 % −5.00" in text


@pytest.mark.parametrize(
    ("marks", "words", "times"),
    [
        ((Mark.DRAFT,), "DRAFT", 2),
        ((Mark.HELD,), "HELD – NOT RELEASED", 2),
        ((Mark.COPY,), "COPY", 1),
        ((Mark.CANCELLED,), "CANCELLED", 2),
        ((), "", 0),
    ],
)
def test_marks_stand_in_the_head_and_what_is_worth_nothing_across(
    papers: Papers, marks: tuple[Mark, ...], words: str, times: int
) -> None:
    made = paper_pdf(content(papers.draft("order")), marks=marks)
    # What is written across stands at an angle, which only the plain way of reading takes along.
    text = " ".join(PdfReader(io.BytesIO(made)).pages[0].extract_text().split()).upper()
    for mark in ("DRAFT", "HELD – NOT RELEASED", "COPY", "CANCELLED"):
        assert text.count(mark) == (times if mark == words else 0), mark


def test_an_edition_says_that_it_takes_the_place_of_others(papers: Papers) -> None:
    text = words_of(paper_pdf(content(papers.made("order")), edition=2))
    assert "Edition 2. It takes the place of every earlier one." in text


def test_a_long_order_repeats_heads_and_numbers_its_pages(papers: Papers) -> None:
    """500 lines: every page says what it belongs to; the time is measured and bounded."""
    lines = [goods(f"Part {number:04d}", "2", f"{number}.25") for number in range(1, 501)]
    order = papers.draft("order", lines)
    found = content(order)
    paper_pdf(content(papers.draft("order")))  # loads the library

    start = time.process_time()
    pages = text_of(paper_pdf(found))
    seconds = time.process_time() - start

    assert seconds < 20, f"{seconds:.1f} s of work"
    assert len(pages) > 10
    for number, page in enumerate(pages, start=1):
        words = " ".join(page.split())
        assert f"Page {number} of {len(pages)}" in words
        assert "Officine Valtorta S.p.A." in words
        assert f"Order confirmation {order.number}" in words
        if "Part " in words:
            assert "No. Description Quantity Unit price Tax Net EUR" in words
    everything = " ".join(" ".join(page.split()) for page in pages)
    assert all(f"{number} Part {number:04d} 2" in everything for number in range(1, 501))
    assert "Total EUR 305,915.00" in everything


def test_the_document_speaks_the_language_of_its_reader(papers: Papers) -> None:
    """Figures and dates by the language; the words follow the catalogues."""
    invoice = content(papers.posted(papers.made("invoice")))

    with translation.override("it"):
        made = paper_pdf(invoice)
    text = words_of(made)

    assert "4.750,00" in text
    assert "4,750.00" not in text
    assert "30 Apr 2026" in text
    assert "Italia" in text
    assert PdfReader(io.BytesIO(made)).root_object["/Lang"] == "it"
    assert translation.get_language() == "en"
    assert "4.750,00" in words_of(paper_pdf(invoice, language="it"))
    assert "4,750.00" in words_of(paper_pdf(invoice))


def test_the_content_is_plain_text_and_reads_back(papers: Papers) -> None:
    import json

    found = content(papers.of_every_kind()["invoice"])
    assert json.loads(json.dumps(found)) == found
    assert "<script>" not in paper_html({**found, "reference": "<script>alert(1)</script>"})


def test_master_data_is_not_what_a_document_says(papers: Papers) -> None:
    order = papers.made("order")
    before = content(order)
    customer = papers.world.account.customer
    customer.address = "Elsewhere 1"
    customer.save()
    papers.world.company.iban = ""
    papers.world.company.save()

    assert content(order) != before
    assert says_the_same(content(order), before)
    Document.objects.filter(pk=order.pk).update(reference="PO 9")
    assert not says_the_same(content(order), before)


def test_reading_a_paper_costs_the_same_however_many_lines(
    papers: Papers, django_assert_num_queries
) -> None:
    for count in (1, 40):
        order = papers.draft("order", [goods("Part", "1", "1") for _index in range(count)])
        document = Document.objects.select_related(*RELATED).get(pk=order.pk)
        with django_assert_num_queries(2):
            content_of(document)


def test_nothing_due_has_no_instalments(papers: Papers) -> None:
    text = words_of(
        paper_pdf(content(papers.made("counter", LINES[1:2], paid_amount=Decimal("469.70"))))
    )
    assert "Left on account EUR 0.00" in text
    assert " Due " not in text
