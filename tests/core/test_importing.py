"""Reading tables: what a file is, its rows, its cells, and what is said about bad ones."""

from __future__ import annotations

import datetime
import io
import random
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.importing import (
    CellError,
    FileShape,
    Problem,
    ReadError,
    look_into,
    open_table,
    row_estimate,
    tables,
)
from core.importing.values import (
    amount_of,
    date_format_guess,
    date_of,
    decimal_mark_fitting,
    flag_of,
    text_of,
    whole_of,
)


def read(data, **given):
    file = io.BytesIO(data)
    shape = look_into(file, **given)
    with open_table(file, shape) as table:
        return table.headings, list(table.rows)


def workbook(*rows, sheets=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title, state in sheets:
        book.create_sheet(title).sheet_state = state
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def failure(data, **given):
    with pytest.raises(ReadError) as caught:
        read(data, **given)
    return caught.value.problem


def test_a_plain_csv():
    headings, rows = read(b"a,b\n1,2\n\n3,\n")
    assert headings == ("a", "b")
    assert rows == [(2, ("1", "2")), (4, ("3", None))]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_separators_are_found_out(delimiter):
    data = delimiter.join(["name", "amount", "day"]) + "\n"
    data += delimiter.join(['"Rossi, Bianchi; Co"', '"1.234,50"', "1/2/2026"]) + "\n"
    assert look_into(io.BytesIO(data.encode())).delimiter == delimiter
    headings, rows = read(data.encode())
    assert len(headings) == 3
    assert rows[0][1][0] == "Rossi, Bianchi; Co"


def test_a_separator_hint_is_no_heading():
    assert read(b"sep=;\na;b\n1;2\n") == (("a", "b"), [(3, ("1", "2"))])


@pytest.mark.parametrize(
    ("encoding", "guessed"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("cp1252", "cp1252"), ("utf-16", "utf-16")],
)
def test_encodings_are_found_out(encoding, guessed):
    data = "città,prénom\nForlì,José\n".encode(encoding)
    assert look_into(io.BytesIO(data)).encoding == guessed
    assert read(data) == (("città", "prénom"), [(2, ("Forlì", "José"))])


def test_a_wrong_encoding_is_named_with_its_row():
    data = "città,b\n1,2\n".encode() + "è,3\n".encode("cp1252")
    problem = failure(data, encoding="utf-8")
    assert problem.code == "file_encoding"
    assert "UTF-8" in problem.text()
    assert failure(data, encoding="klingon").code == "file_encoding_unknown"


def test_rows_are_counted_as_an_editor_counts_them():
    _headings, rows = read(b'a,b\n"two\nlines",2\n3,4\n')
    assert rows == [(2, ("two\nlines", "2")), (4, ("3", "4"))]


def test_an_open_quotation_mark_swallows_nothing_silently():
    data = b'a,b\n1,2\n"3,4\n5,6\n'
    file = io.BytesIO(data)
    seen: list[object] = []
    with pytest.raises(ReadError) as caught, open_table(file, FileShape("csv")) as table:
        seen.extend(table.rows)
    assert seen == [(2, ("1", "2"))]
    assert caught.value.problem.code == "row_unreadable"
    assert caught.value.problem.row == 3


def test_a_row_keeps_what_lies_beyond_the_headings():
    assert read(b"a,b\n1,2,3\n1,2,,\n")[1] == [(2, ("1", "2", "3")), (3, ("1", "2"))]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b" \n\n ", "file_empty"),
        (b"\xef\xbb\xbf", "file_empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "file_old_excel"),
        (b"PK\x03\x04 but no archive", "file_broken"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "file_binary"),
        (b"a,b\n" + b",".join([b"x"] * 300), "file_too_many_columns"),
        (b",".join([b"x"] * 300), "file_too_many_columns"),
    ],
)
def test_what_is_no_table_says_so(data, code):
    assert failure(data).code == code


@pytest.mark.parametrize("seed", range(3))
def test_five_megabytes_of_garbage(seed):
    assert failure(random.Random(seed).randbytes(5_000_000)).code == "file_binary"


