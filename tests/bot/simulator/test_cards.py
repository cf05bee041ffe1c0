import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.clock import ManualClock
from bot.simulator import cards
from bot.simulator.refusal import Refusal
from bot.simulator.twin import Twin

from .conftest import Caller, Receiver


async def test_a_card_shows_its_words_and_buttons(caller: Caller, twin: Twin, button_card: dict[str, Any]) -> None:
    answer = await caller.card("lisi|wangwu", button_card)
    (shown,) = twin.shown_to("lisi")
    assert shown.kind == "card"
    assert shown.text == "第一支部\n#12 关于召开支部大会的通知\n请于 11月30日 18:00 前确认\n地点：三楼会议室"
    assert [(button.text, button.key, bool(button.url)) for button in shown.buttons] == [
        ("确认收到", "ack:12", False),
        ("查看全文", "", True),
    ]
    assert shown.task_id == "n12-7f3a-1"
    assert shown.card == button_card
    assert shown.response_code == answer["response_code"]


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"card_type": "unknown"}, 42027),
        ({"task_id": ""}, 42016),
        ({"task_id": "with space"}, 42014),
        ({"task_id": "x" * 129}, 42014),
        ({"main_title": {"desc": "只有说明"}}, 41016),
        ({"button_list": []}, 42027),
        ({"button_list": [{"text": "一", "key": str(n)} for n in range(7)]}, 42027),
        ({"button_list": [{"text": "一"}]}, 42017),
        ({"button_list": [{"text": "一", "key": "k"}, {"text": "二", "key": "k"}]}, 42018),
        ({"button_list": [{"text": "一", "key": "k" * 1025}]}, 42019),
        ({"button_list": [{"text": "一", "type": 1, "url": "bot.example"}]}, 45034),
        ({"button_list": [{"key": "k"}]}, 42027),
        ({"horizontal_content_list": [{"keyname": "一"}] * 7}, 42027),
        ({"horizontal_content_list": [{"value": "无名"}]}, 42027),
        ({"source": "第一支部"}, 42027),
    ],
)
async def test_bad_cards_are_refused(
    caller: Caller, twin: Twin, button_card: dict[str, Any], changes: dict[str, Any], errcode: int
) -> None:
    assert (await caller.card("lisi", {**button_card, **changes}))["errcode"] == errcode
    assert twin.shown_to("lisi") == []


def test_the_other_types_have_their_own_needs() -> None:
    title, action = {"title": "题"}, {"type": 1, "url": "https://bot.example.org"}
    options = [{"id": "a", "text": "甲"}]
    good: list[dict[str, Any]] = [
        {"card_type": "text_notice", "sub_title_text": "文", "card_action": action},
        {"card_type": "news_notice", "main_title": title, "card_action": action, "card_image": {"url": "https://x"}},
        {
            "card_type": "vote_interaction",
            "task_id": "t1",
            "main_title": title,
            "checkbox": {"question_key": "q", "option_list": options},
            "submit_button": {"text": "提交", "key": "s"},
        },
        {
            "card_type": "multiple_interaction",
            "task_id": "t2",
            "main_title": title,
            "select_list": [{"question_key": "q", "option_list": options}],
            "submit_button": {"text": "提交", "key": "s"},
        },
    ]
    for card in good:
        assert cards.check(card) == card
        for part in set(card) - {"card_type", "sub_title_text", "main_title"}:
            with pytest.raises(Refusal):
                cards.check({**card, part: None})


def test_parts_that_are_too_long_are_cut_and_noted(button_card: dict[str, Any]) -> None:
    noted: list[tuple[str, int, int]] = []
    button_card["main_title"]["title"] = "题" * 40
    shown = cards.content(button_card, lambda *note: noted.append(note))
    assert "题" * 36 in shown.text
    assert "题" * 37 not in shown.text
    assert noted == [("main_title.title", 40, 36)]


async def test_a_task_id_belongs_to_one_request(caller: Caller, twin: Twin, button_card: dict[str, Any]) -> None:
    await caller.card("lisi", button_card)
    assert (await caller.card("wangwu", button_card))["errcode"] == 42014
    assert twin.shown_to("wangwu") == []


async def test_a_click_brings_a_code_that_greys_the_button_once(
    caller: Caller, twin: Twin, receiver: Receiver, button_card: dict[str, Any]
) -> None:
    await caller.card("lisi|wangwu", button_card)
    phone = twin.phone("lisi")
    await phone.click(None, "确认收到")
    code = _element(twin.callbacks[0].plaintext, "ResponseCode")
    update = {"userids": ["lisi"], "agentid": 1000002, "response_code": code, "button": {"replace_name": "已确认"}}
    assert (await caller.post("message/update_template_card", update))["errcode"] == 0
    greyed, link = phone.messages[0].buttons
    assert (greyed.text, greyed.enabled, link.enabled) == ("已确认", False, True)
    assert twin.shown_to("wangwu")[0].buttons[0].enabled
    with pytest.raises(ValueError, match="cannot be pressed"):
        await phone.click(phone.messages[0], "ack:12")
    assert (await caller.post("message/update_template_card", update))["errcode"] == 60140


@pytest.mark.faults("CB28")
async def test_a_grey_button_can_still_be_pressed_on_another_device(
    caller: Caller, twin: Twin, receiver: Receiver, button_card: dict[str, Any]
) -> None:
    await caller.card("lisi", button_card)
    (shown,) = twin.shown_to("lisi")
    await asyncio.gather(twin.app.click("lisi", shown, "ack:12"), twin.app.click("lisi", shown, "ack:12"))
    codes = {_element(callback.plaintext, "ResponseCode") for callback in twin.callbacks}
    assert len(codes) == 2


@pytest.mark.faults("CB29")
async def test_a_code_ends_after_three_days(
    caller: Caller, twin: Twin, clock: ManualClock, button_card: dict[str, Any]
) -> None:
    code = (await caller.card("lisi", button_card))["response_code"]
    clock.advance(timedelta(hours=72, seconds=1))
    await caller.log_in()
    update = {"userids": ["lisi"], "agentid": 1000002, "response_code": code, "button": {"replace_name": "已确认"}}
    assert (await caller.post("message/update_template_card", update))["errcode"] == 60140


async def test_a_whole_card_is_replaced_for_those_who_have_it(
    caller: Caller, twin: Twin, button_card: dict[str, Any]
) -> None:
    code = (await caller.card("lisi", button_card))["response_code"]
    card = {**button_card, "main_title": {"title": "已撤回"}, "replace_text": "已撤回"}
    update = {"userids": ["lisi", "WangWu"], "agentid": 1000002, "response_code": code, "template_card": card}
    answer = await caller.post("message/update_template_card", update)
    assert (answer["errcode"], answer["invaliduser"]) == (0, ["wangwu"])
    (shown,) = twin.shown_to("lisi")
    assert "#12" not in shown.text
    assert [(button.text, button.enabled) for button in shown.buttons] == [("已撤回", False), ("查看全文", True)]


async def test_all_who_got_a_card_may_be_named_at_once(caller: Caller, twin: Twin, button_card: dict[str, Any]) -> None:
    code = (await caller.card("lisi|wangwu", button_card))["response_code"]
    update = {"atall": 1, "agentid": 1000002, "response_code": code, "button": {"replace_name": "已结束"}}
    assert (await caller.post("message/update_template_card", update))["errcode"] == 0
    assert {twin.shown_to(userid)[0].buttons[0].text for userid in ("lisi", "wangwu")} == {"已结束"}


def _element(xml: str, name: str) -> str:
    return xml.partition(f"<{name}><![CDATA[")[2].partition("]]>")[0]
