"""The organisation's tree."""

from bot.services import register
from handlers.api import models
from handlers.api.calls import Call, Paging, Route


async def list_branches(call: Call[Paging]) -> models.Branches:
    limit = call.query.limit
    found = await register.branches_page(call.tx, before=call.before, limit=limit + 1)
    entries, following = call.page(found, limit, lambda entry: entry.id)
    return models.Branches(branches=[models.Branch.of(entry) for entry in entries], next=following)


ROUTES = (Route("/branches", "listBranches", "Branches, newest first.", Paging, models.Branches, list_branches),)
