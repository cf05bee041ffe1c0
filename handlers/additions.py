"""`补发`: one more member gets an item that is already out."""

from bot.inbound.router import Context, Reply, Router
from bot.services.access import item_to_manage
from bot.services.additions import Added, Result, add
from bot.services.arguments import number_and_person
from storage.enums import Role

router = Router()


@router.command("补发", "add", roles=(Role.SECRETARY,))
async def add_said(context: Context, rest: str) -> Reply:
    """`补发 12 张三`."""
    number, readings = number_and_person(rest, "additions.example")
    item = await item_to_manage(context.tx, context.speaker, number)
    done = await add(
        context.tx,
        context.settings,
        item,
        readings,
        who=context.speaker,
        source=context.update.platform,
        now=context.now,
    )
    words = _words(context, number, done)
    return Reply(context.texts.say("additions.in_group"), private=Reply(words))


def _words(context: Context, number: int, done: Added) -> str:
    texts, match = context.texts, done.match
    name = match.person.name if match.person is not None else match.name
    match done.result:
        case Result.NOBODY if match.near is not None:
            return texts.say("additions.near", name=name, near=match.near)
        case Result.SEVERAL:
            ways = texts.list(list(match.several))
            first = match.several[0].partition("（")[0]
            return texts.say("additions.several", number=number, name=name, ways=ways, first=first)
        case result:
            return texts.say(f"additions.{result}", number=number, name=name, reason=texts.reason(done.reason))
