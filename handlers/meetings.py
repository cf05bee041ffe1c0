"""Answering a meeting, checking in at it, and being away for a while."""

from datetime import datetime, time, timedelta

from bot.errors import UserError
from bot.inbound.router import Context, Reply, Router
from bot.rules.folding import normalise
from bot.rules.text import clean
from bot.rules.times import Moment, read_time
from bot.rules.words import item_number, split_number
from bot.services import checkins, leaves, meetings
from bot.services.access import absent, item_to_manage
from bot.services.accesses import note
from bot.services.acknowledgements import own_card
from bot.services.checkins import CODE_DIGITS
from bot.services.meetings import guest_list
from bot.services.signups import signup_list
from bot.update import UpdateKind
from storage.enums import ItemKind, Role, Source

router = Router()

DIALOGUE = timedelta(hours=2)
UNTIL = ("到", "至", "until", "till")
NO_REASON = frozenset({"无", "没有", "不说", "none", "no"})
LAST_MINUTE = time(23, 59)
"""A leave until a day lasts to its end."""


@router.command("参加", "join")
async def join_said(context: Context, rest: str) -> Reply:
    """`参加 12`."""
    number, _ = await _meeting_meant(context, rest, "meeting.join_which")
    return await _answer(context, number, comes=True)


@router.click("join")
async def join_pressed(context: Context, argument: str) -> Reply:
    """The card's 参加."""
    return await _answer(context, _number(argument), comes=True)


@router.command("请假", "leave")
async def leave_said(context: Context, rest: str) -> Reply:
    """`请假 12 出差`; `请假到 11月30日 出差`."""
    if normalise(rest).strip().casefold().startswith(UNTIL):
        return await _away(context, rest)
    number, reason = await _meeting_meant(context, rest, "meeting.leave_which")
    return await _answer(context, number, comes=False, reason=reason)


@router.click("leave")
async def leave_pressed(context: Context, argument: str) -> Reply:
    """The card's 请假: why is asked in private."""
    return await _answer(context, _number(argument), comes=False)


@router.topic("leave")
async def reason_said(context: Context, state: str, text: str) -> Reply:
    """Why somebody is on leave from a meeting."""
    update = context.update
    await context.tx.dialogues.end(update.platform, update.user_id.casefold(), update.chat_id)
    if normalise(text).strip() in NO_REASON:
        return context.reply("meeting.no_reason")
    return await _answer(context, _number(state), comes=False, reason=text)


async def _answer(context: Context, number: int, *, comes: bool, reason: str = "") -> Reply:
    update, texts = context.update, context.texts
    clicked = update.kind is UpdateKind.CLICK
    source = Source.GROUP if update.in_group else Source.CARD if clicked else Source.CHAT
    done = await meetings.answer(
        context.tx,
        context.settings,
        context.speaker,
        number,
        comes=comes,
        reason=reason,
        source=source,
        key=update.key,
        now=context.now,
    )
    word = texts.say("meeting.label.join" if comes else "meeting.label.leave")
    if comes:
        words = texts.say("meeting.joined", number=number, title=done.item.title, begins=done.meeting.begins_at)
    elif done.reason_wanted:
        words = texts.say("meeting.ask_reason", number=number, title=done.item.title)
        await _ask_reason(context, number)
    else:
        words = texts.say("meeting.left", number=number, title=done.item.title)
    if not clicked:
        return (
            Reply(texts.say("meeting.noted", number=number), private=Reply(words)) if update.in_group else Reply(words)
        )
    card = await own_card(context.tx, context.settings, done.item, answer=word, in_group=update.in_group)
    alone = Reply(words) if update.in_group or done.reason_wanted or not update.card_code else None
    return Reply("" if update.in_group or alone is None else words, private=alone, done_label=word, changed=card)


async def _ask_reason(context: Context, number: int) -> None:
    """The answer is expected where the question is put: in private."""
    update = context.update
    platform = context.settings.roads.private if update.in_group else update.platform
    until = context.now + DIALOGUE
    await context.tx.dialogues.put(
        platform, update.user_id.casefold(), "", topic="leave", state=str(number), expires_at=until
    )


@router.command("请假到", "away")
async def away_said(context: Context, rest: str) -> Reply:
    """`请假到 11月30日 出差`."""
    return await _away(context, rest)


@router.text
async def away_in_one(context: Context, text: str) -> Reply | None:
    """`请假到周五`: no blank tells the command's name from the day."""
    plain = clean(text).strip()
    return await _away(context, plain.removeprefix("请假")) if plain.startswith(("请假到", "请假至")) else None


