"""`进度` and `未读`: how far an item is, and who is missing. Names are never said in a group."""

from collections.abc import Mapping, Sequence

from bot.inbound.router import Context, Reply, Router
from bot.services.access import item_to_view
from bot.services.accesses import note
from bot.services.arguments import only_number
from bot.services.helping import readers_of
from bot.services.kinds import kind_of
from bot.services.paper import fixed_numbers
from bot.services.progress import OpenBranch, open_items, progress_of, still_open
from bot.services.summaries import branches_of, done_of, open_members, summary, titled
from bot.services.versions import version_lines
from bot.services.withdrawing import Recalls, recalls_of
from storage.enums import ItemStatus, Require, Role

router = Router()

MOST = 20
"""Items in one answer."""


@router.command("进度", "status", roles=(Role.SECRETARY, Role.SUPERVISOR))
async def status(context: Context, rest: str) -> Reply:
    """`进度 12`: the counts of an item; alone, the open items."""
    if not rest.strip():
        return await _open_items(context)
    number = only_number(rest, "progress.example")
    item, scope = await item_to_view(context.tx, context.speaker, number)
    progress = await progress_of(context.tx, item, scope)
    texts = context.texts
    lines = summary(texts, progress)
    lines += await version_lines(context.tx, texts, item, scope)
    lines += await kind_of(item).progress(context.tx, context.settings, item, scope, now=context.now)
    if progress.reminders:
        upcoming = progress.next_reminder
        key = "progress.reminders" if upcoming is None else "progress.reminders.next"
        lines.append(texts.say(key, n=progress.reminders, at=upcoming))
    if item.status == ItemStatus.WITHDRAWN:
        lines.extend(_recalls(context, await recalls_of(context.tx, item)))
    if scope is not None:
        lines.append(texts.say("progress.partial"))
    if len(progress.branches) > 1 and not context.update.in_group:
        lines.extend(branches_of(texts, item, progress.branches))
    return Reply("\n".join(lines))


@router.command("未读", "unread", roles=(Role.SECRETARY, Role.SUPERVISOR))
async def unread(context: Context, rest: str) -> Reply:
    """`未读 12`: who has not done what the item asks; the number may be left out while one item is open."""
    if rest.strip():
        number = only_number(rest, "progress.unread.example")
    else:
        found = await open_items(context.tx, context.speaker, 2)
        if len(found) != 1:
            return context.reply("progress.unread.example")
        number = found[0].id
    item, scope = await item_to_view(context.tx, context.speaker, number)
    texts, title = context.texts, titled(context.texts, item)
    if item.status in (ItemStatus.DRAFT, ItemStatus.SCHEDULED):
        return context.reply("progress.unread.not_out", title=title)
    if item.require == Require.NONE:
        return context.reply("progress.unread.asks_nothing", title=title)
    groups = await still_open(context.tx, item, scope)
    count = sum(len(group.rows) for group in groups)
    if not count:
        return context.reply("progress.unread.nobody", title=title)
    by, source = context.speaker.member_id, context.update.platform
    note(context.tx, "open", by=by, source=source, item_id=item.id, now=context.now)
    head = texts.say("progress.unread.count", title=title, n=count)
    numbers = await fixed_numbers(context.tx, item)
    names = open_members(texts, groups, numbers=numbers, helpers=await readers_of(context.tx, item))
    named = Reply("\n".join([head, *names, *_on_paper(context, item.id, groups, numbers)]))
    return Reply(texts.say("progress.unread.in_group", title=title, n=count), private=named)


def _on_paper(context: Context, number: int, groups: Sequence[OpenBranch], numbers: Mapping[int, int]) -> list[str]:
    """How to print the list and to enter it, for those who may; nothing where paper cannot do what is asked."""
    if not numbers or not context.speaker.may(Role.SECRETARY):
        return []
    example = ",".join(str(numbers[row.id]) for row in groups[0].rows[:3])
    url = context.settings.links.sheet_url(number)
    key = "progress.unread.paper" if url else "progress.unread.numbers"
    return ["", context.texts.say(key, number=number, url=url, example=example)]


async def _open_items(context: Context) -> Reply:
    texts = context.texts
    found = await open_items(context.tx, context.speaker, MOST + 1)
    if not found:
        return context.reply("progress.none")
    lines = [texts.say("progress.open")]
    lines += [f"{titled(texts, item)}\n{done_of(texts, item, item)}" for item in found[:MOST]]
    if len(found) > MOST:
        lines.append(texts.say("progress.open.more"))
    return Reply(texts.say("progress.in_group"), private=Reply("\n".join(lines)))


def _recalls(context: Context, recalls: Recalls) -> list[str]:
    texts, lines = context.texts, []
    if recalls.recalled:
        lines.append(texts.say("progress.recalled", n=recalls.recalled))
    if recalls.waiting:
        lines.append(texts.say("progress.recalling", n=recalls.waiting))
    for reason, n in recalls.failed.items():
        lines.append(texts.say("progress.recall_failed", n=n, reason=texts.reason(reason)))
    if recalls.kept:
        lines.append(texts.say("progress.recall_kept", n=recalls.kept))
    return lines
