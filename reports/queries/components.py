"""Words, colours and order of the exposure components, for every screen that shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.charts import COMPONENT_COLOURS, Part
from credit_limits.engine.types import Component, Include
from credit_limits.sentences import COMPONENT_LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from django.utils.functional import _StrPromise

    from credit_limits.engine.types import PolicyFacts
    from credit_limits.selectors import CreditPosition

WAITING: Final = "waiting"
LATER: Final = "later"
TOTAL: Final = "total"

CHART_KEYS: Final[Mapping[Component, str]] = {
    component: COMPONENT_COLOURS[component] for component in Component
}

LABELS: Final[dict[str, _StrPromise]] = {
    **{component.value: label for component, label in COMPONENT_LABELS.items()},
    WAITING: _("Held, not counted"),
    LATER: _("Orders for later, not counted"),
    TOTAL: _("Exposure"),
}

# Every component, in the order of display.
LISTED: Final = (
    Component.ORDER_OPEN,
    Component.DELIVERED_UNINVOICED,
    Component.INVOICE_DRAFT,
    Component.INVOICE_OPEN,
    Component.INVOICE_OVERDUE,
    Component.BILL_ISSUED,
    Component.BILL_PRESENTED,
    Component.BILL_RETURNED,
    Component.CREDITS,
)


def component_url(account_id: int, component: str, as_of: date | None = None) -> str:
    """The list of what a component is made of; `as_of` None means today."""
    url = reverse("reports:component_detail", args=[account_id, component])
    return f"{url}?as_of={as_of.isoformat()}" if as_of else url


def week_url(account_id: int, number: int, as_of: date | None = None) -> str:
    """What one of the coming weeks is made of; `as_of` None means reckoned from today."""
    url = reverse("reports:curve_week", args=[account_id, number])
    return f"{url}?as_of={as_of.isoformat()}" if as_of else url


def figure_of(position: CreditPosition, component: str) -> Decimal:
    """The figure of a component, of "waiting", "later" or "total", in the account's currency."""
    named = {WAITING: position.waiting, LATER: position.later, TOTAL: position.total}
    return named[component] if component in named else position.components[Component(component)]


def is_counted(component: Component, policy: PolicyFacts | None) -> bool:
    """Whether the component is part of the exposure total. Without a policy everything is."""
    return policy is None or policy.includes(component) is Include.COUNT


def parts_of(
    position: CreditPosition, policy: PolicyFacts | None, as_of: date | None = None
) -> list[Part]:
    """The counted components of a position as parts of its meter, each opening its list."""
    return [
        Part(
            CHART_KEYS[component],
            str(LABELS[component.value]),
            position.components[component],
            component_url(position.account.pk, component.value, as_of),
        )
        for component in Component
        if is_counted(component, policy) and position.components[component]
    ]


def aside_of(
    position: CreditPosition, policy: PolicyFacts | None, as_of: date | None = None
) -> list[Part]:
    """What is shown and not counted: what the policy leaves out, held documents, later orders."""
    parts = [
        Part(
            CHART_KEYS[component],
            str(LABELS[component.value]),
            position.components[component],
            component_url(position.account.pk, component.value, as_of),
        )
        for component in Component
        if not is_counted(component, policy) and position.components[component]
    ]
    parts += [
        Part(
            "mute",
            str(LABELS[name]),
            figure_of(position, name),
            component_url(position.account.pk, name, as_of),
        )
        for name in (WAITING, LATER)
        if figure_of(position, name)
    ]
    return parts
