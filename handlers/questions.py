"""`问题`, `认领`, `转办`, `改类`, `并案`, `拆开`, `办结`, `重开`: what responders do with questions.

In a group of responders everything is said there, with what residents wrote masked; in any other group, in private.
"""

import re

from bot.errors import UserError
from bot.inbound.router import Context, Reply, Router
from bot.message import Card
from bot.rules.folding import normalise
from bot.rules.words import item_number, question_number, split_number, split_question
from bot.services import claiming, endings, merging, question_lists
from bot.services.access import Question, question_for
from bot.services.announcing import question_card
from bot.services.desk_groups import is_desk
from bot.services.threads import aside_questions, open_questions, thread
from storage.enums import Role

router = Router(desk=True)

RESPONDER = (Role.RESPONDER,)
ASIDE = frozenset({"搁置", "aside"})

_PAGE = re.compile(r"(?:第\s*([0-9]{1,3})\s*页|page\s*([0-9]{1,3}))")


async def said(context: Context, words: str, card: Card | None = None) -> Reply:
    """The answer here, or in private where the group is none of responders."""
    update = context.update
    if not update.in_group or await is_desk(context.tx, update.platform, update.chat_id):
        return Reply(words, card=card)
    return Reply(context.texts.say("questions.in_private"), private=Reply(words, card=card))


async def named(context: Context, rest: str, example: str) -> tuple[Question, str]:
    """The question that the words begin with, and what follows. Raises UserError(example) without one."""
    number, more = split_question(rest)
    if number is None:
        number, more = split_number(rest)
    if number is None:
        raise UserError(example)
    return await question_for(context.tx, context.speaker, number, *RESPONDER), more


@router.command("问题", "questions", roles=RESPONDER)
async def questions(context: Context, rest: str) -> Reply:
    """`问题` lists what is open, `问题 第2页` goes on, `问题 搁置` lists the rest, `问题 Q34` shows one."""
    if normalise(rest).lower() in ASIDE:
        lines, _ = await aside_questions(
            context.tx, context.texts, context.speaker, in_group=context.update.in_group, now=context.now
        )
        head = context.texts.say("questions.aside" if lines else "questions.no_aside")
        return await said(context, "\n".join([head, *lines]))
    page = _PAGE.fullmatch(normalise(rest).lower())
    if rest.strip() and page is None:
        question, _ = await named(context, rest, "questions.example")
        return await _thread(context, question)
    number = max(int(page[1] or page[2]) if page else 1, 1)
    lines, pages = await open_questions(
        context.tx, context.texts, context.speaker, page=number, in_group=context.update.in_group, now=context.now
    )
    _, aside = await aside_questions(
        context.tx, context.texts, context.speaker, in_group=context.update.in_group, now=context.now
    )
    note = [context.texts.say("questions.some_aside", n=aside)] if aside else []
    if not lines:
        head = context.texts.say("questions.none" if number == 1 else "questions.no_more")
        return await said(context, "\n".join([head, *note]))
    foot = context.texts.say("questions.more", n=number + 1) if pages > number else context.texts.say("questions.how")
    return await said(context, "\n".join([context.texts.say("questions.open"), *lines, foot, *note]))


@router.click("view", roles=RESPONDER)
async def view_pressed(context: Context, argument: str) -> Reply:
    """The card's 查看: what was said, to whoever pressed it."""
    question, _ = await named(context, argument, "questions.example")
    return await _thread(context, question)


async def _thread(context: Context, question: Question) -> Reply:
    lines = await thread(
        context.tx,
        context.settings,
        context.speaker,
        question,
        in_group=context.update.in_group,
        source=context.update.platform,
        now=context.now,
    )
    return await said(context, "\n".join(lines))


@router.command("认领", "claim", roles=RESPONDER)
async def claim_said(context: Context, rest: str) -> Reply:
    """`认领 Q34`; alone it shows what nobody has taken, with a button each."""
    if not rest.strip():
        return await _unclaimed(context, 0)
    question, _ = await named(context, rest, "questions.claim.example")
    done = await _claim(context, question, by_card=False)
    if not done.mine:
        return await said(context, context.texts.say("claiming.others", number=question.id, name=done.owner))
    reply = await _thread(context, question)
    words = context.texts.say("claiming.done", number=question.id)
    if reply.private is None:
        return Reply("\n".join([words, reply.text]))
    return Reply(words, private=reply.private)


@router.click("claim", roles=RESPONDER)
async def claim_pressed(context: Context, argument: str) -> Reply:
    """The card's 认领: the card says whose it is, on every phone that has it."""
    question, _ = await named(context, argument, "questions.claim.example")
    done = await _claim(context, question, by_card=True)
    texts = context.texts
    branch = await context.tx.branches.get_name(question.branch_id) if question.branch_id is not None else ""
    label = texts.say("claiming.label", name=done.owner)
    card = question_card(
        texts,
        question,
        branch=branch,
        why="new",
        now=context.now,
        owner=done.owner,
        in_group=context.update.in_group,
    )
    if not done.mine:
        words = texts.say("claiming.others", number=question.id, name=done.owner)
        return Reply("" if context.update.in_group else words, done_label=label, changed=card)
    words = texts.say("claiming.how", number=question.id)
    private = Reply(words) if context.update.in_group else None
    return Reply("" if private else words, private=private, done_label=label, changed=card, others=tuple(done.others))


