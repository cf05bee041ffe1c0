"""A roster file to a table, whatever its name says: what it is shows in its first bytes."""

from pathlib import Path
from typing import Final

from bot.roster.archive import open_archive
from bot.roster.delimited import decode, read_records
from bot.roster.problems import refusal
from bot.roster.table import Table, build_table
from bot.roster.workbook import read_workbook

MAX_FILE: Final = 5 * 1024 * 1024

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf")
_MARKUP = ("<!doctype html", "<html", "<table", "<head", "<meta", "<body", "<div", "<?xml", "<!--", "mime-version:")


def read_table(path: Path) -> Table:
    """The table of an .xlsx workbook or of a text with `,`, `;` or tabs, recognised by content.

    Raises UserError with a key under `roster.problem.` when the file cannot be read: too large, encrypted,
    with macros, an old .xls, a web page, damaged, or without a header. Reads the file once.
    """
    content = _read_file(path)
    if not content.strip():
        raise refusal("empty")
    if content.startswith(_ZIP):
        with open_archive(content) as archive:
            return read_workbook(content, archive)
    if content.startswith(_OLE):
        raise _ole_refusal(content)
    if content.startswith(_OTHERS):
        raise refusal("not_a_table")
    text = decode(content)
    if text.lstrip()[:100].lower().startswith(_MARKUP):
        raise refusal("web_page")
    return build_table(read_records(text))


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE + 1)
    except OSError as error:
        raise refusal("no_file", path=str(path)) from error
    if len(content) > MAX_FILE:
        raise refusal("file_size", limit=MAX_FILE // (1024 * 1024))
    return content


def _ole_refusal(content: bytes) -> Exception:
    """The old container holds an encrypted .xlsx or an .xls; the names in its directory are UTF-16."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return refusal("encrypted")
    if any(name.encode("utf-16-le") in content for name in ("Workbook", "Book")):
        return refusal("old_excel")
    return refusal("not_a_table")
