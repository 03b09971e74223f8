"""Words and figures of documents for their templates."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms, template
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from core.markup import icon
from core.numerals import format_decimal, format_plain
from credit_limits.engine.types import Component
from credit_limits.explain import component_url
from credit_limits.sentences import COMPONENT_LABELS, reason_label
from documents.where import LATER, WAITING

if TYPE_CHECKING:
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

    An order of 500 lines has 3,000 of them.
    """
    widget = bound.field.widget
    is_tick = isinstance(widget, forms.CheckboxInput)
    css = "form-check-input" if is_tick else "form-control"
    attrs: dict[str, Any] = {
        "class": f"{css} {widget.attrs.get('class', '')}".strip(),
        "id": bound.auto_id,
    }
    if bound.errors:
        attrs["aria-describedby"] = f"{bound.auto_id}_error"
    context = widget.get_context(
        bound.html_name, bound.value(), bound.build_widget_attrs(attrs, widget)
    )["widget"]
    value = "" if context["value"] is None else format_html(' value="{}"', context["value"])
    box = format_html(
        '<input type="{}" name="{}"{}{}>',
        context["type"],
        context["name"],
        value,
        flatatt(context["attrs"]),
    )
    if is_tick:
        template = '<div class="form-check mb-0">{1}<label class="form-check-label" for="{0}">{2}'
        body = format_html(template + "</label></div>", bound.auto_id, box, bound.label)
    else:
        template = '<label class="form-label visually-hidden" for="{}">{}</label>{}'
        body = format_html(template, bound.auto_id, bound.label, box)
    if not bound.errors:
        return format_html('<div class="af-field">{}</div>', body)
    faults = format_html_join(
        "",
        '<p class="af-error">{}<span>{}</span></p>',
        ((icon("alert-circle"), error) for error in bound.errors),
    )
    template = '<div class="af-field">{}<div id="{}_error">{}</div></div>'
    return format_html(template, body, bound.auto_id, faults)


@register.filter
def component_word(component: str) -> str:
    """The place a value sits in, in words; also what is shown and not counted."""
    words = {
        WAITING: _("Held, not counted"),
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
