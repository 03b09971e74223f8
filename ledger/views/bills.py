"""Bills: the portfolio, one bill, issuing on what a customer owes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from core.clock import today
from core.errors import Conflict, DomainError, NotAllowed
from core.links import subject_url
from core.views import signed_in
from ledger.bills import UNDOABLE, State, Step, after
from ledger.filters import BillFilter
from ledger.forms import BillForm
from ledger.forms.bills import EACH
from ledger.models import Bill, BillStep, OpenItem
from ledger.selectors.bills import bill_sums
from ledger.selectors.items import owed_by_currency
from ledger.services.bills import bills_issue
from ledger.services.bills.issue import NewBill
from ledger.tables import BillTable, bill_export
from ledger.views.lists import listed
from ledger.views.payments import account_or_404, choose_account, offered_items

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from core.models import User
    from customers.models import CustomerAccount

# In the order in which a bill's page offers them.
STEPS = (
    (Step.POST, "post", "check", gettext_lazy("Post")),
    (Step.COLLECT, "collect", "cash", gettext_lazy("Collected")),
    (Step.RETURN, "return", "arrow-back-up", gettext_lazy("Came back unpaid")),
    (Step.POST_RETURN, "post-return", "lock-open", gettext_lazy("Post the return")),
    (Step.PROTEST, "protest", "alert-triangle", gettext_lazy("Protested")),
    (Step.WITHDRAW, "withdraw", "arrow-back-up", gettext_lazy("Take back from the bank")),
    (Step.CANCEL, "cancel", "x", gettext_lazy("Cancel")),
)


@require_safe
@permission_required("ledger.view_openitem", raise_exception=True)
def bill_list(request: HttpRequest) -> HttpResponseBase:
    """The portfolio: bills the user may see, filtered, with what they come to by state.

    `export=csv` or `export=xlsx` downloads all of them, as filtered and sorted.
    """
    user = signed_in(request.user)
    rows = Bill.objects.visible_to(user).select_related("account__customer", "company")
    chosen = BillFilter(request.GET, queryset=rows, user=user)
    return listed(
        request,
        title=_("Bills"),
        chosen=chosen,
        table=BillTable(chosen.qs),
        template="ledger/bill_list.html",
        name="bills",
        export=bill_export,
        sums=bill_sums(chosen.qs),
    )


def bill_or_404(request: HttpRequest, pk: int) -> Bill:
    """A bill of an account the user may see."""
    rows = Bill.objects.visible_to(signed_in(request.user)).select_related(
        "account__customer", "account__company", "company", "currency", "entry"
    )
    return get_object_or_404(rows, pk=pk)


@require_safe
@permission_required("ledger.view_openitem", raise_exception=True)
def bill_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One bill: what it is drawn on, where it was, what can happen next."""
    bill = bill_or_404(request, pk)
    steps = list(
        bill.steps.select_related("presentation", "entry", "charges_entry", "created_by").order_by(
            "position"
        )
    )
    day = today()
    return render(
        request,
        "ledger/bill_detail.html",
        {
            "bill": bill,
            "steps": steps,
            "parts": bill.parts.select_related("item__entry"),
            "actions": _actions(bill, steps),
            "days": (day - bill.pay_on).days,
            "is_open": bill.state in {"issued", "in_hand", "presented", "returned"},
            "credit_file": subject_url("customers.customer", bill.account.customer_id),
        },
    )


def _actions(bill: Bill, steps: list[BillStep]) -> list[dict[str, Any]]:
    """The steps that make sense now, the likeliest first."""
    state = State(bill.state)
    found = [
        {"url": reverse("ledger:bill_step", args=[bill.pk, slug]), "icon": icon, "label": label}
        for step, slug, icon, label in STEPS
        if after(state, step) is not None and not (step is Step.PROTEST and bill.is_protested)
    ]
    if state in {State.IN_HAND, State.RETURNED}:
        url = reverse("ledger:presentation_create")
        query = f"?company={bill.company_id}&currency={bill.currency_id}&bill={bill.pk}"
        label = _("Present") if state is State.IN_HAND else _("Present again")
        found.insert(0, {"url": f"{url}{query}", "icon": "send", "label": label})
    if steps[-1].kind in UNDOABLE:
        url = reverse("ledger:bill_step", args=[bill.pk, "undo"])
        label = _("Undo “%(step)s”") % {"step": steps[-1].get_kind_display()}
        found.append({"url": url, "icon": "arrow-back-up", "label": label})
    return found


