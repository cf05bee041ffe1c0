"""What a file is: its content and its name have to agree."""

import struct

import pytest

from bot.rules.file_names import LONGEST, clean_name, readable_name
from bot.rules.file_types import TYPES, Wrong, recognise, shown_as
from bot.rules.sizes import readable_size
from tests import samples

BOMB = samples.office("word/document.xml", content=bytes(20_000_000))
MANY_NAMES = samples.zipped("[Content_Types].xml", "word/document.xml", *(f"p{n}.xml" for n in range(10_001)))
LYING = samples.DOCX[:-10] + struct.pack("<I", 0xFFFFFF) + samples.DOCX[-6:]


@pytest.mark.faults("WEB20")
@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("", samples.PHOTO, "jpg"),
        ("IMG_1.JPEG", samples.PHOTO, "jpg"),
        ("会场.png", samples.png(), "png"),
        ("动图.gif", samples.GIF, "gif"),
        ("通知.PDF", samples.PDF, "pdf"),
        ("通知", samples.PDF, "pdf"),
        ("议程.docx", samples.DOCX, "docx"),
        ("名单.xlsx", samples.XLSX, "xlsx"),
        ("党课.pptx", samples.PPTX, "pptx"),
        ("", samples.AMR, "amr"),
        ("活动.mp4", samples.MP4, "mp4"),
        ("2026.11.30 通知", samples.PDF, "pdf"),
        ("很大.docx", BOMB, "docx"),
        ("通知.pdf", b"", Wrong.EMPTY),
        ("通知.pdf", samples.EXE, Wrong.DISGUISED),
        ("通知.exe", samples.EXE, Wrong.UNKNOWN),
        ("通知.pdf.exe", samples.EXE, Wrong.UNKNOWN),
        ("通知.exe", samples.PDF, Wrong.UNKNOWN),
        ("", samples.EXE, Wrong.UNKNOWN),
        ("议程.docx", samples.XLSX, Wrong.DISGUISED),
        ("照片.jpg", b"<html><script>alert(1)</script>", Wrong.DISGUISED),
        ("照片.jpg", samples.png(), Wrong.DISGUISED),
        ("照片.svg", b"<svg/>", Wrong.UNKNOWN),
        ("网页.html", b"<html>", Wrong.UNKNOWN),
        ("资料.zip", samples.zipped("a.txt"), Wrong.UNKNOWN),
        ("议程.docx", samples.zipped("a.txt"), Wrong.DISGUISED),
        ("议程.docm", samples.DOCM, Wrong.MACROS),
        ("议程.docx", samples.DOCM, Wrong.MACROS),
        ("名单.xlsm", samples.XLSX, Wrong.MACROS),
        ("议程.doc", samples.OLD_OFFICE, Wrong.OLD),
        ("议程.docx", samples.OLD_OFFICE, Wrong.OLD),
        ("议程.docx", samples.DOCX[:-30], Wrong.BROKEN),
        ("议程.docx", MANY_NAMES, Wrong.BROKEN),
        ("议程.docx", LYING, Wrong.BROKEN),
        ("两样.docx", samples.office("word/document.xml", "xl/workbook.xml"), Wrong.DISGUISED),
        ("照片.heic", b"\x00\x00\x00\x18ftypheic" + bytes(20), Wrong.UNKNOWN),
    ],
)
def test_content_and_name_agree(name: str, content: bytes, expected: str | Wrong) -> None:
    found = recognise(name, content)
    assert (found if isinstance(found, Wrong) else found.ending) == expected


@pytest.mark.parametrize(
    ("ending", "size", "expected"),
    [
        ("jpg", 10 * 1024 * 1024, "image"),
        ("jpg", 10 * 1024 * 1024 + 1, "file"),
        ("gif", 10, "file"),
        ("amr", 10, "voice"),
        ("amr", 3 * 1024 * 1024, "file"),
        ("mp4", 10, "video"),
        ("pdf", 10, "file"),
    ],
)
def test_what_is_too_large_to_be_shown_is_a_file(ending: str, size: int, expected: str) -> None:
    assert shown_as(TYPES[ending], size) == expected


@pytest.mark.faults("WEB20")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("议程.pdf", "议程.pdf"),
        ("../../etc/议程.pdf", "议程.pdf"),
        ("C:\\桌面\\议程.PDF", "议程.pdf"),
        ("议程\u202efdp.exe.pdf", "议程fdp.exe.pdf"),
        ("议\x00程\r\n\t 一.pdf", "议程 一.pdf"),
        ('a<b>"c|?*:d.pdf', "abcd.pdf"),
        (" .. .pdf", "附件1.pdf"),
        ("", "附件1.pdf"),
        (".pdf", "附件1.pdf"),
        ("2026.11.30 通知", "2026.11.30 通知.pdf"),
        ("e\u0301.pdf", "é.pdf"),
    ],
)
def test_names_have_nothing_hidden(name: str, expected: str) -> None:
    assert clean_name(name, "pdf", "附件1") == expected


def test_long_names_keep_their_ending() -> None:
    long = clean_name("关于" * 100 + ".pdf", "pdf", "附件1")
    assert len(long) <= LONGEST
    assert long.endswith("关于.pdf")
    assert len(readable_name("长" * 300)) == LONGEST


@pytest.mark.parametrize(
    ("size", "words"), [(1, "1 KB"), (300 * 1024, "300 KB"), (1_258_291, "1.2 MB"), (20 * 1024 * 1024, "20 MB")]
)
def test_sizes_in_words(size: int, words: str) -> None:
    assert readable_size(size) == words
