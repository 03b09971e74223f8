"""Words and figures of documents for their templates."""

from __future__ import annotations

import html
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms, template
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from core.markup import icon
from core.numerals import format_decimal, format_plain
from credit_limits.engine.types import Component
from credit_limits.explain import component_url
from credit_limits.sentences import COMPONENT_LABELS, reason_label
from documents.where import LATER, WAITING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.forms import BoundField
    from django.utils.safestring import SafeString

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


@register.simple_tag
def line_cell(bound: BoundField) -> SafeString:
    """A box in a row of lines, as `{% field bare=True %}` draws it, without its templates.

    An order of 500 lines has 3,000 of them: the text is put together here, each part escaped once.
    """
    widget = bound.field.widget
    is_tick = isinstance(widget, forms.CheckboxInput)
    css = "form-check-input" if is_tick else "form-control"
    faults = bound.errors
    attrs: dict[str, Any] = {
        "class": f"{css} {widget.attrs.get('class', '')}".strip(),
        "id": bound.auto_id,
    }
    if faults:
        attrs["aria-describedby"] = f"{bound.auto_id}_error"
    context = widget.get_context(
        bound.html_name, bound.value(), bound.build_widget_attrs(attrs, widget)
    )["widget"]
    own = {"type": context["type"], "name": context["name"]}
    if context["value"] is not None:
        own["value"] = context["value"]
    box = f"<input{_attributes(own | context['attrs'])}>"
    key, label = _escaped(bound.auto_id), _escaped(bound.label)
    if is_tick:
        inside = (
            f'<div class="form-check mb-0">{box}'
            f'<label class="form-check-label" for="{key}">{label}</label></div>'
        )
    else:
        inside = f'<label class="form-label visually-hidden" for="{key}">{label}</label>{box}'
    said = "".join(
        f'<p class="af-error">{icon("alert-circle")}<span>{_escaped(fault)}</span></p>'
        for fault in faults
    )
    told = f'<div id="{key}_error">{said}</div>' if faults else ""
    return mark_safe(f'<div class="af-field">{inside}{told}</div>')  # noqa: S308 - escaped above


def _attributes(attrs: Mapping[str, Any]) -> str:
    """Attributes of a tag, each with a blank before it; True stands alone, False and None not."""
    return "".join(
        f" {name}" if value is True else f' {name}="{_escaped(value)}"'
        for name, value in attrs.items()
        if value is not None and value is not False
    )


def _escaped(value: object) -> str:
    """The text of a value for HTML. Django's own says the same, three times as slowly."""
    return value.__html__() if hasattr(value, "__html__") else html.escape(str(value))


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
