"""`豁免` and `恢复`: nobody waits for a member any more, or does again. Answers that name people are private."""

from bot.inbound.router import Context, Reply, Router
from bot.services import excuses
from bot.services.access import item_to_manage
from bot.services.arguments import number_and_person
from bot.services.excuses import Excused, Result
from storage.enums import Role

router = Router()


@router.command("豁免", "excuse", roles=(Role.SECRETARY,))
async def excuse(context: Context, rest: str) -> Reply:
    """`豁免 12 张三 出差`."""
    number, readings = number_and_person(rest, "excuses.example")
    item = await item_to_manage(context.tx, context.speaker, number)
    done = await excuses.excuse(
        context.tx,
        item,
        readings,
        actor_id=context.speaker.member_id,
        source=context.update.platform,
        now=context.now,
    )
    return _privately(context, _words(context, "excuses", number, done))


@router.command("恢复", "restore", roles=(Role.SECRETARY,))
async def restore(context: Context, rest: str) -> Reply:
    """`恢复 12 张三`."""
    number, readings = number_and_person(rest, "excuses.restore.example")
    item = await item_to_manage(context.tx, context.speaker, number)
    done = await excuses.restore(
        context.tx,
        context.settings,
        item,
        readings,
        actor_id=context.speaker.member_id,
        source=context.update.platform,
        now=context.now,
    )
    words = _words(context, "excuses.restore", number, done)
    if done.next_reminder is not None:
        words += context.texts.say("excuses.restore.next", at=done.next_reminder)
    if done.sent_again:
        words += context.texts.say("excuses.restore.sent")
    return _privately(context, words)


def _words(context: Context, area: str, number: int, done: Excused) -> str:
    texts, match = context.texts, done.match
    name = match.person.name if match.person is not None else match.name
    match done.result:
        case Result.NOBODY if match.near is not None:
            return texts.say("excuses.near", number=number, name=name, near=match.near)
        case Result.NOBODY:
            return texts.say("excuses.nobody", number=number, name=name)
        case Result.SEVERAL:
            ways = texts.list(list(match.several))
            first = match.several[0].partition("（")[0]
            return texts.say(f"{area}.several", number=number, name=name, ways=ways, first=first)
        case Result.FULFILLED:
            return texts.say("excuses.fulfilled", number=number, name=name, at=done.at)
        case Result.NO_REASON:
            return texts.say("excuses.no_reason", number=number, name=name)
        case result:
            return texts.say(f"{area}.{result}", number=number, name=name, reason=texts.reason(done.reason))


def _privately(context: Context, words: str) -> Reply:
    return Reply(context.texts.say("excuses.in_group"), private=Reply(words))
