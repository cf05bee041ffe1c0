"""`POST /items`: publishing an item from another system."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, field_validator
from pydantic.json_schema import SkipJsonSchema

from bot.rules.text import clean
from bot.services import register, submissions
from handlers.api import models
from handlers.api.calls import Call, Query, Route
from storage.enums import ItemKind, Require


def _this_age(at: datetime) -> datetime:
    if not 2000 < at.year < 2200:
        raise ValueError("no year of ours")
    return at


def _typed(value: object) -> object:
    """What no person types (NUL, control characters) is left out, as it is of what people write."""
    if isinstance(value, list):
        return [_typed(each) for each in value]
    return clean(value) if isinstance(value, str) else value


Instant = Annotated[AwareDatetime, AfterValidator(_this_age)]
Spans = Annotated[list[Annotated[str, Field(pattern="^[1-9][0-9]{0,3}[mhd]$")]], Field(max_length=10)]


class NewItem(BaseModel):
    """What may be left out is as in a chat: the author's own branch and below, an acknowledgement, the usual times."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    author: Annotated[str, Field(min_length=1, max_length=128, description="The publishing secretary's userid.")]
    kind: Annotated[
        Literal[ItemKind.NOTICE, ItemKind.MATERIAL], Field(description="Other kinds are published in a chat.")
    ] = ItemKind.NOTICE
    title: Annotated[str, Field(min_length=1, max_length=200, description="One line of at most 60 characters.")]
    body: Annotated[str, Field(max_length=40_000)] = ""
    to: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=200)]],
        Field(max_length=200, description="Branches, tiers and names, as after 对象 in a chat. Empty: the usual."),
    ] = []
    require: Annotated[
        Literal[Require.NONE, Require.READ, Require.ACK] | SkipJsonSchema[None], Field(description="As in a chat.")
    ] = None
    due_at: Annotated[Instant | SkipJsonSchema[None], Field(description="With an offset.")] = None
    at: Annotated[
        Instant | SkipJsonSchema[None], Field(description="When it goes; left out: after the undo window.")
    ] = None
    remind: Annotated[
        Spans | SkipJsonSchema[None], Field(description="How long after sending; an empty list: never.")
    ] = None
    link: Annotated[str, Field(max_length=2048, description="With https or http.")] = ""
    reason: Annotated[str, Field(max_length=60, description="Why, where the branch asks for it (事由).")] = ""

    _typed = field_validator("author", "title", "body", "to", "link", "reason", mode="before")(_typed)

    def fields(self) -> dict[str, str]:
        """The lines that would stand below the title in a chat."""
        lines = {
            "to": "，".join(self.to),
            "require": self.require or "",
            "due": self.due_at.isoformat() if self.due_at else "",
            "at": self.at.isoformat() if self.at else "",
            "remind": "" if self.remind is None else ",".join(self.remind) or "never",
            "link": self.link,
            "occasion": self.reason,
        }
        return {name: value for name, value in lines.items() if value}


async def publish(call: Call[Query]) -> models.ItemWithBody:
    asked = call.body_as(NewItem)
    item = await submissions.submit(
        call.tx,
        call.settings,
        author=asked.author,
        client=call.client,
        kind=asked.kind,
        title=asked.title,
        body=asked.body,
        fields=asked.fields(),
        now=call.now,
    )
    details = await register.item_details(call.tx, item.id)
    return models.ItemWithBody.of_details(details, call.settings.texts.zone)


ROUTES = (
    Route(
        "/items",
        "publishItem",
        "Publishes an item without a preview, in the name of a secretary, who hears of it and may take it back.",
        Query,
        models.ItemWithBody,
        publish,
        writes=True,
        body=NewItem,
    ),
)
