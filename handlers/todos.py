"""`待办`, and a word for whoever opens the app while something is open."""

from bot.inbound.router import Context, Reply, Router
from bot.services.helping import open_for
from bot.services.todos import Todos, open_of, to_greet_with
from storage.enums import Require

router = Router()

MOST = 20


@router.command("待办", "todo", light=True)
async def todo(context: Context, rest: str) -> Reply:
    """What is open for the person, and how to answer it."""
    found = await open_of(context.tx, context.speaker.member_id)
    lines = _lines(context, found) if found else [context.texts.say("todos.none")]
    words = "\n".join([*lines, *await _helped(context)])
    return Reply(context.texts.say("todos.in_group"), private=Reply(words))


@router.arrival
async def greet(context: Context, _: str) -> Reply | None:
    """Says what is open, once a day; nothing when nothing is."""
    if context.update.in_group:
        return None
    found = await to_greet_with(context.tx, context.speaker.member_id, now=context.now, zone=context.texts.zone)
    return Reply("\n".join(_lines(context, found))) if found else None


def _lines(context: Context, found: Todos) -> list[str]:
    texts = context.texts
    lines = [texts.say("todos.head", n=len(found))]
    for item in found[:MOST]:
        key = "todos.line" if item.due_at is None else "todos.line.until"
        due = texts.when(item.due_at, context.now) if item.due_at is not None else ""
        lines.append(texts.say(key, number=item.item_id, title=item.title, due=due))
    if len(found) > MOST:
        lines.append(texts.say("todos.more", n=len(found) - MOST))
    by_word = [item for item in found if item.require == Require.ACK]
    if by_word:
        lines.append(texts.say("todos.answer", number=by_word[0].item_id))
    answered = {item.kind: item for item in reversed(found) if item.require == Require.ANSWER}
    lines += [texts.say(f"todos.answer.{kind}", number=item.item_id) for kind, item in answered.items()]
    if any(item.require not in (Require.ACK, Require.ANSWER) for item in found):
        lines.append(texts.say("todos.open_card"))
    return lines


async def _helped(context: Context) -> list[str]:
    """What is open for those for whom the person reads."""
    found = await open_for(context.tx, context.speaker.member_id)
    lines = [
        context.texts.say("todos.helped", name=each.member, number=each.item_id, title=each.title)
        for each in found[:MOST]
    ]
    if not found:
        return []
    first = found[0]
    return ["", *lines, context.texts.say("todos.helped.answer", name=first.member, number=first.item_id)]
