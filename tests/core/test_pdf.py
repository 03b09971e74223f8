"""PDFs: made from our own files only, and a clear word where the library is missing."""

from __future__ import annotations

import builtins
import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pypdf import PdfReader

from core import pdf
from tests.core.test_letterhead import picture


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_html_becomes_a_pdf_in_our_own_font_with_a_picture_of_ours() -> None:
    default_storage.save("companies/1/a.png", ContentFile(picture()))

    made = pdf.pdf_render(
        html='<title>T</title><p>Zażółć è € 1.234,50<img src="media:companies/1/a.png">',
        stylesheet="css/paper.css",
    )

    reader = PdfReader(io.BytesIO(made))
    assert made.startswith(b"%PDF")
    assert "Zażółć è € 1.234,50" in reader.pages[0].extract_text()
    assert len(reader.pages[0].images) == 1
    assert reader.metadata is not None
    assert reader.metadata.title == "T"


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "http://example.com/a.png",
        "https://example.com/a.png",
        "ftp://example.com/a.png",
        "file://{static}/../manage.py",
    ],
)
def test_nothing_but_our_own_files_is_read(address: str, settings) -> None:
    with pytest.raises(ValueError, match="not a file of ours"):
        pdf.own_file(address.format(static=settings.STATICFILES_DIRS[0]))


def test_media_is_not_left_either() -> None:
    from django.core.exceptions import SuspiciousFileOperation

    with pytest.raises(SuspiciousFileOperation):
        pdf.own_file("media:../../etc/passwd")


def test_a_picture_that_is_gone_leaves_the_paper_without_it() -> None:
    made = pdf.pdf_render(
        html='<p>Still here<img src="media:companies/1/gone.png">', stylesheet="css/paper.css"
    )
    assert "Still here" in PdfReader(io.BytesIO(made)).pages[0].extract_text()


def test_without_pango_a_sentence_says_what_is_missing(monkeypatch) -> None:
    real = builtins.__import__

    def broken(name, *args, **kwargs):
        if name.startswith("weasyprint"):
            msg = "cannot load library 'libpango-1.0-0'"
            raise OSError(msg)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", broken)

    with pytest.raises(pdf.PdfUnavailable, match="Pango library is missing") as caught:
        pdf.pdf_render(html="<p>x", stylesheet="css/paper.css")
    assert caught.value.status == 503


def test_the_start_up_check_warns_about_a_missing_library(monkeypatch) -> None:
    assert pdf.check_pdf() == []
    assert pdf.missing_libraries([("libnothing.so.9", "nothing.dylib")]) == ["libnothing.so.9"]

    monkeypatch.setattr(pdf, "missing_libraries", lambda: ["libpango-1.0.so.0"])
    [warning] = pdf.check_pdf()
    assert warning.id == "core.W003"
    assert "libpango-1.0.so.0 is missing" in warning.msg
    assert "apt install libpango" in warning.hint
