"""Payment terms in the administration: shares that make the whole, and a worked example."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.urls import reverse

from customers.models import PaymentTerm
from tests.factories.core import UserFactory
from tests.factories.customers import PaymentTermFactory

pytestmark = pytest.mark.django_db

NOON = datetime.datetime(2026, 1, 15, 12, tzinfo=datetime.UTC)


@pytest.fixture
def admin(client):
    client.force_login(UserFactory(username="adele", role="admin", is_staff=True))
    return client


def data(*shares: tuple[str, str]) -> dict[str, str]:
    form = {
        "code": "eom",
        "name": "End of month",
        "is_active": "on",
        "lines-TOTAL_FORMS": str(len(shares)),
        "lines-INITIAL_FORMS": "0",
        "lines-MIN_NUM_FORMS": "1",
        "lines-MAX_NUM_FORMS": "1000",
    }
    for number, (percent, fixed_day) in enumerate(shares):
        form |= {
            f"lines-{number}-position": str(number + 1),
            f"lines-{number}-percent": percent,
            f"lines-{number}-months": str(number),
            f"lines-{number}-days": "30",
            f"lines-{number}-end_of_month": "on",
            f"lines-{number}-fixed_day": fixed_day,
        }
    return form


def test_the_page_shows_what_the_terms_make_of_an_invoice(admin):
    add = reverse("admin:customers_paymentterm_add")
    assert "Save to see" in admin.get(add).content.decode()
    response = admin.post(add, data(("33.3333", "10"), ("66.6667", "")))
    assert response.status_code == 302, response.context["errors"]
    term = PaymentTerm.objects.get(code="eom")
    with time_machine.travel(NOON, tick=False):
        page = admin.get(
            reverse("admin:customers_paymentterm_change", args=[term.pk])
        ).content.decode()
    assert "An invoice of 1,000.00 dated 15 Jan 2026 falls due:" in page
    assert "<li>10 Mar 2026: 333.33</li><li>31 Mar 2026: 666.67</li>" in page


@pytest.mark.parametrize("shares", [[("50", "")], [("60", ""), ("50", "")], [("100", "32")]])
def test_what_makes_no_sense_is_refused_on_the_page(admin, shares):
    response = admin.post(reverse("admin:customers_paymentterm_add"), data(*shares))
    assert response.status_code == 200
    assert response.context["errors"]
    assert not PaymentTerm.objects.exists()


def test_terms_are_kept():
    assert PaymentTermFactory(code="net30").lines.get().fixed_day is None
