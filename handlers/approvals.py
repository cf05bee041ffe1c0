"""`同意` and `退回`: the second person decides; `审批`: what waits, and for which branches one is asked."""

from datetime import timedelta

from bot.errors import UserError
from bot.inbound.router import Context, Reply, Router
from bot.rules.words import item_number, split_number
from bot.services import approval_branches, approvals, approving
from bot.services.access import absent
from bot.services.approvals import Asked
from bot.services.approving import Question, Result
from bot.services.corrections import Published
from storage.enums import Role

router = Router()

DIALOGUE = timedelta(hours=2)
"""How long the bot waits for the reason of what is sent back."""
ON = frozenset({"开", "打开", "开启", "on"})
OFF = frozenset({"关", "关闭", "关掉", "off"})


def asked_words(context: Context, number: int, asked: Asked) -> str:
    """What the author hears whose item waits for a second person."""
    key = "approval.waiting" if asked.already else "approval.asked"
    return context.texts.say(key, number=number, names=context.texts.list(list(asked.names), 5))


@router.command("同意", "approve", roles=(Role.SECRETARY,))
async def approve_said(context: Context, rest: str) -> Reply:
    """`同意 12`; alone, the only one that waits."""
    if not rest.strip():
        waiting = await approving.waiting_for(context.tx, context.speaker)
        if len(waiting) != 1:
            return context.reply("approval.which" if waiting else "approval.none")
        return await _approve(context, *waiting[0])
    number = item_number(rest)
    if number is None:
        return context.reply("approval.which")
    return await _approve(context, *await approving.question(context.tx, context.speaker, number))


@router.click("approve", roles=(Role.SECRETARY,))
async def approve_pressed(context: Context, argument: str) -> Reply:
    """The card's 同意."""
    return await _approve(context, *await _pressed(context, argument))


async def _pressed(context: Context, argument: str) -> tuple[Published, Question]:
    approval_id = item_number(argument)
    if approval_id is None:
        raise absent(0)
    return await approving.question_pressed(context.tx, context.speaker, approval_id)


async def _approve(context: Context, item: Published, approval: Question) -> Reply:
    texts, now = context.texts, context.now
    done = await approving.approve(
        context.tx, context.settings, context.speaker, item, approval, source=context.update.platform, now=now
    )
    if done.result is Result.CHANGED:
        return context.reply("approval.changed", number=item.id)
    if done.result is Result.RECOUNTED:
        card, words = await approvals.card_of(context.tx, context.settings, item, None, approval, now)
        before = texts.say("approval.recounted", number=item.id, count=done.members)
        return Reply(private=Reply("\n".join(part for part in (before, words) if part), card=card))
    at = texts.when(done.publish_at, now)
    said = texts.say("approval.done", number=item.id, title=item.title, count=done.members, at=at)
    card = await approving.decided_card(
        context.tx, context.settings, context.speaker, item, approval, agreed=True, now=now
    )
    return Reply(said, done_label=texts.say("card.done.approved"), changed=card, others=tuple(done.others))


@router.command("退回", "return", roles=(Role.SECRETARY,))
async def return_said(context: Context, rest: str) -> Reply:
    """`退回 12 事由`; without a reason it is asked for."""
    number, reason = split_number(rest)
    if number is None:
        return context.reply("approval.return.example")
    return await _return(context, *await approving.question(context.tx, context.speaker, number), reason)


@router.click("return", roles=(Role.SECRETARY,))
async def return_pressed(context: Context, argument: str) -> Reply:
    """The card's 退回: the reason is asked for."""
    return await _return(context, *await _pressed(context, argument), "")


@router.topic("return")
async def reason_said(context: Context, state: str, text: str) -> Reply:
    """Why it is sent back."""
    approval_id, _, card = state.partition("\n")
    code, _, card_id = card.partition("\n")
    item, approval = await approving.question_pressed(context.tx, context.speaker, int(approval_id))
    return await _return(context, item, approval, text, pressed=(code, card_id))


async def _return(
    context: Context, item: Published, approval: Question, reason: str, *, pressed: tuple[str, str] = ("", "")
) -> Reply:
    update = context.update
    place = (update.platform, update.user_id.casefold(), update.chat_id)
    if not reason.strip():
        expires_at = context.now + DIALOGUE
        state = f"{approval.id}\n{update.card_code}\n{update.card_id}"
        await context.tx.dialogues.put(*place, topic="return", state=state, expires_at=expires_at)
        return context.reply("approval.return.why", number=item.id)
    await context.tx.dialogues.end(*place)
    others = await approving.send_back(
        context.tx,
        context.settings,
        context.speaker,
        item,
        approval,
        reason.strip(),
        source=update.platform,
        now=context.now,
    )
    said = context.texts.say("approval.returned", number=item.id, title=item.title)
    card = await approving.decided_card(
        context.tx, context.settings, context.speaker, item, approval, agreed=False, now=context.now
    )
    label = context.texts.say("card.done.returned")
    return Reply(said, done_label=label, changed=card, others=tuple(others), pressed=pressed)


@router.command("审批", "approval", roles=(Role.SECRETARY,))
async def approval(context: Context, rest: str) -> Reply:
    """`审批`: what waits for the speaker. `审批 第一支部 开`: where an administrator always wants a second person."""
    texts = context.texts
    if not rest.strip():
        waiting = await approving.waiting_for(context.tx, context.speaker)
        branches = await approval_branches.names(context.tx)
        lines = [
            texts.say("approval.line", number=item.id, title=item.title, at=each.asked_at) for item, each in waiting
        ]
        head = texts.say("approval.list" if lines else "approval.none")
        tail = [texts.say("approval.branches", branches=texts.list(branches))] if branches else []
        return Reply(private=Reply("\n".join([head, *lines, *tail])))
    *named, word = rest.split()
    word = word.casefold()
    if not named or word not in ON | OFF:
        raise UserError("approval.example")
    branch, changed = await approval_branches.set_branch(
        context.tx, context.speaker, " ".join(named), on=word in ON, source=context.update.platform, now=context.now
    )
    key = "on" if word in ON else "off"
    return context.reply(f"approval.branch.{key}" if changed else f"approval.branch.{key}_already", branch=branch)
