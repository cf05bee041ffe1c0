"""Texts that are made to take long: no reader goes back over them again and again."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time
from time import thread_time
from zoneinfo import ZoneInfo

import pytest

from bot.rules import (
    changes,
    drafts,
    durations,
    file_names,
    folding,
    likeness,
    masking,
    matching,
    number_lists,
    numerals,
    options,
    placeholders,
    repeat_words,
    resident_words,
    spelling,
    times,
    unwanted_words,
    words,
)
from bot.rules import text as texts
from handlers.pages.body import render

NOW, ZONE = datetime(2026, 11, 23, 2, tzinfo=UTC), ZoneInfo("Asia/Shanghai")
SIZE = 2_100
"""Characters; no platform lets people write more."""
LONGEST, LONGEST_BESIDE = 0.05, 2
"""Seconds of the processor: in the event loop, and beside it."""

PIECES = (
    "a",
    " ",
    "\n",
    "1",
    "9",
    "一",
    "十百千",
    "零",
    "第",
    "周五",
    "每周",
    "下下",
    "月底",
    "(",
    "[",
    "![",
    "[](",
    "](",
    "*",
    "**a ",
    "_a_ ",
    "`",
    "~~",
    "> ",
    "- ",
    "1. ",
    "|",
    "|-",
    "#",
    "<",
    "<a ",
    "&",
    "&#x",
    "\\",
    "http://",
    "http://a.b/",
    "：",
    "对象：",
    "，",
    ",",
    "1,",
    "1-9 ",
    "1-",
    "Q1 ",
    "/",
    "@",
    ":",
    "-",
    "2026-11-",
    "12:3",
    "3天",
    "半",
    "和",
    "13812345678",
    "1234567890",
    "X",
    "\u200d",
    "\u202e",
    "👨‍👩‍👧",
    "\u0301",
    "A. ",
    "A",
    "、",
    "……",
    "％",
    "＃１",
    "{",
    "{姓名}",
    "]]>",
)

READERS: dict[str, Callable[[str], object]] = {
    "times.read_time": lambda t: times.read_time(t, now=NOW, zone=ZONE, default=time(18)),
    "durations.read_durations": durations.read_durations,
    "durations.read_duration": durations.read_duration,
    "numbers": number_lists.read_numbers,
    "numerals": numerals.with_digits,
    "repeat": lambda t: repeat_words.read_repeat(t, now=NOW, zone=ZONE, default=time(9)),
    "repeat.is": repeat_words.is_repeating,
    "repeat.for": repeat_words.for_occurrence,
    "repeat.names": repeat_words.names_date,
    "words.split_command": words.split_command,
    "words.item_number": words.item_number,
    "words.split_number": words.split_number,
    "words.split_question": words.split_question,
    "words.is_ack": words.is_acknowledgement,
    "text.clean": texts.clean,
    "text.split": lambda t: texts.split_bytes(t, 2000),
    "text.cut": lambda t: texts.cut_bytes(t, 512),
    "masking": masking.find_private,
    "matching": lambda t: matching.pairs_of(t),
    "likeness": lambda t: likeness.likeness(t, t[1:]),
    "placeholders": placeholders.suspicious_words,
    "options": options.take_options,
    "options.read": options.read_options,
    "options.choice": lambda t: options.read_choice(t, 9),
    "drafts": lambda t: drafts.split_fields(t, {"对象": "to", "to": "to", "截止": "due", "due": "due"}),
    "unwanted.nothing": unwanted_words.says_nothing,
    "unwanted.ad": lambda t: unwanted_words.is_advertising(t, ["加微信", "贷款"]),
    "resident": resident_words.read,
    "changes": lambda t: changes.changes(t, t[::-1]),
    "spelling": lambda t: spelling.nearest(t, ["通知", "notice"]),
    "folding": folding.normalise,
    "folding.fold": folding.fold,
    "file_names": lambda t: file_names.clean_name(t, "txt", "file"),
}


def hostile(size: int) -> Sequence[str]:
    found = [(piece * (size // len(piece) + 1))[:size] for piece in PIECES]
    found += [("[" * 50 + "a" + "]" * 50) * (size // 101), "".join("> " * n + "a\n" for n in range(1, 60))]
    found += ["".join("  " * n + "- a\n" for n in range(1, 60)), ("*a_b~~c`d**" * size)[:size], "((" + "1" * size]
    return found


def took(read: Callable[[str], object], text: str) -> float:
    began = thread_time()
    read(text)
    return thread_time() - began


@pytest.mark.faults("CB15", "CLK11", "CMD16", "CMD18")
@pytest.mark.parametrize("name", sorted(READERS))
def test_no_text_holds_up_everybody_else(name: str) -> None:
    read = READERS[name]
    slow = [text[:12] for text in hostile(SIZE) if took(read, text) > LONGEST and took(read, text) > LONGEST]
    assert slow == []


@pytest.mark.faults("CB15", "WEB10")
@pytest.mark.parametrize("text", ["[", "![", "**a ", "_a_ ", "\\", "> ", "[]("])
def test_the_longest_body_is_made_into_a_page_within_seconds(text: str) -> None:
    body = (text * 20_000)[:20_000]
    assert took(render, body) < LONGEST_BESIDE
    assert took(lambda body: changes.changes(body, body[::-1]), body) < LONGEST_BESIDE
