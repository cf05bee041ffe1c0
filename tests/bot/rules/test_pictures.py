"""A picture keeps what is seen and loses what was noted beside it."""

import struct

import pytest

from bot.rules.pictures import BrokenPicture, without_notes
from tests import samples


@pytest.mark.faults("WEB20")
@pytest.mark.parametrize("order", ["<", ">"])
def test_a_photo_loses_its_place_and_stays_upright(order: str) -> None:
    photo = samples.photographed(order)
    place = b"".join(struct.pack(f"{order}II", each, 1) for each in samples.PLACE)
    assert photo.count(place) == 2
    cleaned = without_notes(photo, "jpg")
    for told in (place, b"2026:11:20", b"GPSLatitude", b"Photoshop", "党员活动室".encode()):
        assert told not in cleaned
    assert cleaned.count(b"Exif\x00\x00") == 1
    assert b"MM\x00*" in cleaned
    at = cleaned.index(b"Exif\x00\x00") + 6
    assert struct.unpack_from(">HHHIHH", cleaned, at + 8)[1:5] == (0x0112, 3, 1, 6)
    without = cleaned[: at - 10] + cleaned[at - 10 + 2 + struct.unpack_from(">H", cleaned, at - 8)[0] :]
    assert without == samples.PHOTO
    assert without_notes(cleaned, "jpg") == cleaned


def test_a_photo_without_notes_stays_byte_for_byte() -> None:
    assert without_notes(samples.PHOTO, "jpg") == samples.PHOTO
    upright = without_notes(samples.photographed(orientation=1), "jpg")
    assert upright == samples.PHOTO
    assert without_notes(samples.png(), "png") == samples.png()
    assert without_notes(samples.GIF, "gif") == samples.GIF


def test_a_png_loses_its_words() -> None:
    notes = (
        samples.chunk(b"tEXt", b"Author\x00Zhang"),
        samples.chunk(b"eXIf", samples.PLACE_BYTES),
        samples.chunk(b"pHYs", bytes(9)),
    )
    cleaned = without_notes(samples.png(*notes) + b"behind", "png")
    assert cleaned == samples.png(notes[2])


@pytest.mark.parametrize("cut", [3, 20, 200, 600, len(samples.PHOTO) - 2])
def test_half_a_photo_is_broken(cut: int) -> None:
    with pytest.raises(BrokenPicture):
        without_notes(samples.PHOTO[:cut], "jpg")


@pytest.mark.parametrize("cut", [8, 20, 40, len(samples.png()) - 1])
def test_half_a_png_is_broken(cut: int) -> None:
    with pytest.raises(BrokenPicture):
        without_notes(samples.png()[:cut], "png")
