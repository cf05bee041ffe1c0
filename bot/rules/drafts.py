"""Taking a drafted item apart: its title, its field lines, its body."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.rules.folding import lines_of, normalise
from bot.rules.spelling import edits

_COLON = re.compile("[:：]")
_LONGEST_SLIP = 6  # Chinese characters, twice as many letters: a longer word before a colon is a sentence
_ALIKE = (
    "象像向相",
    "止至只",
    "截节接结",
    "求球",
    "醒行性",
    "链连练",
    "定订",
    "时是事",
    "对队",
    "提题",
    "点店",
)  # one sound
_BY_SOUND = str.maketrans({char: group[0] for group in _ALIKE for char in group})


@dataclass(frozen=True, slots=True)
class Slip:
    """A line that looks like a misspelt field: what stands there, and the spelled name it was probably meant to be."""

    written: str
    meant: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What a secretary wrote. `fields` is keyed by canonical names; of a field given twice the first value stands."""

    title: str
    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    body: str = ""
    duplicates: tuple[str, ...] = ()
    """Canonical names of the fields given more than once."""
    suspicious: tuple[Slip, ...] = ()
    """Lines kept in the body that were perhaps meant as fields: to be asked about, not guessed."""


def split_fields(text: str, names: Mapping[str, str]) -> Draft:
    """Splits a draft without its command word. `names` maps every spelled field name to its canonical one.

    The first line is the title, unless it is itself a field: then the title is empty. Fields follow, blank lines
    between them allowed, up to the first line that is none. Title, values and body stay as they were typed.
    """
    spelled = {_key(name): canonical for name, canonical in names.items()}
    lines = lines_of(text)
    title = ""
    if lines and _known(lines[0], spelled) is None:
        title = lines.pop(0).strip()

    fields: dict[str, str] = {}
    duplicates: list[str] = []
    suspicious: list[Slip] = []
    body: list[str] = []
    for index, line in enumerate(lines):
        if not line.strip():
            continue
        known = _known(line, spelled)
        if known is not None:
            name, value = known
            if name not in fields:
                fields[name] = value
            elif name not in duplicates:
                duplicates.append(name)
        elif (slip := _slip(line, names)) is not None:
            suspicious.append(slip)
            body.append(line)
        else:
            body.extend(lines[index:])
            break
    return Draft(title, MappingProxyType(fields), "\n".join(body).strip(), tuple(duplicates), tuple(suspicious))


def _parted(line: str) -> tuple[str, str]:
    """What stands before the first colon of a line, and behind it; two empty strings without a colon."""
    colon = _COLON.search(line)
    return (line[: colon.start()].strip(), line[colon.end() :].strip()) if colon else ("", "")


def _known(line: str, spelled: Mapping[str, str]) -> tuple[str, str] | None:
    name, value = _parted(line)
    canonical = spelled.get(_key(name)) if name else None
    return (canonical, value) if canonical is not None else None


def _slip(line: str, names: Iterable[str]) -> Slip | None:
    """A near miss: `截止日：…`, `对像：…`, or a field whose colon was forgotten: `截止 明天18:00`."""
    head, _, rest = line.strip().replace("\u3000", " ").partition(" ")
    meant = next((name for name in names if not name.isascii() and _key(head) == _key(name)), None)
    if meant is not None and rest.strip():
        return Slip(head, meant)
    written, value = _parted(line)
    if not written or not value:
        return None
    meant = next((name for name in names if _is_near(_key(written), _key(name))), None)
    return Slip(written, meant) if meant is not None else None


def _is_near(written: str, known: str) -> bool:
    if known.isascii():
        return len(written) <= 2 * _LONGEST_SLIP and len(known) > 3 and edits(written, known) == 1
    return len(written) <= _LONGEST_SLIP and known.translate(_BY_SOUND) in written.translate(_BY_SOUND)


def _key(name: str) -> str:
    return re.sub(r"\s+", "", normalise(name)).lower()
