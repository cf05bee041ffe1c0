"""Taking a place and giving it back."""

from bot.errors import UserError
from bot.inbound.router import Context, Reply, Router
from bot.rules.words import item_number
from bot.services import signups
from bot.services.access import absent
from bot.services.acknowledgements import own_card
from bot.services.signups import Result, SignedUp
from bot.update import UpdateKind
from storage.enums import Source

router = Router()


@router.command("报名", "signup")
async def enter_said(context: Context, rest: str) -> Reply:
    """`报名 12`."""
    return await _enter(context, await _meant(context, rest))


@router.click("enter")
async def enter_pressed(context: Context, argument: str) -> Reply:
    """The card's 报名."""
    return await _enter(context, item_number(argument) or 0)


@router.command("退出", "quit")
async def quit_said(context: Context, rest: str) -> Reply:
    """`退出 12`."""
    return await _quit(context, await _meant(context, rest))


@router.click("quit")
async def quit_pressed(context: Context, argument: str) -> Reply:
    """The card's 退出."""
    return await _quit(context, item_number(argument) or 0)


async def _enter(context: Context, number: int) -> Reply:
    if not number:
        raise absent(0)
    who, now = context.speaker.member_id, context.now
    return await _answer(context, await signups.enter(context.tx, who, number, source=_source(context), now=now))


async def _quit(context: Context, number: int) -> Reply:
    if not number:
        raise absent(0)
    tx, settings, who = context.tx, context.settings, context.speaker.member_id
    done = await signups.leave(tx, settings, who, number, source=_source(context), now=context.now)
    return await _answer(context, done)


def _source(context: Context) -> Source:
    update = context.update
    clicked = update.kind is UpdateKind.CLICK
    return Source.GROUP if update.in_group else Source.CARD if clicked else Source.CHAT


async def _answer(context: Context, done: SignedUp) -> Reply:
    update, texts = context.update, context.texts
    words = texts.say(f"signup.{done.result}", number=done.item.id, title=done.item.title, ahead=done.ahead)
    if update.kind is not UpdateKind.CLICK:
        return Reply(texts.say("signup.noted", number=done.item.id), private=Reply(words))
    label = texts.say(f"signup.label.{_LABELS[done.result]}")
    card = await own_card(context.tx, context.settings, done.item, answer=label, in_group=update.in_group)
    alone = Reply(words) if update.in_group or not update.card_code or done.result is Result.WAITING else None
    return Reply("" if update.in_group or alone is None else words, private=alone, done_label=label, changed=card)


_LABELS = {
    Result.IN: "in",
    Result.ALREADY_IN: "in",
    Result.WAITING: "waiting",
    Result.ALREADY_WAITING: "waiting",
    Result.OUT: "out",
    Result.NOT_IN: "out",
}


async def _meant(context: Context, rest: str) -> int:
    """The sign-up that was named, or the only one that goes on."""
    number = item_number(rest)
    if number is not None:
        return number
    found = await signups.open_signups(context.tx, context.speaker.member_id, context.now)
    if rest.strip() or len(found) != 1:
        raise UserError("signup.which")
    return found[0]
