"""Sample data of the style guide: invented customers and figures, no database."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.charts import Part
from core.forms import BaseForm, LocalDateField, LocalDecimalField
from core.tables import (
    BadgeColumn,
    BaseTable,
    DateColumn,
    LinkColumn,
    MoneyColumn,
    NumberColumn,
)

EXPOSURE = (
    Part("orders", str(_("Orders")), Decimal("8000.00"), "#orders"),
    Part("delivered", str(_("Delivered")), Decimal("3500.00"), "#delivered"),
    Part("invoices", str(_("Invoices")), Decimal("5000.00"), "#invoices"),
    Part("items", str(_("Open items")), Decimal("20710.00"), "#items"),
    Part("bills-presented", str(_("Bills")), Decimal("6000.00"), "#bills"),
    Part("credits", str(_("Credits")), Decimal("-1200.00"), "#credits"),
)

AGEING = (
    Part("age-0", str(_("Not due")), Decimal("412300.10"), "#not-due"),
    Part("age-1", str(_("1–30 days")), Decimal("128450.00"), "#30"),
    Part("age-2", str(_("31–60 days")), Decimal("61200.75"), "#60"),
    Part("age-3", str(_("61–90 days")), Decimal("18930.00"), "#90"),
    Part("age-4", str(_("Over 90 days")), Decimal("44120.40"), "#older"),
)

TOP = (
    Part("items", "Rossi Impianti S.r.l.", Decimal("410320.00"), "#1"),
    Part("items", "Bianchi S.p.A.", Decimal("286004.12"), "#2"),
    Part("items", "Ferraro Legnami", Decimal("120400.50"), "#3"),
    Part("items", "Atelier Durand SARL", Decimal("98200.00"), "#4"),
)

TREND = (31, 34, 33, 38, 41, 39, 44, 43, 47, 52, 49, 51)


def tiles() -> list[dict[str, Any]]:
    """Six figures of a morning."""
    return [
        {
            "label": _("Exposure"),
            "value": Decimal("1284310.22"),
            "currency": "EUR",
            "url": "#exposure",
            "change": Decimal(42310),
            "note": _("since yesterday"),
            "trend": TREND,
        },
        {
            "label": _("Free"),
            "value": Decimal("615690"),
            "currency": "EUR",
            "url": "#",
            "note": _("of 1.9 million"),
        },
        {
            "label": _("Overdue"),
            "value": Decimal("252701.15"),
            "currency": "EUR",
            "url": "#overdue",
            "tone": "bad",
            "change": Decimal(-8120),
            "note": _("since yesterday"),
        },
        {
            "label": _("Held orders"),
            "value": Decimal("61200"),
            "currency": "EUR",
            "url": "#held",
            "tone": "warn",
            "note": _("7 orders"),
        },
        {
            "label": _("Over the limit"),
            "text": "4",
            "url": "#over",
            "tone": "bad",
            "note": _("customers"),
        },
        {"label": _("Insured"), "text": "62 %", "url": "#insured", "note": _("of exposure")},
    ]


def events() -> list[dict[str, Any]]:
    """A timeline as the audit trail gives it."""
    at = dt.datetime(2026, 11, 22, 10, 14, tzinfo=dt.UTC)
    return [
        {
            "at": at,
            "actor": "Laura Bianchi",
            "sentence": "Order 2026-00412 submitted: held for approval.",
            "tone": "warn",
            "url": "#",
        },
        {
            "at": at - dt.timedelta(hours=2),
            "actor": "Anna Conti",
            "sentence": "Temporary limit raised from 45,000.00 to 50,000.00 EUR until 31 Dec 2026.",
            "tone": "ok",
            "detail": "Season order agreed with sales; cover confirmed.",
        },
        {
            "at": at - dt.timedelta(days=1),
            "actor": "",
            "sentence": "Payment of 3,400.00 EUR recorded on invoice 1187.",
            "tone": "info",
        },
        {
            "at": at - dt.timedelta(days=9),
            "actor": "Marco Villa",
            "sentence": "Order 2026-00398 refused.",
            "tone": "bad",
            "detail": "Overdue for 41 days and no plan to pay.",
        },
    ]


class SampleTable(BaseTable):
    """A list with every kind of column."""

    caption = "Orders"
    number = LinkColumn(linkify=lambda record: "#", verbose_name=_("Order"))
    customer = LinkColumn(linkify=lambda record: "#", sub="city", verbose_name=_("Customer"))
    date = DateColumn(verbose_name=_("Date"))
    status = BadgeColumn(verbose_name=_("State"))
    late = NumberColumn(verbose_name=_("Days late"))
    total = MoneyColumn(total=True, url=lambda record: "#", verbose_name=_("Total EUR"))
    free = MoneyColumn(currency="currency", verbose_name=_("Free after it"))

    class Meta(BaseTable.Meta):
        order_by = ("-date",)
        empty_text = _("Enter the first order to see it here.")


def rows() -> list[dict[str, Any]]:
    """Rows of the sample table."""
    customers = [
        ("Rossi Impianti S.r.l.", "Bergamo"),
        ("Bianchi S.p.A.", "Torino"),
        ("Atelier Durand SARL", "Lyon"),
        ("Construtora Horizonte Ltda", "São Paulo"),
        ("Ferraro Legnami", "Udine"),
    ]
    states = ["held", "released", "submitted", "refused", "draft", "cancelled"]
    amounts = ["9150.00", "80000.00", "1240.50", "310.00", "18999.99", "4500.00"]
    return [
        {
            "number": f"2026-{412 - index:05}",
            "customer": customers[index % 5][0],
            "city": customers[index % 5][1],
            "date": dt.date(2026, 11, 22) - dt.timedelta(days=index * 2),
            "status": states[index % 6],
            "late": (21, 0, 4, 41, None, 0)[index % 6],
            "total": Decimal(amounts[index % 6]),
            "free": Decimal("-2360.00") if index % 6 == 0 else Decimal("12340.00"),
            "currency": "EUR",
        }
        for index in range(57)
    ]


class SampleForm(BaseForm):
    """Every kind of control."""

    customer = forms.CharField(label=_("Customer"), help_text=_("Name, number or VAT number."))
    amount = LocalDecimalField(label=_("Limit"), max_digits=18, decimal_places=2)
    valid_until = LocalDateField(label=_("Valid until"), required=False)
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[("own", _("Own")), ("temp", _("Temporary")), ("season", _("Seasonal"))],
    )
    scope = forms.ChoiceField(
        label=_("Counts for"),
        choices=[("one", _("This customer")), ("group", _("The whole group"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason"), widget=forms.Textarea(attrs={"rows": 2}), required=False
    )
    notify = forms.BooleanField(label=_("Tell the sales clerk"), required=False)


class SampleLine(BaseForm):
    """A line of an order."""

    description = forms.CharField(label=_("Item"))
    quantity = LocalDecimalField(label=_("Quantity"), max_digits=14, decimal_places=4)
    price = LocalDecimalField(label=_("Price"), max_digits=18, decimal_places=2)


SampleLines = forms.formset_factory(SampleLine, extra=0, can_delete=True)
