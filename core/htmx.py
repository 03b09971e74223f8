"""Answers to htmx: one URL serves the whole page or a named part of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

ToastLevel = Literal["success", "info", "warning", "error"]


def wants_partial(request: HttpRequest) -> bool:
    """Whether htmx asks for a part. A boosted link and a restored history entry want the page."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def render_partial(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    partial: str,
    partial_template: str = "",
    status: int = 200,
) -> HttpResponse:
    """`template` whole, or only its `{% partialdef partial %}` when htmx asks.

    A partial belongs to the template that defines it, not to those that extend it: name that one in
    `partial_template` when it is another (`generic/list.html`).
    Waiting messages travel with a part as toasts, since a part has no place for them.
    `Vary: HX-Request` keeps caches from giving one for the other.
    """
    part = wants_partial(request)
    name = f"{partial_template or template}#{partial}" if part else template
    response = render(request, name, dict(context or {}), status=status)
    if part:
        for message in messages.get_messages(request):
            hx_toast(response, str(message), _level(message.level_tag))
    patch_vary_headers(response, ["HX-Request"])
    return response


def hx_toast[R: HttpResponseBase](response: R, message: str, level: ToastLevel = "success") -> R:
    """Adds a toast to an htmx response. Several add up. Without htmx use the messages framework."""
    key = "af:toast"
    existing: list[dict[str, str]] = getattr(response, "_af_toasts", [])
    toasts = [*existing, {"message": message, "level": level}]
    response._af_toasts = toasts  # type: ignore[attr-defined]
    return trigger_client_event(response, key, {"toasts": toasts})


def hx_redirect(request: HttpRequest, url: str) -> HttpResponseBase:
    """A redirect that moves the whole page, for htmx and for plain requests alike."""
    if wants_partial(request):
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)


def _level(tag: str) -> ToastLevel:
    levels: dict[str, ToastLevel] = {"success": "success", "warning": "warning", "error": "error"}
    return levels.get(tag, "info")
