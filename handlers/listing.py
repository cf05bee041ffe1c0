"""`列表`: a secretary's open items, drafts and scheduled items."""

from bot.inbound.router import Context, Reply, Router
from bot.services.listing import listing_of
from bot.services.summaries import done_of, titled
from storage.enums import ItemStatus, Role

router = Router()


@router.command("列表", "list", roles=(Role.SECRETARY,))
async def list_said(context: Context, rest: str) -> Reply:
    """What is out, and what waits to go out."""
    texts, listing = context.texts, await listing_of(context.tx, context.speaker)
    lines = []
    if listing.published:
        lines.append(texts.say("listing.published"))
    for out in listing.published:
        lines.append(f"{titled(texts, out)}\n{done_of(texts, out, out)}")
        if out.due_at is not None:
            lines[-1] += texts.say("listing.due", due=texts.when(out.due_at, context.now))
    if listing.waiting:
        lines.append(texts.say("listing.waiting"))
    for item in listing.waiting:
        scheduled = item.status == ItemStatus.SCHEDULED
        key = "listing.scheduled" if scheduled else "listing.draft"
        at = texts.when(item.publish_at, context.now) if scheduled and item.publish_at is not None else ""
        lines.append(texts.say(key, title=titled(texts, item), number=item.id, at=at))
    if listing.more:
        lines.append(texts.say("listing.more"))
    words = "\n".join(lines) if lines else texts.say("listing.none")
    return Reply(texts.say("listing.in_group"), private=Reply(words))
