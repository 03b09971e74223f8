"""Finding out what a file is: its kind, encoding, separator."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from typing import BinaryIO, Final

from core.importing.problems import ReadError
from core.importing.tables import FileShape, check_archive, python_encoding

DELIMITERS: Final = (",", ";", "\t", "|")
_CHUNK: Final = 1 << 20
_HEAD: Final = 1 << 16
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP: Final = b"PK\x03\x04"
# Control characters that no text file holds; tab, line ends and form feed are fine.
_CONTROLS: Final = bytes(set(range(32)) - {9, 10, 11, 12, 13, 26, 27})
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def look_into(file: BinaryIO, *, encoding: str = "", delimiter: str = "") -> FileShape:
    """What `file` is. A given encoding or delimiter is taken as said, an empty one is found out.

    Raises ReadError for a file that is empty or holds no table.
    """
    file.seek(0)
    head = file.read(_HEAD)
    if not head.strip():
        raise ReadError("file_empty")
    if head.startswith(_OLD_OFFICE):
        raise ReadError("file_old_excel")
    if head.startswith(_ZIP):
        check_archive(file)
        return FileShape("xlsx")
    has_mark = any(head.startswith(mark) for mark, _name in _MARKS)
    wide = encoding.lower().replace("-", "").startswith(("utf16", "utf32"))
    if not has_mark and not wide and _is_binary(head):
        raise ReadError("file_binary")
    encoding = encoding or _guess_encoding(file, head)
    codec = python_encoding(encoding)
    text = head.decode(codec, errors="replace")
    if not text.replace("\ufeff", "").strip():
        raise ReadError("file_empty")
    delimiter = delimiter or _guess_delimiter(text)
    return FileShape("csv", encoding, delimiter)


def _is_binary(head: bytes) -> bool:
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return b"\x00" in head or controls * 100 > len(head)


def _guess_encoding(file: BinaryIO, head: bytes) -> str:
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    for name in ("utf-8", "cp1252"):
        if _decodes(file, name):
            return name
    raise ReadError("file_encoding_unknown")


def _decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _guess_delimiter(text: str) -> str:
    """The separator that cuts the first lines into the most columns, alike in most lines."""
    lines = text.lstrip("\ufeff").splitlines()
    if len(lines) > 1:
        lines = lines[:-1]  # the last one may be cut short
    sample = "\n".join(lines[:50])
    if sample[:4].casefold() == "sep=" and len(sample) > 4:
        return sample[4]
    best, best_columns = ",", 1
    for candidate in DELIMITERS:
        try:
            widths = Counter(
                len(row) for row in csv.reader(io.StringIO(sample), delimiter=candidate) if row
            )
        except csv.Error:
            continue
        columns, lines_alike = max(widths.items(), key=lambda item: (item[1], item[0]))
        if columns > best_columns and lines_alike * 5 >= widths.total() * 3:
            best, best_columns = candidate, columns
    return best
