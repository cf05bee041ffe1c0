"""A question with its answer on the public page: cleared of what is personal, seen by two people, taken off at once."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.errors import UserError
from bot.message import Button, Card, Text
from bot.rules.folding import normalise
from bot.rules.masking import Spot, find_private, redacted
from bot.rules.text import cut_chars
from bot.services.access import ROSTER, Speaker
from bot.services.cards import BODY_CHARS
from bot.services.public_questions import index
from bot.services.responders import CARDS, NEWS, responders_of, secretaries_of, tell_responders
from bot.services.roads import tell
from bot.services.settings import Settings
from bot.services.traces import trace
from storage.enums import EntryKind, QuestionState
from storage.publications import Publication
from storage.questions import Question
from storage.transaction import Transaction

PUBLISHABLE = (QuestionState.ANSWERED, QuestionState.CLOSED)


@dataclass(frozen=True, slots=True)
class View:
    """What would stand on the page; `spots` are what was blacked out, in order; `mark` names these very words."""

    publication: Publication
    spots: Sequence[Spot]
    mark: str


async def prepare(
    tx: Transaction,
    who: Speaker,
    question: Question,
    *,
    hide: Sequence[str],
    keep: Sequence[str],
    source: str,
    now: datetime,
) -> View:
    """The question and its last answer as they would be shown. `hide` is blacked out too, `keep` is not.

    Raises UserError while there is no answer, or when the words were deleted.
    """
    if question.state not in PUBLISHABLE or question.erased_at is not None:
        key = "reopened" if question.was_answered else "unanswered"
        key = "erased" if question.erased_at is not None else key
        raise UserError(f"publications.{key}", number=question.id)
    entries = await tx.entries.of_question(question.id)
    answer = next((entry.text for entry in reversed(entries) if entry.kind == EntryKind.ANSWER), "")
    if not answer or not question.words:
        raise UserError("publications.unanswered", number=question.id)
    kept = {normalise(word) for word in keep}
    parts, spots = [], []
    for text in (question.words, answer):
        found = [spot for spot in find_private(text, hide) if normalise(spot.text) not in kept]
        spots += found
        parts.append(redacted(text, found))
    publication = await tx.publications.put(
        question_id=question.id, question_text=parts[0], answer_text=parts[1], asked_by_id=who.member_id, now=now
    )
    trace(tx, question.id, "publication.prepare", by=who.member_id, source=source, now=now)
    return View(publication, spots, mark_of(publication))


async def submit(
    tx: Transaction, settings: Settings, who: Speaker, question: Question, mark: str, *, source: str, now: datetime
) -> Sequence[str]:
    """Asks a second person; the names of those who may agree. Raises UserError when the words have changed since."""
    publication = await _waiting(tx, question, mark)
    if publication.asked_by_id != who.member_id:
        raise UserError("publications.changed", number=question.id)
    seconds = await _seconds(tx, settings, question, who.member_id)
    if not seconds:
        raise UserError("publications.nobody", number=question.id)
    texts = settings.texts
    words = texts.say(
        "publications.asked",
        name=who.name,
        number=question.id,
        question=publication.question_text,
        answer=publication.answer_text,
    )
    card = Card(
        title=texts.say("publications.card", number=question.id),
        subtitle=texts.say("publications.card.why"),
        body=cut_chars(publication.question_text, BODY_CHARS),
        buttons=(
            Button(texts.say("publications.button.agree"), action=f"publish_agree:{question.id} {mark}", primary=True),
            Button(texts.say("publications.button.refuse"), action=f"publish_refuse:{question.id} {mark}"),
        ),
    )
    subject = f"publish:{question.id}:{mark}:{now.isoformat()}"
    await tell(tx, settings.roads, seconds, Text(words), kind=f"{NEWS}_words", subject=subject, now=now)
    await tell(tx, settings.roads, seconds, card, kind=CARDS, subject=subject, now=now)
    trace(tx, question.id, "publication.submit", by=who.member_id, source=source, now=now)
    return sorted((await tx.members.names(seconds)).values())


async def agree(
    tx: Transaction, settings: Settings, who: Speaker, question: Question, mark: str, *, source: str, now: datetime
) -> None:
    """The second person has read it: it is published. Raises UserError for the one who asked for it."""
    publication = await _waiting(tx, question, mark)
    if publication.asked_by_id == who.member_id:
        raise UserError("publications.own", number=question.id)
    question.public_question, question.public_answer = publication.question_text, publication.answer_text
    question.published_at, question.published_by_id = now, publication.asked_by_id
    await index(tx, question)
    await tx.publications.remove(publication)
    trace(
        tx, question.id, "publication.agree", by=who.member_id, source=source, now=now, before=publication.asked_by_id
    )
    await _answer(tx, settings, who, publication, "publications.agreed", mark, now)


async def refuse(
    tx: Transaction, settings: Settings, who: Speaker, question: Question, mark: str, *, source: str, now: datetime
) -> None:
    """The second person does not want it published."""
    publication = await _waiting(tx, question, mark)
    await tx.publications.remove(publication)
    trace(tx, question.id, "publication.refuse", by=who.member_id, source=source, now=now)
    await _answer(tx, settings, who, publication, "publications.refused", mark, now)


async def take_off(tx: Transaction, who: Speaker, question: Question, *, source: str, now: datetime) -> None:
    """It is gone from the page at once; what waited to be agreed to is dropped too."""
    publication = await tx.publications.get(question.id)
    if publication is None and question.published_at is None:
        raise UserError("publications.not_public", number=question.id)
    if publication is not None:
        await tx.publications.remove(publication)
    question.public_question = question.public_answer = question.published_at = question.published_by_id = None
    await tx.public_questions.unindex([question.id])
    trace(tx, question.id, "publication.take_off", by=who.member_id, source=source, now=now)


def mark_of(publication: Publication) -> str:
    """Names exactly these words: a button made for others does nothing."""
    words = f"{publication.question_text}\n{publication.answer_text}"
    return hashlib.sha256(words.encode()).hexdigest()[:12]


async def _waiting(tx: Transaction, question: Question, mark: str) -> Publication:
    publication = await tx.publications.get(question.id)
    if publication is None or mark_of(publication) != mark:
        raise UserError("publications.changed", number=question.id)
    if question.erased_at is not None or question.state not in PUBLISHABLE:
        raise UserError("publications.erased", number=question.id)
    return publication


async def _seconds(tx: Transaction, settings: Settings, question: Question, asker_id: int) -> list[int]:
    """Another secretary or a responder of the branch; where there is none, an administrator."""
    near = {*await secretaries_of(tx, question.branch_id), *await responders_of(tx, question.branch_id)}
    if others := sorted(near - {asker_id}):
        return others
    members = await tx.members.by_accounts(ROSTER, settings.administrators)
    return sorted({member.id for member in members.values()} - {asker_id})


async def _answer(
    tx: Transaction, settings: Settings, who: Speaker, publication: Publication, key: str, mark: str, now: datetime
) -> None:
    words = settings.texts.say(key, number=publication.question_id, name=who.name)
    subject = f"published:{publication.question_id}:{mark}:{now.isoformat()}"
    await tell_responders(tx, settings, [publication.asked_by_id], words, subject=subject, now=now)
