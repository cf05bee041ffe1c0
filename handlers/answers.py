"""`答复`, `追问`, `不予受理`, `撤销 Q34`, and words that are perhaps an answer.

Nothing leaves that its writer has not seen.
"""

from datetime import datetime, timedelta

from bot.errors import UserError
from bot.inbound.router import Context, Reply, Router
from bot.message import Button, Card
from bot.rules.masking import masked
from bot.rules.text import cut_chars
from bot.rules.words import question_number, split_question
from bot.services import answers
from bot.services.access import Question, question_for
from bot.services.answers import Draft
from bot.services.cards import BODY_CHARS
from bot.services.snippets import filled
from handlers.questions import RESPONDER, named, said
from storage.enums import EntryKind

router = Router(desk=True)

LOOKED_AT = timedelta(minutes=30)
"""So long after a responder looked at a question their free words are perhaps its answer."""
LEAST_WORDS = 2
FIRST_CHARS = 40


def _is_question(rest: str) -> bool:
    return split_question(rest)[0] is not None


@router.command("答复", "answer", roles=RESPONDER)
async def answer(context: Context, rest: str) -> Reply:
    """`答复 Q34 明天修好`, `答复 Q34 #路灯 明天`."""
    question, words = await named(context, rest, "answers.usage")
    if words.startswith(("#", "＃")):
        words = await filled(context.tx, context.settings, context.speaker, question, words, now=context.now)
    return await _write(context, question, words, EntryKind.ANSWER)


@router.click("answer", roles=RESPONDER)
async def answer_pressed(context: Context, argument: str) -> Reply:
    """The button of 是答复 Q34 吗: the words were kept until now."""
    return await _insist(context, argument, knowing=False)


@router.click("answer_anyway", roles=RESPONDER)
async def anyway_pressed(context: Context, argument: str) -> Reply:
    """Somebody else was first; it is sent all the same."""
    return await _insist(context, argument, knowing=True)


async def _insist(context: Context, argument: str, *, knowing: bool) -> Reply:
    question, _ = await named(context, argument, "answers.usage")
    draft = await answers.insist(
        context.tx,
        context.settings,
        context.speaker,
        question,
        knowing=knowing,
        source=context.update.platform,
        now=context.now,
    )
    reply = await _shown(context, question, draft)
    if draft.earlier is not None:
        return reply
    label = context.texts.say("answers.label.leaving")
    return Reply(reply.text, card=reply.card, private=reply.private, done_label=label)


@router.click("answer_drop", roles=RESPONDER)
async def drop_pressed(context: Context, argument: str) -> Reply:
    """It was not meant as an answer, or somebody else's is enough."""
    question, _ = await named(context, argument, "answers.usage")
    await answers.take_back(context.tx, context.speaker, question, source=context.update.platform, now=context.now)
    return Reply(
        context.texts.say("answers.dropped", number=question.id), done_label=context.texts.say("answers.label.dropped")
    )


async def _write(context: Context, question: Question, words: str, kind: EntryKind) -> Reply:
    draft = await answers.write(
        context.tx,
        context.settings,
        context.speaker,
        question,
        words,
        kind=kind,
        source=context.update.platform,
        now=context.now,
    )
    return await _shown(context, question, draft)


async def _shown(context: Context, question: Question, draft: Draft) -> Reply:
    """In private as it will be read, in a group only that it leaves."""
    texts, earlier = context.texts, draft.earlier
    kind = draft.answer.kind
    lines = [texts.say(f"answers.shown.{kind}", number=question.id, first=_first(question), shown=draft.shown)]
    if draft.left_over:
        lines.append(texts.say("answers.left_over", words=texts.list(list(draft.left_over))))
    if draft.merged:
        lines.append(texts.say("answers.also", numbers=texts.list([f"Q{number}" for number in draft.merged])))
    lines.append(texts.say("answers.arrival", how=draft.arrival))
    if earlier is not None:
        key = "taken" if not earlier.text else "left" if earlier.left else "leaving"
        warned = texts.say(
            f"answers.earlier.{key}",
            number=question.id,
            name=earlier.name,
            at=_clock(context, earlier.at),
            text=cut_chars(earlier.text, BODY_CHARS),
        )
        card = _ask(context, question, warned, "answer_anyway")
        return await _privately(context, "\n".join(lines), card, warned)
    window = context.settings.publishing.undo_window
    key = "answers.leaves" if window else "answers.leaves_now"
    leaves = texts.say(key, number=question.id, window=window)
    if draft.replaced:
        leaves = texts.say("answers.replaced") + leaves
    if kind != EntryKind.ANSWER:
        lines.append(texts.say(f"answers.then.{kind}", number=question.id))
    return await _privately(context, "\n".join([*lines, leaves]), _promise_card(context, question, draft), leaves)


