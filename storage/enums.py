"""The words that columns hold; the one part of storage that others may name."""

from enum import IntEnum, StrEnum


class Role(StrEnum):
    """What a member may do for a branch and everything below it."""

    SECRETARY = "secretary"
    SUPERVISOR = "supervisor"
    RESPONDER = "responder"


class MemberStatus(StrEnum):
    ACTIVE = "active"
    LEFT = "left"


class ItemKind(StrEnum):
    NOTICE = "notice"
    MATERIAL = "material"
    MEETING = "meeting"
    POLL = "poll"
    SIGNUP = "signup"


class ItemStatus(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    DROPPED = "dropped"


class PlanStatus(StrEnum):
    """`stopped`: by the bot itself, for nobody answers for it any more; `ended`: the last occurrence is over."""

    DRAFT = "draft"
    ACTIVE = "active"
    ENDED = "ended"
    CANCELLED = "cancelled"
    STOPPED = "stopped"


class VersionState(StrEnum):
    """How far a correction is; what an item said before it was corrected is `out`, too."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    OUT = "out"


class ApprovalState(StrEnum):
    """`waiting` is open; `approved` stands as long as what was approved is what would be sent."""

    WAITING = "waiting"
    APPROVED = "approved"
    RETURNED = "returned"
    TAKEN_BACK = "taken_back"
    """By its author, or because what was to be approved has changed."""


class Require(StrEnum):
    """What an item asks of a member."""

    NONE = "none"
    READ = "read"
    ACK = "ack"
    QUIZ = "quiz"
    ANSWER = "answer"
    """What the kind of the item asks: whether somebody comes, which of the options."""


class DeliveryState(StrEnum):
    """A delivery as people see it. The first four of sending are also its `transport`."""

    QUEUED = "queued"
    SENT = "sent"
    READ = "read"
    ACKNOWLEDGED = "acknowledged"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    EXCUSED = "excused"


class ReceiptKind(StrEnum):
    READ = "read"
    ACK = "ack"


class Source(StrEnum):
    """Where the evidence of a receipt comes from."""

    CARD = "card"
    PAGE = "page"
    CHAT = "chat"
    GROUP = "group"
    PAPER = "paper"
    HELPER = "helper"


class ReminderState(StrEnum):
    """`open` waits for its time; `queued` is carried by a message; the others are over."""

    OPEN = "open"
    QUEUED = "queued"
    SENT = "sent"
    SKIPPED = "skipped"
    ENDED = "ended"


class Phase(StrEnum):
    """Where a message is on its way out (docs/delivery.md draws it). The last four are final."""

    READY = "ready"
    WAITING = "waiting"
    IN_FLIGHT = "in_flight"
    DOUBTFUL = "doubtful"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DROPPED = "dropped"
    UNKNOWN = "unknown"


class CallState(StrEnum):
    IN_FLIGHT = "in_flight"
    DOUBTFUL = "doubtful"
    SETTLED = "settled"


class Priority(IntEnum):
    """Who goes first; a smaller number never waits behind a larger one."""

    REPLY = 0
    URGENT = 1
    ITEM = 2
    REMINDER = 3
    REPORT = 4


class AttachmentState(StrEnum):
    """`waiting` is on its way to us; `dropped` was taken off again."""

    WAITING = "waiting"
    STORED = "stored"
    REFUSED = "refused"
    DROPPED = "dropped"


class InboxState(StrEnum):
    PENDING = "pending"
    DONE = "done"
    ASIDE = "aside"


class QuestionState(StrEnum):
    """Where a resident's question stands: new → assigned → answered → closed, and aside of that road."""

    NEW = "new"
    ASSIGNED = "assigned"
    ANSWERED = "answered"
    CLOSED = "closed"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    ASIDE = "aside"
    """Looks like an advertisement: nobody is called for it, responders see the count and may fetch it."""


class EntryBy(StrEnum):
    """Who wrote a line of a question's thread."""

    RESIDENT = "resident"
    RESPONDER = "responder"
    BOT = "bot"


class EntryKind(StrEnum):
    """What a line of a question's thread is."""

    ASKED = "asked"
    ADDED = "added"
    ASKED_BACK = "asked_back"
    ANSWER = "answer"
    HOLDING = "holding"
    NOTE = "note"
    """Among responders; never shown to the resident."""
    RATING = "rating"
    DECLINED = "declined"
    MOVED = "moved"


class Arrival(StrEnum):
    """What became of words to a resident; it follows the phase of their message, in the same commit."""

    QUEUED = "queued"
    DELIVERED = "delivered"
    """The platform took them; should it report later that they did not arrive, they are kept after all."""
    KEPT = "kept"
    """The platform would not, or may not have, taken them: they wait for the resident's next sign."""
    GIVEN = "given"
    """Handed over in the answer to something that the resident said."""


class CommitmentState(StrEnum):
    """A promise with a date is open until its owner says how it ended."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class Held(StrEnum):
    """Why nothing is sent until somebody has looked at what waits."""

    RESTORED = "restored"
    """A backup was restored."""
    OLDER = "older"
    """The database knows less than what was done here: an older one was put in its place by hand."""
    ELSEWHERE = "elsewhere"
    """It was last in use on another machine, or with another app."""
    COPIED = "copied"
    """It came without the file beside it."""
