"""`线下确认` and `撤销线下`: what members signed on paper. Answers name people and are private."""

from collections.abc import Sequence

from bot.inbound.router import Context, Reply, Router
from bot.rules.number_lists import read_numbers
from bot.rules.words import split_number
from bot.services import paper
from bot.services.access import item_to_enter
from bot.services.arguments import only_number
from bot.services.paper import Entered, Place
from storage.enums import Role, Source

router = Router()

NAMES = 100
"""Names in one answer; the others as their number."""


@router.command("线下确认", "offline", roles=(Role.SECRETARY,))
async def enter(context: Context, rest: str) -> Reply:
    """`线下确认 12 3,5,9`: enters those who signed, by the fixed numbers that 未读 and the printed list show."""
    number, written = split_number(rest)
    numbers = read_numbers(written)
    if number is None or numbers is None:
        return context.reply("paper.example")
    item, scope = await item_to_enter(context.tx, context.speaker, number)
    done = await paper.enter(
        context.tx,
        item,
        scope,
        numbers,
        actor_id=context.speaker.member_id,
        source=context.update.platform,
        now=context.now,
    )
    return _privately(context, _words(context, number, done))


@router.command("撤销线下", "takeback", roles=(Role.SECRETARY,))
async def take_back(context: Context, rest: str) -> Reply:
    """`撤销线下 12`: takes back what the speaker entered last."""
    number = only_number(rest, "paper.take_back.example")
    item, _ = await item_to_enter(context.tx, context.speaker, number)
    done = await paper.take_back(
        context.tx,
        context.settings,
        item,
        actor_id=context.speaker.member_id,
        source=context.update.platform,
        now=context.now,
    )
    texts = context.texts
    lines = [texts.say("paper.taken_back", number=number, n=len(done.places), members=_names(context, done.places))]
    if not done.places:
        lines = [texts.say("paper.taken_back.nobody", number=number)]
    if done.kept:
        lines.append(texts.say("paper.taken_back.kept", n=len(done.kept), members=_names(context, done.kept)))
    if done.reopened:
        lines.append(texts.say("paper.taken_back.reopened"))
    return _privately(context, "\n".join(lines))


def _words(context: Context, number: int, done: Entered) -> str:
    texts = context.texts
    lines = []
    if done.fresh:
        members = _names(context, done.fresh)
        lines.append(texts.say("paper.entered", number=number, n=len(done.fresh), members=members))
    if done.before:
        lines.append(texts.say("paper.before" if done.fresh else "paper.all_before", number=number, n=len(done.before)))
    for place, evidence in done.before[:NAMES]:
        if evidence is None:
            lines.append(texts.say("paper.before.plain", place=place.number, name=place.name))
        elif evidence.source in (Source.PAPER, Source.HELPER):
            key, by = f"paper.before.{evidence.source}", evidence.entered_by
            lines.append(texts.say(key, place=place.number, name=place.name, by=by, at=evidence.at))
        else:
            lines.append(texts.say("paper.before.self", place=place.number, name=place.name, at=evidence.at))
    if done.fresh:
        lines.append(texts.say("paper.undo", number=number))
    return "\n".join(lines)


def _names(context: Context, places: Sequence[Place]) -> str:
    return context.texts.list([f"{place.number} {place.name}" for place in places], NAMES)


def _privately(context: Context, words: str) -> Reply:
    return Reply(context.texts.say("paper.in_group"), private=Reply(words))
