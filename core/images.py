"""Uploaded pictures: what we take as a logo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.db.models.fields.files import FieldFile

# Drawn pictures (SVG) can carry scripts and references to other files: not taken.
LOGO_ENDINGS: Final = ("png", "jpg", "jpeg")
LOGO_BYTES: Final = 1_048_576
# The first bytes of what we take: an ending alone proves nothing.
_STARTS: Final = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def picture_type(head: bytes) -> str:
    """The media type that the first bytes of a file speak for; empty for any we do not take."""
    return next((kind for start, kind in _STARTS.items() if head.startswith(start)), "")


def logo_check(file: FieldFile) -> None:
    """Raise ValidationError for a file that is too large or neither PNG nor JPEG."""
    if file.size > LOGO_BYTES:
        raise ValidationError(_("The picture is larger than 1 MB."), code="too_large")
    file.open("rb")
    head = file.read(16)
    file.seek(0)
    if not picture_type(head):
        raise ValidationError(_("Only PNG and JPEG pictures are taken."), code="not_a_picture")
