"""Calendar files that other programs can read."""

from datetime import UTC, datetime

from bot.rules.icalendar import Event, calendar

BEGINS = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)


def unfolded(file: bytes) -> list[str]:
    assert file.endswith(b"\r\n")
    return file.decode().replace("\r\n ", "").split("\r\n")[:-1]


def test_an_event() -> None:
    event = Event(
        "12-x@branchbot", 2, BEGINS, BEGINS, BEGINS.replace(hour=9), "支部大会", "二楼, 东侧", "甲；乙;丙\n\\丁"
    )
    lines = unfolded(calendar(event, zone="Asia/Shanghai"))
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-1] == "END:VCALENDAR"
    assert "DTSTART:20261127T070000Z" in lines
    assert "DTEND:20261127T090000Z" in lines
    assert "SEQUENCE:1" in lines
    assert "LOCATION:二楼\\, 东侧" in lines
    assert "DESCRIPTION:甲；乙\\;丙\\n\\\\丁" in lines
    assert not [line for line in lines if line.startswith("URL")]


def test_no_line_is_longer_than_75_bytes_and_no_character_breaks() -> None:
    title = "关于召开支部党员大会的通知🎉" * 12
    file = calendar(Event("u", 1, BEGINS, BEGINS, BEGINS, title), zone="Asia/Shanghai")
    assert max(len(line) for line in file.split(b"\r\n")) <= 75
    assert all(line.decode() for line in file.split(b"\r\n")[:-1])
    assert f"SUMMARY:{title}" in unfolded(file)
