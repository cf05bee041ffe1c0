"""From records, however they were stored, to one table: finds the header, skips what is no member."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Final

from bot.roster.columns import REQUIRED, fields_in
from bot.roster.problems import Note, note, refusal

MAX_ROWS: Final = 20_000
MAX_COLUMNS: Final = 100
HEADER_WITHIN: Final = 20
"""The header is among the first rows of a sheet; a title may stand above it."""

_INVISIBLE = "\ufeff\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060"
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:\.\d+)?[eE]\+\d+")
_TOTAL = re.compile(r"(?:合计|总计|共计|小计|总人数|grandtotal|total)\W*\d*[人名]?")


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why the text of a cell cannot be trusted: the last word of its problem key, and what the cell shows."""

    name: str
    value: str


NO_FLAWS: Final[Mapping[int, Flaw]] = {}


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the file, its cells as trimmed text; `flaws` by position in `cells`."""

    number: int
    cells: list[str]
    flaws: Mapping[int, Flaw] = field(default_factory=lambda: NO_FLAWS)


@dataclass(frozen=True, slots=True)
class Table:
    """A header and the rows below it that hold anything. `flaws` is by row number, then by position."""

    header_row_number: int
    header: list[str]
    rows: list[tuple[int, list[str]]]
    flaws: Mapping[int, Mapping[int, Flaw]]
    notes: list[Note]


def clean(text: str) -> str:
    """Text without the blanks and invisible marks around it; what is inside stays as it was written."""
    return text.strip().strip(_INVISIBLE).strip()


def text_flaw(text: str) -> Flaw | None:
    """A number that a spreadsheet shortened, like 1.38E+10: its last digits are gone."""
    return Flaw("number", text) if "+" in text and _SCIENTIFIC.fullmatch(text) else None


def find_header(records: Iterable[Record]) -> tuple[int, int]:
    """Position of the header among the first records, and how well it fits (0: there is none)."""
    best, best_score = 0, 0
    for position, record in enumerate(islice(records, HEADER_WITHIN)):
        fields = fields_in(record.cells)
        score = len(fields) + (100 if fields.issuperset(REQUIRED) else 0)
        if score > best_score:
            best, best_score = position, score
    return best, best_score


def has_all_required(score: int) -> bool:
    """Whether a score of `find_header` means that every required column is there."""
    return score >= 100


def build_table(records: Iterable[Record], notes: Sequence[Note] = ()) -> Table:
    """Raises UserError when there is no header, or the table is longer or wider than a roster may be."""
    stream = iter(records)
    first = list(islice(stream, HEADER_WITHIN + 1))
    position, score = find_header(first)
    if not score:
        raise refusal("no_header") if any(any(record.cells) for record in first) else refusal("empty")
    head = first[position]
    header, body = _join_second_line(head.cells, first[position + 1 :])
    rows: list[tuple[int, list[str]]] = []
    flaws: dict[int, Mapping[int, Flaw]] = {}
    for record in _filled(chain(body, stream)):
        if len(rows) == MAX_ROWS:
            raise refusal("too_many_rows", limit=MAX_ROWS)
        rows.append((record.number, record.cells))
        if record.flaws:
            flaws[record.number] = record.flaws
    found = list(notes)
    if any(any(record.cells) for record in first[:position]):
        found.append(note("above_header", row=head.number))
    while rows and _is_total(rows[-1][1]):
        number, _ = rows.pop()
        flaws.pop(number, None)
        found.append(note("total_row", row=number))
    return Table(head.number, header, rows, flaws, found)


def _filled(records: Iterable[Record]) -> Iterator[Record]:
    for record in records:
        if len(record.cells) > MAX_COLUMNS:
            raise refusal("too_many_columns", limit=MAX_COLUMNS, row=record.number)
        if any(record.cells) or record.flaws:
            yield record


def _join_second_line(header: list[str], below: list[Record]) -> tuple[list[str], list[Record]]:
    """A header of two lines (联系方式 over 手机 and 邮箱, the other cells merged): the lower name counts.

    The second line is one when it names a further field and leaves every field of the first line blank.
    """
    if not below:
        return header, below
    second = below[0].cells
    upper = fields_in(header)
    lower = fields_in(second)
    width = max(len(header), len(second))
    top = header + [""] * (width - len(header))
    bottom = second + [""] * (width - len(second))
    under_fields = [low for high, low in zip(top, bottom, strict=True) if high and fields_in([high])]
    if not lower or lower & upper or any(under_fields):
        return header, below
    return [low or high for high, low in zip(top, bottom, strict=True)], below[1:]


def _is_total(cells: Sequence[str]) -> bool:
    label = next((cell for cell in cells if cell), "")
    return _TOTAL.fullmatch("".join(unicodedata.normalize("NFKC", label).casefold().split())) is not None