def test_garbage_without_control_characters_ends_in_a_clear_message():
    data = bytes(random.Random(1).choices(range(32, 256), k=500_000))
    with pytest.raises(ReadError):
        read(data)


def test_a_plain_workbook():
    data = workbook(
        ["Customer", "Amount", "Day"],
        ["0007", 12.5, datetime.date(2026, 1, 31)],
        [None, None, None],
        [7, 0.1 + 0.2, "2026-02-01"],
    )
    headings, rows = read(data)
    assert headings == ("Customer", "Amount", "Day")
    assert [number for number, _cells in rows] == [2, 4]
    assert [text_of(cells[0]) for _n, cells in rows] == ["0007", "7"]
    assert [amount_of(cells[1], ".") for _n, cells in rows] == [Decimal("12.50"), Decimal("0.30")]
    assert [date_of(cells[2], "%Y-%m-%d") for _n, cells in rows] == [
        datetime.date(2026, 1, 31),
        datetime.date(2026, 2, 1),
    ]


def test_a_workbook_without_rows_and_one_without_anything():
    assert read(workbook(["a", "b"])) == (("a", "b"), [])
    assert failure(workbook()).code == "file_empty"


def test_a_hidden_sheet_is_not_the_first_one():
    book = openpyxl.Workbook()
    book.active.append(["hidden"])
    book.active.sheet_state = "hidden"
    book.create_sheet("seen").append(["seen"])
    file = io.BytesIO()
    book.save(file)
    assert read(file.getvalue()) == (("seen",), [])


def test_an_archive_that_is_no_workbook():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("letter.txt", "hello")
    assert failure(file.getvalue()).code == "file_binary"


def test_a_workbook_cut_in_half():
    data = workbook(*[["a", "b"]] * 50)
    assert failure(data[: len(data) // 2]).code == "file_broken"


def test_a_workbook_that_swells_is_refused_before_it_is_unpacked(monkeypatch):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"<row/>" * 500_000)
    data = file.getvalue()
    assert len(data) < 20_000
    monkeypatch.setattr(tables, "MAX_UNPACKED_BYTES", 1024 * 1024)
    problem = failure(data)
    assert problem.code == "file_unpacks_too_large"
    assert "1 MB" in problem.text()


def test_rows_are_estimated_for_progress():
    data = b"a\n" + b"1\n" * 1000
    assert row_estimate(io.BytesIO(data), FileShape("csv")) == 1000
    assert row_estimate(io.BytesIO(workbook(*[["a"]] * 50)), FileShape("xlsx")) >= 1


def test_reading_streams(monkeypatch):
    """The first rows are there before the last line has been read."""
    file = io.BytesIO(b"a,b\n" + b"1,2\n" * 500_000)
    with open_table(file, FileShape("csv")) as table:
        assert next(table.rows) == (2, ("1", "2"))
        assert file.tell() < 100_000


# --- cells ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "mark", "amount"),
    [
        ("1234.5", ".", "1234.50"),
        ("1,234.50", ".", "1234.50"),
        ("1.234,50", ",", "1234.50"),
        ("1 234,50", ",", "1234.50"),
        ("1\u202f234,50", ",", "1234.50"),
        ("1'234.50", ".", "1234.50"),
        ("-5", ".", "-5.00"),
        ("\u22125.00", ".", "-5.00"),
        ("5.00-", ".", "-5.00"),
        ("(5.00)", ".", "-5.00"),
        (".5", ".", "0.50"),
        ("5.", ".", "5.00"),
        ("59.900", ".", "59.90"),
        ("1.234.567", ",", "1234567.00"),
        (7, ".", "7.00"),
        (97.6, ".", "97.60"),
        (Decimal("1.10"), ".", "1.10"),
    ],
)
def test_amounts(cell, mark, amount):
    assert amount_of(cell, mark) == Decimal(amount)


