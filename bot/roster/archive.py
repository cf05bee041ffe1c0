"""The checks that an .xlsx file passes before anything parses it: it is a zip of XML that a stranger made."""

import re
import zipfile
import zlib
from io import BytesIO
from typing import IO, Final
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from bot.roster.problems import refusal
from bot.roster.table import HEADER_WITHIN, MAX_ROWS

MAX_UNPACKED: Final = 50 * 1024 * 1024
MAX_PARTS: Final = 1_000
MAX_RATIO: Final = 200
RATIO_COUNTS_FROM: Final = 1024 * 1024
"""A small part may shrink as far as it likes; above this size, more than `MAX_RATIO` to 1 is no roster."""
MAX_ROW_ELEMENTS: Final = 100_000
"""Rows in all sheets, blank ones included: people format far below their data, but not a million rows."""
MAX_SHEET_TAGS: Final = 3_000_000
MAX_OTHER_TAGS: Final = 600_000
"""Tags in all sheets, and in the texts, styles and the rest that every sheet shares: parsing time is made of tags."""

_CONTENT_TYPES = "[Content_Types].xml"
_ROW = re.compile(rb"<(?:[\w.-]+:)?row[\s/>]")
_VALUE = re.compile(rb"<v[^>]*>[^<]|<is>")
_ENCRYPTED_ENTRY = 0x1


def open_archive(content: bytes) -> zipfile.ZipFile:
    """The checked workbook; the caller closes it.

    Raises UserError for anything but an unencrypted .xlsx workbook without macros, without a document type
    declaration and within the limits. zipfile never unpacks more than the directory of the archive
    announces, so the announced sizes are limits that a lie cannot pass.
    """
    try:
        archive = zipfile.ZipFile(BytesIO(content))
        _check_sizes(archive)
        _check_kind(archive)
        for info in archive.infolist():
            with archive.open(info) as part:
                _refuse_document_type(part)
        _check_amounts(archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, OSError, RuntimeError) as error:
        raise refusal("broken") from error
    return archive


def _check_sizes(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if any(part.flag_bits & _ENCRYPTED_ENTRY for part in parts):
        raise refusal("encrypted")
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise refusal("broken")
    swollen = any(
        part.file_size > RATIO_COUNTS_FROM and part.file_size > MAX_RATIO * max(part.compress_size, 1) for part in parts
    )
    if swollen or len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise refusal("unpacked_size", limit=MAX_UNPACKED // (1024 * 1024))


def _check_kind(archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    if _CONTENT_TYPES not in names:
        raise refusal("not_a_table")
    types = archive.read(_CONTENT_TYPES)
    if b"macroEnabled" in types or any(name.lower().endswith("vbaproject.bin") for name in names):
        raise refusal("macros")
    if b"spreadsheetml.sheet.main+xml" not in types and b"spreadsheetml.template.main+xml" not in types:
        raise refusal("not_a_table")


def _refuse_document_type(part: IO[bytes]) -> None:
    """A declaration can only stand before the first element: reading that far is enough."""
    try:
        next(iterparse(part, events=("start",), forbid_dtd=True), None)
    except DefusedXmlException as error:
        raise refusal("document_type") from error
    except ParseError:
        return  # a picture, or a part that will be refused when it is needed


def _check_amounts(archive: zipfile.ZipFile) -> None:
    """Counts in the bytes, which takes a fraction of the parsing that it spares; the reader counts exactly."""
    rows = sheet_tags = other_tags = 0
    filled: list[int] = []
    for info in archive.infolist():
        content = archive.read(info)
        if info.filename.startswith("xl/worksheets/") and info.filename.endswith(".xml"):
            sheet_tags += content.count(b"<")
            rows += sum(1 for _ in _ROW.finditer(content))
            filled.append(sum(1 for row in content.split(b"</row>") if _VALUE.search(row)))
        else:
            other_tags += content.count(b"<")
        if rows > MAX_ROW_ELEMENTS:
            raise refusal("blank_rows", limit=MAX_ROW_ELEMENTS)
    if filled and min(filled) > MAX_ROWS + HEADER_WITHIN:
        raise refusal("too_many_rows", limit=MAX_ROWS)
    if sheet_tags > MAX_SHEET_TAGS or other_tags > MAX_OTHER_TAGS:
        raise refusal("too_much_content")
