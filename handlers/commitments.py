"""`承诺`: promises with a date, listed, and what became of them."""

from bot.errors import UserError
from bot.inbound.router import Context, Reply, Router
from bot.rules.text import cut_chars
from bot.rules.words import split_command, split_question
from bot.services import commitments
from bot.services.commitments import Commitment
from handlers.questions import RESPONDER, said

router = Router(desk=True)

DONE = frozenset({"完成", "已完成", "办好", "done"})
MOVE = frozenset({"改期", "推迟", "move"})
LATE = frozenset({"未完成", "没完成", "late"})
SHOWN_CHARS = 40


@router.command("承诺", "promises", roles=RESPONDER)
async def promises(context: Context, rest: str) -> Reply:
    """`承诺`, `承诺 Q34 完成 换了新灯`, `承诺 Q34 改期 12月5日 材料没到`, `承诺 Q34 未完成`."""
    number, more = split_question(rest)
    if number is None:
        if rest.strip():
            raise UserError("commitments.example")
        return await said(context, await _list(context))
    word, words = split_command(more)
    if word not in DONE | MOVE | LATE:
        raise UserError("commitments.example")
    kept = await commitments.commitment_to(context.tx, context.speaker, number)
    return await said(context, await _settle(context, kept, word, words))


@router.click("promise_done", roles=RESPONDER)
async def done_pressed(context: Context, argument: str) -> Reply:
    """完成."""
    kept = await commitments.commitment_of(context.tx, context.speaker, int(argument))
    words = await _settle(context, kept, "完成", "")
    return Reply(words, done_label=context.texts.say("commitments.label.done"))


@router.click("promise_late", roles=RESPONDER)
async def late_pressed(context: Context, argument: str) -> Reply:
    """未完成."""
    kept = await commitments.commitment_of(context.tx, context.speaker, int(argument))
    words = await _settle(context, kept, "未完成", "")
    return Reply(words, done_label=context.texts.say("commitments.label.late"))


@router.click("promise_move", roles=RESPONDER)
async def move_pressed(context: Context, argument: str) -> Reply:
    """改期: a new day and a reason have to be written."""
    kept = await commitments.commitment_of(context.tx, context.speaker, int(argument))
    return context.reply("commitments.move.example", number=kept.question_id)


async def _settle(context: Context, kept: Commitment, word: str, words: str) -> str:
    tx, settings, who = context.tx, context.settings, context.speaker
    source, now, number = context.update.platform, context.now, kept.question_id
    if word in DONE:
        await commitments.fulfil(tx, settings, who, kept, words, source=source, now=now)
        return context.texts.say("commitments.done", number=number)
    if word in MOVE:
        at = await commitments.move(tx, settings, who, kept, words, source=source, now=now)
        return context.texts.say("commitments.moved", number=number, due=context.texts.when(at, now))
    await commitments.admit_late(tx, settings, who, kept, words, source=source, now=now)
    return context.texts.say("commitments.late", number=number)


async def _list(context: Context) -> str:
    texts = context.texts
    found = await commitments.listed(context.tx, context.speaker)
    if not found:
        return texts.say("commitments.none")
    lines = [texts.say("commitments.head")]
    for each in found:
        key = "commitments.line" if each.commitment.due_at > context.now else "commitments.line.late"
        due = texts.when(each.commitment.due_at, context.now)
        words = cut_chars(" ".join(each.commitment.words.split()), SHOWN_CHARS)
        lines.append(texts.say(key, number=each.question.id, due=due, name=each.owner, words=words))
    return "\n".join([*lines, texts.say("commitments.how", number=found[0].question.id)])
