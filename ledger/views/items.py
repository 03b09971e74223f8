"""Open items: the list, one item, and confirming what is provisional."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_tables2 import RequestConfig

from core.clock import today
from core.errors import DomainError, NotAllowed
from core.exporting import export_answer, export_links
from core.forms import LocalDateField
from core.htmx import render_partial
from core.links import subject_origin, subject_url
from core.models import AuditEvent
from core.selectors import timeline_entries
from core.views import signed_in
from customers.querysets import account_scope
from ledger.filters import ItemFilter
from ledger.forms import CauseForm
from ledger.models import Allocation, BillPart, Chargeback, EntryKind, JournalEntry, OpenItem
from ledger.selectors.bills import entry_bill
from ledger.services import entry_confirm
from ledger.services.reversals import REVERSIBLE
from ledger.tables import ItemTable, export_header, export_rows, item_state, totals
from ledger.views.lists import one_company

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase


@require_safe
@permission_required("ledger.view_openitem", raise_exception=True)
def item_list(request: HttpRequest) -> HttpResponseBase:
    """Items the user may see, filtered, sorted and paged; only the results for htmx.

    `export=csv` or `export=xlsx` downloads all of them, as filtered and sorted.
    """
    user = signed_in(request.user)
    rows = OpenItem.objects.visible_to(user).select_related(
        "entry", "account__customer", "account__company", "delay_cause"
    )
    chosen = ItemFilter(request.GET, queryset=rows, user=user)
    sums = totals(chosen.qs)
    table = ItemTable(
        chosen.qs,
        as_of=chosen.as_of_day,
        currency=sums[0]["currency"] if len(sums) == 1 else "",
    )
    one_company(chosen, table)
    RequestConfig(request).configure(table)
    answer = export_answer(
        request,
        f"open-items-{chosen.as_of_day}",
        lambda: (export_header(), export_rows(table, chosen.as_of_day)),
    )
    if answer is not None:
        return answer
    return render_partial(
        request,
        "ledger/item_list.html",
        {
            "title": _("Open items"),
            "table": table,
            "filter": chosen,
            "totals": sums,
            "exports": export_links(request),
            "as_of": chosen.as_of_day,
            "is_past": chosen.as_of_day != today(),
        },
        partial="results",
    )


@require_safe
@permission_required("ledger.view_openitem", raise_exception=True)
def item_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One item: what it is, what settled it, what happened to it."""
    item = item_or_404(request, pk)
    is_debit = item.direction == OpenItem.Direction.DEBIT
    side, other = ("debit_item", "credit_item") if is_debit else ("credit_item", "debit_item")
    allocations = list(
        Allocation.objects.filter(**{side: item})
        .select_related(f"{other}__entry")
        .order_by("allocated_on", "pk")
    )
    taken_back = {row.reverses_id for row in allocations}
    planned = (item.planned_for if is_debit else item.plans).select_related(f"{other}__entry")
    others = [getattr(row, other) for row in allocations]
    day = today()
    return render(
        request,
        "ledger/item_detail.html",
        {
            "item": item,
            "is_debit": is_debit,
            "state": item_state(item, item.open_amount, day),
            "days": max((day - item.due_on).days, 0) if is_debit and item.open_amount else 0,
            "lines": [
                (row, other, row.reverses_id is None and row.pk not in taken_back)
                for row, other in zip(allocations, others, strict=True)
            ],
            "disputes": list(item.disputes.select_related("opened_by", "closed_by")),
            "cause_form": CauseForm(item=item) if is_debit else None,
            "post_on": _post_on(item),
            "can_reverse": item.is_posted
            and item.entry.kind in REVERSIBLE
            and not JournalEntry.objects.filter(reverses=item.entry_id).exists(),
            "planned": [(row, getattr(row, other)) for row in planned],
            "charged": _charged(item, others),
            "can_return": item.is_posted and item.entry.kind == EntryKind.PAYMENT,
            "siblings": list(item.entry.items.exclude(pk=item.pk).order_by("instalment")),
            "credit_file": subject_url("customers.customer", item.account.customer_id),
            "origin": subject_origin("ledger.journalentry", item.entry_id),
            "bill": entry_bill(item.entry),
            "timeline": timeline_entries(_events(item, others)),
        },
    )


def _charged(item: OpenItem, others: list[OpenItem]) -> list[Chargeback]:
    """The chargebacks an item is about; asked only where an entry of that kind is near."""
    near = [item, *others]
    entries = {other.entry_id for other in near if other.entry.kind == EntryKind.CHARGEBACK}
    if not entries:
        return []
    rows = Chargeback.objects.filter(item__entry__in=entries)
    return list(rows.select_related("item", "original", "owner").order_by("pk"))


def _post_on(item: OpenItem) -> date | None:
    """The first open day, for a provisional item whose own day is closed by now."""
    if item.is_posted:
        return None
    settings = getattr(item.account.company, "ledger_settings", None)
    closed: date | None = settings.closed_through if settings else None
    if closed is None or item.entry.posted_on > closed:
        return None
    return closed + timedelta(days=1)


def item_or_404(request: HttpRequest, pk: int) -> OpenItem:
    """The item with what its pages show; 404 when the user may not see it."""
    rows = OpenItem.objects.visible_to(signed_in(request.user)).select_related(
        "entry__import_run",
        "entry__created_by",
        "account__customer",
        "account__company",
        "account__company__ledger_settings",
        "account__currency",
        "currency",
        "delay_cause",
    )
    return get_object_or_404(rows, pk=pk)


def _events(item: OpenItem, others: list[OpenItem]) -> Any:
    """What happened to the item, its entry, and what settled it or was settled by it."""
    about = Q(subject_type="ledger.openitem", subject_id__in=[item.pk, *(o.pk for o in others)])
    entries = {item.entry_id, *(other.entry_id for other in others)}
    about |= Q(subject_type="ledger.journalentry", subject_id__in=entries)
    drawn = BillPart.objects.filter(item=item).values("bill")
    about |= Q(subject_type="ledger.bill", subject_id__in=drawn)
    if item.entry.import_run_id is not None:
        about |= Q(subject_type="ledger.importrun", subject_id=item.entry.import_run_id)
    return AuditEvent.objects.filter(about).order_by("-at", "-pk")[:50]


def entry_or_404(request: HttpRequest, pk: int) -> JournalEntry:
    """The entry with what its pages show; 404 when the user may not see it."""
    rows = JournalEntry.objects.filter(account_scope(signed_in(request.user), "account__"))
    return get_object_or_404(
        rows.select_related(
            "account__customer",
            "account__company",
            "company",
            "created_by",
            "import_run",
            "goes_with",
            "reverses",
        ),
        pk=pk,
    )


@require_POST
@permission_required("ledger.record_payment", raise_exception=True)
def entry_confirm_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Post a provisional entry and go back to its item."""
    user = signed_in(request.user)
    items = OpenItem.objects.visible_to(user)
    item = get_object_or_404(items, entry=pk, instalment=1)
    entry: JournalEntry = item.entry
    try:
        day = LocalDateField(required=False).clean(request.POST.get("posted_on", ""))
        entry_confirm(entry=entry, actor=user, posted_on=day)
    except NotAllowed:
        raise
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(entry)s is posted.") % {"entry": entry})
    return redirect("ledger:item_detail", item.pk)
