"""Plain text tables: finds the encoding and the delimiter, then reads records."""

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import Final

from bot.errors import UserError
from bot.roster.problems import refusal
from bot.roster.table import HEADER_WITHIN, NO_FLAWS, Record, clean, find_header, text_flaw

DELIMITERS: Final = (",", "\t", ";")

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(content: bytes) -> str:
    """The text of the file: by its byte order mark, else strict UTF-8, else GB18030.

    Raises UserError when none fits. A NUL never stands in a text, only in a picture or in UTF-16 without a mark.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            candidates: tuple[str, ...] = (encoding,)
            break
    else:
        candidates = ("utf-8", "gb18030")
    for encoding in candidates:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise refusal("encoding")


def read_records(text: str) -> list[Record]:
    """Raises UserError naming the line when the quotes do not pair up.

    A record's number counts records, as a spreadsheet does: a line break inside quotes starts no new row.
    """
    delimiter = max(DELIMITERS, key=lambda candidate: find_header(_first(text, candidate))[1])
    return list(_records(text, delimiter))


def _first(text: str, delimiter: str) -> list[Record]:
    try:
        return list(islice(_records(text, delimiter), HEADER_WITHIN))
    except UserError:
        return []


def _records(text: str, delimiter: str) -> Iterator[Record]:
    # Strict: a quote that is never closed would swallow the rest of the file without a word.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = [clean(cell) for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            raise refusal("quotes", row=number) from error
        flaws = {i: flaw for i, cell in enumerate(cells) if (flaw := text_flaw(cell)) is not None}
        yield Record(number, cells, flaws or NO_FLAWS)
