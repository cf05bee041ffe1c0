"""What a member's page shows of a meeting."""

from dataclasses import dataclass
from datetime import datetime

from bot.services.access import absent, manages
from bot.services.checkins import window
from bot.services.meetings import end_of
from bot.services.pages import ItemPage, speaker_of
from bot.services.settings import Settings
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class MeetingPage:
    """`comes` is None before the member has said anything; `code` is "" for whoever has no business with it.

    `open`: the answer may change; `asks_code`: one may check in now.
    """

    begins_at: datetime
    ends_at: datetime
    span: tuple[datetime, datetime | None]
    place: str
    comes: bool | None
    reason: str
    open: bool
    present: bool
    asks_code: bool
    code: str


async def meeting_page(tx: Transaction, settings: Settings, page: ItemPage, *, now: datetime) -> MeetingPage:
    """The meeting of a page. Raises UserError for an item that is none."""
    meeting = await tx.meetings.get(page.number)
    if meeting is None:
        raise absent(page.number)
    mine = await tx.meetings.answer_of(page.number, page.member_id)
    present = await tx.meetings.was_present(page.number, page.member_id)
    begins, ends = window(meeting)
    shows = meeting.code is not None and now <= ends and await _manages(tx, settings, page)
    return MeetingPage(
        begins_at=meeting.begins_at,
        ends_at=end_of(meeting.begins_at, meeting.ends_at),
        span=(meeting.begins_at, meeting.ends_at),
        place=meeting.place,
        comes=None if mine is None else mine.comes,
        reason=(mine.reason or "") if mine is not None else "",
        open=now < meeting.begins_at,
        present=present,
        asks_code=meeting.code is not None and begins <= now <= ends and not present,
        code=(meeting.code or "") if shows else "",
    )


async def _manages(tx: Transaction, settings: Settings, page: ItemPage) -> bool:
    who = await speaker_of(tx, settings, page)
    return who is not None and await manages(tx, who, page.number)