@router.click("take", roles=RESPONDER)
async def take_pressed(context: Context, argument: str) -> Reply:
    """`认领 Q34` on a card of several: the row says whose it is, the other buttons stay."""
    number, _, shown = argument.partition(":")
    question, _ = await named(context, number, "questions.claim.example")
    update = context.update
    done, card = await question_lists.claim_on_list(
        context.tx,
        context.settings,
        context.speaker,
        question,
        [int(each) for each in shown.split(".") if each.isdecimal()],
        in_group=update.in_group,
        source=update.platform,
        now=context.now,
    )
    label = context.texts.say("claiming.label", name=done.owner)
    words = context.texts.say("claiming.how" if done.mine else "claiming.others", number=question.id, name=done.owner)
    if not update.in_group:
        return Reply(words, done_label=label, changed=card)
    return Reply("", private=Reply(words) if done.mine else None, done_label=label, changed=card)


@router.click("unclaimed", roles=RESPONDER)
async def unclaimed_pressed(context: Context, argument: str) -> Reply:
    """The button that goes on to what else nobody has taken."""
    return await _unclaimed(context, int(argument) if argument.isdecimal() else 0)


async def _unclaimed(context: Context, after: int) -> Reply:
    in_group = context.update.in_group
    card = await question_lists.unclaimed(context.tx, context.settings, context.speaker, after=after, in_group=in_group)
    return await said(context, "" if card else context.texts.say("claiming.list.none"), card)


async def _claim(context: Context, question: Question, *, by_card: bool) -> claiming.Claimed:
    return await claiming.claim(
        context.tx,
        context.settings,
        context.speaker,
        question,
        by_card=by_card,
        source=context.update.platform,
        now=context.now,
    )


@router.command("转办", "assign", roles=RESPONDER)
async def assign(context: Context, rest: str) -> Reply:
    """`转办 Q34 李四`, `转办 Q34 第二支部`."""
    question, whom = await named(context, rest, "questions.assign.example")
    if not whom:
        raise UserError("questions.assign.example")
    done = await claiming.assign(
        context.tx,
        context.settings,
        context.speaker,
        question,
        whom,
        source=context.update.platform,
        now=context.now,
    )
    key = "claiming.assigned.branch" if done.is_branch else "claiming.assigned"
    return await said(context, context.texts.say(key, number=question.id, name=done.name))


@router.command("改类", "topic", roles=RESPONDER)
async def topic(context: Context, rest: str) -> Reply:
    """`改类 Q34 物业`."""
    question, words = await named(context, rest, "questions.topic.example")
    filed = await claiming.file_under(
        context.tx,
        context.settings,
        context.speaker,
        question,
        words,
        source=context.update.platform,
        now=context.now,
    )
    return await said(context, context.texts.say("claiming.topic.done", number=question.id, topic=filed))


@router.command("并案", "merge", roles=RESPONDER)
async def merge(context: Context, rest: str) -> Reply:
    """`并案 Q34 Q41 Q42`: the others are answered with the first."""
    question, more = await named(context, rest, "merging.example")
    numbers = [question_number(word) or item_number(word) for word in re.split(r"[\s,，、和]+", more) if word]
    found = [number for number in numbers if number is not None]
    if not found or len(found) < len(numbers) or question.id in found:
        raise UserError("merging.example")
    others = [await question_for(context.tx, context.speaker, number, *RESPONDER) for number in dict.fromkeys(found)]
    joined = await merging.merge(
        context.tx, context.settings, context.speaker, question, others, source=context.update.platform, now=context.now
    )
    names = context.texts.list([f"Q{number}" for number in joined])
    return await said(context, context.texts.say("merging.done", number=question.id, others=names, first=joined[0]))


@router.command("拆开", "split", roles=RESPONDER)
async def split(context: Context, rest: str) -> Reply:
    """`拆开 Q41`: it is answered by itself again."""
    question, _ = await named(context, rest, "merging.split.example")
    apart = await merging.split(
        context.tx, context.settings, context.speaker, question, source=context.update.platform, now=context.now
    )
    names = context.texts.list([f"Q{number}" for number in apart])
    return await said(context, context.texts.say("merging.split.done", others=names))


@router.command("办结", "finish", roles=RESPONDER)
async def finish(context: Context, rest: str) -> Reply:
    """`办结 Q34`."""
    question, _ = await named(context, rest, "endings.finish.example")
    await endings.finish(context.tx, context.speaker, question, source=context.update.platform, now=context.now)
    return await said(context, context.texts.say("endings.finish.done", number=question.id))


@router.command("重开", "reopen", roles=RESPONDER)
async def reopen(context: Context, rest: str) -> Reply:
    """`重开 Q34`."""
    question, _ = await named(context, rest, "endings.reopen.example")
    await endings.reopen(
        context.tx, context.settings, context.speaker, question, source=context.update.platform, now=context.now
    )
    due = context.texts.when(question.due_at, context.now) if question.due_at else ""
    return await said(context, context.texts.say("endings.reopen.done", number=question.id, due=due))
