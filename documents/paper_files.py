"""Which paper somebody wants, and long ones made in the background and kept for a day.

A paper of a few hundred lines takes seconds to draw: longer than a page may take. It is then made
by a worker and kept in private media under a name that its content gives, so that nothing stale
can be handed out; views serve it after asking who may see the document.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from documents.models import Document, DocumentPaper
from documents.paper import paper_pdf
from documents.paper_words import Mark
from documents.printing import content_of, says_the_same

if TYPE_CHECKING:
    from documents.printing import Content

# Lines that are drawn while the reader waits: about three seconds of work.
LINES_AT_ONCE: Final = 150
FOLDER: Final = "papers"
KEPT: Final = timedelta(days=1)
# What a document that is worth nothing says of itself on every paper.
_STANDS: Final = {
    Document.Status.HELD: Mark.HELD,
    Document.Status.CANCELLED: Mark.CANCELLED,
    Document.Status.REFUSED: Mark.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One paper: what it says, how it is marked, and in which language."""

    content: Content
    marks: tuple[Mark, ...]
    edition: int
    language: str

    @property
    def is_long(self) -> bool:
        """Whether it takes longer to draw than a reader should wait."""
        return len(self.content["lines"]) > LINES_AT_ONCE

    @property
    def path(self) -> str:
        """Where its file is kept: another content, mark or language is another file."""
        told: list[Any] = [self.content, self.marks, self.edition, self.language]
        digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
        return f"{FOLDER}/{digest}.pdf"

    def pdf(self) -> bytes:
        """Draw it now."""
        return paper_pdf(
            self.content, marks=self.marks, edition=self.edition, language=self.language
        )


def wanted_now(document: Document, language: str) -> Wanted:
    """What anybody who sees the document may read: a copy of its final paper, or a draft.

    It is a draft, too, when the document says something else since it was printed.
    """
    content = content_of(document)
    paper = last_paper(document)
    stands = _STANDS.get(Document.Status(document.status))
    if paper is None or not says_the_same(paper.content, content):
        marks = (Mark.DRAFT, stands) if stands else (Mark.DRAFT,)
        return Wanted(content, marks, 1, language)
    return wanted_paper(document, paper, (Mark.COPY,), language)


def wanted_paper(
    document: Document, paper: DocumentPaper, marks: tuple[Mark, ...], language: str
) -> Wanted:
    """A final paper as it was printed; a document that fell since says so on it."""
    stands = _STANDS.get(Document.Status(document.status))
    return Wanted(paper.content, (*marks, stands) if stands else marks, paper.edition, language)


def wanted_held(document: Document, language: str) -> Wanted:
    """What the policy lets out of a document whose print is held: a marked paper."""
    return Wanted(content_of(document), (Mark.HELD,), 1, language)


def last_paper(document: Document) -> DocumentPaper | None:
    """The newest final paper."""
    return document.papers.order_by("-edition").first()


def is_outdated(document: Document) -> bool:
    """Whether the document was printed for good and says something else since."""
    paper = last_paper(document) if document.printed_on else None
    return paper is not None and not says_the_same(paper.content, content_of(document))


def wanted_of(document: Document, *, paper_id: int | None, mark: str, language: str) -> Wanted:
    """The paper that a task or an address names: a print (`paper_id`), a held one, or as it is.

    Raises DocumentPaper.DoesNotExist for a paper of another document.
    """
    if paper_id is not None:
        marks = (Mark.COPY,) if mark == Mark.COPY else ()
        return wanted_paper(document, document.papers.get(pk=paper_id), marks, language)
    return wanted_held(document, language) if mark == Mark.HELD else wanted_now(document, language)


def file_made(wanted: Wanted) -> bytes | None:
    """The file a worker made of it; None while there is none, or only the beginning of one."""
    if not default_storage.exists(wanted.path):
        return None
    with default_storage.open(wanted.path, "rb") as stored:
        content: bytes = stored.read()
    return content if content.rstrip().endswith(b"%%EOF") else None


def file_make(wanted: Wanted) -> None:
    """Draw it and keep the file, unless it is there; files of earlier days go."""
    _sweep()
    if file_made(wanted) is None:
        content = wanted.pdf()
        default_storage.delete(wanted.path)  # what a killed worker left
        default_storage.save(wanted.path, ContentFile(content))


def _sweep() -> None:
    if not default_storage.exists(FOLDER):
        return
    oldest = timezone.now() - KEPT
    for name in default_storage.listdir(FOLDER)[1]:
        path = f"{FOLDER}/{name}"
        try:
            if default_storage.get_modified_time(path) < oldest:
                default_storage.delete(path)
        except FileNotFoundError:
            continue  # another worker took it away