async def _away(context: Context, rest: str) -> Reply:
    words = clean(rest).strip()
    for word in UNTIL:
        if normalise(words).casefold().startswith(word):
            words = words[len(word) :].strip()
            break
    ends_at, reason = _until(context, words)
    begun = await leaves.begin(
        context.tx,
        context.settings,
        context.speaker,
        ends_at=ends_at,
        reason=reason,
        source=context.update.platform,
        key=context.update.key,
        now=context.now,
    )
    told = context.reply("leave.begun", until=leaves.last_moment(context.texts, begun.ends_at), n=begun.excused)
    return Reply(context.texts.say("leave.in_group"), private=told)


def _until(context: Context, words: str) -> tuple[datetime, str]:
    """When the leave ends and why: the longest beginning that is a time."""
    parts = words.split()
    for count in range(len(parts), 0, -1):
        read = read_time(" ".join(parts[:count]), now=context.now, zone=context.texts.zone, default=LAST_MINUTE)
        if isinstance(read, Moment):
            local = read.at.astimezone(context.texts.zone).time()
            whole_day = (local.hour, local.minute) == (LAST_MINUTE.hour, LAST_MINUTE.minute)
            ends_at = read.at + timedelta(minutes=1) if whole_day else read.at
            return ends_at, " ".join(parts[count:])
    raise UserError("leave.until_when")


@router.command("销假", "back")
async def back_said(context: Context, rest: str) -> Reply:
    """Back before the leave was to end."""
    source = context.update.platform
    ended = await leaves.end(context.tx, context.settings, context.speaker.member_id, source=source, now=context.now)
    return Reply(context.texts.say("leave.in_group"), private=context.reply("leave.ended" if ended else "leave.none"))


@router.command("签到", "here")
async def here_said(context: Context, rest: str) -> Reply:
    """`签到 123456` by a member; `签到 12` and `签到 12 张三 李四` by the secretary."""
    digits = normalise(rest).strip()
    if digits.isdecimal() and len(digits) == CODE_DIGITS:
        return await _check_in(context, digits)
    number, names = split_number(rest)
    if number is None:
        return context.reply("checkin.how")
    if not context.speaker.may(Role.SECRETARY):
        return context.reply("checkin.how")
    item = await item_to_manage(context.tx, context.speaker, number)
    if names:
        return await _enter(context, number, names)
    opened = await checkins.open_check_in(
        context.tx, context.speaker, item, source=context.update.platform, now=context.now
    )
    texts, link = context.texts, context.settings.links.item_url(number)
    words = texts.say(
        "checkin.code", number=number, title=item.title, code=opened.code, begins=opened.begins_at, ends=opened.ends_at
    )
    if link:
        words += "\n" + texts.say("checkin.page", link=link)
    return Reply(texts.say("checkin.in_private"), private=Reply(words))


async def _check_in(context: Context, code: str) -> Reply:
    update = context.update
    source = Source.GROUP if update.in_group else Source.CHAT
    done = await checkins.check_in(context.tx, context.speaker.member_id, code, source=source, now=context.now)
    if done.item is None:
        return context.reply(f"checkin.{done.result}")
    return context.reply(f"checkin.{done.result}", number=done.item.id, title=done.item.title)


async def _enter(context: Context, number: int, names: str) -> Reply:
    item = await item_to_manage(context.tx, context.speaker, number)
    entered = await checkins.enter(
        context.tx, context.speaker, item, names, source=context.update.platform, now=context.now
    )
    texts = context.texts
    lines = [texts.say("checkin.entered", number=number, title=item.title, n=len(entered.done))]
    for name in ("already", "unknown", "several"):
        if those := getattr(entered, name):
            lines.append(texts.say(f"checkin.entered.{name}", names=texts.list(list(those))))
    return Reply(lines[0], private=Reply("\n".join(lines)))


@router.command("名单", "names", roles=(Role.SECRETARY,))
async def names_said(context: Context, rest: str) -> Reply:
    """`名单 12`: who comes, who is on leave and why, who was there. To the secretary alone."""
    number = item_number(rest)
    if number is None:
        return context.reply("names.which")
    item = await item_to_manage(context.tx, context.speaker, number)
    if item.kind == ItemKind.SIGNUP:
        lines = await signup_list(context.tx, context.settings, item)
    else:
        lines = await guest_list(context.tx, context.settings, item)
    by, source = context.speaker.member_id, context.update.platform
    note(context.tx, "guests", by=by, source=source, item_id=item.id, now=context.now)
    return Reply(context.texts.say("excuses.in_group"), private=Reply("\n".join(lines)))


async def _meeting_meant(context: Context, rest: str, which: str) -> tuple[int, str]:
    """The meeting, and what was said besides; without a number the only one that is not answered yet."""
    number, more = split_number(rest)
    if number is not None:
        return number, more
    found = await meetings.only_open_meeting(context.tx, context.speaker.member_id)
    if len(found) != 1:
        raise UserError(which)
    return found[0], rest.strip()


def _number(argument: str) -> int:
    number = item_number(argument)
    if number is None:
        raise absent(0)
    return number
