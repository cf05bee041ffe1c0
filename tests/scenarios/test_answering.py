"""From a resident's question to the answer on their phone, by the hands of responders."""

from pathlib import Path

import pytest

from storage.enums import EntryKind, QuestionState, Role
from tests.desk import Desk, open_desk
from tests.world import World, build

LAMP = "小区门口的路灯坏了三天，我电话13812345678"


@pytest.fixture
async def desk(world: World) -> Desk:
    return await open_desk(world)


async def test_the_card_tells_what_is_asked_and_not_who(desk: Desk) -> None:
    await desk.asked(LAMP)
    for person in (desk.wang, desk.li):
        (card,) = person.cards()
        assert card.text.splitlines()[:3] == ["机关总支", "新问题 Q1", "小区门口的路灯坏了三天，我电话138****5678"]
        assert "期限：11月24日（周二）10:00" in card.text
        assert [button.text for button in card.buttons] == ["认领", "查看"]
    assert desk.secretary.cards() == []


async def test_the_first_who_claims_has_it_on_every_phone(desk: Desk) -> None:
    await desk.asked(LAMP)
    await desk.wang.taps("认领")
    for person in (desk.wang, desk.li):
        (card,) = person.cards()
        assert "认领人：王芳" in card.text
        assert [button.text for button in card.buttons] == ["查看"]
    assert desk.wang.heard()[-1] == "Q1 由您办理。看全文：问题 Q1；答复：答复 Q1 文字"
    assert await desk.li.says("认领 Q1") == "Q1 已由 王芳 认领。"
    assert (await desk.question(1)).state == QuestionState.ASSIGNED

    await desk.asked("垃圾没人清", "李大爷")
    await desk.world.skips(minutes=1, seconds=1)
    said = await desk.li.says("认领 q2")
    assert said is not None
    assert said.splitlines()[0] == "Q2 由您办理。"
    assert desk.wang.heard()[-1] == "Q2 已由 李某 认领。"


@pytest.mark.faults("CMD19")
async def test_an_answer_is_seen_before_it_leaves_and_can_be_taken_back(desk: Desk) -> None:
    world, aunt = desk.world, desk.world.resident("王阿姨")
    await desk.asked(LAMP)
    await desk.wang.says("答复 Q1 路灯已报修。\n谢谢您反映。")
    shown = desk.wang.heard()[-1]
    assert shown.splitlines() == [
        "答复 Q1（小区门口的路灯坏了三天，我电话138****5678），群众会看到：",
        "您的问题 Q1 有答复了：",
        "路灯已报修。",
        "谢谢您反映。",
        "",
        "有没有解决？请回复：满意、一般 或 没解决。还想说什么，直接写就行。",
        "送达：还可发 5 条，窗口剩 47 小时。",
        "2 分钟后发出。收回请发：撤销 Q1",
    ]
    back = await desk.wang.says("撤销 Q1")
    assert back == "Q1 的这条收回来了，群众没有看到。原文：\n路灯已报修。\n谢谢您反映。"
    await desk.after()
    assert aunt.heard() == []

    await desk.wang.says("答复Q1 路灯周三前修好。")
    assert await desk.wang.says("撤销 Q9") == "没有找到 Q9，请核对编号。"
    await desk.after()
    assert aunt.heard() == [
        "您的问题 Q1 有答复了：\n路灯周三前修好。\n\n有没有解决？请回复：满意、一般 或 没解决。还想说什么，直接写就行。"
    ]
    question = await desk.question(1)
    assert (question.state, question.owner_id) == (QuestionState.ANSWERED, desk.wang.member_id)
    assert await desk.wang.says("撤销 Q1") == ("Q1 的答复已经发出，收不回来了。要更正请再答复一次：答复 Q1 文字")
    assert [e.kind for e in await desk.thread(1)] == [EntryKind.ASKED, EntryKind.ANSWER]
    async with world.reading() as tx:
        assert await tx.entries.undelivered_of(question.resident_id) == []
    assert {"question.claim", "answer.write", "answer.undo", "question.answer"} <= set(await desk.audits(1))


