"""A question is brought before those who answer for its branch: a card to each, and one in their group."""

import re
from collections.abc import Sequence
from datetime import datetime

from bot.message import Button, Card, dump
from bot.rules.masking import EVERYTHING, NUMBERS, masked
from bot.rules.text import cut_chars
from bot.services.access import ROSTER
from bot.services.cards import BODY_CHARS
from bot.services.desk_groups import groups_for
from bot.services.responders import CARDS, responders_of
from bot.services.roads import tell
from bot.services.settings import Settings
from bot.texts import Texts
from storage.enums import Priority
from storage.messages import NewMessage, QueuedMessage
from storage.questions import Question
from storage.transaction import Transaction

_SUBJECT = re.compile(r"Q(?P<number>[0-9]+):(?P<why>[a-z]+):")


async def announce(
    tx: Transaction,
    settings: Settings,
    question: Question,
    *,
    now: datetime,
    why: str = "new",
    to: Sequence[int] | None = None,
) -> None:
    """Queues the card, in private at a time when it disturbs nobody.

    `to` are the members that it is for; None: whoever answers for the branch, and their group.
    """
    readers = await readers_of(tx, settings, question) if to is None else list(to)
    branch = await tx.branches.get_name(question.branch_id) if question.branch_id is not None else ""
    await tell(
        tx,
        settings.roads,
        readers,
        question_card(settings.texts, question, branch=branch, why=why, now=now),
        kind=CARDS,
        subject=f"Q{question.id}:{why}:{now.isoformat()}",
        now=now,
        quiet=True,
    )
    if to is not None or not settings.roads.group:
        return
    card = question_card(settings.texts, question, branch=branch, why=why, now=now, in_group=True)
    await tx.messages.queue(
        [
            NewMessage(
                kind=CARDS,
                subject=f"Q{question.id}:{why}:{now.isoformat()}:chat:{chat.id}",
                platform=chat.platform,
                recipient=settings.roads.to_chat(chat.chat_id),
                body=dump(card),
                priority=Priority.URGENT,
                quiet=True,
            )
            for chat in await groups_for(tx, question.branch_id)
        ],
        now,
    )


async def readers_of(tx: Transaction, settings: Settings, question: Question) -> list[int]:
    """Those whom a question of this branch is shown to; the administrators where nobody answers at all."""
    if found := await responders_of(tx, question.branch_id):
        return found
    members = await tx.members.by_accounts(ROSTER, settings.administrators)
    return sorted(member.id for member in members.values())


async def outdated(tx: Transaction, messages: Sequence[QueuedMessage]) -> dict[int, str]:
    """Message id → why this card must not leave any more: nothing is owed, or somebody has taken it meanwhile."""
    subjects = await tx.messages.subjects([m.id for m in messages if m.kind == CARDS])
    found = {message_id: match for message_id, each in subjects.items() if (match := _SUBJECT.match(each))}
    questions = await tx.questions.many({int(match["number"]) for match in found.values()})
    reasons: dict[int, str] = {}
    for message_id, match in found.items():
        question = questions[int(match["number"])]
        if not question.is_open or (match["why"] == "new" and question.owner_id is not None):
            reasons[message_id] = "done"
    return reasons


def question_card(
    texts: Texts,
    question: Question,
    *,
    branch: str,
    why: str,
    now: datetime,
    owner: str = "",
    in_group: bool = False,
) -> Card:
    """The card of a question; with an `owner` nobody else is asked to take it. Nothing on it tells who asked."""
    view = Button(texts.say("announcing.button.view"), action=f"view:{question.id}")
    claim = Button(texts.say("announcing.button.claim"), action=f"claim:{question.id}", primary=True)
    words = masked(question.words, EVERYTHING if in_group else NUMBERS)
    due = texts.when(question.due_at, now) if question.due_at else ""
    rows = (("topic", question.topic or ""), ("due", due), ("owner", owner))
    return Card(
        title=texts.say(f"announcing.title.{why}", number=question.id),
        body=cut_chars(words, BODY_CHARS) or texts.say("announcing.no_words"),
        source=branch,
        fields=tuple((texts.say(f"announcing.field.{name}"), value) for name, value in rows if value),
        buttons=(view,) if owner or why == "assigned" else (claim, view),
    )
