"""Taking out of a picture what its camera wrote beside it: where and when it was made, with which phone.

What is seen stays as it is, byte for byte; of a JPEG also which way is up.
"""

import struct
from collections.abc import Iterator

_EXIF, _ICC = b"Exif\x00\x00", b"ICC_PROFILE\x00"
_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_APP0, _APP1, _APP2, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})
_ORIENTATION, _SHORT = 0x0112, 3
_MOST_TAGS = 500

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_NOTES = frozenset({b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"})


class BrokenPicture(ValueError):
    """It ends, or goes on, where no picture does."""


def without_notes(content: bytes, ending: str) -> bytes:
    """The picture without what was noted beside it, nor what hangs on behind its end. Raises BrokenPicture.

    `ending` is jpg or png; anything else comes back as it is.
    """
    if ending == "jpg":
        return b"".join(_jpeg(content))
    if ending == "png":
        return b"".join(_png(content))
    return content


def _jpeg(content: bytes) -> Iterator[bytes]:
    yield content[:2]
    upright = 1
    place, written = 2, False
    while True:
        marker, place = _marker(content, place)
        if marker == _EOI:
            yield b"\xff\xd9"
            return
        if marker in _WITHOUT_LENGTH:
            yield bytes((0xFF, marker))
            continue
        if place + 2 > len(content):
            raise BrokenPicture
        end = place + int.from_bytes(content[place : place + 2])
        body = content[place + 2 : end]
        if end < place + 2 or end > len(content):
            raise BrokenPicture
        if marker == _APP1 and body.startswith(_EXIF):
            upright = _orientation(body[len(_EXIF) :]) or upright
        elif _is_seen(marker, body):
            if not written and upright != 1 and marker != _APP0:
                yield _noted(upright)
                written = True
            yield bytes((0xFF, marker)) + content[place:end]
        place = end
        if marker == _SOS:
            place = _behind_scan(content, end)
            yield content[end:place]


def _is_seen(marker: int, body: bytes) -> bool:
    """Whether the picture looks different without it."""
    if marker in (_APP0, _APP14) or (marker == _APP2 and body.startswith(_ICC)):
        return True
    return not (_APP0 <= marker <= _APP15 or marker == _COM)


def _marker(content: bytes, place: int) -> tuple[int, int]:
    """The marker at this place, behind its fill bytes, and where its segment begins."""
    if content[place : place + 1] != b"\xff":
        raise BrokenPicture
    while content[place : place + 1] == b"\xff":
        place += 1
    if place >= len(content) or content[place] == 0:
        raise BrokenPicture
    return content[place], place + 1


def _behind_scan(content: bytes, place: int) -> int:
    """Where the next marker stands: inside a scan 0xFF is followed by a nought or by the number of a restart."""
    while True:
        place = content.find(b"\xff", place)
        if place < 0 or place + 1 >= len(content):
            raise BrokenPicture
        following = content[place + 1]
        if following != 0 and following != 0xFF and following not in _WITHOUT_LENGTH:
            return place
        place += 1 if following == 0xFF else 2


def _orientation(tiff: bytes) -> int | None:
    """Which way is up, 1 to 8; None where it is not said."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return None
    (first,) = struct.unpack_from(f"{order}I", tiff, 4)
    if first + 2 > len(tiff):
        return None
    (count,) = struct.unpack_from(f"{order}H", tiff, first)
    for place in range(first + 2, first + 2 + 12 * min(count, _MOST_TAGS), 12):
        if place + 12 > len(tiff):
            return None
        tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, place)
        if tag == _ORIENTATION:
            return value if kind == _SHORT and 1 <= value <= 8 else None
    return None


def _noted(upright: int) -> bytes:
    """A segment that says which way is up and nothing else."""
    tiff = b"MM\x00*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, _SHORT, 1, upright, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", 2 + len(_EXIF) + len(tiff)) + _EXIF + tiff


def _png(content: bytes) -> Iterator[bytes]:
    yield _PNG
    place = len(_PNG)
    while True:
        if place + 12 > len(content):
            raise BrokenPicture
        size, kind = int.from_bytes(content[place : place + 4]), content[place + 4 : place + 8]
        end = place + 12 + size
        if end > len(content):
            raise BrokenPicture
        if kind not in _PNG_NOTES:
            yield content[place:end]
        if kind == b"IEND":
            return
        place = end
