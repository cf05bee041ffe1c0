"""`代读人` and `代确认`: somebody reads for a member who does without a phone. That is between the two of them."""

from bot.inbound.router import Context, Reply, Router
from bot.rules.folding import normalise
from bot.rules.words import item_number, split_command
from bot.services import helping
from bot.services.arguments import number_and_person, persons
from bot.services.helping import Asked, Overview
from bot.services.receipts import Result

router = Router()

ENDS = frozenset({"取消", "结束", "cancel", "end"})
AGREES = frozenset({"同意", "agree", "yes"})
DECLINES = frozenset({"不同意", "拒绝", "decline", "no"})


@router.command("代读人", "helper")
async def helper(context: Context, rest: str) -> Reply:
    """`代读人 王芳` asks; alone it shows how it is; `取消`, `同意` and `不同意` (with a name) end it or answer."""
    known = await helping.overview(context.tx, context.speaker.member_id)
    word, name = split_command(rest)
    if not rest.strip():
        return _privately(context, _shown(context, known))
    if word in ENDS:
        return _privately(context, await _end(context, known, name))
    if word in AGREES | DECLINES:
        return _privately(context, await _answer_said(context, known, name, agree=word in AGREES))
    asked, match = await helping.ask(
        context.tx,
        context.settings,
        context.speaker,
        persons(rest),
        source=context.update.platform,
        now=context.now,
    )
    name = match.person.name if match.person is not None else match.name
    if asked is Asked.NOBODY and match.near is not None:
        return _privately(context, context.texts.say("helping.ask.near", name=name, near=match.near))
    ways = context.texts.list(list(match.several))
    return _privately(context, context.texts.say(f"helping.ask.{asked}", name=name, ways=ways, most=helping.MOST))


@router.click("help_yes")
async def agreed(context: Context, argument: str) -> Reply:
    """The card's 同意."""
    return await _answer(context, argument, agree=True)


@router.click("help_no")
async def declined(context: Context, argument: str) -> Reply:
    """The card's 不同意."""
    return await _answer(context, argument, agree=False)


@router.click("assist")
async def assist_pressed(context: Context, argument: str) -> Reply:
    """The item card's 代某某确认."""
    number, member, version = (*map(item_number, argument.split()), None, None, None)[:3]
    words, label = await _assist(context, number or 0, member or 0, version or 1)
    return Reply(words, done_label=label)


@router.command("代确认", "assist")
async def assist_said(context: Context, rest: str) -> Reply:
    """`代确认 12 张奶奶`: the same in words."""
    number, readings = number_and_person(rest, "helping.assist.example")
    known = await helping.overview(context.tx, context.speaker.member_id)
    names = {normalise(reading.name) for reading in readings}
    meant = [pair for pair in known.helped if pair.agreed_at and normalise(pair.member) in names]
    if len(meant) != 1:
        return _privately(context, context.texts.say("helping.assist.nobody"))
    words, _ = await _assist(context, number, meant[0].member_id)
    return _privately(context, words)


async def _assist(context: Context, number: int, member_id: int, version: int | None = None) -> tuple[str, str]:
    """(what is said, the label of the pressed button). `version` is the one on the card that was pressed."""
    texts = context.texts
    confirmed, kind, name = await helping.assist(
        context.tx, context.speaker, number, member_id, now=context.now, version=version
    )
    match confirmed.result:
        case Result.DONE:
            return texts.say("helping.assisted", number=number, name=name), texts.say(f"helping.label.{kind}")
        case Result.ALREADY:
            at = texts.when(confirmed.at or context.now, context.now)
            return texts.say("helping.assisted.before", number=number, name=name, at=at), texts.say(
                f"helping.label.{kind}"
            )
        case Result.OUTDATED:
            return texts.say("helping.outdated", number=number, name=name), texts.say("card.done.outdated")
        case Result.WITHDRAWN:
            return texts.say("receipt.withdrawn", number=number), texts.say("card.done.withdrawn")
        case _:
            return texts.say("item.absent", number=number), ""


async def _answer(context: Context, argument: str, *, agree: bool) -> Reply:
    pair = await helping.answer(
        context.tx,
        context.settings,
        context.speaker,
        item_number(argument) or 0,
        agree=agree,
        source=context.update.platform,
        now=context.now,
    )
    ending = "agreed" if agree else "declined"
    words = context.texts.say(f"helping.{ending}", name=pair.member)
    return Reply(words, done_label=context.texts.say(f"helping.label.{ending}"))


async def _answer_said(context: Context, known: Overview, name: str, *, agree: bool) -> str:
    waiting = [pair for pair in known.helped if pair.agreed_at is None and name in ("", pair.member)]
    if len(waiting) != 1:
        return context.texts.say("helping.which_asked" if waiting else "helping.nobody_asked")
    return (await _answer(context, str(waiting[0].id), agree=agree)).text


async def _end(context: Context, known: Overview, name: str) -> str:
    texts = context.texts
    if name:
        meant = [pair for pair in known.helped if pair.member == name]
        meant += [known.helper] if known.helper is not None and known.helper.helper == name else []
    else:
        meant = [known.helper] if known.helper is not None else list(known.helped)
    if len(meant) != 1:
        names = texts.list([pair.member for pair in known.helped])
        return texts.say("helping.end.which", names=names) if meant or known.helped else texts.say("helping.none")
    (pair,) = meant
    await helping.end(
        context.tx, context.settings, context.speaker, pair, source=context.update.platform, now=context.now
    )
    other = pair.helper if pair.member_id == context.speaker.member_id else pair.member
    return texts.say("helping.ended", name=other)


def _shown(context: Context, known: Overview) -> str:
    texts, lines = context.texts, []
    if known.helper is not None:
        key = "helping.yours" if known.helper.agreed_at else "helping.yours.asked"
        lines.append(texts.say(key, name=known.helper.helper))
    for pair in known.helped:
        key = "helping.theirs" if pair.agreed_at else "helping.theirs.asked"
        lines.append(texts.say(key, name=pair.member))
    return "\n".join(lines) or texts.say("helping.none")


def _privately(context: Context, words: str) -> Reply:
    return Reply(context.texts.say("helping.in_group"), private=Reply(words))
