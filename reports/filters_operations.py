"""Filter rows of jobs, alerts and the audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django.utils.translation import gettext_lazy as _

from core.audit import known_actions
from core.filters import BaseFilterSet, LocalDateFilter, SearchFilter
from core.models import AuditEvent, JobRun, User
from credit_limits.models import Alert

if TYPE_CHECKING:
    from django.db.models import QuerySet


class JobFilter(BaseFilterSet):
    """Runs by job, status and business day."""

    name = django_filters.CharFilter(label=_("Job"), lookup_expr="icontains")
    status = django_filters.ChoiceFilter(label=_("Status"), choices=JobRun.Status.choices)
    as_of = LocalDateFilter(label=_("For the day"))

    class Meta(BaseFilterSet.Meta):
        model = JobRun
        fields: list[str] = []


class AlertFilter(BaseFilterSet):
    """Alerts by customer, kind, day, and whether somebody has seen them."""

    q = SearchFilter(fields=("account__customer__name", "account__customer__code"))
    kind = django_filters.ChoiceFilter(label=_("Alert"), choices=Alert.Kind.choices)
    seen = django_filters.ChoiceFilter(
        label=_("Seen"),
        choices=(("no", _("Not seen yet")), ("yes", _("Seen"))),
        method="by_seen",
        empty_label=_("All"),
    )
    since = LocalDateFilter(label=_("Since"), field_name="as_of", lookup_expr="gte")

    class Meta(BaseFilterSet.Meta):
        model = Alert
        fields: list[str] = []

    def by_seen(self, queryset: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Those somebody has seen, or those nobody has."""
        return queryset.filter(seen_at__isnull=value == "no")


def _actions() -> list[tuple[str, str]]:
    return [(action, action) for action in known_actions()]


class AuditFilter(BaseFilterSet):
    """Events by text, actor, action and day."""

    q = SearchFilter(label=_("Subject"), fields=("subject_text", "subject_type"))
    actor = django_filters.ModelChoiceFilter(
        label=_("Who"), queryset=User.objects.order_by("first_name", "last_name", "username")
    )
    action = django_filters.ChoiceFilter(label=_("Action"), choices=_actions)
    since = LocalDateFilter(label=_("From"), field_name="at", lookup_expr="date__gte")
    until = LocalDateFilter(label=_("To"), field_name="at", lookup_expr="date__lte")

    class Meta(BaseFilterSet.Meta):
        model = AuditEvent
        fields: list[str] = []
