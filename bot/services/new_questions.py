"""New questions: any number of them, each of another resident, in a few statements."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.rules.matching import topic_of
from bot.rules.resident_words import CODE_ALPHABET, CODE_LENGTH
from bot.rules.text import clean
from bot.services import clocks
from bot.services.announcing import announce_all
from bot.services.desk import Desk
from bot.services.offers import Offer, offers_for
from bot.services.routing import ask_for_place, wants_menu
from bot.services.settings import Settings
from storage.enums import EntryBy, EntryKind, QuestionState
from storage.questions import Question, new_question
from storage.residents import Resident
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Spoken:
    """What came in: `text` may be empty when there is a picture; `media` names what was no text."""

    text: str
    media: str = ""
    picture_url: str = ""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a resident begins a question with. `unwanted`: it is set aside, and nobody is told."""

    resident: Resident
    spoken: Spoken
    unwanted: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """`menu`: the resident is asked for their place. `informs`: they hear for the first time what is kept of them."""

    question: Question
    offer: Offer | None = None
    menu: bool = False
    informs: bool = False


async def begin(tx: Transaction, settings: Settings, beginnings: Sequence[Beginning], *, now: datetime) -> list[Begun]:
    """Stores them, in order, with whoever is heard for the first time; brings them before those who answer."""
    if not beginnings:
        return []
    wanted = [each for each in beginnings if not each.unwanted]
    informed = {id(each) for each in wanted if each.resident.informed_at is None}
    for each in wanted:
        each.resident.informed_at = each.resident.informed_at or now
    await tx.residents.add_all([each.resident for each in beginnings])
    top = await tx.branches.top() if any(each.resident.branch_id is None for each in beginnings) else None
    questions = {id(each): _question(settings.desk, each, top, now) for each in beginnings}
    asked = [each for each in wanted if wants_menu(settings, each.resident)]
    fitting = [each for each in wanted if not wants_menu(settings, each.resident)]
    found = await offers_for(tx, [questions[id(each)] for each in fitting])
    offers = dict(zip(map(id, fitting), found, strict=True))
    await tx.questions.add_all(list(questions.values()))
    await tx.entries.add_said([said(questions[id(each)], each.spoken, EntryKind.ASKED, now) for each in beginnings])
    await announce_all(tx, settings, [questions[id(each)] for each in wanted], now=now)
    for each in asked:
        await ask_for_place(tx, each.resident, questions[id(each)], now=now)
    menus = set(map(id, asked))
    return [Begun(questions[n], offers.get(n), menu=n in menus, informs=n in informed) for n in map(id, beginnings)]


def said(question: Question, spoken: Spoken, kind: EntryKind, now: datetime) -> dict[str, Any]:
    """What a resident wrote as a line of the thread, see `EntryStore.add_said`."""
    return {
        "question_id": question.id,
        "resident_id": question.resident_id,
        "at": now,
        "by": EntryBy.RESIDENT,
        "kind": kind,
        "text": clean(spoken.text),
        "media": spoken.media or None,
        "picture_url": spoken.picture_url[:600] or None,
    }


def _question(desk: Desk, new: Beginning, top: int | None, now: datetime) -> Question:
    question = new_question(
        resident_id=new.resident.id,
        branch_id=new.resident.branch_id if new.resident.branch_id is not None else top,
        topic=topic_of(new.spoken.text, [(topic.name, topic.keywords) for topic in desk.topics]),
        words=clean(new.spoken.text),
        pickup_code="".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)),
        now=now,
        state=QuestionState.ASIDE if new.unwanted else QuestionState.NEW,
    )
    if not new.unwanted:
        clocks.start(desk, question, now=now)
    clocks.heard(question, now=now)
    return question