@pytest.mark.parametrize(
    ("cell", "mark", "code"),
    [
        ("12,50", ".", "cell_amount"),
        ("12.50", ",", "cell_amount"),
        ("1.23.456", ",", "cell_amount"),
        ("12 34", ".", "cell_amount"),
        ("abc", ".", "cell_amount"),
        ("1e5", ".", "cell_amount"),
        (".", ".", "cell_amount"),
        ("--5", ".", "cell_amount"),
        ("٥", ".", "cell_amount"),
        (True, ".", "cell_amount"),
        (float("nan"), ".", "cell_amount"),
        (float("inf"), ".", "cell_amount"),
        ("1.005", ".", "cell_decimals"),
        (1.005, ".", "cell_decimals"),
        ("10000000000000", ".", "cell_large"),
        ("1" * 500, ".", "cell_large"),
    ],
)
def test_what_is_no_amount(cell, mark, code):
    with pytest.raises(CellError) as caught:
        amount_of(cell, mark)
    assert caught.value.code == code
    assert "%(" not in Problem(code, 1, "x", caught.value.params).text()


@given(st.decimals("-9999999999999.99", "9999999999999.99", places=2), st.sampled_from(".,"))
def test_every_amount_written_plainly_is_read_to_the_cent(amount, mark):
    assert amount_of(f"{amount:f}".replace(".", mark), mark) == amount


@given(st.text(max_size=20), st.sampled_from(".,"))
def test_no_text_breaks_the_reader_of_amounts(text, mark):
    try:
        amount = amount_of(text, mark)
    except CellError:
        return
    assert amount is None or amount == amount.quantize(Decimal("0.01"))


def test_dates():
    assert date_of("1/15/2013", "%m/%d/%Y") == datetime.date(2013, 1, 15)
    assert date_of(
        datetime.datetime(2013, 1, 15, 8, tzinfo=datetime.UTC), "%m/%d/%Y"
    ) == datetime.date(2013, 1, 15)
    assert date_of("  ", "%m/%d/%Y") is None
    for cell, code in (
        ("15/1/2013", "cell_date"),
        ("2/30/2013", "cell_date"),
        (41289, "cell_date"),
        ("1/15/0013", "cell_year"),
        (datetime.date(1899, 12, 30), "cell_year"),
    ):
        with pytest.raises(CellError) as caught:
            date_of(cell, "%m/%d/%Y")
        assert caught.value.code == code, cell


@pytest.mark.parametrize(
    ("texts", "pattern"),
    [
        (["3/4/2013", "31/12/2013"], "%d/%m/%Y"),
        (["3/4/2013", "12/31/2013"], "%m/%d/%Y"),
        (["31.12.2013", "30.11.2013", "tomorrow"], "%d.%m.%Y"),
        (["20131231"], "%Y%m%d"),
        (["3/4/13"], "%d/%m/%y"),
        (["soon"], "%Y-%m-%d"),
        ([], "%Y-%m-%d"),
    ],
)
def test_a_date_format_is_guessed_from_what_most_dates_allow(texts, pattern):
    assert date_format_guess(texts) == pattern


def test_a_decimal_mark_is_found_out():
    assert decimal_mark_fitting(["1.234,50", "3,10"]) == ","
    assert decimal_mark_fitting(["1,234.50", "3.10"]) == "."
    assert decimal_mark_fitting(["12", "13"]) == "."


def test_flags_and_whole_numbers_and_texts():
    assert [flag_of(c) for c in ("Yes", "sì", True, 1, "No", "0", "", None)] == [
        True,
        True,
        True,
        True,
        False,
        False,
        None,
        None,
    ]
    with pytest.raises(CellError):
        flag_of("maybe")
    assert whole_of("3", most=9) == 3
    for bad in ("0", "10", "x", "1.5"):
        with pytest.raises(CellError):
            whole_of(bad, most=9)
    assert text_of("  a\u00a0") == "a"
    assert text_of(12.0) == "12"
    for bad, code in (("a\x00b", "cell_control"), ("abcd", "cell_too_long")):
        with pytest.raises(CellError) as caught:
            text_of(bad, most=3)
        assert caught.value.code == code


def test_a_problem_survives_storage():
    problem = Problem("cell_date", 3, "Day", {"value": "x", "example": "2026-11-30"})
    stored = Problem.from_json(problem.as_json())
    assert stored == problem
    assert stored.text() == "“x” is not a date like 2026-11-30."
    assert Problem("unheard_of").text() == "unheard_of"
