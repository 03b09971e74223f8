"""Tables of what runs and what happened: jobs, alerts, the audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_tables2 as tables
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit
from core.links import subject_url
from core.models import AuditEvent, JobRun
from core.tables import NONE, NUM, BadgeColumn, BaseTable, DateColumn, LinkColumn
from core.templatetags.ui import badge, day
from credit_limits.models import Alert
from reports.sentences import alert_figures

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

JOB_WORDS = {"nightly": gettext_lazy("Nightly run")}


def job_words(name: str) -> str:
    """A job's name in words."""
    return str(JOB_WORDS.get(name, name.replace("_", " ").capitalize()))


class MomentColumn(tables.Column):
    """A moment with its time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", NONE)
        kwargs["attrs"] = {"td": {"class": "nowrap"}} | kwargs.get("attrs", {})
        super().__init__(*args, **kwargs)

    def render(self, value: Any) -> Any:
        """Day and time."""
        return day(value)


class JobTable(BaseTable):
    """Runs of background jobs."""

    name = LinkColumn(
        verbose_name=gettext_lazy("Job"),
        linkify=lambda record: reverse("reports:job_detail", args=[record.pk]),
    )
    as_of = DateColumn(verbose_name=gettext_lazy("For the day"))
    status = BadgeColumn(verbose_name=gettext_lazy("Status"))
    started_at = MomentColumn(verbose_name=gettext_lazy("Started"))
    duration = tables.Column(
        verbose_name=gettext_lazy("Took"), attrs=NUM, empty_values=(), orderable=False
    )
    counts = tables.Column(verbose_name=gettext_lazy("Did"), orderable=False, empty_values=())
    errors = tables.Column(
        verbose_name=gettext_lazy("Errors"), attrs=NUM, orderable=False, empty_values=()
    )

    empty_icon = "list-check"
    empty_title = gettext_lazy("No job has run")

    class Meta(BaseTable.Meta):
        model = JobRun
        fields = ("name", "as_of", "status", "started_at")
        order_by = ("-started_at",)
        empty_text = gettext_lazy("The nightly run leaves a line here, with what it did.")
        row_attrs = {"data-href": lambda record: reverse("reports:job_detail", args=[record.pk])}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.caption = _("Runs of background jobs")

    def render_name(self, value: str) -> str:
        """The job in words."""
        return job_words(value)

    def render_duration(self, record: JobRun) -> str:
        """Seconds from start to end."""
        return duration_words(record)

    def render_counts(self, record: JobRun) -> str:
        """The first counts."""
        shown = [(key, value) for key, value in record.counts.items() if isinstance(value, int)]
        return ", ".join(f"{count_words(key)} {value}" for key, value in shown[:3]) or "–"

    def render_errors(self, record: JobRun) -> Any:
        """How many, red when any."""
        count = len(record.errors)
        return format_html('<b class="text-bad">{}</b>', count) if count else "–"


def duration_words(run: JobRun) -> str:
    """How long a run took, or that it still runs."""
    if run.finished_at is None:
        return _("running")
    seconds = (run.finished_at - run.started_at).total_seconds()
    if seconds < 90:
        return _("%(seconds)s s") % {"seconds": f"{seconds:.1f}"}
    return _("%(minutes)s min") % {"minutes": f"{seconds / 60:.1f}"}


def count_words(key: str) -> str:
    """A count's key in words."""
    return key.replace("_", " ")


class AlertTable(BaseTable):
    """What became true in the nights, and who has seen it."""

    as_of = DateColumn(verbose_name=gettext_lazy("Day"))
    kind = tables.Column(verbose_name=gettext_lazy("Alert"))
    customer = LinkColumn(
        accessor="account__customer__name",
        verbose_name=gettext_lazy("Customer"),
        linkify=lambda record: reverse("reports:credit_file", args=[record.account.customer_id]),
        sub="account__company__code",
    )
    facts = tables.Column(
        verbose_name=gettext_lazy("What happened"), orderable=False, empty_values=()
    )
    seen_at = tables.Column(verbose_name=gettext_lazy("Seen"), empty_values=())

    empty_icon = "circle-check"
    empty_title = gettext_lazy("No alert")

    class Meta(BaseTable.Meta):
        model = Alert
        fields = ("as_of", "kind", "customer", "facts", "seen_at")
        order_by = ("-as_of",)

    def __init__(
        self, rows: QuerySet[Alert], *, request: HttpRequest, may_see: bool, **kwargs: Any
    ) -> None:
        super().__init__(rows, **kwargs)
        self.caption = _("Alerts")
        self.http_request = request
        self.may_see = may_see

    def render_kind(self, record: Alert) -> Any:
        """The kind as a badge."""
        tone = "bad" if record.kind == Alert.Kind.OVER_LIMIT else "warn"
        return badge(record.kind, label=record.get_kind_display(), tone=tone)

    def render_facts(self, record: Alert) -> str:
        """The sentence."""
        return alert_figures(record)

    def render_seen_at(self, record: Alert) -> Any:
        """By whom and when, or the button."""
        if record.seen_at is not None:
            return format_html('{}<span class="sub">{}</span>', record.seen_by, day(record.seen_at))
        if not self.may_see:
            return badge("new")
        return format_html(
            '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" '
            'value="{}"><input type="hidden" name="next" value="{}">'
            '<button class="btn btn-sm">{}</button></form>',
            reverse("reports:alert_seen", args=[record.pk]),
            get_token(self.http_request),
            self.http_request.get_full_path(),
            _("Mark as seen"),
        )


class AuditTable(BaseTable):
    """Who did what, when, in plain words."""

    at = MomentColumn(verbose_name=gettext_lazy("When"))
    actor_name = tables.Column(verbose_name=gettext_lazy("Who"))
    subject_text = tables.Column(verbose_name=gettext_lazy("To what"))
    sentence = tables.Column(
        verbose_name=gettext_lazy("What"), orderable=False, empty_values=(), accessor="action"
    )
    company = tables.Column(
        verbose_name=gettext_lazy("Company"), accessor="company__code", default=NONE
    )

    empty_icon = "history"
    empty_title = gettext_lazy("No event")

    class Meta(BaseTable.Meta):
        model = AuditEvent
        fields = ("at", "actor_name", "subject_text", "sentence", "company")
        order_by = ("-at",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.caption = _("Audit trail")

    def render_subject_text(self, value: str, record: AuditEvent) -> Any:
        """The subject, leading to its page where it has one."""
        url = subject_url(record.subject_type, record.subject_id)
        return format_html('<a href="{}">{}</a>', url, value) if url else value

    def render_sentence(self, record: AuditEvent) -> Any:
        """The sentence, with the action's code beneath for who searches by it."""
        return format_html('{}<span class="sub">{}</span>', audit.sentence(record), record.action)
