"""A question as responders read it: where it stands, whose it is, and everything that was said, with its times.

The resident has no name here. Numbers that people know each other by are masked.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from bot.rules.likeness import most_alike
from bot.rules.masking import EVERYTHING, NUMBERS, Private, masked
from bot.rules.text import cut_chars
from bot.services import pictures
from bot.services.access import Speaker, answers_for
from bot.services.accesses import note
from bot.services.arrivals import window_line, window_of
from bot.services.settings import Settings
from bot.texts import Texts
from storage.entries import Entry
from storage.enums import Arrival, EntryBy, EntryKind, QuestionState
from storage.questions import Question
from storage.transaction import Transaction

SHOWN_CHARS = 24
"""Of a question's first words in a list."""
PAGE = 10
PICTURE = "image"
COMPARED = 100
"""Open questions that one is compared with."""


async def thread(
    tx: Transaction, settings: Settings, who: Speaker, question: Question, *, in_group: bool, source: str, now: datetime
) -> list[str]:
    """The whole question, line by line. That it was looked at is logged, and remembered for what comes next."""
    texts, kinds = settings.texts, EVERYTHING if in_group else NUMBERS
    entries = await tx.entries.of_question(question.id)
    wanted = {entry.member_id for entry in entries if entry.member_id} | {question.owner_id or 0}
    names = await tx.members.names(wanted)
    lines = [await _head(tx, texts, question, names, now)]
    sent = await tx.pictures.of_question(question.id)
    seen = {
        entry.id: pictures.line(texts, entry, sent.get(entry.id), in_group=in_group)
        for entry in entries
        if entry.media == PICTURE and question.erased_at is None
    }
    if sent:
        await pictures.show(tx, settings, question, who.member_id, now=now)
    lines += [_line(texts, entry, names, kinds, seen.get(entry.id, ""), now) for entry in entries] or [
        _spoken(texts, question.asked_at, texts.say("threads.resident"), masked(question.words, kinds), now)
    ]
    pending = await tx.answers.leaving(question.id)
    writers = await tx.members.names({answer.member_id for answer in pending})
    lines += [
        texts.say(
            "threads.leaving",
            name=writers[each.member_id],
            what=texts.say(f"threads.kind.{each.kind}"),
            text=each.text,
            at=_clock(texts, each.leaves_at),
        )
        for each in pending
    ]
    lines += await _notes(tx, settings, question, now)
    note(tx, "thread", by=who.member_id, source=source, question_id=question.id, now=now)
    await tx.attention.turn(who.member_id, question.id, now)
    return lines


async def alike(tx: Transaction, question: Question) -> Sequence[int]:
    """Other open questions of the same branch that are perhaps about the same."""
    scope = {question.branch_id} if question.branch_id is not None else None
    others = [other for other in await tx.questions.open_in(scope, COMPARED) if other.id != question.id]
    apart = [other for other in others if other.merged_into is None and question.merged_into != other.id]
    return most_alike(question.words, [(other.id, other.words) for other in apart])


async def open_questions(
    tx: Transaction, texts: Texts, who: Speaker, *, page: int, in_group: bool, now: datetime
) -> tuple[list[str], int]:
    """The lines of one page, the oldest question first, and how many pages there are at least."""
    scope = None if who.administrator else await answers_for(tx, who)
    found = [each for each in await tx.questions.open_in(scope, PAGE * page * 2 + 1) if each.merged_into is None]
    shown = found[PAGE * (page - 1) : PAGE * page]
    names = await tx.members.names({each.owner_id for each in shown if each.owner_id})
    kinds = EVERYTHING if in_group else NUMBERS
    lines = [summary(texts, each, names.get(each.owner_id or 0, ""), kinds, now) for each in shown]
    return lines, page + (len(found) > PAGE * page)


async def aside_questions(
    tx: Transaction, texts: Texts, who: Speaker, *, in_group: bool, now: datetime
) -> tuple[list[str], int]:
    """The lines of what looks like advertisements, the newest first, and how many there are."""
    scope = None if who.administrator else await answers_for(tx, who)
    count = (await tx.questions.count_by_state(scope)).get(QuestionState.ASIDE, 0)
    kinds = EVERYTHING if in_group else NUMBERS
    found = await tx.questions.aside_in(scope, PAGE) if count else []
    return [summary(texts, each, "", kinds, now) for each in found], count


