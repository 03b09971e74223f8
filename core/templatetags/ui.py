"""Template tags of the UI kit, shown on the style guide page and described in docs/ui.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import charts
from core.dates import day_and_month, day_text
from core.markup import amount, badge, chip, day, days, icon, money, percent

__all__ = ["amount", "badge", "chip", "day", "days", "icon", "money", "percent"]

register = template.Library()

for figure in (amount, day, day_and_month, day_text, days, percent):
    register.filter(figure.__name__, figure)
for mark in (badge, chip, icon, money):
    register.simple_tag(mark)


@register.filter(name="money")
def money_filter(value: Any, currency: str = "") -> SafeString:
    """`{{ order.total|money:order.currency_id }}`: see the tag of the same name."""
    return money(value, currency)


# --- forms ---------------------------------------------------------------------------------------


def _control_class(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect):
        return ""
    if isinstance(widget, forms.CheckboxInput):
        return "form-check-input"
    if isinstance(widget, forms.Select):
        return "form-select"
    return "form-control"


@register.inclusion_tag("ui/field.html")
def field(
    bound: BoundField,
    prefix: Any = "",
    suffix: Any = "",
    css: str = "",
    bare: bool = False,
    label: Any = None,
    help_text: Any = None,
) -> dict[str, Any]:
    """Label, control, help and errors of a bound field, tied together for screen readers.

    `prefix`/`suffix` stand inside the frame (a currency, a percent sign); `bare` hides the label
    for eyes only: in table cells.
    """
    widget = bound.field.widget
    classes = " ".join(
        part for part in (_control_class(widget), widget.attrs.get("class", "")) if part
    )
    help_words = bound.help_text if help_text is None else help_text
    ids: list[str] = []
    if help_words:
        ids.append(f"{bound.auto_id}_help")
    if bound.errors:
        ids.append(f"{bound.auto_id}_error")
    described = " ".join(ids)
    attrs: dict[str, Any] = {"class": classes} if classes else {}
    if described and not bound.use_fieldset:
        attrs["aria-describedby"] = described
    return {
        "bound": bound,
        "control": bound.as_widget(attrs=attrs),
        "label": bound.label if label is None else label,
        "help_text": help_words,
        "described": described,
        "is_checkbox": isinstance(widget, forms.CheckboxInput),
        "is_group": bound.use_fieldset,
        "prefix": prefix,
        "suffix": suffix,
        "css": css,
        "bare": bare,
        "required": bound.field.required,
    }


# --- charts --------------------------------------------------------------------------------------


def _parts(items: Iterable[Any]) -> list[charts.Part]:
    """Parts as given, or made from mappings with key, label, amount and url."""
    return [
        item
        if isinstance(item, charts.Part)
        else charts.Part(item["key"], str(item["label"]), item["amount"], item.get("url", ""))
        for item in items
    ]


METER_STATES = {"ok": "within", "warn": "near", "bad": "over", "mute": "none"}


@register.inclusion_tag("ui/limit_meter.html")
def limit_meter(
    parts: Any,
    limit: Decimal | None = None,
    limit_state: str = "amount",
    this_amount: Decimal | None = None,
    currency: Any = "",
    warn_percent: Decimal = Decimal(90),
    compact: bool = False,
    limit_url: str = "",
    used_url: str = "",
    uid: str = "meter",
) -> dict[str, Any]:
    """Exposure by component against the limit; `parts` are charts.Part or mappings, or a Meter.

    `compact` leaves out the figures above and the legend below: for strips and table cells. `uid`
    must be unique on the page.
    """
    if isinstance(parts, charts.Meter):
        meter = parts
    else:
        meter = charts.limit_meter(
            _parts(parts),
            limit=limit,
            limit_state=limit_state,  # type: ignore[arg-type]
            this_amount=this_amount or Decimal(0),
            warn_percent=warn_percent,
        )
    state = meter.limit_state if meter.limit_state in {"none", "unlimited"} else ""
    return {
        "meter": meter,
        "state": state or METER_STATES[meter.tone],
        "tone": meter.tone,
        "currency": currency,
        "compact": compact,
        "limit_url": limit_url,
        "used_url": used_url,
        "uid": uid,
    }


@register.inclusion_tag("ui/stacked_bar.html")
def stacked_bar(
    parts: Iterable[Any], currency: Any = "", title: Any = "", uid: str = "stack"
) -> dict[str, Any]:
    """Shares of one total with a legend that adds up."""
    stack = charts.stacked_bar(_parts(parts))
    return {"stack": stack, "currency": currency, "title": title or _("Composition"), "uid": uid}


@register.inclusion_tag("ui/columns.html")
def ageing(buckets: Iterable[Any], currency: Any = "", title: Any = "") -> dict[str, Any]:
    """Open items by age: `buckets` are parts with keys `age-0` (not due) to `age-5` (oldest)."""
    drawn = charts.columns(_parts(buckets))
    return {"columns": drawn, "currency": currency, "title": title or _("Open items by age")}


@register.inclusion_tag("ui/bars.html")
def bars(
    parts: Iterable[Any], currency: Any = "", title: Any = "", whole: Any = None
) -> dict[str, Any]:
    """A ranking: one row per part with its bar, figure and share."""
    rows = charts.columns(_parts(parts), whole=whole)
    return {"rows": rows, "currency": currency, "title": title}


@register.inclusion_tag("ui/sparkline.html")
def sparkline(values: Sequence[Any], label: str = "") -> dict[str, Any]:
    """The course of a figure, oldest first; nothing for fewer than two values."""
    spark = charts.sparkline([Decimal(str(value)) for value in values])
    return {"spark": spark, "label": label}


# --- addresses -----------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def page_url(context: template.Context, **changes: Any) -> str:
    """The current query string with `changes` (None removes a key): `{% page_url page=2 %}`."""
    request = context.get("request")
    query = request.GET.copy() if request else QueryDict(mutable=True)
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        else:
            query[key] = str(value)
    encoded = query.urlencode()
    return f"?{encoded}" if encoded else "?"


@register.simple_tag(takes_context=True)
def query_url(context: template.Context, name: str, value: Any, drop: str = "") -> str:
    """As `page_url` for a parameter whose name is itself a variable; `drop` names one to remove."""
    changes = {name: value} | ({drop: None} if drop else {})
    return page_url(context, **changes)


@register.simple_tag(takes_context=True)
def link(context: template.Context, url: str) -> SafeString:
    """`href`, and with `hx_target` in the context the htmx attributes that swap only that part."""
    target = context.get("hx_target")
    if not target:
        return format_html('href="{}"', url)
    return format_html(
        'href="{0}" hx-get="{0}" hx-target="{1}" hx-swap="outerHTML show:none" hx-push-url="true"',
        url,
        target,
    )


@register.inclusion_tag("ui/pagination.html", takes_context=True)
def pagination(context: template.Context, page: Any, param: str = "page") -> dict[str, Any]:
    """The pages of a list; `page` is a Django Page, `param` its name in the query string."""
    return {
        "page": page,
        "numbers": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
        "param": param,
        "request": context.get("request"),
        "hx_target": context.get("hx_target"),
    }


@register.filter
def initials(name: Any) -> str:
    """`Laura Bianchi` as `LB`, for the avatar."""
    words = [word for word in str(name).replace(".", " ").split() if word]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
