"""What a file is: by its first bytes and by its name, and both have to agree.

Only what people send each other in an office is known. Of a zip the names in its directory are read and nothing is
unpacked, so what it would unpack to does not matter.
"""

import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import Literal

from bot.rules.file_names import split_ending

Shown = Literal["image", "voice", "video", "file"]

MEGABYTE = 1024 * 1024
LARGEST_SHOWN: Mapping[Shown, int] = {"image": 10 * MEGABYTE, "voice": 2 * MEGABYTE, "video": 10 * MEGABYTE}
"""Bytes that WeCom shows as what it is; more goes as a plain file."""
MOST_NAMES, MOST_DIRECTORY_BYTES = 10_000, 4 * MEGABYTE
"""Of a zip's directory. Documents have some dozens of parts."""


@dataclass(frozen=True, slots=True)
class FileType:
    """`ending` is the one that its name gets; `shown` is how phones and pages show it."""

    ending: str
    shown: Shown
    mime: str


class Wrong(StrEnum):
    """Why a file is not taken."""

    UNKNOWN = "unknown"
    """No type of ours."""
    DISGUISED = "disguised"
    """Its name says something else than its content."""
    MACROS = "macros"
    OLD = "old"
    """A document of Office before 2007, or one with a password: both look alike from outside."""
    BROKEN = "broken"
    EMPTY = "empty"


_TYPES = (
    FileType("jpg", "image", "image/jpeg"),
    FileType("png", "image", "image/png"),
    FileType("gif", "image", "image/gif"),
    FileType("pdf", "file", "application/pdf"),
    FileType("docx", "file", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    FileType("xlsx", "file", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    FileType("pptx", "file", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    FileType("amr", "voice", "audio/amr"),
    FileType("mp4", "video", "video/mp4"),
)
TYPES: Mapping[str, FileType] = {each.ending: each for each in _TYPES}
SAME = {"jpeg": "jpg", "jpe": "jpg"}
"""Other endings of the same types."""
WITH_MACROS = frozenset({"docm", "dotm", "xlsm", "xltm", "xlam", "pptm", "potm", "ppsm"})
OLD_OFFICE = frozenset({"doc", "xls", "ppt"})

_HEADS: Sequence[tuple[bytes, str]] = (
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"%PDF-", "pdf"),
    (b"#!AMR\n", "amr"),
    (b"#!AMR-WB\n", "amr"),
)
_ZIP, _COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MP4_BRANDS = (
    b"isom",
    b"iso2",
    b"iso4",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"avc1",
    b"M4V ",
    b"3gp4",
    b"3gp5",
    b"MSNV",
)
_CONTENTS = "[Content_Types].xml"
_MAIN_PARTS = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
_DIRECTORY_END = b"PK\x05\x06"
_LONGEST_END = 22 + 0xFFFF


def ending_of(name: str) -> str:
    """What stands behind the last dot, in small letters; "" without one. `2026.11.30 通知` has none."""
    _, ending = split_ending(name)
    return SAME.get(ending.lower(), ending.lower())


def recognise(name: str, content: bytes) -> FileType | Wrong:
    """The type, or why it is none. A name without an ending leaves the word to the content."""
    if not content:
        return Wrong.EMPTY
    said = ending_of(name)
    found = _by_content(content)
    if said in WITH_MACROS or found is Wrong.MACROS:
        return Wrong.MACROS
    if said in OLD_OFFICE or (found is Wrong.OLD and said in ("", "docx", "xlsx", "pptx")):
        return Wrong.OLD
    if said and said not in TYPES:
        return Wrong.UNKNOWN
    if isinstance(found, Wrong):
        return Wrong.DISGUISED if said and found is Wrong.UNKNOWN else found
    return TYPES[found] if said in ("", found) else Wrong.DISGUISED


def shown_as(type: FileType, size: int) -> Shown:
    """As what a platform is sent it: what is too large for a picture, and a moving one, is a file."""
    if type.ending == "gif" or size > LARGEST_SHOWN.get(type.shown, size):
        return "file"
    return type.shown


def _by_content(content: bytes) -> str | Wrong:
    for head, ending in _HEADS:
        if content.startswith(head):
            return ending
    if content[4:8] == b"ftyp":
        return "mp4" if content[8:12] in _MP4_BRANDS else Wrong.UNKNOWN
    if content.startswith(_COMPOUND):
        return Wrong.OLD
    return _document(content) if content.startswith(_ZIP) else Wrong.UNKNOWN


def _document(content: bytes) -> str | Wrong:
    """Which of Office's documents a zip is, by the names of its parts."""
    names = _names(content)
    if names is None:
        return Wrong.BROKEN
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return Wrong.MACROS
    found = [ending for part, ending in _MAIN_PARTS.items() if part in names]
    return found[0] if _CONTENTS in names and len(found) == 1 else Wrong.UNKNOWN


def _names(content: bytes) -> frozenset[str] | None:
    """The names in a zip's directory; None for a broken one, or one that is larger than any document's."""
    end = content.rfind(_DIRECTORY_END, max(0, len(content) - _LONGEST_END))
    if end < 0 or end + 22 > len(content):
        return None
    count, size = struct.unpack_from("<HI", content, end + 10)
    if count > MOST_NAMES or size > MOST_DIRECTORY_BYTES:
        return None
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return frozenset(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError, struct.error):
        return None