@require_http_methods(["GET", "POST"])
@permission_required("ledger.manage_bill", raise_exception=True)
def bill_create(request: HttpRequest) -> HttpResponse:
    """Issue bills: choose the account first, then what they are drawn on."""
    user = signed_in(request.user)
    if not request.GET.get("account"):
        return choose_account(request, user, title=_("Issue a bill"))
    account = account_or_404(user, request.GET["account"])
    owed = owed_by_currency(account)
    currency = request.GET.get("currency") or next(iter(owed), account.currency_id)
    if currency not in {account.currency_id, *owed}:
        raise Http404
    items, more = offered_items(request, account, currency)
    if request.method == "POST" and not {"look", "fill"} & set(request.POST):
        form = BillForm(request.POST, items=items)
        if form.is_valid():
            done = _issue(request, user, account, form)
            if done is not None:
                return done
    elif request.method == "POST" and "fill" in request.POST:
        form = BillForm(items=items, initial=_typed(request, items, fill=True))
    elif request.method == "POST":
        form = BillForm(items=items, initial=_typed(request, items, fill=False))
    else:
        form = BillForm(items=items, initial=_named(request, items))
    context = {
        "form": form,
        "account": account,
        "currency": currency,
        "currencies": sorted({currency, *owed}),
        "more": more,
        "find": request.POST.get("find", "").strip(),
        "credit_file": subject_url("customers.customer", account.customer_id),
        "cancel_url": reverse("ledger:bill_list") + f"?customer={account.customer_id}",
    }
    return render(request, "ledger/bill_form.html", context, status=422 if form.errors else 200)


def _typed(request: HttpRequest, items: list[OpenItem], *, fill: bool) -> dict[str, object]:
    """What was typed, unjudged, for a form that is drawn in between; `fill`: every box full."""
    names = BillForm(items=items).fields
    typed: dict[str, object] = {
        name: request.POST[name] for name in names if name in request.POST
    } | {"post": "post" in request.POST}
    if fill:
        typed |= {BillForm.name_of(item): item.open_amount for item in items}
    return typed


def _named(request: HttpRequest, items: list[OpenItem]) -> dict[str, object]:
    """The item that a link names, with all that is open of it."""
    wanted = request.GET.get("item", "")
    return {BillForm.name_of(item): item.open_amount for item in items if str(item.pk) == wanted}


def _issue(
    request: HttpRequest, user: User, account: CustomerAccount, form: BillForm
) -> HttpResponse | None:
    """Issue them and go there; None when it was refused and the form says why."""
    values = form.cleaned_data
    parts = form.allocations()
    common = {"reference": values["reference"], "bank": values["bank"]}
    bills = (
        [NewBill(parts=[part], **common) for part in parts]
        if values["how"] == EACH
        else [NewBill(parts=parts, due_on=values["due_on"], number=values["number"], **common)]
    )
    try:
        made = bills_issue(
            account=account,
            kind=values["kind"],
            bills=bills,
            drawn_on=values["drawn_on"],
            post=values["post"],
            token=values["token"],
            actor=user,
        )
    except NotAllowed:
        raise
    except DomainError as error:
        first = Bill.objects.visible_to(user).filter(form_token=values["token"]).first()
        if isinstance(error, Conflict) and error.code == "ledger.form_repeated" and first:
            # The first click did the work; the second one only needs to see it.
            messages.info(request, str(error))
            return redirect("ledger:bill_detail", first.pk)
        own = f"item_{error.params.get('item')}"
        field = own if own in form.fields else error.field
        form.add_error(field if field in form.fields else None, str(error))
        return None
    messages.success(
        request,
        ngettext("%(count)s bill was issued.", "%(count)s bills were issued.", len(made))
        % {"count": len(made)},
    )
    if len(made) == 1:
        return redirect("ledger:bill_detail", made[0].pk)
    return redirect(reverse("ledger:bill_list") + f"?customer={account.customer_id}")
