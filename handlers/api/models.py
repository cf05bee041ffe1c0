"""What the API answers: explicit fields and nothing else. Every instant carries the branch's offset."""

from datetime import datetime, tzinfo
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.services.question_register import LineEntry, QuestionEntry
from bot.services.register import BranchEntry, DeliveryEntry, ItemDetails, ItemEntry, MemberEntry
from storage.enums import (
    Arrival,
    DeliveryState,
    EntryBy,
    EntryKind,
    ItemKind,
    ItemStatus,
    QuestionState,
    Require,
    Role,
    Source,
)

ListedStatus = Literal[
    ItemStatus.DRAFT, ItemStatus.SCHEDULED, ItemStatus.PUBLISHED, ItemStatus.WITHDRAWN, ItemStatus.CLOSED
]
"""The statuses of an item that exists for others: a dropped draft does not."""
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
Count = Annotated[int, Field(ge=0)]
Next = Annotated[str | None, Field(description="The cursor of the next page; null on the last one.")]


class Answer(BaseModel):
    """Part of an answer. What is not named here never leaves."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, frozen=True, defer_build=True)


class Counts(Answer):
    """Members of the audience by state; the seven states add up to `audience`."""

    audience: Count
    queued: Count
    sent: Count
    read: Count
    acknowledged: Count
    failed: Count
    unreachable: Count
    excused: Count
    open: Annotated[Count, Field(description="Have not done yet what the item requires.")]
    done: Annotated[Count, Field(description="Have done what the item requires.")]
    reminders: Annotated[Count, Field(description="Reminders that were sent, to all of them together.")]
    paper: Annotated[Count, Field(description="Receipts that were entered from a list on paper.")]
    helper: Annotated[Count, Field(description="Receipts that helpers gave for members.")]


class Item(Answer):
    """Something pushed to members."""

    number: Number
    kind: ItemKind
    title: str
    status: ListedStatus
    require: Require
    version: Annotated[int, Field(ge=1)]
    branch: Annotated[str, Field(description="The branch in whose name it is published.")]
    due_at: datetime | None
    created_at: datetime
    publish_at: Annotated[datetime | None, Field(description="When it is to be published, or began to be.")]
    published_at: datetime | None
    ended_at: datetime | None
    counts: Counts

    @classmethod
    def of(cls, entry: ItemEntry, zone: tzinfo) -> "Item":
        return cls.model_validate(_fields(entry, zone))


class ItemWithBody(Item):
    """An item with its words."""

    body: str
    link: str | None

    @classmethod
    def of_details(cls, details: ItemDetails, zone: tzinfo) -> "ItemWithBody":
        return cls.model_validate(_fields(details.entry, zone) | {"body": details.body, "link": details.link})


class Items(Answer):
    """A page of items, newest first."""

    items: list[Item]
    next: Next


class Recipient(Answer):
    """The member that a delivery is for, with the branch at the time of publication."""

    userid: Annotated[str | None, Field(description="null for a member without an account.")]
    name: str
    branch: str


class Delivery(Answer):
    """One item for one member."""

    member: Recipient
    state: DeliveryState
    sent_at: Annotated[datetime | None, Field(description="When the platform took it: no more than that.")]
    read_at: datetime | None
    acknowledged_at: datetime | None
    reminders: Count
    last_reminded_at: datetime | None
    source: Annotated[Source | None, Field(description="Where the receipt comes from; null without one.")]
    entered_by: Annotated[str | None, Field(description="Who entered it for the member: on paper, or as their helper.")]
    error: Annotated[str | None, Field(description="Why it failed or could not be sent, in words.")]

    @classmethod
    def of(cls, entry: DeliveryEntry, zone: tzinfo) -> "Delivery":
        fields = _fields(entry, zone)
        member = {"userid": fields.pop("user_id"), "name": fields.pop("name"), "branch": fields.pop("branch")}
        del fields["id"]
        return cls.model_validate(fields | {"member": member})


class Deliveries(Answer):
    """A page of deliveries, newest first."""

    deliveries: list[Delivery]
    next: Next


class GrantedRole(Answer):
    """A role, for a branch and everything below it."""

    role: Role
    branch: str
    branch_path: str


class Member(Answer):
    """An active member of the roster."""

    userid: Annotated[str | None, Field(description="null for a member without an account.")]
    name: str
    branch: str
    branch_path: Annotated[str, Field(description="The names from the root to the branch, with slashes.")]
    tier: str | None
    roles: list[GrantedRole]

    @classmethod
    def of(cls, entry: MemberEntry) -> "Member":
        return cls(
            userid=entry.user_id,
            name=entry.name,
            branch=entry.branch,
            branch_path=entry.path,
            tier=entry.tier,
            roles=[GrantedRole(role=r.role, branch=r.branch, branch_path=r.path) for r in entry.roles],
        )


class Members(Answer):
    """A page of the roster, newest first."""

    members: list[Member]
    next: Next


class Branch(Answer):
    """A node of the organisation's tree."""

    name: str
    path: Annotated[str, Field(description="The names from the root to the branch, with slashes.")]
    parent: Annotated[str | None, Field(description="The path of the branch above; null at the root.")]
    members: Annotated[Count, Field(description="Active members of the branch itself, without those below.")]

    @classmethod
    def of(cls, entry: BranchEntry) -> "Branch":
        return cls(name=entry.name, path=entry.path, parent=entry.parent, members=entry.members)


