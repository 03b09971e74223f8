"""Words and figures of documents for their templates."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django import template
from django.utils.translation import gettext as _

from core.numerals import format_decimal, format_plain
from credit_limits.engine.types import Component
from credit_limits.explain import component_url
from credit_limits.sentences import COMPONENT_LABELS, reason_label
from documents.where import LATER, WAITING

if TYPE_CHECKING:
    from documents.models import HoldCase

register = template.Library()


@register.filter
def plain(value: Decimal) -> str:
    """`2.5000` as `2.5`: quantities and percents with just the decimals they need."""
    return format_plain(value)


@register.filter
def price(value: Decimal) -> str:
    """A unit price with two decimals, or with up to four where it has them."""
    exponent = value.normalize().as_tuple().exponent
    places = max(2, -exponent) if isinstance(exponent, int) else 2
    return format_decimal(value, places)


@register.filter
def component_word(component: str) -> str:
    """The place a value sits in, in words; also what is shown and not counted."""
    words = {
        WAITING: _("Waiting for approval, not counted"),
        LATER: _("Later, not counted yet"),
    }
    return str(words[component] if component in words else COMPONENT_LABELS[Component(component)])


@register.filter
def component_path(account_id: int, component: str) -> str:
    """The page of everything in that place; empty for what is not counted."""
    return "" if component in {WAITING, LATER} else component_url(account_id, component)


@register.filter
def case_reasons(case: HoldCase) -> str:
    """The reasons of a hold case in few words."""
    return ", ".join(reason_label(reason) for reason in case.reasons)