@pytest.mark.faults("CMD19")
async def test_of_two_who_answer_the_second_is_told_first(desk: Desk) -> None:
    aunt = desk.world.resident("王阿姨")
    await desk.asked(LAMP)
    await desk.wang.says("答复 Q1 已报修。")
    await desk.li.says("答复 Q1 我去看看。")
    assert "王芳 于 10:00 给 Q1 写了一条，马上发出：已报修。" in desk.li.last.text
    await desk.after()
    assert len(aunt.heard()) == 1
    await desk.li.says("答复 Q1 我去看看。")
    assert "Q1 已由 王芳 于 10:02 答复：已报修。" in desk.li.last.text
    await desk.li.taps("不发了")
    await desk.after()
    assert aunt.heard() == []
    await desk.li.says("答复 Q1 另外，物业电话贴在门口。")
    await desk.li.taps("仍要发出")
    await desk.after()
    assert "另外，物业电话贴在门口。" in aunt.heard()[0]


async def test_what_is_settled_before_the_morning_is_not_shown_in_the_morning(desk: Desk) -> None:
    await desk.world.skips(hours=13)  # 23:00
    aunt, uncle = desk.world.resident("王阿姨"), desk.world.resident("李大爷")
    await aunt.says("路灯坏了")
    await uncle.says("垃圾没人清")
    assert desk.wang.cards() == []
    await aunt.says("撤销 Q1")
    await desk.world.skips(hours=9, minutes=1)
    assert [card.text.splitlines()[1] for card in desk.wang.cards()] == ["新问题 Q2"]


async def test_advertisements_are_set_aside_and_can_be_fetched(desk: Desk) -> None:
    await desk.asked("代开发票，加微信")
    assert desk.wang.cards() == []
    assert await desk.wang.says("问题") == ("没有要答复的问题。\n另有 1 条像是广告，先搁置了。看一看请发：问题 搁置")
    listed = await desk.wang.says("问题 搁置")
    assert listed is not None
    assert "代开发票" in listed
    said = await desk.wang.says("认领 Q1")
    assert said is not None
    assert said.startswith("Q1 由您办理。")
    assert (await desk.question(1)).due_at is not None


async def test_free_words_after_looking_are_asked_about(desk: Desk) -> None:
    aunt = desk.world.resident("王阿姨")
    await desk.asked(LAMP)
    await desk.wang.taps("查看")
    await desk.wang.says("已经报修了，谢谢")
    card = desk.wang.last
    assert card.text.splitlines() == ["是答复 Q1 吗", "已经报修了，谢谢"]
    await desk.after()
    assert aunt.heard() == []
    await desk.wang.taps("是，答复", card)
    await desk.after()
    assert "已经报修了，谢谢" in aunt.heard()[0]
    for person in (desk.wang, desk.li):
        before = len(person.cards())
        await person.says("今天天气不错")
        assert len(person.cards()) == before


async def test_asking_back_stops_the_clock_until_the_resident_answers(desk: Desk) -> None:
    aunt = desk.world.resident("王阿姨")
    await desk.asked(LAMP)
    said = await desk.wang.says("追问 Q1 是哪道门？")
    assert said is not None
    assert said.splitlines() == [
        "追问 Q1（小区门口的路灯坏了三天，我电话138****5678），群众会看到：",
        "关于您的问题 Q1，想再向您了解一下：",
        "是哪道门？",
        "",
        "直接回复就行，等您期间不计答复时间。",
        "送达：还可发 5 条，窗口剩 47 小时。",
        "发出后，群众回复之前 Q1 不计时。",
        "2 分钟后发出。收回请发：撤销 Q1",
    ]
    assert "王芳 追问（10:02 发出，还可撤销）：是哪道门？" in (await desk.li.says("问题 Q1") or "")
    assert await desk.wang.says("撤销 Q1") == "Q1 的这条收回来了，群众没有看到。原文：\n是哪道门？"
    await desk.wang.says("追问 Q1 是东门还是西门？")
    assert (await desk.question(1)).paused_at is None
    assert aunt.heard() == []
    await desk.after()
    assert await desk.wang.says("撤销 Q1") == "Q1 的追问已经发出，收不回来了。"
    assert "是东门还是西门？" in aunt.heard()[0]
    question = await desk.question(1)
    assert question.due_at is None
    assert question.paused_at is not None
    await desk.world.passes(hours=5)
    await aunt.says("东门")
    question = await desk.question(1)
    assert question.due_at is not None
    assert "Q1 群众有补充" in desk.wang.heard()[-1]


