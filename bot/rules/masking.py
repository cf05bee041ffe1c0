"""What must not be read by everybody: numbers of phones, identity papers, bank cards, plates, doors, and e-mail.

Dates, amounts, item and question numbers, hotlines and floors stay. A number that only looks like a bank card has to
pass the cards' own check sum, unless the words before it say what it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.rules.folding import fold

BLOCK = "▇"
"""What a hidden character is shown as on a public page."""
MOST_BLOCKS = 4


class Private(StrEnum):
    """What kind of thing a spot is."""

    EMAIL = "email"
    IDENTITY = "identity"
    BANK = "bank"
    PHONE = "phone"
    PLATE = "plate"
    DOOR = "door"
    WORD = "word"
    """Named by a person, not found by a rule."""


NUMBERS = frozenset({Private.IDENTITY, Private.BANK, Private.PHONE, Private.EMAIL})
"""What a responder does not need in order to answer."""
EVERYTHING = frozenset(Private)


@dataclass(frozen=True, slots=True)
class Spot:
    """A part of a text, by its places in it."""

    start: int
    end: int
    kind: Private
    text: str


_SP = r"\s{0,4}"
"""A few blanks; with any number of them a text of blanks alone would take minutes."""
_GAP = r"[ \-]?"
_NUM = r"(?:[0-9]{1,4}|[一二三四五六七八九十]{1,3})"
_BUILDING = rf"(?:{_NUM}|[a-z]){_SP}(?:号楼|号院|栋|幢|座|#)"
_UNIT = rf"{_NUM}{_SP}(?:单元|门)"
_ROOM = r"[0-9]{3,4}\s{0,4}(?:室|户|号)?"
_STREET = r"[\u4e00-\u9fff]{1,6}(?:路|街|巷|弄|胡同|大道|村|小区|苑|园)\s{0,4}[0-9]{1,4}\s{0,4}(?:号|弄)"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"

_PATTERNS: tuple[tuple[Private, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (Private.EMAIL, r"(?<![\w.+-])[a-z0-9][\w.+-]{0,63}@[a-z0-9-]+(?:\.[a-z0-9-]+)+"),
        (
            Private.IDENTITY,
            rf"(?<![0-9])[1-9][0-9]{{5}}{_GAP}(?:19|20)[0-9]{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
            rf"{_GAP}[0-9]{{3}}[0-9x](?![0-9a-z])",
        ),
        (
            Private.IDENTITY,
            r"(?<![0-9.])[1-9][0-9]{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}(?![0-9.])",
        ),
        (Private.IDENTITY, r"(?<=身份证)(?:号码?|号)?[\s:是为]{0,8}(?P<it>[0-9][0-9 ]{12,20}[0-9x])"),
        (
            Private.IDENTITY,
            r"(?:护照|通行证|军官证|社保卡?|医保卡?)(?:号码?)?[\s:是为]{0,8}(?P<it>[a-z]{0,2}[0-9]{6,18})",
        ),
        (
            Private.BANK,
            r"(?:卡号|账号|帐号|账户|银行卡)(?:号码?)?[\s:是为]{0,8}(?P<it>[0-9](?:[ -]?[0-9]){11,22})(?![0-9])",
        ),
        (Private.BANK, r"(?<![0-9.])(?P<luhn>[2-6][0-9]{3}(?:[ -]?[0-9]{4}){3}(?:[ -]?[0-9]{1,3})?)(?![0-9.])"),
        (Private.PHONE, r"(?<![0-9.])(?:\+?86[ \-]?)?1[3-9][0-9][ \-]?[0-9]{4}[ \-]?[0-9]{4}(?![0-9])"),
        (Private.PHONE, r"(?<![0-9])1[3-9][0-9]{2}[ \-]?[0-9]{3}[ \-]?[0-9]{4}(?![0-9])"),
        (Private.PHONE, r"(?<![0-9])\(?0[1-9][0-9]{1,2}\)?[ \-]?[2-8][0-9]{6,7}(?:[\-转][0-9]{1,5})?(?![0-9])"),
        (
            Private.PHONE,
            r"(?<![零〇一幺二两三四五六七八九])[一幺][零〇一幺二两三四五六七八九]{10}(?![零〇一幺二两三四五六七八九])",
        ),
        (
            Private.PHONE,
            r"(?:电话|座机|手机|联系方式|微信号?|tel)(?:号码?)?[\s:是为]{0,8}(?P<it>[1-9][0-9]{6,7})(?![0-9])",
        ),
        (
            Private.PHONE,
            r"(?:微信号?|wechat|qq号?)[\s:是为]{0,8}(?P<it>[a-z][a-z0-9_\-]{5,19}|[1-9][0-9]{4,10})(?![0-9a-z])",
        ),
        (Private.PLATE, rf"[{_PROVINCES}][a-z][\s·•\-]?(?=[a-z0-9]*[0-9])[a-hj-np-z0-9]{{5,6}}(?![a-z0-9])"),
        (Private.PLATE, rf"[{_PROVINCES}][a-z][\s·•\-]?[a-hj-np-z0-9]{{4}}[挂学警港澳]"),
        (
            Private.DOOR,
            rf"(?:{_STREET})?{_SP}{_BUILDING}{_SP}(?:{_UNIT}{_SP})?(?:{_ROOM}|{_NUM}{_SP}[室户号](?!楼))",
        ),
        (Private.DOOR, rf"(?:{_STREET})?{_SP}{_BUILDING}{_SP}{_UNIT}"),
        (Private.DOOR, rf"{_UNIT}{_SP}(?:{_ROOM}|{_NUM}{_SP}[室户号])"),
        (Private.DOOR, rf"{_STREET}{_SP}(?:{_NUM}{_SP}号{_SP})?{_ROOM}"),
        (
            Private.DOOR,
            r"(?<![0-9\-/.])[0-9]{1,2}-[0-9]{1,2}-(?!(?:19|20)[0-9]{2}(?![0-9]))[0-9]{3,4}(?![0-9\-/])",
        ),
        (
            Private.DOOR,
            rf"(?:家住|住在|我住|住址|家庭地址|门牌号?)[\s:是为在]{{0,8}}(?P<it>(?:{_STREET}|{_BUILDING}|{_ROOM})+)",
        ),
    )
)
_KEPT_ENDS = 4


def find_private(text: str, words: Iterable[str] = ()) -> list[Spot]:
    """The spots of a text that name or number somebody, in order, none overlapping another.

    `words` are further ones that somebody wants hidden, wherever they stand.
    """
    folded, positions = fold(text)
    found: list[Spot] = []
    taken = [False] * len(folded)
    for kind, pattern in (*_words(words), *_PATTERNS):
        for match in pattern.finditer(folded):
            group = "it" if "it" in pattern.groupindex else "luhn" if "luhn" in pattern.groupindex else 0
            if group == "luhn" and not _passes_check(match[group]):
                continue
            start, end = _trimmed(folded, *match.span(group))
            if start == end or any(taken[start:end]):
                continue
            taken[start:end] = [True] * (end - start)
            first, last = positions[start], positions[end - 1] + 1
            found.append(Spot(first, last, kind, text[first:last]))
    return sorted(found, key=lambda spot: spot.start)


def masked(text: str, kinds: Collection[Private] = NUMBERS) -> str:
    """The text with its numbers shortened as people know it: 138****5678."""
    return _replaced(text, [spot for spot in find_private(text) if spot.kind in kinds], _shortened)


def redacted(text: str, spots: Iterable[Spot]) -> str:
    """The text with these spots blacked out."""
    return _replaced(text, list(spots), lambda spot: BLOCK * min(len(spot.text), MOST_BLOCKS))


def _replaced(text: str, spots: list[Spot], shown: Callable[[Spot], str]) -> str:
    pieces, place = [], 0
    for spot in sorted(spots, key=lambda each: each.start):
        pieces += [text[place : spot.start], shown(spot)]
        place = spot.end
    return "".join([*pieces, text[place:]])


def _shortened(spot: Spot) -> str:
    """The first three and the last four of a phone; the last four of a card; nothing of a door or a plate."""
    if spot.kind is Private.EMAIL:
        name, _, host = spot.text.partition("@")
        return f"{name[:1]}***@{host}"
    if spot.kind not in NUMBERS:
        return "****"
    if len(spot.text) <= 2 * _KEPT_ENDS:
        return f"****{spot.text[-2:]}"
    before = 3 if spot.kind is Private.PHONE else 0
    return f"{spot.text[:before]}****{spot.text[-_KEPT_ENDS:]}"


def _words(words: Iterable[str]) -> list[tuple[Private, re.Pattern[str]]]:
    folded = sorted({fold(word.strip())[0] for word in words if word.strip()}, key=len, reverse=True)
    return [(Private.WORD, re.compile(re.escape(word))) for word in folded]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _passes_check(number: str) -> bool:
    """The check sum of payment cards (ISO/IEC 7812-1, annex B)."""
    digits = [int(char) for char in number if char.isdecimal()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return len(digits) >= 16 and (sum(doubled) + sum(digits[-1::-2])) % 10 == 0
