"""PDFs from our own HTML and style sheets, by WeasyPrint. Nothing is fetched from a network.

WeasyPrint draws with the Pango library of the system. It is loaded with the first PDF only: that
takes about a second, and everything else works without it.
"""

from __future__ import annotations

import ctypes
from http import HTTPStatus
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

import structlog
from django.contrib.staticfiles import finders
from django.core.checks import CheckMessage, Warning
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.apps import AppConfig

log = structlog.get_logger(__name__)

# Paths of pictures in private media begin with this in our HTML, such as media:companies/1/a.png.
MEDIA: Final = "media:"
# What has to be there, each by its names on Linux, macOS and Windows.
LIBRARIES: Final = (
    ("libpango-1.0.so.0", "libpango-1.0.dylib", "libpango-1.0-0.dll"),
    ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib", "libpangoft2-1.0-0.dll"),
)
REMEDY: Final = (
    "Debian, Ubuntu: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; "
    "macOS: brew install pango."
)


class PdfUnavailable(DomainError):
    """This server cannot make PDFs."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


def pdf_render(*, html: str, stylesheet: str) -> bytes:
    """The HTML as a PDF. `stylesheet` is the path of a static file, such as "css/paper.css".

    Pictures come from private media (`media:` and the path there), fonts from the static files
    that the style sheet names. Raises PdfUnavailable where the Pango library is missing.
    """
    weasyprint = _weasyprint()
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    fetcher = _fetcher()
    path = finders.find(stylesheet)
    if not isinstance(path, str):
        msg = f"there is no static file {stylesheet}"
        raise LookupError(msg)
    css = weasyprint.CSS(filename=path, font_config=fonts, url_fetcher=fetcher)
    document = weasyprint.HTML(string=html, base_url="media:", url_fetcher=fetcher)
    result: bytes = document.write_pdf(stylesheets=[css], font_config=fonts)
    return result


def _weasyprint() -> Any:
    try:
        import weasyprint
    except OSError as error:
        log.error("pdf_library_missing", error=str(error))
        raise PdfUnavailable(
            "core.pdf_unavailable",
            _(
                "This server cannot make PDFs: the Pango library is missing. "
                "An administrator can install it; nothing else is affected."
            ),
        ) from error
    return weasyprint


def _fetcher() -> Any:
    """Reads what a paper needs from our own files, and refuses everything else."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnFiles(URLFetcher):  # type: ignore[misc]  # the package has no types
        def fetch(self, url: str, headers: Any = None) -> Any:
            """The file behind one of our addresses."""
            kind, _encoding = guess_type(url)
            return URLFetcherResponse(
                url, body=own_file(url), headers={"Content-Type": kind or "font/woff2"}
            )

    return OwnFiles()


def own_file(url: str) -> bytes:
    """The content of a picture in private media or of a static file; ValueError for all else."""
    if url.startswith(MEDIA):
        with default_storage.open(url.removeprefix(MEDIA), "rb") as stored:
            content: bytes = stored.read()
            return content
    parts = urlsplit(url)
    path = Path(unquote(parts.path)).resolve()
    if parts.scheme != "file" or not any(path.is_relative_to(root) for root in _static_roots()):
        msg = f"not a file of ours: {url}"
        raise ValueError(msg)
    return path.read_bytes()


def _static_roots() -> list[Path]:
    return [
        Path(storage.location).resolve()
        for finder in finders.get_finders()
        for storage in getattr(finder, "storages", {}).values()
    ]


def missing_libraries(libraries: Sequence[Sequence[str]] = LIBRARIES) -> list[str]:
    """The libraries of the system that are not there, each by its first name."""
    return [names[0] for names in libraries if not any(_loads(name) for name in names)]


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def check_pdf(app_configs: Sequence[AppConfig] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """Whether PDFs can be made here. A warning: all else works without them."""
    missing = missing_libraries()
    if not missing:
        return []
    return [
        Warning(
            f"PDFs cannot be made on this machine: {', '.join(missing)} is missing.",
            hint=REMEDY,
            id="core.W003",
        )
    ]