@pytest.mark.faults("CMD2", "CMD10", "PRV5")
async def test_lists_threads_topics_and_handing_over(desk: Desk) -> None:
    world = desk.world
    await world.branch("第二支部", parent="机关总支", secretary="孙书记")
    zhao = await world.member("赵敏", "第二支部", roles=[Role.RESPONDER])
    head = await world.member("钱总", "机关总支", roles=[Role.RESPONDER])
    outsider = await world.member("吴刚", "第一支部")
    await desk.asked(LAMP)
    await desk.asked("医保怎么转移？", "李大爷")
    listed = await head.says("问题")
    assert listed is not None
    assert listed.splitlines()[1:3] == [
        "Q1 小区门口的路灯坏了三天，我电话138****5… · 11月24日（周二）10:00 前答复 · 无人认领",
        "Q2 医保怎么转移？ · 11月24日（周二）10:00 前答复 · 无人认领",
    ]
    assert await head.says("转办 Q1 第二支部") == "Q1 已转给“第二支部”的答复人，期限不变。"
    assert zhao.cards()[-1].text.splitlines()[1] == "转来的问题 Q1"
    assert await desk.wang.says("问题 Q1") == "没有找到 Q1，请核对编号。"
    assert await desk.wang.says("答复 Q1 好") == "没有找到 Q1，请核对编号。"
    assert "Q1" not in (await outsider.says("问题 Q1") or "")
    assert await head.says("转办 Q1 王芳") == "王芳 不是这个支部的答复人，不能转给他。可以转给支部：转办 Q1 支部名"
    assert await head.says("转办 Q1 赵敏") == "Q1 已转给 赵敏，期限不变。"
    await world.member("赵敏", "第一支部")
    assert await head.says("转办 Q2 赵敏") == (
        "请写明是哪一位“赵敏”：赵敏@第二支部、赵敏@第一支部。例如：转办 Q2 赵敏@第二支部"
    )
    assert await zhao.says("改类 Q1 物业") == "Q1 的主题改为“物业”。"
    thread = await zhao.says("问题 Q1")
    assert thread is not None
    assert thread.splitlines()[0] == "Q1 · 物业 · 第二支部 · 办理中 · 11月24日（周二）10:00 前答复 · 赵敏"
    assert "11月23日（周一）10:00 群众：小区门口的路灯坏了三天，我电话138****5678" in thread
    assert "钱总 备注：转办给 第二支部" in thread
    async with desk.world.reading() as tx:
        assert [look.what for look in await tx.accesses.of_question(1)][-1] == "thread"


async def test_one_answer_for_two_askers_who_do_not_learn_of_each_other(desk: Desk) -> None:
    aunt, uncle = desk.world.resident("王阿姨"), desk.world.resident("李大爷")
    await desk.asked("小区门口的路灯坏了")
    await desk.asked("小区门口路灯坏了好几天", "李大爷")
    thread = await desk.wang.says("问题 Q2")
    assert thread is not None
    assert "可能是同一件事：Q1。一起答复：并案 Q2 Q1" in thread
    assert await desk.wang.says("并案 Q1 Q2") == ("以后答复 Q1，问 Q2 的人也会收到，互相不知道。拆开请发：拆开 Q2")
    assert await desk.wang.says("答复 Q2 好的") == "Q2 已并入 Q1，请答复 Q1；要单独答复请先发：拆开 Q2"
    await desk.wang.says("答复 Q1 已报修。")
    assert "问 Q2 的人也会收到。" in desk.wang.last.text
    await desk.after()
    (first,), (second,) = aunt.heard(), uncle.heard()
    assert "Q1" in first
    assert "Q2" not in first
    assert "Q2" in second
    assert "Q1" not in second
    assert await desk.wang.says("办结 Q2") == "Q2 已办结。"
    assert (await desk.question(2)).state == QuestionState.CLOSED
    assert await desk.wang.says("拆开 Q2") == "Q2 以后单独答复。"


