"""Items: the list, one, to whom it went, and what may be done with it."""

from typing import Annotated

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from bot.services import register, reminders, withdrawing
from handlers.api import models
from handlers.api.calls import Call, Paging, Query, Route
from storage.enums import DeliveryState, ItemKind, ItemStatus


class WhichItems(Paging):
    status: Annotated[models.ListedStatus | SkipJsonSchema[None], Field(description="Only items in this status.")] = (
        None
    )
    kind: Annotated[ItemKind | SkipJsonSchema[None], Field(description="Only items of this kind.")] = None


class WhichDeliveries(Paging):
    state: Annotated[DeliveryState | SkipJsonSchema[None], Field(description="Only deliveries in this state.")] = None


LISTED = [status for status in ItemStatus if status is not ItemStatus.DROPPED]


async def list_items(call: Call[WhichItems]) -> models.Items:
    query, zone = call.query, call.settings.texts.zone
    statuses = LISTED if query.status is None else [query.status]
    found = await register.items_page(
        call.tx, statuses=statuses, kind=query.kind, before=call.before, limit=query.limit + 1
    )
    entries, following = call.page(found, query.limit, lambda entry: entry.number)
    return models.Items(items=[models.Item.of(entry, zone) for entry in entries], next=following)


async def show_item(call: Call[Query]) -> models.ItemWithBody:
    details = await register.item_details(call.tx, call.number)
    return models.ItemWithBody.of_details(details, call.settings.texts.zone)


async def list_deliveries(call: Call[WhichDeliveries]) -> models.Deliveries:
    query, texts = call.query, call.settings.texts
    found = await register.deliveries_page(
        call.tx, texts, call.number, state=query.state, before=call.before, limit=query.limit + 1
    )
    entries, following = call.page(found, query.limit, lambda entry: entry.id)
    return models.Deliveries(deliveries=[models.Delivery.of(entry, texts.zone) for entry in entries], next=following)


async def remind(call: Call[Query]) -> models.Reminded:
    item = await register.item_numbered(call.tx, call.number)
    done = await reminders.remind_now(call.tx, call.settings, item, actor_id=None, source="api", now=call.now)
    waits = done.waits_until
    return models.Reminded(
        reminded=done.queued,
        at_limit=done.at_limit,
        out_of_reach=done.out_of_reach,
        waits_until=waits.astimezone(call.settings.texts.zone) if waits else None,
    )


async def withdraw(call: Call[Query]) -> models.Withdrawn:
    item = await register.item_numbered(call.tx, call.number)
    done = await withdrawing.withdraw(call.tx, call.settings, item, actor_id=None, source="api", now=call.now)
    return models.Withdrawn.model_validate(done)


ROUTES = (
    Route("/items", "listItems", "Items, newest first.", WhichItems, models.Items, list_items),
    Route("/items/{number}", "showItem", "One item.", Query, models.ItemWithBody, show_item),
    Route(
        "/items/{number}/deliveries",
        "listDeliveries",
        "To whom an item goes, and what became of it.",
        WhichDeliveries,
        models.Deliveries,
        list_deliveries,
    ),
    Route(
        "/items/{number}/remind",
        "remind",
        "Reminds the open members now, within their limits; not twice within 10 minutes.",
        Query,
        models.Reminded,
        remind,
        writes=True,
    ),
    Route(
        "/items/{number}/withdraw",
        "withdraw",
        "Takes an item back: recalls what can be recalled, tells those who had it, ends its reminders.",
        Query,
        models.Withdrawn,
        withdraw,
        writes=True,
    ),
)
