"""What the lists of the ledger share: the results alone for htmx, downloads, one company."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_tables2 import RequestConfig

from core.clock import today
from core.exporting import export_answer, export_links
from core.htmx import render_partial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

type Export = Callable[[Any], tuple[list[str], Iterator[list[Any]]]]


def one_company(chosen: Any, table: Any) -> None:
    """With one company, neither the column nor its filter tells anybody anything."""
    if len(chosen.filters["company"].queryset[:2]) < 2:
        table.exclude = ("company",)
        del chosen.form.fields["company"]


def listed(
    request: HttpRequest,
    *,
    title: str,
    chosen: Any,
    table: Any,
    template: str,
    name: str = "",
    export: Export | None = None,
    **more: Any,
) -> HttpResponseBase:
    """The page of a filtered list, its results alone for htmx, or its download as `name`.

    `more` goes to the template.
    """
    one_company(chosen, table)
    RequestConfig(request).configure(table)
    context = {"title": title, "table": table, "filter": chosen, **more}
    if export is not None:
        answer = export_answer(request, f"{name}-{today()}", lambda: export(table))
        if answer is not None:
            return answer
        context["exports"] = export_links(request)
    return render_partial(request, template, context, partial="results")
