"""Tags, tables, partial answers and the style guide: what the kit writes into pages."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib import messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files import File
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.template.loader import get_template
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation

from config.env import BASE_DIR
from core.context import NAVIGATION
from core.filters import BaseFilterSet, SearchFilter
from core.htmx import hx_redirect, hx_toast, render_partial, wants_partial
from core.models import Company
from core.styleguide_samples import EXPOSURE, SampleForm, SampleTable, rows
from core.tones import TONES
from tests.factories.core import CompanyFactory, UserFactory

TEMPLATES = sorted((BASE_DIR / "templates").rglob("*.html"))
SPRITE = (BASE_DIR / "static/img/icons.svg").read_text()


def render(source: str, request: HttpRequest | None = None, **context: object) -> str:
    if request is not None:
        context["request"] = request
    return Template("{% load ui i18n %}" + source).render(Context(context)).strip()


def get(path: str = "/", **headers: str) -> HttpRequest:
    request = RequestFactory().get(path, headers=headers)
    request.session = {}  # type: ignore[assignment]
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    return request


# --- figures -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "shown"),
    [("en", "1,234.50"), ("it", "1.234,50"), ("fr", "1\u00a0234,50"), ("pt-br", "1.234,50")],
)
def test_money_speaks_the_language(language: str, shown: str):
    with translation.override(language):
        html = render("{% money value 'EUR' %}", value=Decimal("1234.5"))
    assert html == f'<span class="af-money">{shown}<span class="cur">EUR</span></span>'


def test_money_marks_what_is_negative_missing_linked_or_a_change():
    assert 'class="af-money neg">−7.00<' in render("{% money value %}", value=Decimal("-7"))
    assert "–" in render("{% money value %}", value=None)
    assert render("{% money value url='/x/' %}", value=Decimal(1)).startswith('<a href="/x/">')
    assert ">+3.00<" in render("{% money value signed=True %}", value=Decimal(3))
    assert "neg" not in render("{% money value %}", value=Decimal("-0.001"))


def test_money_escapes_what_it_is_given():
    html = render("{% money 1 currency url %}", currency="<b>", url='"><script>')
    assert "<b>" not in html
    assert "<script>" not in html


def test_plain_figures():
    source = "{{ a|amount }} {{ a|amount:0 }} {{ p|percent:1 }} {{ one|days }} {{ many|days }}"
    html = render(
        source + " {{ n|days }}", a=Decimal("1234.5"), p=Decimal("12.34"), one=1, many=21, n=None
    )
    assert html == "1,234.50 1,235 12.3\u00a0% 1 day 21 days –"


def test_dates_cannot_be_misread():
    assert ">3 Apr 2026<" in render("{{ d|day }}", d=dt.date(2026, 4, 3))
    moment = dt.datetime(2026, 4, 3, 22, 30, tzinfo=dt.UTC)
    assert ">4 Apr 2026, 00:30<" in render("{{ d|day }}", d=moment)
    assert "–" in render("{{ d|day }}", d=None)


# --- marks ---------------------------------------------------------------------------------------


def test_a_badge_is_colour_and_word():
    assert render("{% badge 'HELD' %}") == '<span class="af-badge tone-warn">Held</span>'
    assert "tone-bad" in render("{% badge 'held' 'Stop' tone='bad' %}")
    assert ">Never heard of<" in render("{% badge 'never_heard_of' %}")


def test_every_tone_has_its_style():
    css = (BASE_DIR / "static/css/components.css").read_text()
    for tone, _word in TONES.values():
        assert f".tone-{tone} " in css


def test_a_chip_carries_its_figure():
    html = render("{% chip 'Over' figure tone='bad' url='/why/' %}", figure=Decimal("2360"))
    assert html == '<a class="af-chip tone-bad" href="/why/">Over <b>2,360.00</b></a>'


def test_icons_are_silent_unless_they_say_something():
    assert 'aria-hidden="true"' in render("{% icon 'bell' %}")
    assert 'role="img" aria-label="Notifications"' in render("{% icon 'bell' '' 'Notifications' %}")


def test_every_icon_named_in_templates_and_code_is_in_the_sprite():
    known = set(re.findall(r'<symbol id="([^"]+)"', SPRITE))
    pattern = re.compile(r'{% icon "([^"]+)"|\bicon="([^"]+)"')
    used = {
        name
        for path in TEMPLATES
        for groups in pattern.findall(path.read_text())
        for name in groups
        if name
    }
    used |= {entry.icon for _section, entries in NAVIGATION for entry in entries}
    assert used
    assert used - known == set()


# --- forms ---------------------------------------------------------------------------------------


def test_a_field_ties_help_and_error_to_its_control():
    form = SampleForm({"amount": "12.5OO"})
    html = render("{% field form.customer %}", form=form)
    assert 'for="id_customer"' in html
    assert 'aria-describedby="id_customer_help id_customer_error"' in html
    assert 'id="id_customer_help"' in html
    assert 'id="id_customer_error"' in html
    assert 'aria-invalid="true"' in html

    html = render("{% field form.amount suffix='EUR' %}", form=form)
    assert "12.5OO" in html
    assert "is not an amount" in html
    assert "<span>EUR</span>" in html


def test_a_field_names_what_is_optional_and_groups_choices():
    form = SampleForm()
    assert "(optional)" in render("{% field form.valid_until %}", form=form)
    assert "(optional)" not in render("{% field form.customer %}", form=form)
    html = render("{% field form.scope %}", form=form)
    assert "<fieldset" in html
    assert "<legend" in html


def test_a_bare_field_keeps_its_label_for_screen_readers():
    html = render("{% field form.customer bare=True %}", form=SampleForm())
    assert '<label class="form-label visually-hidden"' in html


def test_the_error_summary_links_to_the_controls():
    form = SampleForm({"amount": "x", "kind": "own", "scope": "one"})
    html = render("{% include 'ui/form_errors.html' %}", form=form)
    assert 'href="#id_customer"' in html
    assert 'href="#id_amount"' in html
    assert "2 things need your attention" in html
    assert render("{% include 'ui/form_errors.html' %}", form=SampleForm()) == ""


# --- charts --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "it", "fr"])
def test_a_meter_is_said_in_words_and_drawn_without_localised_lengths(language: str):
    with translation.override(language):
        html = render(
            "{% limit_meter parts limit=limit this_amount=this currency='EUR' uid='m' %}",
            parts=EXPOSURE,
            limit=Decimal("50000.00"),
            this=Decimal("9150.00"),
        )
    lengths = re.findall(r'(?:\bx|x1|x2|width)="([^"]+)"', html)
    assert lengths
    assert all(re.fullmatch(r"-?\d+(\.\d+)?%?", length) for length in lengths)
    assert 'role="img"' in html
    assert "style=" not in html
    if language == "en":
        assert "Exposure 51,160.00 of limit 50,000.00 EUR: over by 1,160.00." in html
        assert "Over the limit" in html


@pytest.mark.parametrize(
    ("state", "words"),
    [("none", "no limit set"), ("unlimited", "no upper limit"), ("zero", "over by 42,010.00")],
)
def test_a_meter_never_confuses_none_zero_and_unlimited(state: str, words: str):
    html = render("{% limit_meter p limit_state=s uid='m' %}", p=EXPOSURE, s=state)
    assert words in html


# --- addresses -----------------------------------------------------------------------------------


def test_page_links_keep_the_filters():
    request = get("/orders/?status=held&status=draft&page=3")
    html = render("{% page_url page=4 %}", request)
    assert html == "?status=held&amp;status=draft&amp;page=4"
    assert render("{% page_url page=None status=None %}", request) == "?"
    assert render("{% query_url 'sort' '-date' 'page' %}", request).endswith("&amp;sort=-date")


def test_links_use_htmx_only_inside_a_part():
    assert render("{% link '?page=2' %}") == 'href="?page=2"'
    inside = render("{% link '?page=2' %}", hx_target="#results")
    assert 'href="?page=2" hx-get="?page=2" hx-target="#results"' in inside


# --- tables and filters --------------------------------------------------------------------------


def table_html(table: SampleTable, path: str = "/") -> str:
    return str(table.as_html(get(path)))


def test_a_table_says_how_it_is_sorted_and_totals_all_rows():
    data = rows()
    html = table_html(SampleTable(data, order_by="-date"))
    assert 'aria-sort="descending"' in html
    assert "?sort=total" in html
    total = sum((row["total"] for row in data), Decimal(0))
    assert render("{% money total %}", total=total) in html
    assert re.search(r'<td class="[^"]*\bnum\b', html)


def test_an_empty_table_says_what_to_do():
    html = table_html(SampleTable([]))
    assert "Enter the first order to see it here." in html
    assert "<table" not in html


@pytest.mark.django_db
def test_a_search_needs_every_word_and_lists_what_is_active():
    wanted = CompanyFactory(code="A1", name="Nord Acciai Milano")
    CompanyFactory(code="A2", name="Nord Legnami")

    class Companies(BaseFilterSet):
        q = SearchFilter(fields=("name", "code"))

        class Meta(BaseFilterSet.Meta):
            model = Company
            fields = ["is_active"]

    request = get("/?q=nord+milano&is_active=true&page=2&sort=name")
    found = Companies(request.GET, queryset=Company.objects.all())

    assert list(found.qs) == [wanted]
    assert [(item.label, item.value) for item in found.active] == [
        ("Search", "nord milano"),
        ("Active", "yes"),
    ]
    assert found.active[0].without == "?is_active=true&sort=name"
    assert Companies({}, queryset=Company.objects.all()).active == []


def test_the_empty_choice_of_a_filter_says_all():
    class Companies(BaseFilterSet):
        class Meta(BaseFilterSet.Meta):
            model = Company
            fields = ["currency"]

    assert (
        Companies({}, queryset=Company.objects.none()).form.fields["currency"].empty_label == "All"
    )


# --- parts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "part"),
    [
        ({}, False),
        ({"HX-Request": "true"}, True),
        ({"HX-Request": "true", "HX-Boosted": "true"}, False),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, False),
    ],
)
def test_only_a_true_htmx_request_gets_the_part(headers: dict[str, str], part: bool):
    assert wants_partial(get(**headers)) is part


def test_a_part_is_the_part_alone_and_carries_waiting_messages():
    request = get(**{"HX-Request": "true"})
    messages.success(request, "Saved.")
    messages.error(request, "But look here.")
    context = {"title": "Orders", "table": SampleTable(rows())}

    response = render_partial(request, "generic/list.html", context, partial="results", status=422)

    body = response.content.decode()
    assert body.strip().startswith('<div id="results"')
    assert "<html" not in body
    assert response.status_code == 422
    assert "HX-Request" in response["Vary"]
    assert json.loads(response["HX-Trigger"])["af:toast"]["toasts"] == [
        {"message": "Saved.", "level": "success"},
        {"message": "But look here.", "level": "error"},
    ]


def test_a_toast_keeps_other_events():
    response = HttpResponse()
    response["HX-Trigger"] = json.dumps({"other": {"a": 1}})
    hx_toast(hx_toast(response, "One"), "Two", "warning")
    sent = json.loads(response["HX-Trigger"])
    assert sent["other"] == {"a": 1}
    assert [toast["message"] for toast in sent["af:toast"]["toasts"]] == ["One", "Two"]


def test_a_redirect_moves_the_whole_page():
    assert hx_redirect(get(**{"HX-Request": "true"}), "/x/")["HX-Redirect"] == "/x/"
    assert hx_redirect(get(), "/x/")["Location"] == "/x/"


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(BASE_DIR)))
def test_templates_parse_and_obey_the_content_policy(path: Path):
    source = path.read_text()
    get_template(str(path.relative_to(BASE_DIR / "templates")))
    assert not re.search(r"\sstyle\s*=", source), "style attributes are blocked by the policy"
    assert not re.search(r"<script(?![^>]*\bsrc=)", source), "inline scripts are blocked"
    assert not re.search(r"\son[a-z]+\s*=", source), "inline handlers are blocked"
    assert "hx-on" not in source, "hx-on needs eval"


def test_vendored_files_are_what_the_list_says():
    folder = BASE_DIR / "static/vendor"
    listed = re.findall(r"^([0-9a-f]{64})  (\S+)$", (folder / "VENDOR.md").read_text(), re.M)
    assert {name for _sum, name in listed} == {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.suffix in {".css", ".js", ".woff2"}
    }
    for digest, name in listed:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name


def test_static_files_can_be_collected_with_hashed_names(tmp_path: Path):
    storage = ManifestStaticFilesStorage(location=tmp_path, base_url="/static/")
    source = BASE_DIR / "static"
    files = {str(path.relative_to(source)): path for path in source.rglob("*") if path.is_file()}
    for name, path in files.items():
        with path.open("rb") as content:
            storage.save(name, File(content))

    results = list(storage.post_process({name: (storage, name) for name in files}))

    assert [result for result in results if isinstance(result[2], Exception)] == []


# --- style guide ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_style_guide_is_for_superusers_only(client):
    user = UserFactory()
    client.force_login(user)
    assert client.get(reverse("core:styleguide")).status_code == 403

    client.force_login(UserFactory(is_superuser=True))
    response = client.get(reverse("core:styleguide"))
    assert response.status_code == 200
    body = response.content.decode()
    assert "style=" not in body
    assert len(set(re.findall(r'\bid="([^"]+)"', body))) == len(re.findall(r'\bid="([^"]+)"', body))
