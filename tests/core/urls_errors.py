"""The site's URLs and a few views that end in errors, for the tests of the middleware."""

from __future__ import annotations

from django.urls import path

from config.urls import urlpatterns as site
from core.errors import Busy, Conflict, Invalid, NotAllowed

ERRORS = {
    "conflict": Conflict("test.conflict", "%(who)s was faster.", params={"who": "Aldo"}),
    "busy": Busy("test.busy", "Try again in a moment."),
    "forbidden": NotAllowed("test.forbidden", "You may not."),
    "invalid": Invalid("test.invalid", "Wrong <b>figure</b>."),
    "bug": ZeroDivisionError("a real bug"),
}


def failing(_request, kind):
    raise ERRORS[kind]


urlpatterns = [*site, path("failing/<slug:kind>/", failing)]
