"""`我的记录`: everything that is kept about the one who asks."""

from bot.inbound.router import Context, Reply, Router
from bot.services.mydata import MyData, my_data

router = Router()


@router.command("我的记录", "mydata", light=True)
async def mydata(context: Context, rest: str) -> Reply:
    """Never in a group: it is about one person."""
    found = await my_data(context.tx, context.speaker)
    words = "\n".join([*_who(context, found), *_rows(context, found), *_latest(context, found)])
    return Reply(context.texts.say("mydata.in_group"), private=Reply(words))


def _who(context: Context, found: MyData) -> list[str]:
    texts = context.texts
    nothing = texts.say("mydata.nothing")
    roles = [texts.say(f"mydata.role.{role}", branch=branch) for role, branch in found.roles]
    if found.administrator:
        roles.append(texts.say("mydata.role.administrator"))
    lines = [
        texts.say("mydata.name", name=found.name, branch=found.branch),
        texts.say("mydata.tier", tier=found.tier or nothing),
        texts.say("mydata.phone", phone=found.phone or nothing),
        texts.say("mydata.account", account=found.account),
        texts.say("mydata.roles", roles=texts.list(roles) if roles else nothing),
    ]
    if found.helping.helper is not None:
        lines.append(texts.say("mydata.helper", name=found.helping.helper.helper))
    if found.helping.helped:
        lines.append(texts.say("mydata.helped", names=texts.list([pair.member for pair in found.helping.helped])))
    if found.unreachable is not None:
        lines.append(texts.say("mydata.unreachable", reason=texts.reason(found.unreachable)))
    return lines


def _rows(context: Context, found: MyData) -> list[str]:
    texts, rows = context.texts, found.rows
    lines = ["", texts.say("mydata.rows")]
    for kind in ("deliveries", "receipts", "reminders", "messages", "items", "actions", "answers"):
        lines.append(texts.say(f"mydata.{kind}", n=getattr(rows, kind)))
    keeping = context.settings.keeping
    until = texts.say(
        "mydata.until",
        messages=texts.span(keeping.messages),
        drafts=texts.span(keeping.drafts),
        accesses=texts.span(keeping.accesses),
    )
    return [*lines, texts.say("mydata.words"), until, *_looks(context, found)]


def _looks(context: Context, found: MyData) -> list[str]:
    """Who saw lists with their name in them, the latest first."""
    texts = context.texts
    if not found.looks:
        return [texts.say("mydata.looked.nobody")]
    lines = [texts.say("mydata.looked", n=found.looked)]
    for look in found.looks:
        name = look.name or texts.say("mydata.looked.operator")
        subject = f"#{look.item_id}" if look.item_id is not None else ""
        what = texts.say(f"mydata.looked.{look.what}", subject=subject)
        lines.append(texts.say("mydata.look", when=texts.when(look.at, context.now), name=name, what=what))
    return lines


def _latest(context: Context, found: MyData) -> list[str]:
    texts = context.texts
    if not found.latest:
        return []
    lines = ["", texts.say("mydata.latest")]
    for item in found.latest:
        at = item.acknowledged_at or item.read_at or item.sent_at
        state = texts.say(f"mydata.state.{item.state}")
        evidence = found.evidence.get(item.item_id)
        if evidence is not None and evidence.entered_by is not None:
            state = texts.say(f"mydata.state.by.{evidence.source}", state=state, name=evidence.entered_by)
        when = texts.when(at, context.now) if at is not None else ""
        lines.append(texts.say("mydata.item", number=item.item_id, title=item.title, state=state, when=when).rstrip())
    return lines
