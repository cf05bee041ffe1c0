"""Residents and the official account: what comes in is stored once, what leaves is sealed, nobody sees an id."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.services.arrivals import tell_resident
from storage.enums import EntryKind, Role
from tests.world import World, build


async def test_nothing_that_is_kept_holds_a_residents_id(world: World, tmp_path: Path) -> None:
    wang = world.resident("王阿姨")
    await wang.subscribes("branch1")
    await wang.says("医保怎么转移？")
    await wang.sends_voice("医保")
    await wang.taps_menu("ask")
    await wang.sends("hologram")
    await wang.unsubscribes()

    sent = world.twin.account.push.sent
    assert [each.statuses for each in sent] == [[200]] * 6
    assert [error for each in sent for error in each.errors] == []
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("bot.db*"))
    assert wang.phone.openid.encode() not in kept


@pytest.mark.faults("CB1", "CB26")
async def test_words_that_come_too_late_for_the_answer_leave_as_a_message(world: World) -> None:
    secretary, *_ = await world.branch()
    world.app.writer.patience = timedelta()

    assert await secretary.says("我是谁呀") is None
    assert len(secretary.heard()) == 1
    assert world.twin.callbacks[-1].statuses == [200]


@pytest.mark.faults("CB1", "CB2", "CB26")
async def test_what_is_not_stored_in_time_gets_no_answer_and_is_said_once(world: World) -> None:
    secretary, *_ = await world.branch()
    world.app.writer.patience = world.app.writer.grace = timedelta()

    assert await secretary.says("我是谁呀") is None
    assert world.twin.callbacks[-1].statuses == [0, 0, 0], "the platform asks again until it is stored"
    assert len(secretary.heard()) == 1


FIELDS = {"thing1": "{text}", "character_string2": "{number}", "time3": "{time}"}


@pytest.mark.faults("OUT30")
@pytest.mark.parametrize("by", ["template_id", "subscribe_template_id"])
async def test_after_the_window_a_template_says_that_an_answer_is_there(tmp_path: Path, by: str) -> None:
    section: Any = {by: "tmpl-1", "template_fields": FIELDS}
    async with build(f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path, official_account=section) as world:
        world.twin.account.templates["tmpl-1"] = frozenset(FIELDS)
        await world.branch()
        wang = world.resident("王阿姨")
        wang.phone.consents.add("tmpl-1")
        await wang.says("医保怎么转移？")
        await world.skips(hours=49)
        wang.heard()

        for text in ("带身份证到一楼窗口。", "周六也开。"):
            async with world.app.database.transaction() as tx:
                question = await tx.questions.get(1)
                assert question is not None
                await tell_resident(
                    tx, world.app.settings, question, text, kind=EntryKind.ANSWER, now=world.clock.now()
                )
            await world.app.settle()

        assert wang.heard() == ["有回音了，回复“查询”就能看\nQ1\n2026年11月25日 11:00"]
        assert "带身份证到一楼窗口" in (await wang.says("查询") or "")
        assert "周六也开" in "".join(wang.heard())

        zhao = await world.member("赵答", "第一支部", roles=[Role.RESPONDER])
        await world.skips(hours=49)
        wang.phone.blocks_templates = True
        wang.phone.consents.add("tmpl-1")
        await zhao.says("答复 Q1 带户口本也行。")
        await world.skips(minutes=3)
        zhao.heard(), wang.heard()
        if by == "template_id":
            await wang.template_ends("success")
            assert zhao.heard() == []
            await wang.template_ends("failed:user block")
        else:
            report = {
                "TemplateId": "tmpl-1",
                "MsgID": wang.phone.last_template,
                "ErrorCode": 1,
                "ErrorStatus": "reject",
            }
            await world.twin.account.push.event(
                wang.phone, "subscribe_msg_sent_event", SubscribeMsgSentEvent={"List": report}
            )
            await world.app.settle()
        assert zhao.heard() == [
            "没能提醒群众 Q1 有答复了：对方拒收公众号的提醒。答复已保存，对方下次来信、查询或用取件码时给出，不用再发。"
        ]
        assert "带户口本也行。（没送到：对方拒收公众号的提醒。待对方下次来信时给出）" in (
            await zhao.says("问题 Q1") or ""
        )
        assert "refused" in await world.values("message", "phase")
        assert "带户口本也行" in (await wang.says("查询") or "")
        zhao.heard()
        await wang.template_ends("failed: system failed")
        assert zhao.heard() == [], "it has been handed over meanwhile"

        await world.skips(hours=49)
        wang.phone.reports_at_once = True
        wang.phone.consents.add("tmpl-1")
        await zhao.says("答复 Q1 中午也有人。")
        await world.skips(minutes=3)
        zhao.heard()
        await world.passes(seconds=10)
        if by == "template_id":
            assert "没能提醒群众 Q1" in "".join(zhao.heard()), "though it was reported before the call had ended"
