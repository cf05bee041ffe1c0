"""An .xlsx workbook, already checked, to the records of the first visible sheet that has a header."""

import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from io import BytesIO
from itertools import islice
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from bot.errors import UserError
from bot.roster.formulas import sheet_part, without_value
from bot.roster.problems import Note, note, refusal
from bot.roster.table import (
    HEADER_WITHIN,
    MAX_COLUMNS,
    NO_FLAWS,
    Flaw,
    Record,
    Table,
    build_table,
    clean,
    find_header,
    has_all_required,
    text_flaw,
)

EXACT_DIGITS: Final = 15
"""A spreadsheet keeps this many digits of a number; the rest become zeros."""
LAST_ROW: Final = 1_048_576

_ZERO_PADDED = re.compile(r"0{2,}")


def read_workbook(content: bytes, archive: zipfile.ZipFile) -> Table:
    """Stored values only, nothing is computed. Raises UserError for a workbook that is damaged or too large."""
    # Its warnings are about styles and extensions that a roster has no use for.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
            try:
                return _read(book, archive)
            finally:
                book.close()
        except UserError:
            raise
        except Exception as error:  # a damaged part comes out as almost any error of the libraries
            raise refusal("broken") from error


def _read(book: Workbook, archive: zipfile.ZipFile) -> Table:
    # Untyped: the published types know nothing of the sheets of a read-only workbook.
    visible: list[Any] = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    best: Any = None
    best_score = -1
    for sheet in visible:
        sheet.reset_dimensions()  # what a sheet says of its own size is not to be trusted
        score = find_header(_records(islice(_rows(sheet), HEADER_WITHIN), set()))[1]
        if score > best_score:
            best, best_score = sheet, score
        if has_all_required(score):
            break
    if best is None:
        raise refusal("empty")
    part = sheet_part(archive, best.title)
    if part is None:
        raise refusal("broken")
    return build_table(_records(_rows(best), without_value(archive, part)), _notes(book, best.title))


def _notes(book: Workbook, chosen: str) -> list[Note]:
    others = [title for title in book.sheetnames if title != chosen]
    return [note("other_sheets", sheet=chosen, others="、".join(others))] if others else []


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    # A last row is given, else one row numbered in the billions would be padded with as many blank ones.
    yield from sheet.iter_rows(max_row=LAST_ROW)


def _records(rows: Iterable[tuple[Any, ...]], uncomputed: set[tuple[int, int]]) -> Iterator[Record]:
    for number, cells in enumerate(rows, start=1):
        if len(cells) > MAX_COLUMNS:
            raise refusal("too_many_columns", limit=MAX_COLUMNS, row=number)
        texts: list[str] = []
        flaws: dict[int, Flaw] = {}
        for position, cell in enumerate(cells):
            text, flaw = _read_cell(cell)
            if (number, position + 1) in uncomputed:
                flaw = Flaw("formula", "")
            if flaw is not None:
                flaws[position] = flaw
            texts.append(text)
        yield Record(number, texts, flaws or NO_FLAWS)


def _read_cell(cell: Any) -> tuple[str, Flaw | None]:
    value = cell.value
    if value is None:
        return "", None
    if isinstance(value, str):
        text = clean(value)
        return text, Flaw("cell_error", text) if cell.data_type == "e" else text_flaw(text)
    if isinstance(value, bool):
        return str(value).upper(), None
    text = str(value)
    if isinstance(value, int):
        return text, Flaw("number", text) if _is_inexact(text, cell.number_format) else None
    # A roster has texts only: a fraction or a date is what the spreadsheet made of one.
    return text, Flaw("date" if isinstance(value, date | time | timedelta) else "number", text)


def _is_inexact(digits: str, number_format: str) -> bool:
    """Too long to have been kept, or shown with leading zeros that are not stored."""
    padded = _ZERO_PADDED.fullmatch(number_format) is not None and len(number_format) > len(digits)
    return padded or len(digits.lstrip("-")) > EXACT_DIGITS
