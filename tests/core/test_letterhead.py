"""What a letterhead is made of: bank details that can be right, a logo that is private."""

from __future__ import annotations

import io

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from core.banks import bic_check, compact, grouped, iban_check
from core.models import AuditEvent, Company
from core.roles import roles_sync
from tests.core.test_admin import change_url, company_form
from tests.factories.core import CompanyFactory, UserFactory

IBAN = "IT60X0542811101000000123456"


def picture(kind: str = "PNG", size: tuple[int, int] = (8, 4)) -> bytes:
    """A real picture, small."""
    content = io.BytesIO()
    Image.new("RGB", size, "#1f3b8f").save(content, kind)
    return content.getvalue()


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def administrator(client):
    roles_sync()
    user = UserFactory(username="admin", role="admin", is_staff=True)
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    "text", [IBAN, "it60 x054 2811 1010 0000 0123 456", "DE89370400440532013000"]
)
def test_a_possible_iban_is_taken_however_it_is_written(text: str) -> None:
    iban_check(text)
    assert compact("it60 x054 2811 1010 0000 0123 456") == IBAN
    assert grouped(IBAN) == "IT60 X054 2811 1010 0000 0123 456"


@pytest.mark.parametrize("text", ["IT60X0542811101000000123457", "IT60", "nonsense", "XX00"])
def test_an_impossible_iban_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="IBAN"):
        iban_check(text)


def test_a_bic_has_eight_or_eleven_signs() -> None:
    bic_check("UNCRITMM")
    bic_check("uncritmm b4e")
    with pytest.raises(ValidationError, match="BIC"):
        bic_check("UNCRIT")


@pytest.mark.django_db
def test_the_administrator_sets_the_letterhead(client, administrator) -> None:
    company = CompanyFactory()
    upload = SimpleUploadedFile("our logo.png", picture(), content_type="image/png")
    form = company_form(
        company,
        logo=upload,
        address="Via Roma 1\n20100 Milano",
        iban="it60 x054 2811 1010 0000 0123 456",
        bic="uncritmm",
        bank_name="Banca Uno",
        legal_footer="Capitale sociale € 100.000",
    )

    answer = client.post(change_url(company), form)

    assert answer.status_code == 302, answer.context["adminform"].errors
    company.refresh_from_db()
    assert (company.iban, company.bic) == (IBAN, "UNCRITMM")
    assert company.logo.name.startswith(f"companies/{company.pk}/our_logo")
    assert AuditEvent.objects.get().action == "core.setting.changed"
    page = client.get(change_url(company)).content.decode()
    assert reverse("core:company_logo", args=[company.pk]) in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("iban", "IT60X0542811101000000123457", "not a possible IBAN"),
        ("bic", "ABC", "eight or eleven"),
        ("logo", ("a.svg", b"<svg onload='x()'/>"), "valid image"),
        ("logo", ("a.gif", picture()), "not allowed"),
        ("logo", ("a.png", b"<html>"), "valid image"),
        ("logo", ("a.png", picture("GIF")), "Only PNG and JPEG"),
        ("logo", ("a.png", picture("PNG") + b"0" * 1_048_577), "larger than 1 MB"),
    ],
)
def test_what_makes_no_letterhead_is_refused(client, administrator, field, value, sentence) -> None:
    company = CompanyFactory()
    given = SimpleUploadedFile(*value) if isinstance(value, tuple) else value

    answer = client.post(change_url(company), company_form(company, **{field: given}))

    assert answer.status_code == 200
    assert sentence in " ".join(answer.context["adminform"].form.errors[field])
    company.refresh_from_db()
    assert (company.iban, company.bic, company.logo.name) == ("", "", "")


@pytest.fixture
def company(db: None) -> Company:
    made = CompanyFactory()
    made.logo.save("logo.png", SimpleUploadedFile("logo.png", picture()))
    return made


def test_the_logo_is_shown_to_people_of_the_company(client, company) -> None:
    client.force_login(UserFactory())

    answer = client.get(reverse("core:company_logo", args=[company.pk]))

    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert b"".join(answer.streaming_content) == picture()


def test_the_logo_is_hidden_from_everybody_else(client, company) -> None:
    url = reverse("core:company_logo", args=[company.pk])
    assert client.get(url).status_code == 302

    stranger = UserFactory(companies=[CompanyFactory(code="OTHER")])
    client.force_login(stranger)
    assert client.get(url).status_code == 404

    stranger.user_permissions.add(Permission.objects.get(codename="view_company"))
    assert client.get(url).status_code == 200


def test_a_logo_that_is_gone_is_not_found(client, company) -> None:
    client.force_login(UserFactory())
    company.logo.storage.delete(company.logo.name)

    assert client.get(reverse("core:company_logo", args=[company.pk])).status_code == 404