def summary(texts: Texts, question: Question, owner: str, kinds: Collection[Private], now: datetime) -> str:
    """`Q34 物业 路灯坏了… 期限 11月24日（周二）10:00 · 王芳`."""
    words = cut_chars(" ".join(masked(question.words, kinds).split()), SHOWN_CHARS)
    head = " ".join(part for part in (f"Q{question.id}", question.topic, words) if part)
    parts = [head, _due(texts, question, now), owner or texts.say("threads.nobody")]
    return " · ".join(part for part in parts if part)


async def _head(tx: Transaction, texts: Texts, question: Question, names: Mapping[int, str], now: datetime) -> str:
    branch = await tx.branches.get_name(question.branch_id) if question.branch_id is not None else ""
    owner = names.get(question.owner_id or 0, "")
    parts = [f"Q{question.id}", question.topic or "", branch, texts.say(f"threads.state.{question.state}")]
    if question.is_open:
        parts += [_due(texts, question, now), owner or texts.say("threads.nobody")]
    elif owner:
        parts.append(owner)
    if question.rating:
        parts.append(texts.say("threads.rating", n=question.rating))
    return " · ".join(part for part in parts if part)


def _due(texts: Texts, question: Question, now: datetime) -> str:
    if question.merged_into is not None:
        return ""
    if question.paused_at is not None:
        return texts.say("threads.paused")
    if question.due_at is None:
        return ""
    key = "threads.due" if question.due_at > now else "threads.late"
    return texts.say(key, due=texts.when(question.due_at, now))


def _line(
    texts: Texts, entry: Entry, names: Mapping[int, str], kinds: Collection[Private], picture: str, now: datetime
) -> str:
    who = texts.say("threads.resident" if entry.by == EntryBy.RESIDENT else "threads.bot")
    if entry.member_id is not None:
        who = names.get(entry.member_id, "")
    if entry.kind not in (EntryKind.ASKED, EntryKind.ADDED):
        who = f"{who} {texts.say(f'threads.kind.{entry.kind}')}"
    words = masked(entry.text, kinds) if entry.by == EntryBy.RESIDENT else entry.text
    if picture:
        words = f"{words}\n{picture}".strip()
    words = words or texts.say("threads.no_text")
    line = _spoken(texts, entry.at, who, words, now)
    return f"{line}{_arrival(texts, entry)}" if entry.arrival else line


def _arrival(texts: Texts, entry: Entry) -> str:
    """What became of words to the resident, with the reason where there is one."""
    if entry.arrival == Arrival.KEPT and entry.reason is not None:
        return texts.say("threads.arrival.kept_why", why=texts.reason(entry.reason))
    return texts.say(f"threads.arrival.{entry.arrival}")


def _spoken(texts: Texts, at: datetime, who: str, words: str, now: datetime) -> str:
    return texts.say("threads.line", at=texts.when(at, now), who=who, words=words)


async def _notes(tx: Transaction, settings: Settings, question: Question, now: datetime) -> list[str]:
    """What else a responder wants to know: with whom it is answered, what is alike, how words would arrive."""
    texts, lines = settings.texts, []
    if question.merged_into is not None:
        lines.append(texts.say("threads.merged_into", number=question.merged_into))
    if merged := [f"Q{each.id}" for each in await tx.questions.merged_in(question.id)]:
        lines.append(texts.say("threads.merged", numbers=texts.list(merged)))
    if question.state not in (QuestionState.WITHDRAWN, QuestionState.DECLINED) and question.erased_at is None:
        if question.is_open and (near := await alike(tx, question)):
            numbers = [f"Q{number}" for number in near]
            lines.append(texts.say("threads.alike", numbers=texts.list(numbers), number=question.id, first=near[0]))
        resident = await tx.residents.get(question.resident_id)
        if resident is not None:
            lines.append(window_line(texts, await window_of(tx, resident, now=now), now=now))
    return lines


def _clock(texts: Texts, at: datetime | None) -> str:
    return f"{at.astimezone(texts.zone):%H:%M}" if at else ""
