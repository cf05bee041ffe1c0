"""A meeting: when and where it is, and whether one comes."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import ClassVar

from bot.message import Button
from bot.rules.folding import normalise
from bot.rules.reminding import day_of, shift
from bot.rules.text import cut_chars
from bot.rules.wall_clock import instant_of
from bot.services.asking import NOT_AT_ALL, Ask, time_in
from bot.services.kinds.base import Amendment, Face, Keep, Kind
from bot.services.meetings import end_of, remind_guests
from bot.services.settings import Settings
from bot.services.written import Written
from bot.texts import Texts
from storage.enums import ItemKind, Require
from storage.items import Item
from storage.meetings import Meeting
from storage.transaction import Transaction

FIELDS: Mapping[str, str] = {
    **dict.fromkeys(("时间", "开会时间", "开始时间", "开始", "when", "starts"), "when"),
    **dict.fromkeys(("结束时间", "结束", "ends"), "ends"),
    **dict.fromkeys(("地点", "会议地点", "where", "place"), "where"),
}
PLACE_CHARS = 60
BEFORE = timedelta(hours=2)
"""How long before it begins those who come are reminded."""
_RANGE = re.compile(
    r"(?P<begin>.*\d.*?)\s*(?:[-–—~～至到]|\bto\b)+\s*(?P<end>(?:[^\d\s]{0,2})\d{1,2}[:：点]\d{0,2}\D?)"
)


class MeetingKind(Kind):
    """`/会议`."""

    corrects: ClassVar[frozenset[str]] = frozenset({"when", "ends", "where"})
    times: ClassVar[frozenset[str]] = frozenset({"when", "ends"})
    defaults: ClassVar[tuple[time, time]] = (time(9), time(10))
    """Two times for a day without one: where they make a difference, the time was left out."""

    def read(self, settings: Settings, written: Written, draft: Item, *, now: datetime) -> Keep:
        fields = _parted(written.fields)
        begins_at = self._begin(settings, fields, now)
        ends_at = self._end(settings, fields, begins_at)
        place = fields.get("where", "").strip()
        if len(place) > PLACE_CHARS:
            raise Ask("where", "meeting.place_long", limit=PLACE_CHARS)
        if draft.publish_at is not None and draft.publish_at >= begins_at:
            raise Ask("at", "meeting.at_after_begin", begins=begins_at)
        if draft.due_at is not None and draft.due_at > begins_at:
            raise Ask("due", "meeting.due_after_begin", begins=begins_at)
        draft.due_at = draft.due_at or begins_at
        draft.keep_until = end_of(begins_at, ends_at)
        quiet = settings.reminding.quiet
        remind_at = shift(begins_at - BEFORE, quiet=quiet, workdays=None, due_at=begins_at, now=now)

        async def keep(tx: Transaction, item: Item) -> None:
            tx.meetings.add(
                Meeting(item_id=item.id, begins_at=begins_at, ends_at=ends_at, place=place, remind_at=remind_at)
            )
            await tx.flush()

        return keep

    async def forget(self, tx: Transaction, item: Item) -> None:
        await tx.meetings.remove(item.id)

    def _begin(self, settings: Settings, fields: Mapping[str, str], now: datetime) -> datetime:
        early, late = (time_in(settings, fields, "when", default, now) for default in self.defaults)
        if early is None or late is None:
            raise Ask("when", "meeting.ask_when")
        if early != late:
            raise Ask("when", "meeting.ask_hour", words=fields["when"][:40])
        return early

    def _end(self, settings: Settings, fields: Mapping[str, str], begins_at: datetime) -> datetime | None:
        """An end without a day is on the day of the beginning."""
        zone = settings.texts.zone
        midnight = instant_of(day_of(begins_at, zone), time(), zone) - timedelta(seconds=1)
        early, late = (time_in(settings, fields, "ends", default, midnight) for default in self.defaults)
        if early is None:
            return None
        if early != late:
            raise Ask("ends", "meeting.ask_end_hour", words=fields["ends"][:40])
        if early <= begins_at:
            raise Ask("ends", "meeting.ends_before", begins=begins_at)
        return early

    async def amend(
        self, tx: Transaction, settings: Settings, item: Item, fields: Mapping[str, str], *, now: datetime
    ) -> Amendment | None:
        meeting = await tx.meetings.get(item.id)
        if meeting is None:
            return None
        texts, fields = settings.texts, _parted(fields)
        begins_at, ends_at, place = meeting.begins_at, meeting.ends_at, meeting.place
        if fields.get("when", "").strip():
            begins_at = self._begin(settings, fields, now)
            ends_at = begins_at + (meeting.ends_at - meeting.begins_at) if meeting.ends_at is not None else None
        if fields.get("ends", "").strip():
            ends_at = self._end(settings, fields, begins_at)
        if written := fields.get("where", "").strip():
            place = "" if normalise(written) in NOT_AT_ALL else written
        if len(place) > PLACE_CHARS:
            raise Ask("where", "meeting.place_long", limit=PLACE_CHARS)
        lines, changed = [], []
        if (begins_at, ends_at) != (meeting.begins_at, meeting.ends_at):
            old, new = span(texts, meeting.begins_at, meeting.ends_at), span(texts, begins_at, ends_at)
            lines.append(texts.say("difference.own", name=texts.say("meeting.when"), old=old, new=new))
            changed.append("when")
        if place != meeting.place:
            none = texts.say("difference.none")
            name = texts.say("meeting.where")
            lines.append(texts.say("difference.own", name=name, old=meeting.place or none, new=place or none))
            changed.append("where")
        if not changed:
            return None
        follows = item.due_at == meeting.begins_at or (item.due_at is not None and item.due_at > begins_at)
        values = {"begins_at": begins_at.isoformat(), "ends_at": ends_at.isoformat() if ends_at else None}
        due_at = begins_at if follows else None
        return Amendment({**values, "place": place}, tuple(lines), tuple(changed), due_at)

    async def take_over(
        self, tx: Transaction, settings: Settings, item: Item, amendment: Amendment, *, major: bool, now: datetime
    ) -> None:
        meeting, values = await tx.meetings.get(item.id), amendment.values
        if meeting is None:
            return
        begins_at, ends_at = datetime.fromisoformat(str(values["begins_at"])), values["ends_at"]
        moved = begins_at != meeting.begins_at
        meeting.begins_at, meeting.place = begins_at, str(values["place"])
        meeting.ends_at = datetime.fromisoformat(str(ends_at)) if ends_at else None
        item.keep_until = end_of(meeting.begins_at, meeting.ends_at)
        if moved:
            quiet = settings.reminding.quiet
            meeting.remind_at = shift(begins_at - BEFORE, quiet=quiet, workdays=None, due_at=begins_at, now=now)
            if major:
                await tx.meetings.forget_answers(item.id)
        await tx.flush()

    async def faces(self, tx: Transaction, settings: Settings, items: Sequence[Item]) -> Mapping[int, Face]:
        texts = settings.texts
        meetings = await tx.meetings.many(item.id for item in items)
        heads = await tx.meetings.heads(meetings)
        found = {}
        for item in items:
            if item.id not in meetings:
                continue
            meeting, head = meetings[item.id], heads[item.id]
            by_then = item.due_at is not None and item.due_at < meeting.begins_at
            asks = texts.say("meeting.asks_until", due=item.due_at) if by_then else texts.say("meeting.asks")
            rows = [(texts.say("meeting.when"), span(texts, meeting.begins_at, meeting.ends_at))]
            rows += [(texts.say("meeting.where"), cut_chars(meeting.place, PLACE_CHARS))] if meeting.place else []
            counted = texts.say("meeting.count", coming=head.coming, leave=head.leave)
            found[item.id] = Face(
                asks=asks,
                fields=tuple(rows),
                buttons=(
                    Button(texts.say("meeting.button.join"), action=f"join:{item.id}", primary=True),
                    Button(texts.say("meeting.button.leave"), action=f"leave:{item.id}"),
                ),
                count=counted if head.coming or head.leave else "",
            )
        return found

    async def progress(
        self, tx: Transaction, settings: Settings, item: Item, scope: frozenset[int] | None, *, now: datetime
    ) -> list[str]:
        meeting = await tx.meetings.get(item.id)
        if meeting is None:
            return []
        head = (await tx.meetings.heads([item.id], scope))[item.id]
        lines = [settings.texts.say("meeting.progress", coming=head.coming, leave=head.leave)]
        if head.present or now >= meeting.begins_at:
            lines.append(settings.texts.say("meeting.progress.present", n=head.present))
        return lines

    async def any_due(self, tx: Transaction, *, now: datetime) -> bool:
        return await tx.meetings.any_to_remind(now)

    async def do_due(self, tx: Transaction, settings: Settings, *, now: datetime) -> int:
        return await remind_guests(tx, settings, now=now)


def span(texts: Texts, begins_at: datetime, ends_at: datetime | None) -> str:
    """`11月27日（周五）15:00–17:00`."""
    begin = texts.when(begins_at)
    if ends_at is None:
        return begin
    same = day_of(begins_at, texts.zone) == day_of(ends_at, texts.zone)
    end = f"{ends_at.astimezone(texts.zone):%H:%M}" if same else texts.when(ends_at)
    return f"{begin}–{end}"


def _parted(fields: Mapping[str, str]) -> Mapping[str, str]:
    """`周五 15:00-17:00` is a beginning and an end."""
    found = _RANGE.fullmatch(fields.get("when", "").strip())
    if found is None:
        return fields
    return {**fields, "when": found["begin"], "ends": fields.get("ends") or found["end"]}


MEETING = MeetingKind(ItemKind.MEETING, ("会议", "meeting"), Require.ANSWER, chooses=False, fields=FIELDS)
