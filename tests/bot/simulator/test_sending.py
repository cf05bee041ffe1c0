import json
from datetime import timedelta
from typing import Any

import pytest

from bot.clock import ManualClock
from bot.simulator.twin import Twin

from .conftest import Caller

CHECKED = {"enable_duplicate_check": 1, "duplicate_check_interval": 14400}


async def test_a_text_is_shown_on_each_phone(caller: Caller, twin: Twin) -> None:
    answer = await caller.text("zhangsan|lisi")
    assert answer["errcode"] == 0
    assert answer["invaliduser"] == ""
    assert answer["msgid"]
    for userid in ("zhangsan", "lisi"):
        assert [shown.text for shown in twin.shown_to(userid)] == ["周五开会"]
    assert twin.shown_to("wangwu") == []
    assert twin.requests_to("message/send")[0].userids == ["zhangsan", "lisi"]


@pytest.mark.faults("OUT4", "OUT5")
async def test_partial_failure_is_a_success_with_lower_cased_names(caller: Caller, twin: Twin) -> None:
    twin.directory.change("wangwu", visible=False)
    twin.directory.change("lisi", licensed=False)
    answer = await caller.text("ZhangSan|WangWu|Nobody|lisi")
    assert answer["errcode"] == 0
    assert answer["invaliduser"] == "wangwu|nobody"
    assert answer["unlicenseduser"] == "lisi"
    assert twin.shown_to("lisi") == []


@pytest.mark.faults("OUT6")
async def test_nobody_left_is_an_error(caller: Caller, twin: Twin) -> None:
    twin.directory.remove("wangwu")
    assert (await caller.text("wangwu|nobody"))["errcode"] == 81013


@pytest.mark.faults("OUT1")
async def test_the_same_bytes_are_shown_once_within_the_interval(
    caller: Caller, twin: Twin, clock: ManualClock
) -> None:
    first = await caller.text("lisi", **CHECKED)
    clock.advance(timedelta(hours=3, minutes=59))
    await caller.log_in()
    assert await caller.text("lisi", **CHECKED) == first
    assert len(twin.shown_to("lisi")) == 1
    clock.advance(timedelta(minutes=2))
    second = await caller.text("lisi", **CHECKED)
    assert second["msgid"] != first["msgid"]
    assert len(twin.shown_to("lisi")) == 2


@pytest.mark.faults("OUT25")
async def test_other_bytes_or_no_check_are_shown_again(caller: Caller, twin: Twin) -> None:
    await caller.text("lisi", "第一次提醒", **CHECKED)
    await caller.text("lisi", "第二次提醒", **CHECKED)
    await caller.text("lisi", "第三次提醒")
    await caller.text("lisi", "第三次提醒")
    assert len(twin.shown_to("lisi")) == 4


async def test_a_repeat_after_a_lost_answer_is_suppressed_with_its_task_id(
    caller: Caller, twin: Twin, button_card: dict[str, Any]
) -> None:
    first = await caller.card("lisi", button_card, **CHECKED)
    assert await caller.card("lisi", button_card, **CHECKED) == first
    assert len(twin.shown_to("lisi")) == 1


@pytest.mark.faults("OUT8")
async def test_the_thirty_first_message_in_a_minute_vanishes(caller: Caller, twin: Twin, clock: ManualClock) -> None:
    for number in range(32):
        assert (await caller.text("lisi", f"第 {number} 条"))["errcode"] == 0
    assert len(twin.shown_to("lisi")) == 30
    clock.advance(timedelta(minutes=1))
    await caller.text("lisi", "又一条")
    assert twin.shown_to("lisi")[-1].text == "又一条"


def test_a_thousand_an_hour_is_the_most_for_one_member(twin: Twin) -> None:
    arrivals: list[float] = []
    shown = [not twin.limits.swallows(arrivals, second * 3.0) for second in range(1300)]
    assert sum(shown[:1200]) == 1000
    assert shown[1250]


@pytest.mark.faults("OUT10")
async def test_the_days_budget_counts_recipients_and_ends_at_midnight_in_shanghai(
    caller: Caller, twin: Twin, clock: ManualClock
) -> None:
    twin.limits.account_cap = 0
    assert (await caller.text("lisi"))["errcode"] == 45009
    twin.limits.account_cap = 10_000
    twin.limits.spend(1_999_999, clock.now())
    assert (await caller.text("lisi|wangwu"))["errcode"] == 45009
    clock.advance(timedelta(hours=15, minutes=1))
    await caller.log_in()
    assert (await caller.text("lisi|wangwu"))["errcode"] == 0


