"""The day of the figures, as a page takes it from its address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError

from core import clock
from core.forms import AsOfField

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpRequest


def as_of_from(request: HttpRequest) -> tuple[date | None, str]:
    """The past day of `?as_of=` and what is wrong with it. None means today."""
    field = AsOfField(required=False)
    try:
        day: date | None = field.clean(request.GET.get("as_of", ""))
    except ValidationError as error:
        return None, " ".join(error.messages)
    return (day if day and day < clock.today() else None), ""
