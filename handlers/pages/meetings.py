"""A meeting on its page: when and where, one's own answer, the calendar file, checking in."""

import io
from collections.abc import Mapping
from typing import Any

import segno
from aiohttp import web
from multidict import MultiMapping

from bot.rules.icalendar import Event, calendar
from bot.services import checkins, meetings
from bot.services.access import absent
from bot.services.kinds.meeting import span
from bot.services.meeting_pages import meeting_page
from bot.services.pages import speaker_of
from handlers.pages.sections import Section, Visit
from storage.enums import Source

SCALE, BORDER = 8, 2
"""Of the QR code: pixels to a module, modules of white around it."""


async def _values(visit: Visit) -> Mapping[str, object]:
    texts = visit.settings.texts
    found = await meeting_page(visit.tx, visit.settings, visit.page, now=visit.now)
    said = texts.say("meeting.label.join" if found.comes else "meeting.label.leave")
    return {
        "meeting": found,
        "when": span(texts, *found.span),
        "answer": "" if found.comes is None else texts.say("page.meeting.your_answer", answer=said),
        "typed": visit.query.get("here", "")[:12],
    }


async def _join(visit: Visit, form: MultiMapping[Any]) -> str:
    return await _answer(visit, comes=True, reason="")


async def _leave(visit: Visit, form: MultiMapping[Any]) -> str:
    return await _answer(visit, comes=False, reason=str(form.get("reason", "")))


async def _answer(visit: Visit, *, comes: bool, reason: str) -> str:
    who = await speaker_of(visit.tx, visit.settings, visit.page)
    if who is None:
        raise absent(visit.page.number)
    key = f"page:{visit.page.number}:{who.member_id}:{visit.now.isoformat()}"
    await meetings.answer(
        visit.tx,
        visit.settings,
        who,
        visit.page.number,
        comes=comes,
        reason=reason,
        source=Source.PAGE,
        key=key,
        now=visit.now,
    )
    return ""


async def _here(visit: Visit, form: MultiMapping[Any]) -> str:
    code = str(form.get("code", "")).strip()
    done = await checkins.check_in(visit.tx, visit.page.member_id, code, source=Source.PAGE, now=visit.now)
    if done.item is not None:
        return ""
    return visit.settings.texts.say(f"checkin.{done.result}")


async def _calendar(visit: Visit) -> web.Response | None:
    page, links = visit.page, visit.settings.links
    meeting = await meeting_page(visit.tx, visit.settings, page, now=visit.now)
    event = Event(
        uid=f"{links.token(page.number)}@branchbot",
        version=page.version,
        written_at=page.published_at or visit.now,
        begins_at=meeting.begins_at,
        ends_at=meeting.ends_at,
        title=page.title,
        place=meeting.place,
        words=page.body,
        url=links.item_url(page.number),
    )
    return web.Response(
        body=calendar(event, zone=visit.settings.texts.zone.key),
        headers={
            "Content-Type": "text/calendar; charset=utf-8",
            "Content-Disposition": f'attachment; filename="meeting-{page.number}.ics"',
        },
    )


async def _code(visit: Visit) -> web.Response | None:
    """The QR code of the link that checks in; for whoever manages the meeting."""
    meeting = await meeting_page(visit.tx, visit.settings, visit.page, now=visit.now)
    if not meeting.code:
        return None
    link = f"{visit.settings.links.item_url(visit.page.number)}?here={meeting.code}"
    picture = io.BytesIO()
    segno.make(link, error="m", micro=False).save(picture, kind="png", scale=SCALE, border=BORDER)
    return web.Response(body=picture.getvalue(), content_type="image/png")


MEETING = Section(
    template="meeting.html",
    values=_values,
    actions={"join": _join, "leave": _leave, "here": _here},
    files={"meeting.ics": _calendar, "code.png": _code},
)
