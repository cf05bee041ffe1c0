"""What stands behind a command word: which item, and which person."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import UserError
from bot.rules.folding import normalise
from bot.rules.text import clean
from bot.rules.words import item_number, split_number

LONGEST_NAME = 3
"""Words of a name, where names have spaces."""

_BETWEEN = re.compile(r"[\s,，;；:：]+")
_AROUND = " \t\n\u3000,，;；:：@＠"
_PLACED = re.compile(r"(?P<name>[^@()]+)(?:@(?P<at>[^@()]+)|\((?P<within>[^()]+)\)(?P<tail>.*))")


@dataclass(frozen=True, slots=True)
class Named:
    """One way to read who is meant: `place` is a branch or an account that tells namesakes apart, "" for none."""

    name: str
    place: str
    rest: str


def only_number(text: str, key: str) -> int:
    """The one item that was named. Raises UserError(key) for anything more or else."""
    number = item_number(text)
    if number is None:
        raise UserError(key)
    return number


def number_and_person(text: str, key: str) -> tuple[int, Sequence[Named]]:
    """The item, and the readings of what follows it. Raises UserError(key) when either is missing."""
    number, rest = split_number(text)
    if number is None or not rest:
        raise UserError(key)
    return number, persons(rest)


def persons(text: str) -> list[Named]:
    """The readings of who is named, the longest name first, each with what follows it.

    `张三 出差`, `张三@第二支部 出差`, `张三（第二支部）出差`, `Li Wei away`.
    """
    text = clean(text).strip(_AROUND)
    breaks = list(_BETWEEN.finditer(text))
    heads = [(text[: found.start()], text[found.end() :]) for found in breaks[:LONGEST_NAME]]
    if len(breaks) < LONGEST_NAME:
        heads.append((text, ""))
    return [_reading(head, rest) for head, rest in reversed(heads)]


def _reading(head: str, rest: str) -> Named:
    plain = normalise(head)
    placed = _PLACED.fullmatch(plain)
    if placed is None:
        return Named(plain, "", rest)
    tail = (placed["tail"] or "").strip()
    place = (placed["at"] or placed["within"]).strip()
    return Named(placed["name"].strip(), place, f"{tail} {rest}".strip())
