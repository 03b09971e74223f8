"""Commands on one item or entry, each asked on a page of its own that says what it does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.dates import day_text
from core.errors import DomainError, NotAllowed
from core.numerals import format_decimal
from core.views import signed_in
from ledger.forms import CauseForm, DisputeCloseForm, DisputeForm, ReverseForm, WriteOffForm
from ledger.forms.changes import SeenForm
from ledger.models import Allocation, Dispute, EntryKind, JournalEntry, OpenItem
from ledger.services import (
    allocation_reverse,
    dispute_close,
    dispute_open,
    item_delay_cause_set,
    item_write_off,
    payment_reverse,
)
from ledger.services.deductions import KINDS
from ledger.services.reversals import REVERSIBLE
from ledger.views.items import entry_or_404, item_or_404

if TYPE_CHECKING:
    from django.forms import BaseForm
    from django.http import HttpRequest, HttpResponse

ASK = ["GET", "POST"]


def ask(
    request: HttpRequest,
    form: BaseForm,
    command: Callable[[dict[str, Any]], object],
    *,
    done: str,
    back: str,
    title: str,
    submit: str,
    lead: str = "",
    consequences: Sequence[str] = (),
    danger: bool = False,
) -> HttpResponse:
    """One decision per page: run `command` with the form's values, or show why it was refused."""
    if request.method == "POST" and form.is_valid():
        try:
            command(form.cleaned_data)
        except NotAllowed:
            raise
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            if isinstance(form, SeenForm):
                form.look_again(error)
        else:
            messages.success(request, done)
            return redirect(back)
    context = {
        "form": form,
        "title": title,
        "lead": lead,
        "consequences": consequences,
        "submit_label": submit,
        "cancel_url": back,
        "danger": danger,
    }
    status = 422 if form.errors else 200
    return render(request, "ledger/ask.html", context, status=status)


def told(request: HttpRequest, text: str, back: str) -> HttpResponse:
    """Back to the row with a word, where somebody (or the first click) did it already."""
    messages.warning(request, text)
    return redirect(back)


def unconfirmed(request: HttpRequest, item: OpenItem) -> HttpResponse:
    """Back to an item that nobody confirmed yet: that comes first."""
    text = _("%(number)s is provisional. Confirm it first.") % {"number": item.number}
    return told(request, text, reverse("ledger:item_detail", args=[item.pk]))


def _data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _open(item: OpenItem) -> str:
    return f"{format_decimal(item.open_amount)} {item.currency_id}"


@require_http_methods(ASK)
@permission_required("ledger.record_payment", raise_exception=True)
def item_write_off_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up what is open of an item: a discount, a small difference, a write-off."""
    user = signed_in(request.user)
    item = item_or_404(request, pk)
    back = reverse("ledger:item_detail", args=[item.pk])
    if not item.is_posted:
        return unconfirmed(request, item)
    if not item.open_amount:
        return told(request, _("Nothing is open of %(number)s.") % {"number": item.number}, back)
    form = WriteOffForm(
        _data(request), item=item, may_write_off=user.has_perm("ledger.write_off_item")
    )
    return ask(
        request,
        form,
        lambda values: item_write_off(item=item, actor=user, **values),
        done=_("%(number)s was written off as you said.") % {"number": item.number},
        back=back,
        title=_("Give up a part of %(number)s") % {"number": item.number},
        lead=_("%(open)s are open.") % {"open": _open(item)},
        consequences=[
            _("What is given up is posted, and is not asked of the customer any more."),
            _("It can be taken back later."),
        ],
        submit=_("Give up"),
        danger=True,
    )


@require_http_methods(ASK)
@permission_required("ledger.manage_item", raise_exception=True)
def item_dispute_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """The customer contests an item."""
    user = signed_in(request.user)
    item = item_or_404(request, pk)
    if item.direction != OpenItem.Direction.DEBIT:
        raise Http404
    back = reverse("ledger:item_detail", args=[item.pk])
    if not item.open_amount:
        return told(request, _("Nothing is open of %(number)s.") % {"number": item.number}, back)
    if item.is_disputed:
        return told(request, _("%(number)s is contested already.") % {"number": item.number}, back)
    return ask(
        request,
        DisputeForm(_data(request)),
        lambda values: dispute_open(item=item, actor=user, **values),
        done=_("%(number)s is contested now.") % {"number": item.number},
        back=back,
        title=_("%(number)s is contested") % {"number": item.number},
        lead=_("%(open)s are open.") % {"open": _open(item)},
        consequences=[
            _("The credit policy says whether contested items count and whether they are late."),
        ],
        submit=_("Mark as contested"),
    )


@require_http_methods(ASK)
@permission_required("ledger.manage_item", raise_exception=True)
def dispute_close_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """A dispute is settled."""
    user = signed_in(request.user)
    dispute = get_object_or_404(Dispute.objects.select_related("item__account"), pk=pk)
    item = item_or_404(request, dispute.item_id)
    back = reverse("ledger:item_detail", args=[item.pk])
    if dispute.closed_at is not None:
        text = _("The dispute about %(number)s is settled already.") % {"number": item.number}
        return told(request, text, back)
    return ask(
        request,
        DisputeCloseForm(_data(request)),
        lambda values: dispute_close(dispute=dispute, actor=user, **values),
        done=_("The dispute about %(number)s is settled.") % {"number": item.number},
        back=back,
        title=_("Settle the dispute about %(number)s") % {"number": item.number},
        lead=_("Contested since %(day)s: %(reason)s")
        % {"day": day_text(dispute.opened_on), "reason": dispute.reason},
        submit=_("Settle"),
    )


@require_POST
@permission_required("ledger.manage_item", raise_exception=True)
def item_cause_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Say why an item is late, and go back to it."""
    item = item_or_404(request, pk)
    form = CauseForm(request.POST, item=item)
    if form.is_valid():
        try:
            cause = form.cleaned_data["cause"]
            item_delay_cause_set(item=item, cause=cause, actor=signed_in(request.user))
        except NotAllowed:
            raise
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The cause of delay was saved."))
    else:
        messages.error(request, " ".join(error.message for error in form.error_summary))
    return redirect("ledger:item_detail", item.pk)


