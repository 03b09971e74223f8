"""The exposure list as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from core.tables import BadgeColumn, BaseTable, LinkColumn, NumberColumn
from core.templatetags.ui import badge
from ledger.selectors import bucket_label
from reports.queries.components import TOTAL, WAITING
from reports.tables.cells import FigureColumn, LimitColumn, UseColumn

if TYPE_CHECKING:
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
    """Accounts with limit, components, exposure and headroom."""

    name = LinkColumn(
        verbose_name=_("Customer"),
        linkify=lambda record: record.file_url,
        sub="sub",
        order_by="sort.name",
    )
    status = StatusColumn(verbose_name=_("Status"))
    limit = LimitColumn(verbose_name=_("Limit"), order_by="sort.limit")
    orders = FigureColumn(
        verbose_name=_("Orders"),
        figure="orders",
        order_by="sort.orders",
        url=_component("order_open"),
    )
    due = FigureColumn(
        verbose_name=_("Not due"), figure="due", order_by="sort.due", url=_component("invoice_open")
    )
    overdue = FigureColumn(
        verbose_name=_("Overdue"),
        figure="overdue",
        order_by="sort.overdue",
        url=_component("invoice_overdue"),
    )
    credits = FigureColumn(
        verbose_name=_("Credits"),
        figure="credits",
        order_by="sort.credits",
        url=_component("credits"),
    )
    total = FigureColumn(
        verbose_name=_("Exposure"), figure="total", order_by="sort.total", url=_component(TOTAL)
    )
    headroom = FigureColumn(
        verbose_name=_("Headroom"),
        figure="headroom",
        order_by="sort.headroom",
        url=lambda row: row.file_url,
    )
    percent = UseColumn(verbose_name=_("Used"), order_by="sort.percent")
    days = NumberColumn(verbose_name=_("Days"))
    waiting = FigureColumn(
        verbose_name=_("Held"), figure="waiting", order_by="sort.waiting", url=_component(WAITING)
    )
    in_bucket = FigureColumn(
        verbose_name=_("In this age"), figure="in_bucket", order_by="sort.in_bucket"
    )

    empty_icon = "gauge"
    empty_title = _("No account")

    class Meta(BaseTable.Meta):
        order_by = ("-total",)

    def __init__(self, found: ExposureList, *, bucket: str = "", **kwargs: Any) -> None:
        self.totals = found.totals
        self.is_mixed = found.book.is_mixed
        kwargs["exclude"] = () if bucket else ("in_bucket",)
        super().__init__(found.rows, **kwargs)
        self.caption = str(_("Exposure by account"))
        if bucket:
            self.columns["in_bucket"].column.verbose_name = bucket_label(bucket)

    def render_days(self, value: int, record: ExposureRow) -> Any:
        """Days past due of the oldest item; nothing when nothing is overdue."""
        return value or "–"
