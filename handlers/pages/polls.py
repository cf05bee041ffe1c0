"""A poll on its page: the options as a form, and the result where members may see it."""

from collections.abc import Mapping
from typing import Any

from multidict import MultiMapping

from bot.rules.options import letter
from bot.rules.words import item_number
from bot.services.poll_pages import poll_page
from bot.services.polls import FEWEST_FOR_SPLIT, vote
from handlers.pages.sections import Section, Visit
from storage.enums import Source


async def _values(visit: Visit) -> Mapping[str, object]:
    texts = visit.settings.texts
    poll = await poll_page(visit.tx, visit.page, now=visit.now)
    why = poll.result.why if poll.result is not None else "hidden"
    return {
        "poll": poll,
        "asks": texts.say("poll.asks.one" if poll.most == 1 else "poll.asks.several", most=poll.most),
        "letters": [letter(number) for number in range(len(poll.options))],
        "unsplit": texts.say(f"poll.result.{why}", fewest=FEWEST_FOR_SPLIT, number=visit.page.number) if why else "",
    }


async def _vote(visit: Visit, form: MultiMapping[Any]) -> str:
    choice = ",".join(str(each) for each in form.getall("option", []))
    await vote(
        visit.tx,
        visit.settings,
        visit.page.member_id,
        visit.page.number,
        choice,
        since=item_number(str(form.get("since", ""))) or 1,
        source=Source.PAGE,
        in_words=False,
        now=visit.now,
    )
    return ""


POLL = Section(template="poll.html", values=_values, actions={"vote": _vote})
