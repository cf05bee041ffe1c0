"""Reading what residents type: a few words of command, and everything else is a question.

Somebody who writes `查询医保余额怎么办` asks something: a word is a command only when nothing else stands beside it but
what belongs to it. Full-width and half-width, `q34` and `Q34` are the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.rules.folding import fold, normalise

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Of a pick-up code: nothing that looks like something else."""
CODE_LENGTH = 8


class Wish(StrEnum):
    """What a resident wants. `NUMBER` is a bare number, whose meaning depends on what was asked before."""

    STATUS = "status"
    RATE = "rate"
    WITHDRAW = "withdraw"
    ADD = "add"
    MINE = "mine"
    FAQ = "faq"
    PERSON = "person"
    FORGET = "forget"
    HELP = "help"
    PLACE = "place"
    HELPED = "helped"
    NOT_HELPED = "not_helped"
    NUMBER = "number"
    SAY = "say"


@dataclass(frozen=True, slots=True)
class Said:
    """`number` is a question's, or the bare number; `rating` 1 to 5; `words` stand as they were typed."""

    wish: Wish
    number: int | None = None
    code: str = ""
    rating: int | None = None
    words: str = ""


_ENDS = " \t\n。.!,;、?…~:·"
_ALONE: dict[Wish, frozenset[str]] = {
    Wish.STATUS: frozenset({"查询", "进度", "查进度", "查询进度", "status", "继续"}),
    Wish.WITHDRAW: frozenset({"撤销", "撤回", "withdraw"}),
    Wish.MINE: frozenset({"我的", "我的问题", "我的提问", "mine"}),
    Wish.FAQ: frozenset({"常见问题", "常见问答", "faq"}),
    Wish.PERSON: frozenset({"人工", "转人工", "人工服务", "找人工", "person"}),
    Wish.FORGET: frozenset({"删除我的信息", "删除我的数据", "忘记我", "forget me", "forgetme"}),
    Wish.HELP: frozenset({"帮助", "help", "怎么用", "菜单", "功能"}),
    Wish.PLACE: frozenset({"换小区", "选小区", "换社区", "place"}),
    Wish.HELPED: frozenset({"有用", "有帮助", "useful"}),
    Wish.NOT_HELPED: frozenset({"没用", "没有用", "没帮助", "not useful"}),
}
_WITH_NUMBER = {word: wish for wish in (Wish.STATUS, Wish.WITHDRAW) for word in _ALONE[wish]}
_RATE, _ADD = ("评价", "打分", "rate"), ("补充", "add")
_VERDICTS: dict[str, int] = {
    **dict.fromkeys(("很满意", "非常满意", "very satisfied"), 5),
    **dict.fromkeys(("满意", "解决了", "已解决", "satisfied"), 4),
    **dict.fromkeys(("一般", "一般般", "so-so", "soso"), 3),
    **dict.fromkeys(("不满意", "dissatisfied"), 2),
    **dict.fromkeys(("没解决", "没有解决", "未解决", "很不满意", "非常不满意", "not solved"), 1),
}
_VERDICT = "|".join(sorted(map(re.escape, _VERDICTS), key=len, reverse=True))
_QUESTION = r"#?\s*q\s*#?\s*(?P<number>[0-9]{1,9})"
_LOOSE = rf"(?:{_QUESTION}|#?(?P<plain>[0-9]{{1,9}})号?)"
_CODE = rf"(?P<code>[{CODE_ALPHABET.lower()}]{{{CODE_LENGTH}}})"
_GAP = r"[\s:,;、]*"

_NAMED = re.compile(rf"(?P<word>{'|'.join(sorted(_WITH_NUMBER, key=len, reverse=True))}){_GAP}(?:{_LOOSE}|{_CODE})")
_RATED = re.compile(
    rf"(?:{'|'.join(_RATE)}){_GAP}(?:{_QUESTION}{_GAP})?"
    rf"(?:(?P<rating>[1-5])[分星]?(?![0-9])|(?P<verdict>{_VERDICT})){_GAP}"
)
_RATED_PLAIN = re.compile(
    rf"(?:{'|'.join(_RATE)}){_GAP}(?P<number>[0-9]{{1,9}})(?:\s+|[:,;、]\s*)"
    rf"(?:(?P<rating>[1-5])[分星]?(?![0-9])|(?P<verdict>{_VERDICT})){_GAP}"
)
_JUDGED = re.compile(rf"(?:{_QUESTION}{_GAP})?(?P<verdict>{_VERDICT})")
_ADDED = re.compile(rf"(?:{'|'.join(_ADD)}){_GAP}{_LOOSE}(?![0-9]){_GAP}")
_QUOTED = re.compile(rf"{_QUESTION}(?![0-9a-z]){_GAP}")
_BARE = re.compile(r"#?(?P<number>[0-9]{1,9})号?")


def read(text: str) -> Said:
    """What the text wants; `SAY` with the words as they were typed for everything that is no command."""
    folded, positions = fold(text)
    start = len(folded) - len(folded.lstrip(_ENDS + "/"))
    plain = normalise(text).lower().lstrip(_ENDS + "/").rstrip(_ENDS)
    for wish, words in _ALONE.items():
        if plain in words:
            return Said(wish)
    if plain in _RATE:
        return Said(Wish.RATE)
    if plain in _ADD:
        return Said(Wish.ADD)
    if found := _NAMED.fullmatch(plain):
        return Said(_WITH_NUMBER[found["word"]], _number(found), (found["code"] or "").upper())
    if found := _JUDGED.fullmatch(plain):
        return Said(Wish.RATE, _number(found), rating=_VERDICTS[found["verdict"]])
    if found := _BARE.fullmatch(plain):
        return Said(Wish.NUMBER, _number(found))
    if re.fullmatch(_QUESTION, plain):
        return Said(Wish.STATUS, _number(_QUOTED.match(plain)))
    if (found := re.fullmatch(_CODE, plain)) and any(char.isdecimal() for char in plain):
        return Said(Wish.STATUS, code=found["code"].upper())
    for pattern in (_RATED, _RATED_PLAIN):
        if found := pattern.match(folded, start):
            rating = int(found["rating"]) if found["rating"] else _VERDICTS[found["verdict"]]
            return Said(Wish.RATE, _number(found), rating=rating, words=text[positions[found.end()] :].strip())
    for pattern in (_ADDED, _QUOTED):
        if found := pattern.match(folded, start):
            return Said(Wish.ADD, _number(found), words=text[positions[found.end()] :].strip())
    for word in _ADD[:1]:
        if folded.startswith(f"{word} ", start) or folded.startswith(f"{word}:", start):
            return Said(Wish.ADD, words=text[positions[start + len(word) + 1] :].strip())
    return Said(Wish.SAY, words=text.strip())


def _number(found: re.Match[str] | None) -> int | None:
    if found is None:
        return None
    groups = found.groupdict()
    digits = groups.get("number") or groups.get("plain")
    return int(digits) or None if digits else None
