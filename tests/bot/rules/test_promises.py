"""Which answers promise a day."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.rules.promises import find_promise
from bot.rules.workdays import Workdays

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 10, tzinfo=ZONE)
"""A Monday."""


@pytest.mark.parametrize(
    ("answer", "at"),
    [
        ("路灯下周三前修好。", "2026-12-02 18:00"),
        ("您好，路灯已报修，预计11月30日完成，请谅解", "2026-11-30 18:00"),
        ("我们3天内派人上门检查", "2026-11-26 10:00"),
        ("3个工作日内答复您", "2026-11-26 18:00"),
        ("5-7个工作日内解决", "2026-12-02 18:00"),
        ("周三派人去看，下周五前修好", "2026-12-04 18:00"),
        ("明天下午3点前给您回复", "2026-11-24 15:00"),
        ("周五3点前装好", "2026-11-27 15:00"),
        ("月底前整改到位", "2026-11-30 18:00"),
        ("3号楼的路灯周三前修好", "2026-11-25 18:00"),
        ("一周内处理", "2026-11-30 10:00"),
        ("请放心，明天修好", "2026-11-24 18:00"),
        ("We will fix it by next Friday.", "2026-12-04 18:00"),
    ],
)
def test_promised(answer: str, at: str) -> None:
    found = find_promise(answer, now=NOW, zone=ZONE)
    assert found is not None
    assert f"{found.at.astimezone(ZONE):%Y-%m-%d %H:%M}" == at


@pytest.mark.parametrize(
    "answer",
    [
        "医保窗口周一至周五 9:00-12:00 办公，可以办理。",
        "请于周五前提交材料，我们会尽快处理。",
        "请下周三携带身份证前来办理",
        "路灯昨天已经修好了",
        "3-5个人一组检查",
        "请联系3号楼物业",
        "已转物业处理",
        "依据2026年12号文件办理",
        "开放时间：每周三 8:00",
        "",
    ],
)
def test_not_promised(answer: str) -> None:
    assert find_promise(answer, now=NOW, zone=ZONE) is None


def test_working_days_leave_out_holidays_and_the_words_are_those_of_the_answer() -> None:
    holiday = Workdays(frozenset({date(2026, 11, 24)}))
    found = find_promise("您好。2个工作日内修好，请放心。谢谢", now=NOW, zone=ZONE, workdays=holiday)
    assert found is not None
    assert found.at.astimezone(ZONE).date() == date(2026, 11, 26)
    assert found.words == "2个工作日内修好，请放心"
