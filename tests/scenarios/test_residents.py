"""What residents see, judge, take back and have deleted; and what they never see."""

from datetime import timedelta
from pathlib import Path

import pytest

from storage.enums import QuestionState, Role
from tests import questions
from tests.world import World


async def test_only_their_own_is_shown(world: World) -> None:
    await world.branch()
    zhao = await world.member("赵答", "第一支部", roles=[Role.RESPONDER])
    wang, zhang = world.resident("王阿姨"), world.resident("张叔")
    assert "没有找到" in str(await wang.says("我的"))
    asked = str(await wang.says("三号楼电梯坏了"))
    code = asked.split("取件码 ")[1][:8]
    absent = await zhang.says("查询 Q9")
    for words in ("查询 Q1", "q1", "1", "撤销 Q1", "评价 Q1 5", "补充 Q1 我也是", "Q1 我也是", "查询 ABCD2345"):
        assert await zhang.says(words) == absent, words
    assert "待接手" in str(await wang.says("我的"))
    assert "三号楼电梯坏了" in wang.heard()[-1]
    assert "还没有人接手" in str(await wang.says("１"))
    for status in ("status Q1", "查询 Q1", "#q1", f"查询 {code}"):
        assert "11月24日（周二）10:00前" in str(await wang.says(status))

    await world.skips(hours=2)
    for guess in range(5):
        assert await zhang.says(f"查询 ABCD234{guess + 2}") == absent
    assert await zhang.says(f"查询 {code}") == absent, "guessing is stopped"
    await world.skips(hours=2)
    assert "Q1" in str(await zhang.says(f"查询 {code}"))

    zhao.heard()
    assert "尽快看 Q1" in str(await wang.says("人工"))
    await wang.says("人工")
    assert "".join(zhao.heard()).count("尽快回应") == 1
    assert "请直接写下" in str(await zhang.says("人工"))
    assert "取消" not in str(await wang.says("帮助"))
    assert "不分小区" in str(await wang.says("换小区"))
    assert "已撤销" in str(await wang.says("撤销"))
    assert "不用再答复" in "".join(zhao.heard())
    for words in ("查询 Q1", "评价 Q1 1", "补充 Q1 还有", f"查询 {code}"):
        assert await wang.says(words) == absent, "withdrawn is as if it were not there"
    assert (await questions.question(world, 1)).state == QuestionState.WITHDRAWN


async def test_did_it_help(world: World) -> None:
    secretary, *_ = await world.branch()
    zhao = await world.member("赵答", "第一支部", roles=[Role.RESPONDER])
    wang = world.resident()
    await wang.says("路灯不亮")
    assert "还没有答复" in str(await wang.says("评价 Q1 5"))
    await questions.answers(world, zhao, 1, "已报修")
    zhao.heard(), wang.heard()

    reply = str(await wang.says("评价 Q1 2 还是不亮"))
    assert "已重新打开" in reply
    row = await questions.question(world, 1)
    assert (row.state, row.owner_id, row.rating, row.rating_words) == ("reopened", zhao.member_id, 2, "还是不亮")
    assert row.due_at == world.clock.now() + timedelta(hours=24)
    assert "评 2 分" in "".join(zhao.heard())
    assert "仍由原答复人办理" in "".join(secretary.heard())
    await questions.answers(world, zhao, 1, "换了灯泡")
    assert "不客气" in str(await wang.says("谢谢"))
    assert "办结" in str(await wang.says("满意"))
    row = await questions.question(world, 1)
    assert (row.state, row.rating) == (QuestionState.CLOSED, 4)

    assert "已重新打开" in str(await wang.says("没解决"))
    await questions.answers(world, zhao, 1, "又修了")
    assert "办结" in str(await wang.says("5"))
    await world.skips(hours=30)
    assert "Q1 已重新打开" in str(await wang.says("补充 Q1 昨晚又灭了"))
    asked_again = str(await wang.says("查询 Q1"))
    assert "怎么算的：11月24日（周二）16:00重新起算，1 天内答复" in asked_again, "the first day counts no more"
    assert "已重新打开" in str(await wang.says("评价 Q1 5"))
    assert "重新打开了" in str(await secretary.says("公开 Q1"))
    assert "重新打开后还没有再答复" in str(await zhao.says("办结 Q1"))
    zhao.heard()
    await world.skips(hours=25)
    assert "Q1 重新打开后，已过约定的 11月25日（周三）16:00，还没有再答复" in "".join(zhao.heard())
    assert "抱歉，Q1 比约定的晚了。我们没有忘，现在约定 11月26日" in str(await wang.says("查询 Q1"))
    await world.skips(hours=25)
    assert "抱歉，Q1 过了约定的 11月26日" in str(await wang.says("查询 Q1")), "a time that is over is promised no more"
    async with world.reading() as tx:
        actions = [row.action for row in await tx.audit.of("question:1")]
    assert actions.count("question.rate") == 4


