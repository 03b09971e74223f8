"""Importing a history, page by page: upload, choose the columns, check, import, watch."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh
from django_tables2 import RequestConfig

from core.errors import DomainError, NotAllowed
from core.importing import Problem, ReadError
from core.models import Company
from core.numerals import format_decimal
from core.views import signed_in
from ledger.forms import ColumnsForm, UploadForm
from ledger.import_texts import problem_text
from ledger.models import ImportRun
from ledger.services.imports import (
    ImportSettings,
    import_commit,
    import_discard,
    import_preview,
    import_resume,
    import_upload,
    is_worked_on,
    run_sample,
)
from ledger.services.profiles import profile_save
from ledger.tables import ImportTable

if TYPE_CHECKING:
    from django.http import HttpRequest

    from core.models import User

Status = ImportRun.Status
may_import = permission_required("ledger.import_history", raise_exception=True)


def runs_visible(user: User) -> QuerySet[ImportRun]:
    """Imports into ledgers of the user's companies."""
    runs = ImportRun.objects.select_related("company", "profile", "started_by")
    return runs if user.is_superuser else runs.filter(company__in=user.companies.all())


def _companies(user: User) -> QuerySet[Company]:
    companies = Company.objects.filter(is_active=True)
    return companies if user.is_superuser else companies.filter(users=user)


def _run_or_404(request: HttpRequest, pk: int) -> ImportRun:
    return get_object_or_404(runs_visible(signed_in(request.user)), pk=pk)


@require_safe
@may_import
def import_list(request: HttpRequest) -> HttpResponse:
    """All imports, newest first."""
    table = ImportTable(runs_visible(signed_in(request.user)))
    table.empty_text = _(
        "A history of invoices and payments shows how customers pay, and opens their ledger here."
    )
    table.empty_url = reverse("ledger:import_create")
    table.empty_action = _("Import a history")
    RequestConfig(request, paginate={"per_page": 50}).configure(table)
    return render(request, "ledger/import_list.html", {"title": _("Imports"), "table": table})


