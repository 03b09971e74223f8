"""What the inbox page shows: a list of requests, and one of them with all that a decision needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.core.paginator import Page, Paginator
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from approvals import engine
from approvals.filters import InboxFilter
from approvals.models import ApprovalRequest, ApprovalStep
from approvals.selectors import (
    DECIDE,
    decisions_of_customer,
    inbox_count,
    request_deciders,
    request_people,
    request_top,
    requests_decided,
    requests_for,
    requests_team,
)
from approvals.snapshot import Figures, figures, reason_words, step_words
from core.links import subject_url
from core.numerals import format_decimal

if TYPE_CHECKING:
    from django.http import QueryDict

    from approvals.selectors import Deciders
    from core.models import User

PER_PAGE: Final = 25
MINE, ALL, DECIDED = "mine", "all", "decided"
SOURCES: Final = {MINE: requests_for, ALL: requests_team, DECIDED: requests_decided}


@dataclass(frozen=True, slots=True)
class Row:
    """One request in the list. `url` selects it; `verdict` is the step that ended it."""

    request: ApprovalRequest
    url: str
    reasons: tuple[str, ...]
    age: str
    verdict: ApprovalStep | None
    selected: bool

    @property
    def step(self) -> str:
        """What was stopped: the step of a document, or what is asked for."""
        return step_words(self.request.snapshot) or self.request.get_kind_display()


@dataclass(frozen=True, slots=True)
class Selected:
    """One request with all that a decision needs.

    `people` are those who may decide it; `nobody` says why there are none; `why_not` says why the
    reader is not among them. `next_pk` is the request to go to after the decision.
    """

    request: ApprovalRequest
    reasons: tuple[str, ...]
    age: str
    figures: Figures
    people: tuple[User, ...]
    may_act: bool
    why_not: str
    nobody: str
    unconverted: tuple[str, ...]
    verdict: ApprovalStep | None
    history: tuple[Row, ...]
    urls: dict[str, str]

    @property
    def step(self) -> str:
        """What was stopped: the step of a document, or what is asked for."""
        return step_words(self.request.snapshot) or self.request.get_kind_display()

    next_pk: int | None


@dataclass(frozen=True, slots=True)
class Inbox:
    """The page. `query` is its query string without the selection, for the forms on it."""

    tab: str
    tabs: tuple[dict[str, Any], ...]
    filter: InboxFilter
    rows: tuple[Row, ...]
    page: Page[ApprovalRequest]
    selected: Selected | None
    query: str


def inbox_page(user: User, params: QueryDict, wanted: ApprovalRequest | None = None) -> Inbox:
    """The inbox as `params` (tab, id, q, reason, order, page) ask for it.

    `wanted` is shown whatever the list holds; without it, the one of `id`, else the first row.
    """
    tab = params.get("tab", MINE)
    tab = tab if tab in SOURCES else MINE
    listed = InboxFilter(params, queryset=SOURCES[tab](user), decided=tab == DECIDED)
    page = Paginator(listed.qs.with_page(), PER_PAGE).get_page(params.get("page"))
    shown = list(page)
    chosen = wanted or _chosen(user, params, shown)
    rows = tuple(_row(item, params, selected=item == chosen) for item in shown)
    return Inbox(
        tab=tab,
        tabs=_tabs(user, tab),
        filter=listed,
        rows=rows,
        page=page,
        selected=_selected(chosen, user, params, _after(chosen, shown)) if chosen else None,
        query=_query(params, id=None),
    )


def _chosen(user: User, params: QueryDict, shown: list[ApprovalRequest]) -> ApprovalRequest | None:
    """The request of `id` when the user may see it, else the first of the list."""
    key = params.get("id", "")
    if key.isdecimal():
        for item in shown:
            if str(item.pk) == key:
                return item
        found = ApprovalRequest.objects.visible_to(user).with_page().filter(pk=int(key)).first()
        if found is not None:
            return found
    return shown[0] if shown else None


def _after(chosen: ApprovalRequest, shown: list[ApprovalRequest]) -> int | None:
    """The row to go to when the chosen one has left the list: the next, else the one before."""
    keys = [item.pk for item in shown]
    if chosen.pk not in keys:
        return keys[0] if keys else None
    place = keys.index(chosen.pk)
    rest = keys[place + 1 : place + 2] or keys[max(place - 1, 0) : place]
    return rest[0] if rest else None


def _tabs(user: User, current: str) -> tuple[dict[str, Any], ...]:
    base = reverse("approvals:inbox")
    words = (
        (MINE, _("Waiting for you"), inbox_count(user)),
        (ALL, _("All waiting"), requests_team(user).count()),
        (DECIDED, _("Decided"), 0),
    )
    return tuple(
        {"label": label, "url": f"{base}?tab={tab}", "active": tab == current, "count": count}
        for tab, label, count in words
    )


def _query(params: QueryDict, **changes: Any) -> str:
    """The query string with `changes`; None takes a key away."""
    query = params.copy()
    for key, value in changes.items():
        query.pop(key, None)
        if value is not None:
            query[key] = str(value)
    return query.urlencode()


def _age(item: ApprovalRequest) -> str:
    """How long ago it was asked, such as "2 hours ago"."""
    if timezone.now() - item.opened_at < timedelta(minutes=1):
        return _("just now")
    return _("%(age)s ago") % {"age": timesince(item.opened_at, depth=1)}


def _verdict(item: ApprovalRequest) -> ApprovalStep | None:
    """The last step somebody acted on (steps are prefetched)."""
    acted = [step for step in item.steps.all() if step.acted_by_id is not None]
    return acted[-1] if acted else None


def _row(item: ApprovalRequest, params: QueryDict, *, selected: bool = False) -> Row:
    return Row(
        request=item,
        url=f"{reverse('approvals:inbox')}?{_query(params, id=item.pk)}",
        reasons=reason_words(item.reasons, item.snapshot),
        age=_age(item),
        verdict=_verdict(item),
        selected=selected,
    )


def _selected(
    item: ApprovalRequest, user: User, params: QueryDict, next_pk: int | None
) -> Selected:
    is_open = item.status == ApprovalRequest.Status.OPEN
    known = request_deciders(item) if is_open else None
    people = request_people(item, known) if known else []
    may_act = user in people
    read = figures(item.snapshot, item.currency_id)
    history = decisions_of_customer(item, user)
    return Selected(
        request=item,
        reasons=reason_words(item.reasons, item.snapshot),
        age=_age(item),
        figures=read,
        people=tuple(people),
        may_act=may_act,
        why_not=_why_not(item, user) if is_open and not may_act else "",
        nobody=_nobody(item, known) if known and not people else "",
        unconverted=known.unconverted if known else (),
        verdict=_verdict(item),
        history=tuple(_row(past, params) for past in history),
        urls=_urls(item, read),
        next_pk=next_pk,
    )


def _why_not(item: ApprovalRequest, user: User) -> str:
    """Why the reader may not decide, said to the reader."""
    if user.pk == item.requested_by_id or user.pk in item.barred_ids:
        return _("You asked for this or worked on it yourself: somebody else decides.")
    if not user.has_perm(DECIDE):
        return _("Your role reads the inbox, it does not decide.")
    return _("%(amount)s %(currency)s is beyond what you may decide for this customer.") % {
        "amount": format_decimal(item.amount),
        "currency": item.currency_id,
    }


def _nobody(item: ApprovalRequest, known: Deciders) -> str:
    """Why nobody may decide; empty when somebody may."""
    error = request_top(item, known)
    facts = {"amount": format_decimal(item.amount), "currency": item.currency_id}
    if isinstance(error, engine.AboveTopLevel) and error.top is not None:
        facts["top"] = format_decimal(error.top)
        return (
            _(
                "Nobody has authority for %(amount)s %(currency)s: the highest ends at "
                "%(top)s %(currency)s. Raise an authority, or withdraw the request."
            )
            % facts
        )
    if isinstance(error, engine.AboveTopLevel):
        return _("Nobody has any authority for requests of this kind in this company.")
    return _(
        "Everybody with authority for this amount asked for it, worked on it, "
        "or may not see this customer."
    )


def _urls(item: ApprovalRequest, read: Figures) -> dict[str, str]:
    """Where the page leads on: the subject, the customer, the check, the customer's panel."""
    account_id, customer_id = item.account_id, item.account.customer_id
    try:
        panel = reverse("reports:account_panel", args=[account_id])
    except NoReverseMatch:
        panel = ""
    return {
        "subject": subject_url(item.subject_type, item.subject_id),
        "customer": subject_url("customers.customer", customer_id),
        "check": subject_url("credit_limits.creditcheck", read.check_id) if read.check_id else "",
        "panel": panel,
    }
