"""Files as phones and offices make them, small ones."""

import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

PHOTO = (Path(__file__).parent / "fixtures" / "files" / "photo.jpg").read_bytes()
"""320 × 200, without any notes."""
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
AMR = b"#!AMR\n" + bytes(64)
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(64)
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
EXE = b"MZ\x90\x00" + bytes(200)
PLACE = (31, 13, 49)
"""Degrees, minutes, seconds."""
PLACE_BYTES = b"".join(struct.pack("<II", each, 1) for each in PLACE)


def zipped(*names: str, content: bytes = b"<x/>") -> bytes:
    """A zip with parts of these names."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return buffer.getvalue()


def office(main: str, *others: str, content: bytes = b"<x/>") -> bytes:
    """A document of Office by the name of its main part."""
    return zipped("[Content_Types].xml", "_rels/.rels", main, *others, content=content)


DOCX, XLSX, PPTX = office("word/document.xml"), office("xl/workbook.xml"), office("ppt/presentation.xml")
DOCM = office("word/document.xml", "word/vbaProject.bin")


def chunk(kind: bytes, body: bytes) -> bytes:
    """One part of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*extra: bytes) -> bytes:
    """A white dot, with more parts behind its header."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\x00\xff\xff\xff"))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + pixels + chunk(b"IEND", b"")


def exif(order: str, orientation: int) -> bytes:
    """What a camera notes: which way is up, when, and in a directory of its own the place."""
    mark = b"II*\x00" if order == "<" else b"MM\x00*"
    made = b"2026:11:20 09:30:00\x00"
    gps_at = 8 + 2 + 3 * 12 + 4
    made_at = gps_at + 2 + 2 * 12 + 4
    place_at = made_at + len(made)
    tags = struct.pack(f"{order}H", 3)
    tags += struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    tags += struct.pack(f"{order}HHII", 0x0132, 2, len(made), made_at)
    tags += struct.pack(f"{order}HHII", 0x8825, 4, 1, gps_at) + struct.pack(f"{order}I", 0)
    gps = struct.pack(f"{order}H", 2)
    gps += struct.pack(f"{order}HHI4s", 0x0001, 2, 2, b"N\x00\x00\x00")
    gps += struct.pack(f"{order}HHII", 0x0002, 5, 3, place_at) + struct.pack(f"{order}I", 0)
    place = b"".join(struct.pack(f"{order}II", each, 1) for each in PLACE)
    return b"Exif\x00\x00" + mark + struct.pack(f"{order}I", 8) + tags + gps + made + place


def segment(marker: int, body: bytes) -> bytes:
    """One part of a JPEG."""
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def photographed(order: str = "<", orientation: int = 6) -> bytes:
    """The photo as a phone writes it: notes before it, a copy with notes of its own behind it."""
    notes = segment(0xE1, exif(order, orientation))
    more = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00<GPSLatitude>31</GPSLatitude>") + segment(
        0xED, b"Photoshop 3.0\x00place"
    )
    more += segment(0xFE, "党员活动室".encode())
    return PHOTO[:2] + notes + more + PHOTO[2:] + PHOTO[:2] + notes + PHOTO[2:]
