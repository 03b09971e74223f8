"""Per-request state: an id in audit and logs, the user's language, domain errors as answers."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit, urlunsplit

import structlog
from django.conf import settings
from django.shortcuts import render, resolve_url
from django.utils import translation
from django_htmx.http import HttpResponseClientRedirect

from core import events
from core.errors import DomainError
from core.htmx import hx_toast, wants_partial

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

type GetResponse = Callable[[HttpRequest], HttpResponse]

log = structlog.get_logger(__name__)

REQUEST_ID_HEADER = "X-Request-ID"


class RequestIdMiddleware:
    """Gives every request an id of our own making, in audit events, logs and the answer.

    An id sent by the client is ignored: it stands in the audit trail, so nobody may choose it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        identity = str(uuid.uuid4())
        token = events.request_id.set(identity)
        try:
            with structlog.contextvars.bound_contextvars(request_id=identity):
                response = self.get_response(request)
        finally:
            events.request_id.reset(token)
        response[REQUEST_ID_HEADER] = identity
        return response


class UserLanguageMiddleware:
    """Speaks the language the user chose; without a choice, the one LocaleMiddleware found."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = request.user.language if request.user.is_authenticated else ""
        if language:
            # Never undone here: a streamed answer is written after this returns, and the next
            # request starts with LocaleMiddleware.
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language() or language
        return self.get_response(request)


class WholeTextMiddleware:
    """Answers 400 to an address with a null character: no text holds one, nor can the database.

    Forms say so at their field; what a page reads straight from its address would break it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", ""):
            return render(request, "400.html", status=HTTPStatus.BAD_REQUEST)
        return self.get_response(request)


class SignInAgainMiddleware:
    """Sends the whole page to the sign-in when htmx asks for a part after the session has ended.

    Otherwise the sign-in form would appear inside the part. Afterwards the user is back on the
    page they were on, not on the part.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        login = resolve_url(settings.LOGIN_URL)
        location = response.headers.get("Location", "")
        if not wants_partial(request) or location.partition("?")[0] != login:
            return response
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
        back = urlunsplit(("", "", page.path or "/", page.query, ""))
        return HttpResponseClientRedirect(f"{login}?{urlencode({'next': back})}")


class DomainErrorMiddleware:
    """Answers a domain error that no view caught with its sentence and its status."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page of a DomainError; None (Django's own treatment) for anything else."""
        if not isinstance(exception, DomainError):
            return None
        log.info("domain_error", code=exception.code, path=request.path)
        context = {
            "message": str(exception),
            "code": exception.code,
            "status": exception.status,
        }
        template = "errors/domain_error.html"
        if wants_partial(request):
            response = render(request, f"{template}#error", context, status=exception.status)
            # The other statuses are swapped in where they belong; a 403 is only announced.
            if exception.status == HTTPStatus.FORBIDDEN:
                hx_toast(response, str(exception), "error")
            return response
        return render(request, template, context, status=exception.status)
