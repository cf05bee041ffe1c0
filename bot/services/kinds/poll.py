"""A poll: its options, how many one may choose, and whether anybody may know who chose what."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from bot.errors import UserError
from bot.message import Button
from bot.rules.folding import lines_of, normalise
from bot.rules.numerals import with_digits
from bot.rules.options import letter, read_options, take_options
from bot.rules.text import cut_chars
from bot.services.asking import Ask
from bot.services.kinds.base import Amendment, Face, Keep, Kind
from bot.services.polls import close_polls, result_lines
from bot.services.settings import Settings
from bot.services.written import Written
from storage.enums import ItemKind, Require
from storage.items import Item
from storage.polls import Poll
from storage.transaction import Transaction

FIELDS: Mapping[str, str] = {
    **dict.fromkeys(("选项", "options"), "options"),
    **dict.fromkeys(("方式", "投票方式", "选择", "choice"), "choice"),
    **dict.fromkeys(("署名", "匿名", "记名", "names"), "names"),
    **dict.fromkeys(("结果", "result"), "result"),
}
FEWEST, MOST = 2, 20
OPTION_CHARS = 40
BUTTONS = 5
"""A card has six; one opens the page."""
_MOST_N = re.compile(r"(?:多选|multiple|multi|several)?\D*?([0-9]+)\D*")
_VOTE = re.compile(r"#?[0-9]+\s*[A-Za-z]+(?:[\s,、]+[A-Za-z])*|[A-Za-z]")
"""`投票 12 A` by a secretary who votes."""
_ANONYMOUS = frozenset({"匿名", "不记名", "anonymous", "是", "yes"})
_NAMED = frozenset({"记名", "实名", "named", "否", "no"})
_SHOWN = frozenset({"公开", "public", "shown", "yes"})
_HIDDEN = frozenset({"不公开", "private", "hidden", "no"})
_ONE = frozenset({"", "单选", "single", "one"})
_SEVERAL = frozenset({"多选", "multiple", "multi", "several"})
_BARE = {
    **dict.fromkeys(("单选", "多选"), "choice"),
    **dict.fromkeys(("匿名", "记名", "不记名", "实名"), "names"),
}
"""Words that may stand on a line of their own."""


class PollKind(Kind):
    """`/投票`."""

    corrects: ClassVar[frozenset[str]] = frozenset({"options"})

    def lift(self, text: str) -> tuple[str, dict[str, str]]:
        kept, lifted = [], {}
        for index, line in enumerate(lines_of(text)):
            word = normalise(line).strip()
            name = _BARE.get(word) or ("choice" if word.startswith("多选") and ":" not in word else None)
            if index and name is not None:
                lifted[name] = word
            else:
                kept.append(line)
        taken = take_options("\n".join(kept))
        if taken.words:
            lifted["options"] = "\n".join(taken.words)
        return taken.rest, lifted

    def is_answer(self, text: str) -> bool:
        return _VOTE.fullmatch(normalise(text).strip()) is not None

    def read(self, settings: Settings, written: Written, draft: Item, *, now: datetime) -> Keep:
        options = _options(written.fields.get("options", ""))
        most = _most(written.fields.get("choice", ""), len(options))
        anonymous = _flag(written.fields.get("names", ""), "names", _ANONYMOUS, _NAMED, usual=False)
        shown = _flag(written.fields.get("result", ""), "result", _SHOWN, _HIDDEN, usual=True)
        if not anonymous:
            draft.keep_until = draft.due_at

        async def keep(tx: Transaction, item: Item) -> None:
            await tx.polls.add(Poll(item_id=item.id, most=most, anonymous=anonymous, shown=shown), options)

        return keep

    async def amend(
        self, tx: Transaction, settings: Settings, item: Item, fields: Mapping[str, str], *, now: datetime
    ) -> Amendment | None:
        poll = await tx.polls.get(item.id)
        if poll is None or not fields.get("options", "").strip():
            return None
        if await tx.polls.votes(poll):
            raise UserError("poll.voted_already", number=item.id)
        old, new = (await tx.polls.options([item.id]))[item.id], _options(fields["options"])
        if new == old:
            return None
        most = len(new) if poll.most == len(old) else min(poll.most, len(new))
        before, after = (" ".join(_lines(settings, options)) for options in (old, new))
        line = settings.texts.say("difference.own", name=settings.texts.say("poll.options"), old=before, new=after)
        return Amendment({"options": "\n".join(new), "most": most}, (line,), ("options",))

    async def overtaken(self, tx: Transaction, item: Item, amendment: Amendment) -> str:
        poll = await tx.polls.get(item.id)
        return "poll.overtaken" if poll is not None and await tx.polls.votes(poll) else ""

    async def take_over(
        self, tx: Transaction, settings: Settings, item: Item, amendment: Amendment, *, major: bool, now: datetime
    ) -> None:
        if (poll := await tx.polls.get(item.id)) is not None:
            options = str(amendment.values["options"]).split("\n")
            await tx.polls.change(poll, options, most=int(amendment.values["most"] or 1), since=item.version)

    async def notes(self, tx: Transaction, settings: Settings, item: Item) -> list[str]:
        poll = await tx.polls.get(item.id)
        if poll is None:
            return []
        shown = "shown" if poll.shown else "hidden"
        return [settings.texts.say(f"poll.note.{shown}")]

    async def faces(self, tx: Transaction, settings: Settings, items: Sequence[Item]) -> Mapping[int, Face]:
        numbers = [item.id for item in items]
        polls, options = await tx.polls.many(numbers), await tx.polls.options(numbers)
        return {item.id: _face(settings, item, polls[item.id], options[item.id]) for item in items if item.id in polls}

    async def progress(
        self, tx: Transaction, settings: Settings, item: Item, scope: frozenset[int] | None, *, now: datetime
    ) -> list[str]:
        return await result_lines(tx, settings, item)

    async def any_due(self, tx: Transaction, *, now: datetime) -> bool:
        return await tx.items.any_past_due(ItemKind.POLL, now)

    async def do_due(self, tx: Transaction, settings: Settings, *, now: datetime) -> int:
        return await close_polls(tx, settings, now=now)


def _face(settings: Settings, item: Item, poll: Poll, options: Sequence[str]) -> Face:
    texts = settings.texts
    name = "one" if poll.most == 1 else "several"
    how = texts.say(f"poll.asks.{name}", most=poll.most)
    if item.due_at is not None:
        how = texts.say("poll.asks.until", how=how, due=item.due_at)
    secrecy = texts.say("poll.anonymous" if poll.anonymous else "poll.named")
    lines = _lines(settings, options)
    since = f"-{poll.options_since}" if poll.options_since is not None else ""
    buttons: tuple[Button, ...] = ()
    if poll.most == 1 and len(options) <= BUTTONS:
        buttons = tuple(
            Button(
                texts.say("poll.button.option", letter=letter(i), words=words),
                action=f"vote:{item.id}-{letter(i)}{since}",
            )
            for i, words in enumerate(options)
        )
    else:
        example = letter(0) if poll.most == 1 else f"{letter(0)}{letter(1)}"
        lines.append(texts.say("poll.by_word", number=item.id, example=example))
    return Face(asks=how, lines=tuple(lines), fields=((texts.say("poll.field.names"), secrecy),), buttons=buttons)


def _lines(settings: Settings, options: Sequence[str]) -> list[str]:
    return [settings.texts.say("poll.option", letter=letter(i), words=words) for i, words in enumerate(options)]


def _options(words: str) -> list[str]:
    """Raises Ask for too few, too many, too long, or two that are the same."""
    found = read_options(words)
    if len(found) < FEWEST:
        raise Ask("options", "poll.ask_options" if not found else "poll.one_option")
    if len(found) > MOST:
        raise Ask("options", "poll.too_many", limit=MOST, count=len(found))
    seen: set[str] = set()
    for option in found:
        key = normalise(option).casefold().replace(" ", "")
        if key in seen:
            raise Ask("options", "poll.twice", words=cut_chars(option, 20))
        seen.add(key)
        if len(option) > OPTION_CHARS:
            raise Ask("options", "poll.option_long", limit=OPTION_CHARS, words=cut_chars(option, 20))
    return found


def _most(words: str, options: int) -> int:
    plain = with_digits(normalise(words).strip().casefold())
    if plain in _ONE:
        return 1
    if plain in _SEVERAL:
        return options
    found = _MOST_N.fullmatch(plain)
    if found is None or not 1 <= int(found[1]) <= options:
        raise Ask("choice", "poll.choice", words=words[:20], count=options)
    return int(found[1])


def _flag(words: str, name: str, on: frozenset[str], off: frozenset[str], *, usual: bool) -> bool:
    plain = normalise(words).strip().casefold()
    if not plain:
        return usual
    if plain not in on | off:
        raise Ask(name, f"poll.{name}", words=words[:20])
    return plain in on


POLL = PollKind(ItemKind.POLL, ("投票", "poll"), Require.ANSWER, chooses=False, fields=FIELDS)