class Branches(Answer):
    """A page of the tree, newest first."""

    branches: list[Branch]
    next: Next


class Assignee(Answer):
    """The responder whose question it is."""

    userid: Annotated[str | None, Field(description="null for a member without an account.")]
    name: str


class Line(Answer):
    """One line of a question's thread."""

    at: datetime
    by: EntryBy
    kind: EntryKind
    text: Annotated[str, Field(description="Phone and identity numbers of residents are masked.")]
    arrival: Annotated[Arrival | None, Field(description="What became of words to the resident; null for others.")]


class Question(Answer):
    """What a resident asked. Nothing in it says who."""

    number: Annotated[str, Field(pattern=r"^Q[1-9][0-9]*$")]
    state: QuestionState
    text: str
    topic: str | None
    branch: str | None
    assignee: Assignee | None
    asked_at: datetime
    due_at: Annotated[datetime | None, Field(description="null while it waits for the resident.")]
    answered_at: datetime | None
    rating: Annotated[int, Field(ge=1, le=5)] | None
    thread: list[Line]

    @classmethod
    def of(cls, entry: QuestionEntry, zone: tzinfo) -> "Question":
        thread = [Line.model_validate(_fields(line, zone)) for line in entry.thread]
        owner = entry.assignee and Assignee(userid=entry.assignee.user_id, name=entry.assignee.name)
        return cls.model_validate(
            _fields(entry, zone) | {"number": f"Q{entry.number}", "thread": thread, "assignee": owner}
        )


class Questions(Answer):
    """A page of questions, newest first."""

    questions: list[Question]
    next: Next


class Reminded(Answer):
    """What reminding the open members did."""

    reminded: Annotated[Count, Field(description="Members who get a reminder.")]
    at_limit: Annotated[Count, Field(description="Members who have had as many as their limits allow.")]
    out_of_reach: Annotated[Count, Field(description="Open members to whom the item itself has not gone out.")]
    waits_until: Annotated[datetime | None, Field(description="It is quiet: the reminders leave then.")]


class Withdrawn(Answer):
    """What a withdrawal could still do, in members."""

    unsent: Annotated[bool, Field(description="It had not left at all: nobody ever saw it.")]
    seen: Annotated[Count, Field(description="Had read or acknowledged it.")]
    recalling: Annotated[Count, Field(description="Have a message that is being taken back.")]
    kept: Annotated[Count, Field(description="Have a message that cannot be taken back.")]
    dropped: Annotated[Count, Field(description="Were still waiting for their message, and get none.")]
    groups: Annotated[Count, Field(description="Posts in group chats, which stay.")]


class Fault(Answer):
    """What went wrong: a word for programs, a sentence for people."""

    code: str
    message: str


class Error(Answer):
    """Every answer that is no success."""

    error: Fault


def _fields(entry: ItemEntry | DeliveryEntry | QuestionEntry | LineEntry, zone: tzinfo) -> dict[str, object]:
    """The entry's fields by name, its instants in the branch's zone."""
    values = ((name, getattr(entry, name)) for name in entry.__slots__)
    return {name: v.astimezone(zone) if isinstance(v, datetime) else v for name, v in values}
