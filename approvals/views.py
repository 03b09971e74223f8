"""The inbox: look, decide, go to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from approvals.forms import DecideForm
from approvals.models import ApprovalRequest
from approvals.pages import ALL, DECIDED, MINE, inbox_page
from approvals.selectors import request_may_act, request_successor
from approvals.services import step_approve, step_refuse
from core.errors import Conflict, DomainError, NotAllowed
from core.htmx import render_partial
from core.views import signed_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from core.models import User

MAY_LOOK: Final = "approvals.view_inbox"
MAY_DECIDE: Final = "approvals.decide_request"


@require_safe
@permission_required(MAY_LOOK, raise_exception=True)
def inbox(request: HttpRequest) -> HttpResponse:
    """The list and the selected request."""
    return _page(request)


@require_safe
@permission_required(MAY_LOOK, raise_exception=True)
def request_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The lasting address of a request: the inbox with it selected, on the tab where it is now."""
    user = signed_in(request.user)
    row = _find(user, pk)
    if row.status != ApprovalRequest.Status.OPEN:
        tab = DECIDED
    else:
        tab = MINE if request_may_act(row, user) else ALL
    return redirect(f"{reverse('approvals:inbox')}?tab={tab}&id={row.pk}")


@require_POST
@permission_required(MAY_DECIDE, raise_exception=True)
def request_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Say yes."""
    return _decide(request, pk, step_approve)


@require_POST
@permission_required(MAY_DECIDE, raise_exception=True)
def request_refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Say no."""
    return _decide(request, pk, step_refuse)


def _find(user: User, pk: int) -> ApprovalRequest:
    return get_object_or_404(ApprovalRequest.objects.visible_to(user).with_page(), pk=pk)


def _page(
    request: HttpRequest,
    *,
    wanted: ApprovalRequest | None = None,
    form: DecideForm | None = None,
    status: int = 200,
) -> HttpResponse:
    page = inbox_page(signed_in(request.user), request.GET, wanted)
    if form is None and page.selected is not None:
        form = DecideForm(initial={"next": page.selected.next_pk})
    return render_partial(
        request,
        "approvals/inbox.html",
        {"inbox": page, "selected": page.selected, "form": form, "hx_target": "#inbox"},
        partial="room",
        status=status,
    )


def _decide(request: HttpRequest, pk: int, service: Callable[..., ApprovalRequest]) -> HttpResponse:
    """Carry out a verdict and go to the next request; on a mistake, the same page with what was
    typed."""
    user = signed_in(request.user)
    row = _find(user, pk)
    form = DecideForm(request.POST)
    if not form.is_valid():
        return _page(request, wanted=row, form=form, status=422)
    try:
        decided = service(request=row, actor=user, comment=form.cleaned_data["reason"])
    except NotAllowed:
        raise
    except DomainError as error:
        if isinstance(error, Conflict) and error.code == "approvals.decided_meanwhile":
            messages.error(request, str(error))
            return redirect("approvals:request_detail", pk=pk)
        form.add_error("reason" if error.field == "reason" else None, str(error))
        return _page(request, wanted=_find(user, pk), form=form, status=error.status)
    successor = _tell(request, decided, approved=service is step_approve)
    return _go_on(request, user, successor or form.cleaned_data["next"])


def _tell(request: HttpRequest, decided: ApprovalRequest, *, approved: bool) -> int | None:
    """Say what the verdict set in motion; the key of the request that took its place, if any."""
    facts = {
        "subject": decided.subject_text,
        "customer": str(decided.account.customer),
        "who": str(decided.requested_by),
    }
    successor = request_successor(decided)
    if decided.status == ApprovalRequest.Status.OPEN:
        text = _("Your step is approved. %(subject)s waits for the next one.")
        messages.success(request, text % facts)
    elif not approved:
        text = _("Refused: %(subject)s of %(customer)s. %(who)s has been told, with your reason.")
        messages.success(request, text % facts)
    elif successor is not None:
        text = _(
            "The figures of %(subject)s have changed since it was asked, so it stays held. "
            "A new request with the figures of now is below."
        )
        messages.warning(request, text % facts)
        return successor.pk
    else:
        text = _("Approved: %(subject)s of %(customer)s goes on. %(who)s has been told.")
        messages.success(request, text % facts)
    return None


def _go_on(request: HttpRequest, user: User, pk: int | None) -> HttpResponse:
    """To the list as it was, with the next request selected and the focus on it."""
    query = request.GET.copy()
    query.pop("id", None)
    if pk and ApprovalRequest.objects.visible_to(user).waiting().filter(pk=pk).exists():
        query["id"] = str(pk)
    return redirect(f"{reverse('approvals:inbox')}?{query.urlencode()}#selected")
