"""What the page is told when something cannot be done, and the group as one person sees it."""

from dataclasses import replace
from typing import Any

import pytest

from bot.clock import ManualClock
from bot.simulator import cards
from bot.simulator.page_api import FILES
from bot.simulator.twin import Twin

from .conftest import Caller, Receiver


async def test_the_reason_is_a_key_of_the_pages_own_words(
    caller: Caller, twin: Twin, receiver: Receiver, clock: ManualClock, button_card: dict[str, Any]
) -> None:
    words = (FILES / "words.js").read_text(encoding="utf-8")
    await caller.card("lisi", button_card)
    (shown,) = twin.shown_to("lisi")
    group_card = twin.group("chat-1", members=["lisi"]).show(cards.content(button_card, lambda *_: None), "bot")
    press = {"userid": "lisi", "message": shown.id, "key": "ack:12"}
    tries: list[tuple[str, dict[str, Any], str]] = [
        ("say", {"userid": "lisi", "text": " "}, "empty"),
        ("say", {"userid": "nobody", "text": "好"}, "gone"),
        ("click", {**press, "message": "99"}, "gone"),
        ("click", {**press, "key": "查看全文"}, "button"),
        ("click", {**press, "where": "group", "message": group_card.id}, "bot"),
        ("clock", {"hours": 1}, "clock"),
        ("click", {"userid": "lisi"}, "other"),
    ]
    for what, body, reason in tries:
        async with caller.session.post(f"{caller.base}/page/{what}", json=body) as answer:
            assert answer.status == 400
            assert (await answer.json())["reason"] == reason
        assert words.count(f'"trouble.{reason}": ') == 2
    twin.move_clock = clock.advance
    async with caller.session.post(f"{caller.base}/page/clock", json={"hours": -1}) as answer:
        assert (await answer.json())["reason"] == "clock"


async def test_a_card_replaced_for_one_person_is_replaced_for_nobody_else(
    caller: Caller, twin: Twin, button_card: dict[str, Any]
) -> None:
    group = twin.group("chat-1", "第一支部群", ["lisi", "wangwu"])
    content = cards.content(button_card, lambda *_: None)
    shown = group.show(content, "bot")
    own = {**button_card, "replace_text": "已确认"}
    shown.views = {"lisi": replace(cards.content(own, lambda *_: None), text="换过的")}

    async def label(viewer: str) -> tuple[str, bool]:
        async with caller.session.get(f"{caller.base}/page/state", params={"viewer": viewer}) as answer:
            (message,) = (await answer.json())["group"]["messages"]
        return message["buttons"][0]["text"], message["buttons"][0]["enabled"]

    assert await label("LISI") == ("已确认", False)
    assert await label("wangwu") == ("确认收到", True)
    assert await label("") == ("确认收到", True)


@pytest.mark.parametrize("path", ["", "assets/words.js", "assets/style.css"])
async def test_a_new_version_of_the_page_is_seen_at_once(caller: Caller, path: str) -> None:
    async with caller.session.get(f"{caller.base}/{path}") as answer:
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-cache"
