"""A fair clock: reminders as time runs out, an honest word when it is late, and time that does not count."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.enums import QuestionState, Role
from tests import questions
from tests import world as worlds
from tests.world import World

QUESTIONS = {"answer_within": "4h", "working_hours": ["09:00-12:00", "14:00-18:00"], "close_after": "3d"}


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[World]:
    """Four working hours to answer, with lunch."""
    async with worlds.build(f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path, questions=QUESTIONS) as built:
        yield built


async def test_time_runs_out_and_everybody_hears_it_in_turn(office: World) -> None:
    secretary, _ = await office.branch(members=["李四"])
    zhao = await office.member("赵答", "第一支部", roles=[Role.RESPONDER])
    qian = await office.member("钱答", "第一支部", roles=[Role.RESPONDER])
    wang = office.resident()

    assert "11月23日（周一）16:00前" in str(await wang.says("路灯不亮"))
    assert "Q1" in "".join(zhao.heard())
    assert "Q1" in "".join(qian.heard())
    status = str(await wang.says("查询 q1"))
    assert "还没有人接手" in status
    assert "09:00–12:00、14:00–18:00" in status
    await office.skips(hours=2)
    assert "过半" in "".join(zhao.heard())
    assert "过半" in "".join(qian.heard())
    assert secretary.heard() == []

    async with office.app.database.transaction() as tx:
        row = await tx.questions.get(1)
        assert row is not None
        row.owner_id, row.state = zhao.member_id, QuestionState.ASSIGNED
    await office.skips(hours=3)
    assert "四分之一" in "".join(zhao.heard())
    assert "四分之一" in "".join(qian.heard()), "the deputies"
    assert "四分之一" in "".join(secretary.heard())
    wang.heard()

    await office.skips(hours=1)
    assert "已过约定" in "".join(secretary.heard())
    assert qian.heard() == []
    told = "".join(wang.heard())
    assert "比约定的要久" in told
    assert "11月24日（周二）11:00前" in told, "a new promise of working time"
    await office.skips(hours=10)
    assert secretary.heard() == [], "nobody is woken"
    await office.skips(hours=7)
    assert "Q1" in "".join(secretary.heard())
    assert wang.heard() == [], "the resident is told once"
    assert "比约定的晚了" in str(await wang.says("q1"))

    await questions.answers(office, zhao, 1, "今天修好了")
    secretary.heard()
    await office.skips(days=1)
    assert secretary.heard() == []
    await office.skips(days=3)
    assert (await questions.question(office, 1)).state == QuestionState.CLOSED
    assert (await questions.question(office, 1)).rating is None, "no mark counts as none"


async def test_the_clock_stands_still_while_the_resident_is_asked(office: World) -> None:
    secretary, *_ = await office.branch()
    zhao = await office.member("赵答", "第一支部", roles=[Role.RESPONDER])
    wang = office.resident()
    await wang.says("楼上漏水")
    await office.skips(hours=1)
    await questions.asks_back(office, zhao, 1, "您住几号楼？")
    zhao.heard()
    assert "您住几号楼" in "".join(wang.heard())
    assert "在等您补充" in str(await wang.says("查询"))

    await office.skips(days=1, hours=3)
    assert zhao.heard() == secretary.heard() == []
    reply = str(await wang.says("34"))
    assert "已记在 Q1 里" in reply, "a bare number answers what was asked"
    assert "11月24日（周二）17:00前" in reply, "three hours were left, and go on from 14:00"
    assert "群众有补充" in "".join(zhao.heard())
    assert "不计在内" in str(await wang.says("q1"))


async def test_the_window_closes_and_somebody_is_warned(world: World) -> None:
    await world.branch()
    zhao = await world.member("赵答", "第一支部", roles=[Role.RESPONDER])
    await world.resident().says("老问题")
    zhao.heard()
    await world.skips(hours=44, minutes=1)
    await world.skips(hours=2)
    assert "11月25日（周三）09:59为止" in "".join(zhao.heard()), "in the morning, while there is still time"
    await world.skips(hours=1)
    assert "为止" not in "".join(zhao.heard())
