"""Taking a file in: stored, fingerprinted, looked into; nothing of it is in the ledger yet."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import BinaryIO, Final, cast

from django.conf import settings as site
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction

from core.importing import FileShape, ReadError, look_into, open_table, row_estimate
from core.importing.values import date_format_guess, decimal_mark_fitting, text_of
from core.models import Company, User
from core.permissions import require
from ledger.models import ImportProfile, ImportRun
from ledger.services.imports.fields import mapping_guess
from ledger.services.imports.settings import ImportSettings

SAMPLE_ROWS: Final = 500


@dataclass(frozen=True, slots=True)
class Sample:
    """What the first rows show: headings, some rows as text, and settings that seem to fit."""

    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]
    guess: ImportSettings


def import_upload(
    *,
    company: Company,
    file: BinaryIO | File[bytes],
    name: str,
    profile: ImportProfile | None = None,
    actor: User | None,
) -> ImportRun:
    """Store a file for import and find out what it is. Raises Invalid (ReadError), NotAllowed.

    With a profile the run has its settings at once; without one they are guessed from the headings
    and the first rows.
    """
    if actor is not None:
        require(actor, "ledger.import_history")
    most = site.AFFIDO_IMPORT_MAX_BYTES
    digest, size = hashlib.sha256(), 0
    while chunk := file.read(1 << 20):
        size += len(chunk)
        if size > most:
            raise ReadError("file_too_large", most=most // (1024 * 1024))
        digest.update(chunk)
    source = cast("BinaryIO", file)
    wanted = ImportSettings.of_profile(profile) if profile else ImportSettings()
    shape = look_into(source, encoding=wanted.encoding, delimiter=wanted.delimiter)
    found = wanted.of_shape(shape) if profile else file_sample(source, shape).guess
    rows = row_estimate(source, shape)
    source.seek(0)
    stored = default_storage.save(f"imports/{uuid.uuid4().hex}.{shape.kind}", File(source))
    with transaction.atomic():
        return ImportRun.objects.create(
            company=company,
            profile=profile,
            settings_used=found.as_json(),
            file_name=PurePath(name).name[-200:] or "file",
            stored_path=stored,
            sha256=digest.hexdigest(),
            rows_total=rows,
            started_by=actor,
        )


def shape_of(file: BinaryIO, settings: ImportSettings) -> FileShape:
    """What a file is under given settings. Raises ReadError."""
    shape = look_into(file, encoding=settings.encoding, delimiter=settings.delimiter)
    return replace(shape, sheet=settings.sheet)


def file_sample(file: BinaryIO, shape: FileShape, *, rows: int = SAMPLE_ROWS) -> Sample:
    """The headings and first rows of a file, with settings guessed from them. Raises ReadError."""
    cells: list[tuple[str, ...]] = []
    typed_dates: set[int] = set()
    with open_table(file, shape) as table:
        headings = table.headings
        for _number, row in table.rows:
            cells.append(tuple(_shown(cell) for cell in row[: len(headings)]))
            typed_dates |= {index for index, cell in enumerate(row) if hasattr(cell, "isoformat")}
            if len(cells) >= rows:
                break
    mapping = mapping_guess(headings)

    def column(field: str) -> list[str]:
        index = headings.index(mapping[field][0])
        return [] if index in typed_dates else [row[index] for row in cells if row[index]]

    dates = [
        text
        for field in ("invoice_date", "due_date", "settled_date")
        if field in mapping
        for text in column(field)
    ]
    guess = ImportSettings(
        mapping=mapping,
        date_format=date_format_guess(dates),
        decimal_separator=decimal_mark_fitting(column("amount")) if "amount" in mapping else ".",
    ).of_shape(shape)
    return Sample(headings, cells, guess)


def _shown(cell: object) -> str:
    try:
        return text_of(cell)  # type: ignore[arg-type]
    except ValueError:
        return "�"


def run_sample(run: ImportRun, *, rows: int = 8) -> Sample:
    """The first rows of a stored file under the run's settings. Raises ReadError."""
    with stored_file(run) as file:
        return file_sample(
            file, shape_of(file, ImportSettings.from_json(run.settings_used)), rows=rows
        )


def stored_file(run: ImportRun) -> BinaryIO:
    """The uploaded file, opened. Raises ReadError when it is gone."""
    try:
        return cast("BinaryIO", default_storage.open(run.stored_path, "rb"))
    except OSError as error:
        raise ReadError("file_gone") from error


def files_forget(paths: Iterable[str]) -> None:
    """Delete stored files; those already gone are fine."""
    for path in paths:
        if path:
            default_storage.delete(path)
