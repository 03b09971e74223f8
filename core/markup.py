"""Small pieces of markup that templates, tables and exports to HTML share: figures, dates, states.

Templates reach them as tags and filters of the same names (`core.templatetags.ui`).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from core.dates import day_text, moment_text
from core.numerals import MINUS, format_decimal
from core.tones import tone_of, word_of

DASH = "–"


def _decimal(value: Any) -> Decimal | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, Decimal) else Decimal(str(value))


# --- figures -------------------------------------------------------------------------------------


def amount(value: Any, places: int = 2) -> str:
    """`1234.5` as `1,234.50` in the active language; a dash for None. Plain text."""
    figure = _decimal(value)
    return DASH if figure is None else format_decimal(figure, places)


def percent(value: Any, places: int = 0) -> str:
    """`86.42` as `86 %`; a dash for None."""
    figure = _decimal(value)
    return DASH if figure is None else f"{format_decimal(figure, places)}\u00a0%"


def days(value: int | None) -> str:
    """`21` as `21 days`; a dash for None."""
    if value is None:
        return DASH
    return ngettext("%(count)s day", "%(count)s days", abs(value)) % {
        "count": format_decimal(Decimal(value), 0)
    }


def money(
    value: Any, currency: Any = "", url: str = "", places: int = 2, signed: bool = False
) -> SafeString:
    """An amount with its currency, tabular, red when negative, linked when `url` is given.

    `signed` writes a plus before what is above zero: for changes.
    """
    figure = _decimal(value)
    if figure is None:
        return format_html('<span class="af-none">{}</span>', DASH)
    text = format_decimal(figure, places)
    if signed and figure > 0:
        text = f"+{text}"
    code = format_html('<span class="cur">{}</span>', currency) if currency else ""
    body = format_html(
        '<span class="af-money{}">{}{}</span>', " neg" if text.startswith(MINUS) else "", text, code
    )
    return format_html('<a href="{}">{}</a>', url, body) if url else body


def day(value: dt.date | dt.datetime | None) -> SafeString:
    """A date as `22 Nov 2026`, a moment with its time: clear in every language."""
    if not value:
        return format_html('<span class="af-none">{}</span>', DASH)
    if isinstance(value, dt.datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), moment_text(local))
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), day_text(value))


# --- small marks ---------------------------------------------------------------------------------


def icon(name: str, css: str = "", label: str = "") -> SafeString:
    """An icon of static/img/icons.svg. Hidden from screen readers unless `label` says something."""
    meaning = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else mark_safe('aria-hidden="true"')
    )
    return format_html(
        '<svg class="icon {}" {} focusable="false"><use href="{}#{}"/></svg>',
        css,
        meaning,
        static("img/icons.svg"),
        name,
    )


def badge(code: Any, label: Any = None, tone: str = "", icon_name: str = "") -> SafeString:
    """A state: `code` gives the tone, `label` the word (`core.tones` knows common ones)."""
    mark = icon(icon_name) if icon_name else ""
    return format_html(
        '<span class="af-badge tone-{}">{}{}</span>',
        tone or tone_of(code),
        mark,
        word_of(code) if label is None else label,
    )


def chip(label: Any, figure: Any = None, tone: str = "mute", url: str = "") -> SafeString:
    """One reason in few words with its figure, such as `Over the limit 2,360.00`."""
    if figure is None or figure == "":
        body = format_html("{}", label)
    else:
        text = amount(figure) if isinstance(figure, Decimal) else figure
        body = format_html("{} <b>{}</b>", label, text)
    if url:
        return format_html('<a class="af-chip tone-{}" href="{}">{}</a>', tone, url, body)
    return format_html('<span class="af-chip tone-{}">{}</span>', tone, body)
