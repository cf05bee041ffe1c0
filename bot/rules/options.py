"""The options of a poll: `A 甲`, `A. 甲`, `1、甲`, or plain lines behind `选项：`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.rules.folding import lines_of, normalise

_MARKED = re.compile(r"\s*[(（]?(?P<mark>[A-Za-z]|[0-9]{1,2})(?:[)）.．、:：]\s*|\s+)(?P<words>\S.*)")
_HEAD = re.compile(r"\s*(?:选项|options)\s*[:：]\s*(?P<words>.*)", re.IGNORECASE)
_FIELD = re.compile(r"[^\s:：]{1,8}\s*[:：]")
_BETWEEN = re.compile(r"[、，,;；/|]|\n")


@dataclass(frozen=True, slots=True)
class Options:
    """`words` are the lines of the options, marks and all; `rest` is the text without them."""

    rest: str
    words: Sequence[str]


def take_options(text: str) -> Options:
    """Takes the options out of a draft's text, whose first line is its title and never one of them.

    Lines behind `选项：` up to the next blank or field line; else the first run of lines that are marked in order from
    A or 1.
    """
    lines = lines_of(text)
    head = next((i for i, line in enumerate(lines) if i and _HEAD.fullmatch(line)), None)
    if head is not None:
        first = _HEAD.fullmatch(lines[head])
        words = [first["words"]] if first is not None and first["words"].strip() else []
        end = head + 1
        while end < len(lines) and lines[end].strip() and (_marked(lines[end]) or not _FIELD.match(lines[end])):
            words.append(lines[end])
            end += 1
        return Options("\n".join([*lines[:head], *lines[end:]]), words)
    for begin in range(1, len(lines)):
        end = begin
        while end < len(lines) and _rank(lines[end]) == end - begin:
            end += 1
        if end - begin:
            return Options("\n".join([*lines[:begin], *lines[end:]]), lines[begin:end])
    return Options(text, ())


def read_options(text: str) -> list[str]:
    """What the options say, without their marks; on one line they are parted by commas."""
    lines = [line.strip() for line in lines_of(text) if line.strip()]
    if len(lines) == 1 and not _marked(lines[0]):
        lines = [part.strip() for part in _BETWEEN.split(lines[0]) if part.strip()]
    marked = [_marked(line) for line in lines]
    if all(found is not None for found in marked):
        return [found["words"].strip() for found in marked if found is not None]
    return lines


def letter(number: int) -> str:
    """A for 0, B for 1, …"""
    return chr(ord("A") + number)


def read_choice(text: str, count: int) -> list[int] | None:
    """`A`, `AC`, `a、c`, `1`, `1,3`: the numbers of the options, in order; None for anything more or else."""
    plain = normalise(text).strip(" .。!").upper()
    if re.fullmatch(r"[A-Z](?:[\s,、和及&+]*[A-Z])*", plain):
        found = [ord(char) - ord("A") for char in plain if "A" <= char <= "Z"]
    elif re.fullmatch(r"[0-9]{1,2}(?:[\s,、和及&+]+[0-9]{1,2})*", plain):
        found = [int(each) - 1 for each in re.findall("[0-9]+", plain)]
    else:
        return None
    return sorted(set(found)) if all(0 <= each < count for each in found) else None


def _marked(line: str) -> re.Match[str] | None:
    return _MARKED.fullmatch(line)


def _rank(line: str) -> int:
    """Which option a line's mark makes it, counted from 0; -1 for none."""
    found = _marked(line)
    if found is None:
        return -1
    mark = normalise(found["mark"]).upper()
    return int(mark) - 1 if mark.isdecimal() else ord(mark) - ord("A")
