"""The exposure list as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from core.tables import NONE, BadgeColumn, BaseTable, LinkColumn
from core.templatetags.ui import badge, money
from core.templatetags.ui import days as days_words
from customers.models import Customer
from ledger.selectors import bucket_label
from reports.queries.components import LATER, TOTAL, WAITING
from reports.tables.cells import CurrencyColumn, FigureColumn, LimitColumn, UseColumn

if TYPE_CHECKING:
    from decimal import Decimal

    from django.utils.safestring import SafeString

    from reports.queries.exposure import ExposureList, ExposureRow


def _component(name: str) -> Any:
    return lambda row: row.url(name)


class StatusColumn(BadgeColumn):
    """The commercial status; released is the rule and stays quiet."""

    def render(self, value: Any, record: Any, bound_column: Any) -> SafeString:
        """The badge with its word."""
        return badge(record.status, label=record.status_words)


class ExposureTable(BaseTable):
    """Accounts with limit, components, exposure and headroom; columns without a figure go."""

    name = LinkColumn(
        verbose_name=_("Customer"),
        linkify=lambda record: record.file_url,
    )
    currency = CurrencyColumn(verbose_name=_("Currency"))
    limit = LimitColumn(verbose_name=_("Limit"))
    orders = FigureColumn(
        verbose_name=_("Orders"),
        figure="orders",
        url=_component("order_open"),
    )
    delivered = FigureColumn(
        verbose_name=_("Delivered"),
        figure="delivered",
        url=_component("delivered_uninvoiced"),
    )
    drafts = FigureColumn(
        verbose_name=_("Not posted"),
        figure="drafts",
        url=_component("invoice_draft"),
    )
    due = FigureColumn(verbose_name=_("Not due"), figure="due", url=_component("invoice_open"))
    overdue = FigureColumn(
        verbose_name=_("Overdue"),
        figure="overdue",
        url=_component("invoice_overdue"),
    )
    credits = FigureColumn(
        verbose_name=_("Credits"),
        figure="credits",
        url=_component("credits"),
        quiet=True,
    )
    total = FigureColumn(verbose_name=_("Exposure"), figure="total", url=_component(TOTAL))
    headroom = FigureColumn(
        verbose_name=_("Headroom"),
        figure="headroom",
        url=lambda row: row.file_url,
    )
    percent = UseColumn(verbose_name=_("Used"))
    waiting = FigureColumn(verbose_name=_("Held"), figure="waiting", url=_component(WAITING))
    later = FigureColumn(verbose_name=_("For later"), figure="later", url=_component(LATER))
    in_bucket = FigureColumn(
        verbose_name=_("In this age"),
        figure="in_bucket",
        url=lambda row: f"{row.file_url}&tab=items",
    )

    is_wide = True
    empty_icon = "gauge"
    empty_title = _("No account")

    class Meta(BaseTable.Meta):
        """As every table of the house."""

    def __init__(
        self, found: ExposureList, *, bucket: str = "", order: str = "-total", **kwargs: Any
    ) -> None:
        self.totals = found.totals
        self.total_currency = found.book.currency
        shown = {
            "in_bucket": bool(bucket),
            "currency": found.book.is_mixed,
            **{
                name: any(getattr(row, name) for row in found.rows)
                for name in ("orders", "delivered", "drafts", "credits", "waiting", "later")
            },
        }
        kwargs["exclude"] = [name for name, wanted in shown.items() if not wanted]
        super().__init__(found.rows, **kwargs)
        # The rows come in order, by figures that no column holds.
        self.data.order_by = lambda _aliases: None
        self.order_by = order
        self.caption = str(_("Exposure by account"))
        if bucket:
            self.columns["in_bucket"].column.verbose_name = bucket_label(bucket)

    def render_name(self, record: ExposureRow) -> Any:
        """Name, company and code; the status only where it is not the normal one."""
        below = format_html('<span class="sub">{}</span>', record.sub)
        if record.status == Customer.Status.RELEASED:
            return format_html("{}{}", record.name, below)
        return format_html(
            "{} {}{}", record.name, badge(record.status, label=record.status_words), below
        )

    def render_overdue(self, value: Decimal, record: ExposureRow) -> Any:
        """The amount, and for how long the oldest of it."""
        if not value:
            return NONE
        amount = money(value, url=record.url("invoice_overdue"))
        return format_html('{}<span class="sub">{}</span>', amount, days_words(record.days))