@pytest.mark.faults("OUT7")
async def test_broadcasts_work_and_are_remembered(caller: Caller, twin: Twin) -> None:
    assert twin.broadcasts == []
    assert (await caller.text("@all"))["errcode"] == 0
    department = twin.directory.add_department("第二支部")
    twin.directory.add("zhaoliu", "赵六", department)
    answer = await caller.text("", "给支部", toparty=f"{department}|99", totag="3")
    assert (answer["invalidparty"], answer["invalidtag"]) == ("99", "3")
    assert [shown.text for shown in twin.shown_to("lisi")] == ["周五开会"]
    assert [shown.text for shown in twin.shown_to("zhaoliu")] == ["给支部"]
    assert len(twin.broadcasts) == 2


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"touser": "|".join(f"u{number}" for number in range(1001))}, 40032),
        ({"touser": ""}, 82001),
        ({"touser": ["lisi"]}, 40031),
        ({"toparty": "|".join(str(number) for number in range(101))}, 82002),
        ({"totag": "|".join(str(number) for number in range(101))}, 82003),
        ({"agentid": None}, 41011),
        ({"agentid": "1000002"}, 40056),
        ({"agentid": 7}, 301002),
        ({"msgtype": "hologram"}, 40008),
        ({"msgtype": "markdown", "markdown": {"content": "字" * 683}}, 45002),
        ({"text": {"content": ""}}, 44004),
        ({"msgtype": "file", "file": {}}, 41006),
        ({"msgtype": "file", "file": {"media_id": "nothing"}}, 40007),
        ({"msgtype": "textcard", "textcard": {"title": "题", "description": "文", "url": "bot.example"}}, 45034),
        ({"msgtype": "textcard", "textcard": {"title": "题", "description": "文"}}, 41033),
        ({"msgtype": "news", "news": {"articles": [{"title": "题"}] * 9}}, 45008),
    ],
)
async def test_bad_requests_are_refused_by_code(
    caller: Caller, twin: Twin, changes: dict[str, object], errcode: int
) -> None:
    body = {"touser": "lisi", "agentid": 1000002, "msgtype": "text", "text": {"content": "好"}, **changes}
    assert (await caller.post("message/send", body))["errcode"] == errcode
    assert twin.shown_to("lisi") == []


@pytest.mark.faults("OUT17")
async def test_escaped_characters_are_refused(caller: Caller) -> None:
    body = {"touser": "lisi", "agentid": 1000002, "msgtype": "text", "text": {"content": "好"}}
    assert (await caller.post("message/send", json.dumps(body).encode()))["errcode"] == 40033
    assert (await caller.text("lisi", "反斜杠 \\u597d 是原文"))["errcode"] == 0
    assert (await caller.post("message/send", b"[1]"))["errcode"] == 40035
    assert (await caller.post("message/send", b"{"))["errcode"] == 40035


@pytest.mark.faults("OUT18")
async def test_a_long_text_is_cut_at_its_bytes(caller: Caller, twin: Twin) -> None:
    await caller.text("lisi", "字" * 683)
    assert twin.shown_to("lisi")[0].text == "字" * 682


async def test_links_are_shown_by_their_label(caller: Caller, twin: Twin) -> None:
    await caller.text("lisi", '请看<a href="https://bot.example.org/i/1">全文</a>，a<b')
    (shown,) = twin.shown_to("lisi")
    assert shown.text == "请看全文，a<b"
    assert shown.links == [("全文", "https://bot.example.org/i/1")]


async def test_a_textcard_is_flattened(caller: Caller, twin: Twin) -> None:
    card = {
        "title": "通知",
        "description": '<div class="gray">11月30日</div>请到会',
        "url": "https://bot.example.org/i",
    }
    await caller.post("message/send", {"touser": "lisi", "agentid": 1000002, "msgtype": "textcard", "textcard": card})
    (shown,) = twin.shown_to("lisi")
    assert (shown.kind, shown.text, shown.url) == ("textcard", "通知\n11月30日\n请到会", "https://bot.example.org/i")


@pytest.mark.faults("OUT37")
async def test_recall_removes_a_message_within_a_day(caller: Caller, twin: Twin, clock: ManualClock) -> None:
    msgid = (await caller.text("zhangsan|lisi"))["msgid"]
    assert (await caller.post("message/recall", {"msgid": msgid}))["errcode"] == 0
    assert all(twin.shown_to(userid)[0].recalled for userid in ("zhangsan", "lisi"))
    assert twin.phone("lisi").heard() == []
    late = (await caller.text("lisi", "另一条"))["msgid"]
    clock.advance(timedelta(hours=24, seconds=1))
    await caller.log_in()
    assert (await caller.post("message/recall", {"msgid": late}))["errcode"] == 42052
    assert (await caller.post("message/recall", {"msgid": "foreign"}))["errcode"] == 40058


async def test_a_thousand_people_cost_no_more_than_their_lines(caller: Caller, twin: Twin) -> None:
    userids = [f"user{number}" for number in range(1000)]
    for userid in userids:
        twin.directory.add(userid, userid)
    assert (await caller.text("|".join(userids)))["errcode"] == 0
    contents = {id(twin.shown_to(userid)[0].content) for userid in userids}
    assert len(contents) == 1
