"""Voting, and asking what came of it. What was chosen is never stored beside who chose it before the poll says so."""

import re

from bot.errors import UserError
from bot.inbound.router import Context, Reply, Router
from bot.rules.folding import normalise
from bot.rules.words import item_number, split_number
from bot.services import polls
from bot.services.access import absent, item_to_view
from bot.services.accesses import note
from bot.services.acknowledgements import own_card
from bot.services.polls import Voted, member_result, result_lines, voter_lines
from bot.services.roads import BOT
from bot.update import UpdateKind
from storage.enums import Role, Source

SHAPE = re.compile(r"(?:我?[投选]?)?\s*(?P<choice>[A-T](?:[\s,、和]*[A-T]){0,9})[\s.。!]*")
"""A vote in letters alone: `A`, `我选B`."""

router = Router(secret_shapes=[SHAPE])


@router.command("投", "vote", "投票", "poll", secret=True)
async def vote_said(context: Context, rest: str) -> Reply:
    """`投 12 A`, `投 12 AC`, `投票 12 A` by whoever is no secretary."""
    number, choice = split_number(rest)
    if number is None:
        number, choice = await _only_poll(context), rest
    return await _vote(context, number, choice)


@router.click("vote", secret=True)
async def vote_pressed(context: Context, argument: str) -> Reply:
    """A card's option."""
    number, _, choice = argument.partition("-")
    choice, _, since = choice.partition("-")
    return await _vote(context, item_number(number) or 0, choice, since=item_number(since) or 1)


@router.text
async def only_letters(context: Context, text: str) -> Reply | None:
    """`A` alone, from somebody who has one poll to answer."""
    found = SHAPE.fullmatch(normalise(text).upper())
    letters = re.findall("[A-T]", found["choice"]) if found else []
    if letters != sorted(set(letters)):
        return None  # a word
    waiting = await polls.only_open_poll(context.tx, context.speaker.member_id) if found else []
    if found is None or not waiting:
        return None
    if len(waiting) > 1:
        return context.reply("poll.which_poll")
    return await _vote(context, waiting[0], found["choice"])


async def _vote(context: Context, number: int, choice: str, *, since: int | None = None) -> Reply:
    update, texts = context.update, context.texts
    clicked = update.kind is UpdateKind.CLICK
    done = await polls.vote(
        context.tx,
        context.settings,
        context.speaker.member_id,
        number,
        choice,
        since=since,
        source=Source.GROUP if update.in_group else Source.CARD if clicked else Source.CHAT,
        in_words=update.in_group and not clicked,
        now=context.now,
    )
    if not clicked:
        return Reply(_words(context, done))
    label = texts.say("poll.label.done")
    if done.poll.anonymous and update.platform != BOT and update.card_code:
        return Reply(done_label=label)
    answer = label if done.poll.anonymous else texts.list(list(done.words))
    card = await own_card(context.tx, context.settings, done.item, answer=answer, in_group=update.in_group)
    spoken = update.in_group or not update.card_code or (done.again and done.poll.anonymous)
    alone = Reply(_words(context, done)) if spoken else None
    return Reply(private=alone, done_label=label, changed=card)


def _words(context: Context, done: Voted) -> str:
    texts = context.texts
    if done.poll.anonymous and done.again:
        return texts.say("poll.voted_once", number=done.item.id)
    if done.poll.anonymous:
        return texts.say("poll.voted.anonymous", number=done.item.id, title=done.item.title)
    if context.update.in_group and context.update.kind is not UpdateKind.CLICK:
        return texts.say("poll.voted.in_group", number=done.item.id)
    return texts.say("poll.voted", number=done.item.id, title=done.item.title, words=texts.list(list(done.words)))


async def _only_poll(context: Context) -> int:
    found = await polls.only_open_poll(context.tx, context.speaker.member_id)
    if len(found) != 1:
        raise UserError("poll.which_poll")
    return found[0]


@router.command("结果", "result")
async def result_said(context: Context, rest: str) -> Reply:
    """`结果 12`: to members as far as the poll shows it; to the secretary with names, where it has any."""
    number = item_number(rest)
    if number is None:
        return context.reply("poll.which_result")
    tx, settings, texts = context.tx, context.settings, context.texts
    try:
        item, scope = await item_to_view(tx, context.speaker, number)
    except UserError:
        lines = await member_result(tx, settings, context.speaker.member_id, number, now=context.now)
        return Reply("\n".join([texts.say("poll.result.of", number=number), *lines]))
    lines = [texts.say("poll.result.head", number=number, title=item.title), *await result_lines(tx, settings, item)]
    if len(lines) == 1:
        raise absent(number)
    names = await voter_lines(tx, settings, item) if scope is None and context.speaker.may(Role.SECRETARY) else []
    if names:
        note(
            tx, "voters", by=context.speaker.member_id, source=context.update.platform, item_id=number, now=context.now
        )
    return Reply("\n".join(lines), private=Reply("\n".join([*lines, *names])) if names else None)
