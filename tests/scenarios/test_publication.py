"""What stands on the public page was cleared of what is personal, and read by two people."""

import pytest

from storage.enums import Role
from tests.desk import Desk, open_desk
from tests.world import World


@pytest.fixture
async def desk(world: World) -> Desk:
    return await open_desk(world)


@pytest.mark.faults("CMD20", "PRV6")
async def test_two_people_read_it_before_everybody_does(desk: Desk) -> None:
    secretary = desk.secretary
    aunt = desk.world.resident("王阿姨")
    await aunt.scans("branch2")
    await desk.asked("我是李四，住3栋501，电话13812345678，楼道灯坏了")
    assert await secretary.says("公开 Q1") == "Q1 还没有答复，不能公开。"
    await desk.wang.says("答复 Q1 李四您好，灯已换好，请到302室登记。")
    await desk.after()

    await secretary.says("公开 Q1 遮 李四")
    (view,) = [words for words in secretary.heard() if words.startswith("公开预览")]
    assert view.splitlines() == [
        "公开预览 Q1（还没有公开）",
        "问：我是▇▇，住▇▇▇▇，电话▇▇▇▇，楼道灯坏了",
        "答：▇▇您好，灯已换好，请到302室登记。",
        "遮住了 4 处：李四、门牌 3栋501、电话 13812345678、李四",
        "还要遮：公开 Q1 遮 李四 3栋；不用遮的：公开 Q1 留 302室。看好了点“提交”。",
    ]
    old = secretary.last
    await secretary.says("公开 Q1 遮 李四，楼道灯 留 3栋501")
    new = secretary.last
    await secretary.taps("提交", old)
    assert secretary.heard()[-1] == "Q1 的内容后来改过，这个按钮不算数了。要公开请重新发：公开 Q1"
    await secretary.taps("提交", new)
    assert secretary.heard()[-1] == "Q1 已请 李某、王芳 看，有一位同意就公开。"
    assert (await desk.question(1)).published_at is None

    read = [words for words in desk.li.heard() if "想公开" in words]
    assert read == [
        "张书记 想公开 Q1，请您看看有没有个人信息：\n"
        "问：我是▇▇，住3栋501，电话▇▇▇▇，▇▇▇坏了\n答：▇▇您好，灯已换好，请到302室登记。"
    ]
    await desk.li.taps("同意公开")
    assert desk.li.heard()[-1] == "Q1 已公开。拿下请发：不公开 Q1"
    question = await desk.question(1)
    assert question.public_answer == "▇▇您好，灯已换好，请到302室登记。"
    assert question.published_by_id == secretary.member_id
    assert secretary.heard()[-1] == "李某 同意了，Q1 已公开。"
    await desk.wang.taps("不同意")
    assert desk.wang.heard()[-1] == "Q1 的内容后来改过，这个按钮不算数了。要公开请重新发：公开 Q1"

    assert await secretary.says("不公开 Q1") == "Q1 已从公开页面拿下。"
    question = await desk.question(1)
    assert (question.published_at, question.public_question) == (None, None)
    assert await secretary.says("不公开 Q1") == "Q1 没有公开。"
    assert {"publication.prepare", "publication.submit", "publication.agree", "publication.take_off"} <= set(
        await desk.audits(1)
    )


@pytest.mark.faults("CMD2")
async def test_nobody_agrees_with_themselves_and_other_branches_are_absent(desk: Desk) -> None:
    both = await desk.world.member("马主任", "第一支部", roles=[Role.SECRETARY, Role.RESPONDER])
    other = await desk.world.branch("外单位支部", secretary="孙书记")
    await desk.world.resident("王阿姨").scans("branch2")
    await desk.asked("路灯坏了")
    await desk.wang.says("答复 Q1 已修好")
    await desk.after()
    await both.says("公开 Q1")
    await both.taps("提交")
    assert both.heard()[-1].startswith("Q1 已请")
    await desk.secretary.taps("不同意")
    assert "张书记 没有同意公开 Q1" in both.heard()[-1]
    assert await other[0].says("公开 Q1") == "没有找到 Q1，请核对编号。"
    assert await other[0].says("不公开 Q1") == "没有找到 Q1，请核对编号。"
    assert await other[0].says("公开 Q99") == "没有找到 Q99，请核对编号。"
