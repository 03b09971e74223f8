"""Whatever people read goes through gettext: templates, scripts, code, audit and notifications."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from config.env import BASE_DIR
from core import audit, notifications
from tests.architecture.texts import (
    constants,
    error_codes,
    gettext_misused,
    texts_in_code,
    texts_in_script,
    texts_in_template,
)

ROOMS = ("approvals", "core", "credit_limits", "customers", "documents", "ledger", "reports")
TEMPLATES = [
    path
    for path in sorted((BASE_DIR / "templates").rglob("*.html"))
    # The specimen sheet of the kit, for superusers: invented names and figures.
    if path.name != "styleguide.html"
]
SCRIPTS = sorted((BASE_DIR / "static/js").glob("*.js"))
# Data and messages of the command line, for those who develop and run the application.
NOT_FOR_USERS = (
    "core/checks.py",
    "core/styleguide_samples.py",
    "core/views_styleguide.py",
    "credit_limits/engine/",  # pure: its reasons get their words in credit_limits/sentences.py
    "reports/bench/",
    "reports/demo/",
    "reports/scenarios/",
)
SALTS = {"documents.order.base"}  # of signatures
DOTTED = re.compile(rf"(?:{'|'.join(ROOMS)})\.[a-z_]+\.[a-z_]+")


@cache
def modules() -> dict[str, ast.Module]:
    """Everything that runs, parsed, by path."""
    return {
        str(path.relative_to(BASE_DIR)): ast.parse(path.read_text())
        for room in (*ROOMS, "config")
        for path in sorted((BASE_DIR / room).rglob("*.py"))
        if "migrations" not in path.parts
    }


@cache
def dotted_names() -> dict[str, frozenset[str]]:
    """Constants that read like `app.entity.past`, by module."""
    return {path: frozenset(constants(tree, DOTTED)) for path, tree in modules().items()}


def relative(path: Path) -> str:
    return str(path.relative_to(BASE_DIR))


# --- the finders find ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ('<p>{% translate "Hello" %}: <b>{{ name }}</b></p>', []),
        ("<p>{{ number }} days</p>", ["days"]),
        ('{% if a %}<img alt="Chart">{% endif %}', ["Chart"]),
        ('<input placeholder="Name or code" type="submit" value="Go">', ["Name or code", "Go"]),
        ('<button aria-label="{% translate \'Close\' %}" class="btn">×</button>', []),
        ('<p data-failed="It failed badly" data-kind="some"></p>', ["It failed badly"]),
        ("<li{% if a %} class='b'{% endif %}>Total</li>", ["Total"]),
        ("{% blocktranslate %}Dear {{ name }}{% endblocktranslate %}{# a note #}", []),
        ("{% comment %}not shown{% endcomment %}<!-- nor this -->", []),
        ('{% include "ui/empty.html" with title="Nothing here" icon="bell" %}', ["Nothing here"]),
        ('{% include "ui/empty.html" with title=_("Nothing here") css="card wide" %}', []),
        ('{{ agent|default:"Nobody" }}{{ tone|default:"mute" }}', ["Nobody"]),
        ("<kbd>Ctrl</kbd> + <kbd>Enter</kbd>", []),
    ],
)
def test_the_finder_of_templates(source: str, found: list[str]) -> None:
    assert sorted(texts_in_template(source)) == sorted(found)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('messages.success(request, "It is saved.")', ["It is saved."]),
        ('messages.success(request, _("It is saved."))', []),
        ('messages.error(request, f"Order {number} is held")', ["Order … is held"]),
        ('raise Invalid("a.b", "This is wrong")', ["This is wrong"]),
        ('x = CharField(label="Amount")', ["Amount"]),
        ('x = CharField(label=_("Amount"), name="Amount")', []),
        ('context = {"title": "Orders", "icon": "Cart"}', ["Orders"]),
        ('class Kind(models.TextChoices):\n    A = "a", "Apple"', ["Apple"]),
        ('class Table:\n    verbose_name = "Open items"', ["Open items"]),
    ],
)
def test_the_finder_of_code(source: str, found: list[str]) -> None:
    assert [text.partition(": ")[2] for text in texts_in_code(ast.parse(source))] == found


@pytest.mark.parametrize(
    ("source", "misused"),
    [
        ('A = _("now")', True),
        ('def f(): return _("now")', False),
        ('def f(a): return _(f"now {a}")', True),
        ('def f(a): return _("now %s" % a)', True),
    ],
)
def test_the_finder_of_early_translations(source: str, misused: bool) -> None:
    code = f"from django.utils.translation import gettext as _\n{source}"
    assert bool(list(gettext_misused(ast.parse(code)))) is misused
    lazy = f"from django.utils.translation import gettext_lazy as _\n{source}"
    assert bool(list(gettext_misused(ast.parse(lazy)))) is (misused and "def" in source)


def test_the_finder_of_scripts() -> None:
    assert list(texts_in_script('say("Are you sure?"); on("Escape")')) == ["Are you sure?"]


# --- and find nothing ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_every_text_of_a_template_can_be_translated(path: Path) -> None:
    assert list(texts_in_template(path.read_text())) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=relative)
def test_scripts_bring_no_texts_of_their_own(path: Path) -> None:
    assert list(texts_in_script(path.read_text())) == []


def test_every_text_of_the_code_can_be_translated() -> None:
    found = [
        f"{path}:{text}"
        for path, tree in modules().items()
        if not path.startswith(NOT_FOR_USERS)
        for text in texts_in_code(tree)
    ]
    assert found == []


def test_texts_are_translated_when_they_are_read_and_are_whole() -> None:
    assert [
        f"{p}:{found}" for p, tree in modules().items() for found in gettext_misused(tree)
    ] == []


def test_every_model_and_column_has_a_name_in_every_language() -> None:
    """Django's own, made from the name of the attribute, is English for ever."""
    nameless = []
    for room in ROOMS:
        for model in apps.get_app_config(room).get_models():
            names = {
                str(model.__name__): model._meta.verbose_name,
                f"{model.__name__} (plural)": model._meta.verbose_name_plural,
                **{
                    f"{model.__name__}.{field.name}": field.verbose_name
                    for field in (*model._meta.fields, *model._meta.local_many_to_many)
                    if field.editable and not field.primary_key
                },
            }
            nameless += [name for name, text in names.items() if not isinstance(text, Promise)]
    assert nameless == []


# --- audit and notifications ---------------------------------------------------------------------


def is_module_path(text: str) -> bool:
    try:
        import_string(text)
    except ImportError:
        return False
    return True


def test_every_action_and_every_notification_has_its_words() -> None:
    """Whatever reads like `app.entity.past` is an action with a sentence, or something known."""
    errors = {code for tree in modules().values() for code in error_codes(tree)}
    unknown = {
        f"{path}: {name}"
        for path, names in dotted_names().items()
        for name in names
        if not audit.is_known(name)
        and not notifications.is_known(name)
        and name not in errors | SALTS
        and not is_module_path(name)
    }
    assert unknown == set()


def test_no_words_wait_for_something_that_never_happens() -> None:
    """A sentence or text nobody uses is a command that forgot to record, or litter."""
    used = {
        name
        for path, names in dotted_names().items()
        if "audit_texts" not in path
        for name in names
    }
    settings = {f"core.setting.{verb}" for verb in ("added", "changed", "removed")}
    known = set(audit.known_actions())
    assert known - settings - used == set()
    assert settings <= known