@require_http_methods(["GET", "POST"])
@may_import
def import_create(request: HttpRequest) -> HttpResponse:
    """Take a file in. With a profile it is checked at once, without one its columns are asked."""
    user = signed_in(request.user)
    form = UploadForm(request.POST or None, request.FILES or None, companies=_companies(user))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            run = import_upload(
                company=values["company"],
                file=values["file"],
                name=values["file"].name,
                profile=values["profile"],
                actor=user,
            )
            if values["profile"] is None:
                return redirect("ledger:import_columns", run.pk)
            import_preview(run=run, profile=values["profile"], actor=user)
        except NotAllowed:
            raise
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return redirect("ledger:import_detail", run.pk)
    context = {
        "form": form,
        "title": _("Import a history"),
        "submit_label": _("Upload"),
        "cancel_url": reverse("ledger:import_list"),
    }
    return render(request, "ledger/import_create.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@may_import
def import_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose which column holds what; saved as a profile when it gets a name; then checked."""
    user = signed_in(request.user)
    run = _run_or_404(request, pk)
    if run.status not in {Status.UPLOADED, Status.PREVIEWED, Status.FAILED}:
        return redirect("ledger:import_detail", run.pk)
    settings = ImportSettings.from_json(run.settings_used)
    try:
        sample = run_sample(run)
    except ReadError as error:
        messages.error(request, str(error))
        return redirect("ledger:import_detail", run.pk)
    form = ColumnsForm(
        request.POST if request.method == "POST" else None,
        headings=sample.headings,
        settings=settings,
        is_csv=not run.stored_path.endswith(".xlsx"),
    )
    if request.method == "POST" and form.is_valid():
        chosen = form.to_settings()
        name = form.cleaned_data["profile_name"]
        try:
            profile = profile_save(name=name, settings=chosen, actor=user) if name else None
            import_preview(run=run, settings=chosen, profile=profile, actor=user)
        except NotAllowed:
            raise
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return redirect("ledger:import_detail", run.pk)
    context = {"run": run, "form": form, "sample": sample}
    return render(
        request, "ledger/import_columns.html", context, status=422 if form.errors else 200
    )


@require_safe
@may_import
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Where an import stands: what the file holds, what is wrong, what was done."""
    run = _run_or_404(request, pk)
    return render(request, "ledger/import_detail.html", _context(run))


@require_safe
@may_import
def import_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress bar, asked for again and again while a worker is busy; then the whole page."""
    run = _run_or_404(request, pk)
    if run.status not in {Status.CHECKING, Status.RUNNING}:
        if request.headers.get("HX-Request") == "true":
            return HttpResponseClientRefresh()
        return redirect("ledger:import_detail", run.pk)
    return render(request, "ledger/import_detail.html#progress", _context(run))


def _context(run: ImportRun) -> dict[str, Any]:
    problems = [Problem.from_json(data) for data in run.row_errors]
    notices = [Problem.from_json(data) for data in run.totals.get("notices", [])]
    busy = run.status in {Status.CHECKING, Status.RUNNING}
    return {
        "run": run,
        "busy": busy,
        "stuck": busy and not is_worked_on(run.pk),
        "percent": min(100, run.rows_done * 100 // run.rows_total) if run.rows_total else 0,
        "tiles": _tiles(run),
        "sums": _sums(run.totals),
        "problems": [(problem, problem_text(problem)) for problem in problems],
        "hidden_problems": max(run.error_count - len(problems), 0),
        "notices": [(problem, problem_text(problem)) for problem in notices],
        "hidden_notices": max(run.totals.get("notice_count", 0) - len(notices), 0),
        "can_commit": run.status == Status.PREVIEWED and not run.error_count,
        "has_news": any(
            run.totals.get(key) for key in ("entries_new", "payments_new", "disputes_changed")
        ),
        "can_change": run.status in {Status.UPLOADED, Status.PREVIEWED, Status.FAILED},
    }


def _tiles(run: ImportRun) -> list[dict[str, Any]]:
    """What the file holds, and what of it is new."""
    totals = run.totals
    if "entries" not in totals:
        return []
    done = run.status == Status.DONE

    def count(key: str) -> str:
        return format_decimal(Decimal(totals.get(key, 0)), 0)

    return [
        {"label": _("Rows"), "text": count("rows_in_file")},
        {
            "label": _("Customers"),
            "text": count("customers"),
            "note": _("%(count)s new") % {"count": count("customers_new")},
        },
        {
            "label": _("Documents"),
            "text": count("entries"),
            "note": _("%(new)s new, %(known)s already there")
            % {"new": count("entries_new"), "known": count("entries_known")},
        },
        {
            "label": _("Payments added") if done else _("Payments to add"),
            "text": count("payments_new"),
            "note": _("%(count)s of known documents") % {"count": count("items_paid")},
        },
        {"label": _("Disputes changed"), "text": count("disputes_changed")},
    ]


def _sums(totals: dict[str, Any]) -> list[dict[str, Any]]:
    names = ("amount", "debit", "credit", "amount_new", "payments")
    return [
        {"currency": currency} | {name: Decimal(sums[name]) for name in names}
        for currency, sums in totals.get("currencies", {}).items()
    ]


def _command(request: HttpRequest, pk: int, command: Any) -> tuple[ImportRun, bool]:
    """Run a command on the run; a refusal becomes a message. Returns whether it went through."""
    run = _run_or_404(request, pk)
    try:
        command(run=run, actor=signed_in(request.user))
    except NotAllowed:
        raise
    except DomainError as error:
        messages.error(request, str(error))
        return run, False
    return run, True


@require_POST
@may_import
def import_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Check the file again, with the columns as they were chosen."""
    run, _done = _command(request, pk, import_preview)
    return redirect("ledger:import_detail", run.pk)


@require_POST
@may_import
def import_commit_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Import the checked file."""
    run, done = _command(request, pk, import_commit)
    run.refresh_from_db()
    if done and run.status == Status.DONE:
        messages.success(request, _("%(file)s was imported.") % {"file": run.file_name})
    return redirect("ledger:import_detail", run.pk)


@require_POST
@may_import
def import_resume_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Take up a run that a lost worker left behind."""
    run, _done = _command(request, pk, import_resume)
    return redirect("ledger:import_detail", run.pk)


@require_POST
@may_import
def import_discard_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a file that was not imported."""
    run, done = _command(request, pk, import_discard)
    if not done:
        return redirect("ledger:import_detail", run.pk)
    messages.success(request, _("%(file)s was discarded.") % {"file": run.file_name})
    return redirect("ledger:import_list")
