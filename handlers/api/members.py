"""The roster, without what nobody outside needs."""

from bot.services import register
from handlers.api import models
from handlers.api.calls import Call, Paging, Route


async def list_members(call: Call[Paging]) -> models.Members:
    limit = call.query.limit
    found = await register.members_page(call.tx, before=call.before, limit=limit + 1)
    entries, following = call.page(found, limit, lambda entry: entry.id)
    return models.Members(members=[models.Member.of(entry) for entry in entries], next=following)


ROUTES = (Route("/members", "listMembers", "Active members, newest first.", Paging, models.Members, list_members),)