async def _privately(context: Context, words: str, card: Card | None, public: str) -> Reply:
    if not context.update.in_group:
        return Reply(words, card=card)
    return Reply((await said(context, public)).text, private=Reply(words, card=card))


def _promise_card(context: Context, question: Question, draft: Draft) -> Card | None:
    if draft.promise is None:
        return None
    texts, at = context.texts, draft.promise.at
    return Card(
        title=texts.say("answers.promise", due=texts.when(at, context.now)),
        subtitle=texts.say("answers.promise.why"),
        body=cut_chars(draft.promise.words, BODY_CHARS),
        buttons=(
            Button(
                texts.say("answers.button.promise"), action=f"promise_keep:{question.id} {at.isoformat()}", primary=True
            ),
            Button(texts.say("answers.button.no_promise"), action=f"promise_skip:{question.id}"),
        ),
    )


def _ask(context: Context, question: Question, words: str, action: str) -> Card:
    """Two buttons: it is meant so (`action`), or it is not."""
    return Card(
        title=context.texts.say(f"answers.title.{action}", number=question.id),
        body=cut_chars(words, BODY_CHARS),
        buttons=(
            Button(context.texts.say(f"answers.button.{action}"), action=f"{action}:{question.id}", primary=True),
            Button(context.texts.say(f"answers.button.not_{action}"), action=f"answer_drop:{question.id}"),
        ),
    )


@router.click("promise_keep", roles=RESPONDER)
async def keep_pressed(context: Context, argument: str) -> Reply:
    """记为承诺."""
    number, _, at = argument.partition(" ")
    question, _ = await named(context, number, "answers.usage")
    due = datetime.fromisoformat(at)
    await answers.hold_to(context.tx, context.settings, context.speaker, question, due, now=context.now)
    words = context.texts.say("answers.promise.kept", number=question.id, due=context.texts.when(due, context.now))
    return Reply(words, done_label=context.texts.say("answers.label.promise"))


@router.click("promise_skip", roles=RESPONDER)
async def skip_pressed(context: Context, argument: str) -> Reply:
    """不记."""
    return Reply(done_label=context.texts.say("answers.label.no_promise"))


@router.command("追问", "ask", roles=RESPONDER)
async def ask_back(context: Context, rest: str) -> Reply:
    """`追问 Q34 是哪一栋的路灯？`: from when it has left, the clock stands still until the resident answers."""
    question, words = await named(context, rest, "answers.ask.usage")
    return await _write(context, question, words, EntryKind.ASKED_BACK)


@router.command("不予受理", "decline", roles=RESPONDER)
async def decline(context: Context, rest: str) -> Reply:
    """`不予受理 Q34 这件事归城管，请打 12345`: the resident reads the reason."""
    question, reason = await named(context, rest, "answers.decline.usage")
    return await _write(context, question, reason, EntryKind.DECLINED)


@router.command("撤销", "undo", roles=RESPONDER, takes=_is_question, help_key="help.undo_answer")
async def undo(context: Context, rest: str) -> Reply:
    """`撤销 Q34`: takes words back before they leave."""
    question, _ = await named(context, rest, "answers.undo.usage")
    words = await answers.take_back(
        context.tx, context.speaker, question, source=context.update.platform, now=context.now
    )
    reply = context.reply("answers.taken_back", number=question.id, text=words)
    if not context.update.in_group:
        return reply
    return Reply((await said(context, context.texts.say("answers.dropped", number=question.id))).text, private=reply)


@router.text
async def perhaps_an_answer(context: Context, text: str) -> Reply | None:
    """Words of a responder that quote a question, or follow on looking at one: asked about, never guessed."""
    if not context.speaker.may(*RESPONDER) or len(text.strip()) < LEAST_WORDS:
        return None
    number = _quoted(context.update.details.get("quoted", ""))
    if number is None and not context.update.in_group:
        number = await context.tx.attention.of(context.speaker.member_id, context.now - LOOKED_AT)
    if number is None:
        return None
    try:
        question = await question_for(context.tx, context.speaker, number, *RESPONDER)
        await answers.keep_for_later(context.tx, context.speaker, question, text, now=context.now)
    except UserError:
        return None
    card = _ask(context, question, text.strip(), "answer")
    words = context.texts.say("answers.is_it", number=question.id, first=_first(question))
    return await said(context, words, card)


def _quoted(words: str) -> int | None:
    """The question that a quoted message speaks of, when it is one."""
    parts = (part.strip("：:，,。·（）()") for part in words.split())
    found = {number for part in parts if (number := question_number(part)) is not None}
    return found.pop() if len(found) == 1 else None


def _first(question: Question) -> str:
    return cut_chars(masked(question.words.strip().split("\n")[0]), FIRST_CHARS)


def _clock(context: Context, at: datetime | None) -> str:
    return f"{at.astimezone(context.texts.zone):%H:%M}" if at else ""
