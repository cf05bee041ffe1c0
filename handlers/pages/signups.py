"""A sign-up on its page: how many places there are, and one's own."""

from collections.abc import Mapping
from typing import Any

from multidict import MultiMapping

from bot.services.signups import enter, leave, signup_page
from handlers.pages.sections import Section, Visit
from storage.enums import Source


async def _values(visit: Visit) -> Mapping[str, object]:
    return {"signup": await signup_page(visit.tx, visit.page.member_id, visit.page.number, now=visit.now)}


async def _enter(visit: Visit, form: MultiMapping[Any]) -> str:
    await enter(visit.tx, visit.page.member_id, visit.page.number, source=Source.PAGE, now=visit.now)
    return ""


async def _quit(visit: Visit, form: MultiMapping[Any]) -> str:
    page = visit.page
    await leave(visit.tx, visit.settings, page.member_id, page.number, source=Source.PAGE, now=visit.now)
    return ""


SIGNUP = Section(template="signup.html", values=_values, actions={"enter": _enter, "quit": _quit})