async def test_declining_finishing_and_opening_again(desk: Desk) -> None:
    aunt = desk.world.resident("王阿姨")
    await desk.asked(LAMP)
    assert await desk.wang.says("办结 Q1") == (
        "Q1 还没有答复，不能办结。请先答复：答复 Q1 文字；不归这里办：不予受理 Q1 事由"
    )
    assert await desk.wang.says("不予受理 Q1") == (
        "请写明事由，群众会看到，例如：不予受理 Q1 路面养护归市政，请拨打 12345"
    )
    said = await desk.wang.says("不予受理 Q1 路灯归市政，请拨打 12345")
    assert said is not None
    assert said.startswith(
        "不予受理 Q1（小区门口的路灯坏了三天，我电话138****5678），群众会看到：\n您的问题 Q1 这里不能办理："
    )
    assert "发出后 Q1 就不再办了，要再办请发：重开 Q1\n2 分钟后发出。收回请发：撤销 Q1" in said
    assert await desk.wang.says("撤销 Q1") == "Q1 的这条收回来了，群众没有看到。原文：\n路灯归市政，请拨打 12345"
    await desk.after()
    assert aunt.heard() == []
    await desk.wang.says("不予受理 Q1 路灯归市政，请拨打 12345")
    await desk.li.says("追问 Q1 是哪一盏？")
    await desk.after()
    assert desk.li.heard()[-1] == "Q1 已经不予受理，您写的没有发出。"
    assert "路灯归市政，请拨打 12345" in aunt.heard()[0]
    assert await desk.wang.says("答复 Q1 好") == "Q1 已经不予受理。要再办请发：重开 Q1"
    assert await desk.wang.says("重开 Q1") == "Q1 重新打开了，11月24日（周二）10:04 前答复。"
    await desk.wang.says("答复 Q1 已报修")
    await aunt.says("撤销 Q1")
    await desk.after()
    assert desk.wang.heard()[-1].endswith("您写的没有发出。")


@pytest.mark.faults("OUT29")
async def test_what_the_platform_will_not_take_waits_for_the_resident(desk: Desk) -> None:
    aunt = desk.world.resident("王阿姨")
    await desk.asked(LAMP)
    await desk.world.skips(hours=49)
    await desk.wang.says("答复 Q1 已报修")
    assert "送达：已超出平台时限，答复会在群众下次来信时送达。" in desk.wang.last.text
    await desk.after()
    assert aunt.heard() == []
    given = await aunt.says("查询")
    assert given is not None
    assert "已报修" in given


async def test_prepared_answers(desk: Desk) -> None:
    aunt = desk.world.resident("王阿姨")
    await desk.asked(LAMP)
    assert await desk.wang.says("常用语") == "还没有常用语。加一条：常用语 加 路灯 已报修，预计{几号}修好。"
    kept = await desk.wang.says("常用语 加 路灯 {编号} 已报修，预计{几号}修好。")
    assert kept == "常用语“路灯”已存好：\n{编号} 已报修，预计{几号}修好。"
    assert await desk.li.says("答复 Q1 #路灯") == (
        "常用语“路灯”里还要填：几号。请按顺序写在后面：答复 Q1 #路灯 要填的内容"
    )
    assert await desk.li.says("答复 Q1 #路登 下周三") == "没有叫“路登”的常用语，是不是“路灯”？"
    await desk.li.says("答复 Q1 #路灯 下周三")
    await desk.after()
    assert "Q1 已报修，预计下周三修好。" in aunt.heard()[0]
    assert await desk.li.says("常用语 删 路灯") == "常用语“路灯”已删除。"


@pytest.mark.faults("CMD1", "CMD3")
async def test_whoever_answers_no_more_finds_the_old_buttons_dead(desk: Desk) -> None:
    await desk.asked(LAMP)
    async with desk.world.app.database.transaction() as tx:
        await tx.members.set_roles(desk.li.member_id, set())
    await desk.li.taps("认领")
    assert (await desk.question(1)).owner_id is None
    assert "Q1" not in (await desk.li.says("问题 Q1") or "")


async def test_in_english(tmp_path: Path) -> None:
    async with build(f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path, locale="en") as world:
        desk = await open_desk(world)
        await desk.asked("The lamp at the gate is broken, call 13812345678")
        assert desk.wang.cards()[0].text.splitlines()[1:3] == [
            "New question Q1",
            "The lamp at the gate is broken, call 138****5678",
        ]
        assert (await desk.wang.says("claim Q1") or "").startswith("Q1 is yours.")
        await desk.wang.says("answer Q1 It will be mended by next Friday.")
        assert desk.wang.last.text.startswith("The answer names Fri 4 Dec 18:00")
        assert (await desk.wang.says("undo Q1") or "").startswith("What you wrote about Q1 was taken back")
        await desk.wang.says("snippets add lamp It will be mended by {day}.")
        await desk.wang.says("answer Q1 #lamp Friday")
        await desk.after()
        assert "It will be mended by Friday." in world.resident("王阿姨").heard()[0]
        assert await desk.wang.says("finish Q1") == "Q1 is closed."
        assert await desk.wang.says("questions") == "No question is open."
        assert await desk.wang.says("promises") == "Nothing is promised."