@require_http_methods(ASK)
@permission_required("ledger.reverse_payment", raise_exception=True)
def entry_reverse_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a payment, or what was given up; says first what will be open again."""
    user = signed_in(request.user)
    entry = entry_or_404(request, pk)
    if entry.kind not in REVERSIBLE or entry.state != JournalEntry.State.POSTED:
        raise Http404
    back = reverse("ledger:entry_detail", args=[entry.pk])
    if JournalEntry.objects.filter(reverses=entry).exists():
        return told(request, _("%(entry)s was reversed already.") % {"entry": entry}, back)
    return ask(
        request,
        ReverseForm(_data(request)),
        lambda values: payment_reverse(payment=entry, actor=user, **values),
        done=_("%(entry)s was reversed.") % {"entry": entry},
        back=back,
        title=_("Reverse %(entry)s") % {"entry": entry},
        lead=_("%(amount)s %(currency)s of %(customer)s, posted on %(day)s.")
        % {
            "amount": format_decimal(entry.amount),
            "currency": entry.currency_id,
            "customer": entry.account.customer,
            "day": day_text(entry.posted_on),
        },
        consequences=reopened(entry),
        submit=_("Reverse"),
        danger=True,
    )


def reopened(entry: JournalEntry) -> list[str]:
    """What a reversal opens again, in sentences."""
    keys = [entry.pk, *entry.companions.filter(kind__in=KINDS).values_list("pk", flat=True)]
    rows = Allocation.objects.filter(
        credit_item__entry__in=keys, reverses=None, reversed_by=None
    ).select_related("debit_item", "credit_item__entry")
    lines = [
        _("%(amount)s %(currency)s of %(number)s are open again, due %(day)s (%(kind)s).")
        % {
            "amount": format_decimal(row.amount),
            "currency": row.debit_item.currency_id,
            "number": row.debit_item.number,
            "day": day_text(row.debit_item.due_on),
            "kind": EntryKind(row.credit_item.entry.kind).label,
        }
        for row in rows[:20]
    ]
    return [*lines, _("A reversing entry is posted; nothing is deleted.")]


@require_http_methods(ASK)
@permission_required("ledger.reverse_payment", raise_exception=True)
def allocation_reverse_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one allocation back."""
    user = signed_in(request.user)
    row = get_object_or_404(
        Allocation.objects.select_related("credit_item__entry", "debit_item__entry"),
        pk=pk,
        reverses=None,
    )
    item = item_or_404(request, row.debit_item_id)
    back = reverse("ledger:item_detail", args=[item.pk])
    if Allocation.objects.filter(reverses=row).exists():
        text = _("%(credit)s was taken back from %(debit)s already.")
        return told(request, text % {"credit": row.credit_item.number, "debit": item.number}, back)
    return ask(
        request,
        ReverseForm(_data(request)),
        lambda values: allocation_reverse(allocation=row, actor=user, **values),
        done=_("%(credit)s was taken back from %(debit)s.")
        % {"credit": row.credit_item.number, "debit": item.number},
        back=back,
        title=_("Take %(credit)s back from %(debit)s")
        % {"credit": row.credit_item.number, "debit": item.number},
        lead=_("%(amount)s %(currency)s, applied on %(day)s.")
        % {
            "amount": format_decimal(row.amount),
            "currency": item.currency_id,
            "day": day_text(row.allocated_on),
        },
        consequences=[
            _("%(number)s is open again with its old due date.") % {"number": item.number},
            _("The money stays on account and can be applied elsewhere."),
        ],
        submit=_("Take back"),
        danger=True,
    )
