"""Writing an .xlsx file: plain tables in, bytes out. Slow for long tables, so it belongs into a thread."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, TypeGuard

Value = str | int

_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_UNFIT_IN_TITLES = re.compile(r"[\\*?:/\[\]]")


@dataclass(frozen=True, slots=True)
class Column:
    """`width` is in characters of the default font; a Chinese one takes two."""

    title: str
    width: int


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet of a workbook. Rows have a value for each column."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]


def workbook(tables: Sequence[Table]) -> bytes:
    """An .xlsx file with a sheet for each table, its header frozen.

    Every text is a text: what a spreadsheet would take for a formula is marked so that it stays one, in Excel and in
    whatever is made of the file later.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(_UNFIT_IN_TITLES.sub(" ", table.title)[:31])
        sheet.freeze_panes = "A2"
        for place, column in enumerate(table.columns, 1):
            sheet.column_dimensions[get_column_letter(place)].width = column.width
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{len(table.rows) + 1}"

        def text(value: str, *, bold: bool = False, sheet: Any = sheet) -> object:
            cell = WriteOnlyCell(sheet, value)
            cell.data_type = "s"
            if bold:
                cell.font = Font(bold=True)
            else:
                cell.quotePrefix = True
            return cell

        sheet.append([text(column.title, bold=True) for column in table.columns])
        for row in table.rows:
            sheet.append(
                [text(value) if _is_dangerous(value) else None if value == "" else value for value in map(_fit, row)]
            )
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _is_dangerous(value: Value) -> TypeGuard[str]:
    return isinstance(value, str) and value.startswith(_FORMULA)


def _fit(value: Value) -> Value:
    """Without the characters that no such file may hold."""
    return _UNFIT.sub(" ", value) if isinstance(value, str) else value
