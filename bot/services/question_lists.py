"""Several questions on one card: what waits for one responder in a flood, and what nobody has taken yet.

A row for each, and a button that takes it. The card is made again from its buttons, so nothing of it is stored.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from bot.message import Button, Card
from bot.rules.masking import EVERYTHING, NUMBERS, masked
from bot.rules.text import cut_chars
from bot.services import claiming
from bot.services.access import Speaker, answers_for
from bot.services.announcing import numbers_on
from bot.services.cards import VALUE_CHARS
from bot.services.roads import Roads
from bot.services.settings import Settings
from bot.texts import Texts
from storage.messages import QueuedMessage
from storage.questions import Question
from storage.transaction import Transaction

ROWS = 5
"""So many fit on a card, with a button each and one more."""
_NO_NAMES: Mapping[int, str] = {}


async def together(tx: Transaction, settings: Settings, messages: Sequence[QueuedMessage]) -> Card:
    """The cards that wait for the same person or group as one: all are counted, the first are shown."""
    numbers = await numbers_on(tx, messages)
    shown = [(await tx.questions.many(numbers))[number] for number in numbers[:ROWS]]
    branches = {question.branch_id for question in shown if question.branch_id is not None}
    return _card(
        settings.texts,
        shown,
        title=settings.texts.say("claiming.list.new", n=len(numbers)),
        source=await tx.branches.get_name(branches.pop()) if len(branches) == 1 else "",
        left=len(numbers) - len(shown),
        in_group=messages[0].recipient.startswith(Roads.to_chat("")),
    )


async def unclaimed(
    tx: Transaction, settings: Settings, who: Speaker, *, after: int = 0, in_group: bool
) -> Card | None:
    """The first questions with a higher number than `after` that nobody has taken, after the last the first again.

    None when somebody has taken each.
    """
    scope = await _scope(tx, who)
    shown = await tx.questions.unclaimed_in(scope, after, ROWS)
    if not shown and after:
        return await unclaimed(tx, settings, who, in_group=in_group)
    if not shown:
        return None
    count = await tx.questions.count_unclaimed(scope, 0)
    title = settings.texts.say("claiming.list.title", n=count)
    return _card(settings.texts, shown, title=title, left=count - len(shown), in_group=in_group)


async def claim_on_list(
    tx: Transaction,
    settings: Settings,
    who: Speaker,
    question: Question,
    numbers: Collection[int],
    *,
    in_group: bool,
    source: str,
    now: datetime,
) -> tuple[claiming.Claimed, Card]:
    """Takes one of the questions on a card; the card as it is now. The others, who have other cards, are told."""
    done = await claiming.claim(tx, settings, who, question, by_card=False, source=source, now=now)
    scope = await _scope(tx, who)
    found = await tx.questions.many(numbers)
    seen = [found[number] for number in sorted(found) if scope is None or found[number].branch_id in {None, *scope}]
    names = await tx.members.names({each.owner_id for each in seen if each.owner_id is not None})
    left = await tx.questions.count_unclaimed(scope, 0) - sum(map(_is_free, seen))
    title = settings.texts.say("claiming.others", number=question.id, name=done.owner)
    return done, _card(settings.texts, seen[:ROWS], names=names, title=title, left=left, in_group=in_group)


def _is_free(question: Question) -> bool:
    return question.is_open and question.owner_id is None and question.merged_into is None


async def _scope(tx: Transaction, who: Speaker) -> frozenset[int] | None:
    return None if who.administrator else await answers_for(tx, who)


def _card(
    texts: Texts,
    questions: Sequence[Question],
    *,
    title: str,
    left: int,
    in_group: bool,
    source: str = "",
    names: Mapping[int, str] = _NO_NAMES,
) -> Card:
    here = ".".join(str(each.id) for each in questions)
    buttons = [
        Button(texts.say("claiming.list.button", number=each.id), action=f"take:{each.id}:{here}", primary=True)
        for each in questions
        if _is_free(each)
    ]
    last = max((each.id for each in questions), default=0)
    buttons.append(Button(texts.say("claiming.list.button.more"), action=f"unclaimed:{last}"))
    return Card(
        title=title,
        body=texts.say("claiming.list.left", n=left) if left > 0 else texts.say("claiming.list.how"),
        source=source,
        fields=tuple((f"Q{each.id}", _row(texts, each, names, in_group=in_group)) for each in questions),
        buttons=tuple(buttons),
    )


def _row(texts: Texts, question: Question, names: Mapping[int, str], *, in_group: bool) -> str:
    """`物业 三号楼的灯坏了`, or what has become of it."""
    if question.owner_id is not None:
        return texts.say("claiming.label", name=names.get(question.owner_id, ""))
    if not question.is_open:
        return texts.say(f"threads.state.{question.state}")
    words = " ".join(masked(question.words, EVERYTHING if in_group else NUMBERS).split())
    said = words or texts.say("announcing.no_words")
    return cut_chars(" ".join(part for part in (question.topic, said) if part), VALUE_CHARS)
