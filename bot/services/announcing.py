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
from bot.services.roads import private
from bot.services.settings import Settings
from bot.texts import Texts
from storage.enums import Priority
from storage.messages import NewMessage, QueuedMessage
from storage.questions import Question
from storage.responder_chats import ResponderChat
from storage.transaction import Transaction

_SUBJECT = re.compile(r"Q(?P<number>[0-9]+):(?P<why>[a-z]+):")

TO_TAKE = frozenset({"new", "branch"})
"""Why a card is shown that asks whoever sees it first to take the question."""


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
    await announce_all(tx, settings, [question], now=now, why=why, to=to)


async def announce_all(
    tx: Transaction,
    settings: Settings,
    questions: Sequence[Question],
    *,
    now: datetime,
    why: str = "new",
    to: Sequence[int] | None = None,
) -> None:
    """`announce` for any number of questions: who is asked for is looked up once for each branch."""
    messages: list[NewMessage] = []
    for branch_id in dict.fromkeys(question.branch_id for question in questions):
        of_branch = [question for question in questions if question.branch_id == branch_id]
        readers = await readers_of(tx, settings, of_branch[0]) if to is None else list(to)
        people = await tx.members.user_ids(readers, ROSTER)
        branch = await tx.branches.get_name(branch_id) if branch_id is not None else ""
        groups = await groups_for(tx, branch_id) if to is None and settings.roads.group else ()
        for question in of_branch:
            subject = f"Q{question.id}:{why}:{now.isoformat()}"
            card = question_card(settings.texts, question, branch=branch, why=why, now=now)
            messages += private(settings.roads, people, card, kind=CARDS, subject=subject, quiet=True)
            if groups:
                shown = question_card(settings.texts, question, branch=branch, why=why, now=now, in_group=True)
                messages += [_posted(settings, chat, dump(shown), subject) for chat in groups]
    await tx.messages.queue(messages, now)


def _posted(settings: Settings, chat: ResponderChat, body: str, subject: str) -> NewMessage:
    return NewMessage(
        kind=CARDS,
        subject=f"{subject}:chat:{chat.id}",
        platform=chat.platform,
        recipient=settings.roads.to_chat(chat.chat_id),
        body=body,
        priority=Priority.URGENT,
        quiet=True,
    )


async def readers_of(tx: Transaction, settings: Settings, question: Question) -> list[int]:
    """Those whom a question of this branch is shown to; the administrators where nobody answers at all."""
    if found := await responders_of(tx, question.branch_id):
        return found
    members = await tx.members.by_accounts(ROSTER, settings.administrators)
    return sorted(member.id for member in members.values())


async def numbers_on(tx: Transaction, messages: Sequence[QueuedMessage]) -> list[int]:
    """The questions that cards are about, the lowest number first."""
    subjects = await tx.messages.subjects([message.id for message in messages])
    return sorted({int(match["number"]) for each in subjects.values() if (match := _SUBJECT.match(each))})


async def joinable(tx: Transaction, messages: Sequence[QueuedMessage]) -> list[QueuedMessage]:
    """Those of the cards that bring a question to whoever may take it: several of them can be one."""
    subjects = await tx.messages.subjects([message.id for message in messages])
    found = {each: match for each, subject in subjects.items() if (match := _SUBJECT.match(subject))}
    return [each for each in messages if each.id in found and found[each.id]["why"] in TO_TAKE]


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
