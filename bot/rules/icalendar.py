"""One event as a calendar file (RFC 5545)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_LINE_BYTES = 75
_SPECIAL = re.compile(r"[\\;,]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Event:
    """`uid` stays the same for all versions of an event, `version` counts them from 1; instants are aware."""

    uid: str
    version: int
    written_at: datetime
    begins_at: datetime
    ends_at: datetime
    title: str
    place: str = ""
    words: str = ""
    url: str = ""


def calendar(event: Event, *, zone: str) -> bytes:
    """The file. Instants stand in UTC, which every calendar shows in the time of its owner; `zone` is a hint."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//branchbot//branchbot//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-TIMEZONE:{zone}",
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"SEQUENCE:{event.version - 1}",
        f"DTSTAMP:{_instant(event.written_at)}",
        f"DTSTART:{_instant(event.begins_at)}",
        f"DTEND:{_instant(event.ends_at)}",
        f"SUMMARY:{_text(event.title)}",
        *([f"LOCATION:{_text(event.place)}"] if event.place else []),
        *([f"DESCRIPTION:{_text(event.words)}"] if event.words else []),
        *([f"URL:{event.url}"] if event.url else []),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(words: str) -> str:
    """Section 3.3.11: a backslash before what means something else, `\\n` for a line break."""
    plain = _CONTROLS.sub("", words.replace("\r\n", "\n").replace("\r", "\n"))
    return _SPECIAL.sub(lambda found: f"\\{found.group()}", plain).replace("\n", "\\n")


def _folded(line: str) -> list[str]:
    """Section 3.1: at most 75 bytes to a line, each after the first begins with a blank; no character is broken."""
    parts, part, size = [], "", 0
    for char in line:
        width = len(char.encode())
        if size + width > _LINE_BYTES:
            parts.append(part)
            part, size = " ", 1
        part += char
        size += width
    return [*parts, part]
