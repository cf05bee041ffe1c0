"""`公开` and `不公开`: what stands on the public page. Two people read it before, one is enough to take it off."""

import re
from collections.abc import Awaitable, Callable

from bot.errors import UserError
from bot.inbound.router import Context, Reply, Router
from bot.message import Button, Card
from bot.rules.masking import Private
from bot.rules.text import cut_chars
from bot.rules.words import question_number, split_question
from bot.services import publications
from bot.services.access import Question, question_for
from bot.services.cards import BODY_CHARS
from bot.services.publications import View
from storage.enums import Role

router = Router(desk=True)

SECOND = (Role.SECRETARY, Role.RESPONDER)

_GIVEN = re.compile(r"(?:^|\s)(遮|留|hide|keep)(?:住|下)?[\s:：]+")


@router.command("公开", "publish", roles=(Role.SECRETARY,))
async def publish(context: Context, rest: str) -> Reply:
    """`公开 Q34`, `公开 Q34 遮 李四 3栋 留 302室`: shows in private what would be published."""
    question, more = await _named(context, rest, "publications.usage", Role.SECRETARY)
    hide, keep = _given(more)
    if more and not hide and not keep:
        raise UserError("publications.usage")
    view = await publications.prepare(
        context.tx,
        context.speaker,
        question,
        hide=hide,
        keep=keep,
        source=context.update.platform,
        now=context.now,
    )
    return Reply(context.texts.say("questions.in_private"), private=_shown(context, question, view))


def _shown(context: Context, question: Question, view: View) -> Reply:
    texts = context.texts
    lines = [
        texts.say(
            "publications.view",
            number=question.id,
            question=view.publication.question_text,
            answer=view.publication.answer_text,
        )
    ]
    if view.spots:
        spots = [texts.say(f"publications.spot.{Private(spot.kind)}", words=spot.text) for spot in view.spots]
        lines.append(texts.say("publications.spots", n=len(view.spots), spots=texts.list(spots)))
    else:
        lines.append(texts.say("publications.no_spots"))
    lines.append(texts.say("publications.how", number=question.id))
    card = Card(
        title=texts.say("publications.card", number=question.id),
        subtitle=texts.say("publications.card.look"),
        body=cut_chars(view.publication.question_text, BODY_CHARS),
        buttons=(
            Button(
                texts.say("publications.button.submit"),
                action=f"publish_submit:{question.id} {view.mark}",
                primary=True,
            ),
        ),
    )
    return Reply("\n".join(lines), card=card)


@router.click("publish_submit", roles=(Role.SECRETARY,))
async def submit_pressed(context: Context, argument: str) -> Reply:
    """提交: a second person is asked."""
    question, mark = await _marked(context, argument, Role.SECRETARY)
    names = await publications.submit(
        context.tx,
        context.settings,
        context.speaker,
        question,
        mark,
        source=context.update.platform,
        now=context.now,
    )
    words = context.texts.say("publications.submitted", number=question.id, names=context.texts.list(list(names), 3))
    return Reply(words, done_label=context.texts.say("publications.label.submitted"))


@router.click("publish_agree", roles=SECOND)
async def agree_pressed(context: Context, argument: str) -> Reply:
    """同意公开."""
    return await _decide(context, argument, publications.agree, "done", "agreed")


@router.click("publish_refuse", roles=SECOND)
async def refuse_pressed(context: Context, argument: str) -> Reply:
    """不同意."""
    return await _decide(context, argument, publications.refuse, "not_done", "refused")


async def _decide(
    context: Context, argument: str, decide: Callable[..., Awaitable[None]], words: str, label: str
) -> Reply:
    question, mark = await _marked(context, argument, *SECOND)
    source, now = context.update.platform, context.now
    await decide(context.tx, context.settings, context.speaker, question, mark, source=source, now=now)
    said = context.texts.say(f"publications.{words}", number=question.id)
    return Reply(said, done_label=context.texts.say(f"publications.label.{label}"))


@router.command("不公开", "unpublish", roles=(Role.SECRETARY,))
async def unpublish(context: Context, rest: str) -> Reply:
    """`不公开 Q34`: it is off the page at once."""
    question, _ = await _named(context, rest, "publications.off.usage", Role.SECRETARY)
    await publications.take_off(context.tx, context.speaker, question, source=context.update.platform, now=context.now)
    return context.reply("publications.off", number=question.id)


async def _named(context: Context, rest: str, example: str, *roles: Role) -> tuple[Question, str]:
    number, more = split_question(rest)
    if number is None:
        raise UserError(example)
    return await question_for(context.tx, context.speaker, number, *roles), more


async def _marked(context: Context, argument: str, *roles: Role) -> tuple[Question, str]:
    """The question of a button, and the mark of the words that it was made for."""
    number, _, mark = argument.partition(" ")
    return await question_for(context.tx, context.speaker, question_number(f"Q{number}") or 0, *roles), mark


def _given(words: str) -> tuple[list[str], list[str]]:
    """`遮 李四 3栋 留 302室`: what to hide, and what to leave as it is."""
    parts = _GIVEN.split(f" {words}")
    hide: list[str] = []
    keep: list[str] = []
    for name, value in zip(parts[1::2], parts[2::2], strict=True):
        found = [word for word in re.split(r"[\s,，、]+", value) if word]
        (hide if name in ("遮", "hide") else keep).extend(found)
    return hide, keep
