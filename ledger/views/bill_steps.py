"""The steps of a bill, each asked on a page that says what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from core.dates import day_text
from core.numerals import format_decimal
from core.views import signed_in
from ledger.bills import ADVANCED, State, Step, after
from ledger.forms import (
    BillReturnForm,
    CollectForm,
    PostReturnForm,
    ProtestForm,
    ReasonForm,
    StepForm,
)
from ledger.services.bills import (
    bill_cancel,
    bill_collect,
    bill_post,
    bill_protest,
    bill_return,
    bill_return_post,
    bill_step_undo,
    bill_withdraw,
)
from ledger.views.bills import bill_or_404
from ledger.views.changes import ASK, ask, told

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrPromise

    from ledger.models import Bill


@dataclass(frozen=True, slots=True)
class Asked:
    """How a step is asked for and done."""

    step: Step | None
    form: type[StepForm]
    command: Callable[..., object]
    title: _StrPromise
    submit: _StrPromise
    done: _StrPromise
    danger: bool = False


ASKED: dict[str, Asked] = {
    "post": Asked(
        Step.POST,
        StepForm,
        bill_post,
        gettext_lazy("Post bill %(bill)s"),
        gettext_lazy("Post"),
        gettext_lazy("%(bill)s was posted."),
    ),
    "collect": Asked(
        Step.COLLECT,
        CollectForm,
        bill_collect,
        gettext_lazy("Bill %(bill)s was paid"),
        gettext_lazy("Record the collection"),
        gettext_lazy("%(bill)s is collected."),
    ),
    "return": Asked(
        Step.RETURN,
        BillReturnForm,
        bill_return,
        gettext_lazy("Bill %(bill)s came back unpaid"),
        gettext_lazy("Record the return"),
        gettext_lazy("The return of %(bill)s is recorded."),
        danger=True,
    ),
    "post-return": Asked(
        Step.POST_RETURN,
        PostReturnForm,
        bill_return_post,
        gettext_lazy("Post the return of bill %(bill)s"),
        gettext_lazy("Open its items again"),
        gettext_lazy("The items of %(bill)s are open again."),
    ),
    "protest": Asked(
        Step.PROTEST,
        ProtestForm,
        bill_protest,
        gettext_lazy("Bill %(bill)s was protested"),
        gettext_lazy("Record the protest"),
        gettext_lazy("The protest of %(bill)s is recorded."),
        danger=True,
    ),
    "withdraw": Asked(
        Step.WITHDRAW,
        ReasonForm,
        bill_withdraw,
        gettext_lazy("Take bill %(bill)s back from the bank"),
        gettext_lazy("Take back"),
        gettext_lazy("%(bill)s is in hand again."),
    ),
    "cancel": Asked(
        Step.CANCEL,
        ReasonForm,
        bill_cancel,
        gettext_lazy("Cancel bill %(bill)s"),
        gettext_lazy("Cancel the bill"),
        gettext_lazy("%(bill)s was cancelled."),
        danger=True,
    ),
    "undo": Asked(
        None,
        ReasonForm,
        bill_step_undo,
        gettext_lazy("Undo the last step of bill %(bill)s"),
        gettext_lazy("Undo"),
        gettext_lazy("The last step of %(bill)s was taken back."),
        danger=True,
    ),
}


@require_http_methods(ASK)
@permission_required("ledger.manage_bill", raise_exception=True)
def bill_step_ask(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Do one step of a bill; says first what it does to the books and to what counts."""
    user = signed_in(request.user)
    asked = ASKED.get(step)
    if asked is None:
        raise Http404
    bill = bill_or_404(request, pk)
    back = reverse("ledger:bill_detail", args=[bill.pk])
    state = State(bill.state)
    names = {"bill": bill.number}
    if asked.step is not None and after(state, asked.step) is None:
        text = _("%(bill)s is “%(state)s” by now.") % {
            **names,
            "state": bill.get_state_display(),
        }
        return told(request, text, back)

    def command(values: dict[str, Any]) -> object:
        return asked.command(bill=bill, actor=user, **values)

    return ask(
        request,
        asked.form(request.POST if request.method == "POST" else None),
        command,
        done=asked.done % names,
        back=back,
        title=asked.title % names,
        lead=_("%(amount)s %(currency)s of %(customer)s, due on %(day)s.")
        % {
            "amount": format_decimal(bill.amount),
            "currency": bill.currency_id,
            "customer": bill.account.customer,
            "day": day_text(bill.pay_on),
        },
        consequences=_consequences(bill, asked.step),
        submit=str(asked.submit),
        danger=asked.danger,
    )


_SAID: dict[Step | None, tuple[_StrPromise, ...]] = {
    Step.POST: (
        gettext_lazy("The items it is drawn on are closed; the bill counts instead of them."),
    ),
    Step.COLLECT: (gettext_lazy("It is money, and counts as exposure no more."),),
    Step.RETURN: (
        gettext_lazy("It counts as “returned” with its full amount, whatever its due date."),
        gettext_lazy("Its items open again when the return is posted."),
    ),
    Step.POST_RETURN: (
        gettext_lazy("Its items are open again with their own due dates, and count as such."),
        gettext_lazy("What else was paid on them stays paid."),
    ),
    Step.PROTEST: (
        gettext_lazy("Its value stays where it is; the protest shows wherever the bill does."),
    ),
    Step.WITHDRAW: (
        gettext_lazy("It is in hand again and counts without an end until it is paid."),
    ),
    None: (
        gettext_lazy("What the step booked is booked back; charges of the bank stay."),
        gettext_lazy("The bill is as it was before."),
    ),
}


def _consequences(bill: Bill, step: Step | None) -> list[str]:
    """What a step does, in plain words."""
    words = [str(line) for line in _SAID.get(step, ())]
    if step is Step.CANCEL and bill.entry_id:
        words.append(_("Its items are open again with their own due dates."))
    if step is Step.RETURN and bill.state == State.PRESENTED and bill.presented in ADVANCED:
        words.append(
            _("The bank takes back what it credited (%(kind)s).")
            % {"kind": bill.get_presented_display()}
        )
    return words