@pytest.mark.faults("PRV3")
async def test_being_forgotten(world: World, tmp_path: Path) -> None:
    await world.branch()
    zhao = await world.member("赵答", "第一支部", roles=[Role.RESPONDER])
    wang, li = world.resident("王阿姨"), world.resident("李姐")
    token = wang.token
    await wang.says("我叫王秀兰，三号楼漏水")
    await questions.answers(world, zhao, 1, "王秀兰您好，已派人")
    await world.skips(minutes=40)
    await wang.says("王秀兰再问一句")
    await li.says("李姐的问题")
    await world.skips(minutes=1, seconds=1)
    zhao.heard()

    assert "2 个问题" in str(await wang.says("删除我的信息"))
    assert "不用再答复" in "".join(zhao.heard())
    await world.app.settle()
    async with world.app.database.transaction() as tx:
        assert await tx.residents.by_token(token) is None
        assert {number: row.state for number, row in (await tx.questions.many([1, 2])).items()} == {
            1: QuestionState.CLOSED,
            2: QuestionState.WITHDRAWN,
        }
    for table, column in (
        ("message", "recipient"),
        ("inbox", "payload"),
        ("inbox", "reply"),
        ("inbox", "resident"),
        ("content", "body"),
        ("call", "body"),
        ("entry", "text"),
        ("question", "words"),
        ("resident", "token"),
        ("audit", "subject"),
    ):
        values = await world.values(table, column)
        assert not any(token in value or "王秀兰" in value for value in values), (table, column)
    assert any("李姐" in value for value in await world.values("entry", "text"))
    assert "没有找到" in str(await wang.says("查询 Q1")), "they come back as somebody new"


@pytest.mark.faults("OUT30", "PRV3")
async def test_leaving_and_keeping_no_longer_than_said(world: World) -> None:
    await world.branch()
    zhao = await world.member("赵答", "第一支部", roles=[Role.RESPONDER])
    wang = world.resident()
    await wang.says("路灯不亮")
    await questions.answers(world, zhao, 1, "已修")
    await wang.says("满意")
    code = str(await wang.says("楼道漏水")).split("取件码 ")[1][:8]
    await wang.unsubscribes()
    assert (await questions.question(world, 1)).words == ""
    assert (await questions.question(world, 2)).words == "楼道漏水", "what is owed is still seen to"
    wang.heard()
    await questions.answers(world, zhao, 2, "周四来修")
    assert wang.heard() == []
    again = str(await wang.says(f"查询 {code}"))
    assert "周四来修" in again, "the code fetches the answer"
    await world.skips(days=8)
    await world.skips(minutes=1)
    row = await questions.question(world, 2)
    assert (row.state, row.words, row.pickup_code) == (QuestionState.CLOSED, "", None)

    zhang = world.resident("张叔")
    await zhang.says("健身器材坏了")
    await questions.answers(world, zhao, 3, "已修")
    await zhang.says("满意")
    await world.skips(days=364)
    assert (await questions.question(world, 3)).words == "健身器材坏了"
    await world.skips(days=2)
    row = await questions.question(world, 3)
    assert (row.words, row.rating, row.state) == ("", 4, QuestionState.CLOSED)


@pytest.mark.faults("PRV1", "WEB20")
async def test_pictures_are_taken_in_shown_by_us_and_forgotten(world: World, tmp_path: Path) -> None:
    await world.branch()
    zhao = await world.member("赵答", "第一支部", roles=[Role.RESPONDER])
    wang = world.resident()
    await wang.says("三号楼漏水，见图")
    await wang.sends_picture()
    await wang.sends_picture(None)
    await wang.sends_picture(b"MZ this is a program and no picture at all")
    await wang.sends_picture(b"\xff\xd8\xff" + bytes(11 * 1024 * 1024))
    said = str(await zhao.says("问题 Q1"))
    assert "http" not in said, "never the platform's link"
    for words in (
        "（图片，随后发给您）",
        "（一张图片，平台上已经没有了，可以请群众再发一次）",
        "（发来的不是能看的图片，可以请群众再发一次）",
        "（一张图片，太大了没有取，可以请群众发小一点的）",
    ):
        assert words in said
    ((name, content),) = zhao.files()
    assert name == "Q1 图片1.png"
    assert content.startswith(b"\x89PNG")
    assert await world.values("entry", "picture_url") == []
    kept = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert len(kept) == 1

    await wang.says("删除我的信息")
    assert await world.values("picture", "digest") == []
    await world.skips(hours=7)
    await world.app.jobs.tidy()
    assert not kept[0].exists()
