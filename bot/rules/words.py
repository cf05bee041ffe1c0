"""Reading what people type: a command word and its arguments, an item's number, an acknowledgement.

Full-width and half-width characters are the same when a command is read. What people will read again (a title, a
body, a reason) is handed on as it was typed.
"""

from __future__ import annotations

import re
import unicodedata

from bot.rules.drafts import Draft, Slip, split_fields
from bot.rules.folding import fold, normalise
from bot.rules.spelling import nearest

__all__ = [
    "Draft",
    "Slip",
    "has_slash",
    "is_acknowledgement",
    "item_number",
    "nearest",
    "normalise",
    "question_number",
    "split_command",
    "split_fields",
    "split_number",
    "split_plan",
    "split_question",
]

MAX_NUMBER_DIGITS = 9  # an item's number fits a 32-bit column

_SLASHES = "/、"  # on a Chinese keyboard the slash key writes 、
_AFTER_WORD = " \t\n:,.;!~、。…·"
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f"
_HAN_WORD = re.compile(rf"[{_HAN}]+")
_LATIN_WORD = re.compile(r"[a-z_]+")
_DIGITS = re.compile(r"[0-9]+")
_TOKEN = re.compile(rf"[^\s{re.escape(_AFTER_WORD)}]+")

_NUMBER = r"(?:#|no\.?|第)?\s*([0-9]+)\s*[号条]?"
_PLAN = r"(?:计划|plan|p)\s*#?\s*p?\s*([0-9]+)"
_QUESTION = r"#?\s*q(?:\s*#)?\s*([0-9]+)"
# After a number comes its argument, or nothing. A second number without a space between ("12;13") is a list.
_NUMBER_ENDS = r"(?=$|\s|[:,;、。!]*(?![0-9:,;.、。!\-/~]))"

_RECEIVED = ("确认收到", "已经收到", "收到了", "已收到", "收到", "收悉", "已知悉", "知悉", "received")
_UNDERSTOOD = ("知道了", "明白了", "明白", "了解了", "了解")
_AGREED = ("好的", "好滴", "好", "okay", "ok")
_MANNERS = ("谢谢书记", "谢谢", "感谢", "辛苦了", "嗯嗯", "嗯")  # may stand beside an acknowledgement, is none alone
_ACKNOWLEDGEMENT = re.compile("|".join((*_RECEIVED, *_UNDERSTOOD, *_AGREED, *_MANNERS)))
_FACE = re.compile(r"\[[^\[\]\s]{1,6}\]")  # an emoji as WeChat writes it in text: [玫瑰]


def split_command(text: str) -> tuple[str, str]:
    """The first word, folded and in lower case, and what follows it, as it was typed.

    A Chinese word ends where the Chinese characters end (`确认12`), an English one with a slash where the letters
    end (`/confirm12`), an English one without a slash at the next space or punctuation mark.
    ("", "") for a text without a visible character.
    """
    folded, positions = fold(text)
    start = len(folded) - len(folded.lstrip())
    slashed = folded[start : start + 1] in tuple(_SLASHES)
    if slashed:
        start = len(folded) - len(folded[start + 1 :].lstrip())
    patterns = [_HAN_WORD, _LATIN_WORD if slashed else _TOKEN, _DIGITS, _TOKEN]
    if folded[start : start + 1].isdecimal():
        patterns.insert(0, _DIGITS)
    found = next((match for pattern in patterns if (match := pattern.match(folded, start))), None)
    if found is None:
        return "", text.strip() if start < len(folded) else ""
    end = found.end()
    while end < len(folded) and folded[end] in _AFTER_WORD:
        end += 1
    return found.group(), text[positions[end] :].strip()


def has_slash(text: str) -> bool:
    """Whether somebody clearly meant a command, known or not."""
    return normalise(text).startswith(tuple(_SLASHES))


def item_number(text: str) -> int | None:
    """The number in `12`, `#12`, `＃１２`, `012`, `12号`; None for anything more or else (`12;13`, 20 digits, 0)."""
    if len(text) <= 4 and text.isascii() and text.isdigit() and text[0] != "0":
        return int(text)  # as buttons say it
    return _number(re.fullmatch(rf"{_NUMBER}[。.!]*", normalise(text).lower()))


def question_number(text: str) -> int | None:
    """The number in `Q34`, `q 34`, `Ｑ３４`, `#Q34`; None for anything else."""
    return _number(re.fullmatch(rf"{_QUESTION}[。.!]*", normalise(text).lower()))


def split_number(text: str) -> tuple[int | None, str]:
    """A leading item number and what follows it, as it was typed: `12 张三 出差` → (12, "张三 出差").

    (None, `text`) when it does not begin with one number.
    """
    return _split_leading(_NUMBER, text)


def split_question(text: str) -> tuple[int | None, str]:
    """A leading question number and what follows it, as it was typed: `Q34 周一起开门` → (34, "周一起开门")."""
    return _split_leading(_QUESTION, text)


def split_plan(text: str) -> tuple[int | None, str]:
    """A leading plan number and what follows it, as it was typed: `P3 每周二 9:00`, `计划 3 …`, `plan 3 …`."""
    return _split_leading(_PLAN, text)


def is_acknowledgement(text: str) -> bool:
    """Whether the whole text says no more than "received": 收到, 1, 好的, `ok 收到！`, 收到👍.

    A question mark makes it a question, a number makes it a command.
    """
    bare = _FACE.sub(" ", normalise(text).lower())
    if "?" in bare:
        return False
    kept = "".join(char for char in bare if unicodedata.category(char)[0] in "LN")
    if kept == "1":
        return bare.startswith("1")
    words = _ACKNOWLEDGEMENT.findall(kept)
    return "".join(words) == kept and any(word not in _MANNERS for word in words)


def _split_leading(pattern: str, text: str) -> tuple[int | None, str]:
    folded, positions = fold(text)
    start = len(folded) - len(folded.lstrip())
    found = re.compile(f"{pattern}{_NUMBER_ENDS}").match(folded, start)
    number = _number(found)
    if found is None or number is None:
        return None, text.strip()
    end = found.end()
    while end < len(folded) and folded[end] in _AFTER_WORD:
        end += 1
    return number, text[positions[end] :].strip()


def _number(found: re.Match[str] | None) -> int | None:
    digits = found.group(1).lstrip("0") if found else ""
    return int(digits) if 0 < len(digits) <= MAX_NUMBER_DIGITS else None
