"""Residents ask: words, pictures and voice, in one question or in several, and it gets to those who answer."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.services.routing import scene_of
from storage.enums import EntryKind, QuestionState, Role
from tests import questions
from tests import world as worlds
from tests.world import World

QUESTIONS = {
    "topics": [{"name": "物业维修", "keywords": ["电梯", "漏水"]}, {"name": "医保社保", "keywords": ["医保"]}],
    "neighbourhoods": [{"name": "幸福小区", "branch": "第一支部"}, {"name": "光明里", "branch": "第二支部"}],
}


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[World]:
    """Topics and places in the configuration."""
    async with worlds.build(f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path, questions=QUESTIONS) as built:
        yield built


@pytest.mark.faults("CB1", "CB2")
async def test_a_question_is_one_whatever_way_it_comes(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    zhao = await world.member("赵答", "第一支部", roles=[Role.RESPONDER])
    wang, zhang = world.resident("王阿姨"), world.resident("张叔")

    answer = await wang.says("三号楼电梯坏了，老人上不去", repeat=3)
    assert answer is not None
    assert "编号 Q1" in answer
    assert "11月24日（周二）10:00前答复您" in answer
    assert "删除我的信息" in answer, "what is kept is said once"
    assert await questions.asked(world, wang) == 1, "the platform's copies made nothing"
    assert "Q1" in "".join(zhao.heard())
    assert secretary.heard() == li.heard() == []

    await world.skips(minutes=20)
    more = await wang.says("已经坏了三天")
    assert more is not None
    assert "已记在 Q1 里" in more
    assert "删除我的信息" not in more
    await world.skips(minutes=20)
    await wang.sends_picture()
    await wang.sends_voice("电梯里还有人")
    lines = await questions.thread(world, 1)
    assert [line.text for line in lines] == ["三号楼电梯坏了，老人上不去", "已经坏了三天", "", "电梯里还有人"]
    assert (lines[2].media, lines[2].picture_url) == ("image", None), "it has been fetched"

    await zhang.says("三号楼电梯坏了，老人上不去")
    assert await questions.asked(world, zhang) == 1, "somebody else's words are their own question"
    await world.skips(minutes=31)
    assert "Q3" in str(await wang.says("食堂几点开门"))
    assert "已记在 Q1 里" in str(await wang.says("ｑ１，还没人来修"))
    assert "已记在 Q1 里" in str(await wang.says("补充 1 是三号楼二单元"))

    await world.skips(minutes=1)
    await questions.answers(world, zhao, 3, "早上七点")
    new = str(await wang.says("那周末呢"))
    assert "编号 Q4" in new, "after an answer a new question begins"
    assert "补充 Q3" in new


async def test_what_says_nothing_and_what_is_too_much(world: World) -> None:
    await world.branch()
    await world.member("赵答", "第一支部", roles=[Role.RESPONDER])
    wang = world.resident()

    for nothing in ("？？", "👍👍", "[微笑]"):
        assert "没有看到文字" in str(await wang.says(nothing))
    assert "没听清" in str(await wang.sends_voice(None))
    assert "文字、图片和语音" in str(await wang.sends("location", Location_X="1", Location_Y="2", Scale="3", Label="x"))
    assert "文字、图片和语音" in str(await wang.sends("hologram"))
    assert await questions.asked(world, wang) == 0

    long = "电梯坏了。" * 2000
    assert "编号 Q1" in str(await wang.says(long))
    assert (await questions.question(world, 1)).words == long, "nothing of it is lost"
    assert "Q1" in str(await wang.says("/通知 全体党员明天开会")), "a secretary's word is more of a question"
    assert [line.kind for line in await questions.thread(world, 1)] == [EntryKind.ASKED, EntryKind.ADDED]

    assert "最多收 10 条" in "".join([str(await wang.says(f"第 {n} 句")) for n in range(3)])
    assert await wang.says("还有一句") is None, "then silence"
    before = len(await questions.thread(world, 1))
    await world.skips(minutes=61)
    assert "编号 Q2" in str(await wang.says("过了一个小时"))
    assert len(await questions.thread(world, 1)) == before


@pytest.mark.faults("CB1", "CB34")
async def test_many_ask_at_once_and_each_is_heard_once(world: World) -> None:
    await world.branch()
    zhao = await world.member("赵答", "第一支部", roles=[Role.RESPONDER])
    known, *others = people = [world.resident(f"居民{n}") for n in range(1, 13)]
    await known.says("老年食堂几点开门")
    await world.skips(minutes=40)
    said = [f"{n:02}号楼的路灯不亮" for n in range(1, 13)]

    together = (each.says(words, repeat=2, at_once=True) for each, words in zip(people, said, strict=True))
    first, *answers = await asyncio.gather(*together, others[0].says("查询"), others[1].says("谢谢"))
    assert "编号 Q" in str(first), "half an hour is over: it is a new question"
    numbers = [int(str(answer).split("编号 Q")[1].split("，")[0]) for answer in (first, *answers[:11])]
    assert sorted(numbers) == list(range(2, 14))
    for number, words in zip(numbers, said, strict=True):
        assert [line.text for line in await questions.thread(world, number)] == [words]
    assert all("删除我的信息" in str(answer) for answer in answers[:11])
    assert "删除我的信息" not in str(first), "what is kept was said before"
    for _ in range(2):
        await world.skips(minutes=1, seconds=1)
    cards = "".join(zhao.heard())
    assert all(cards.count(words) <= 1 for words in said)
    for _ in range(3):
        await zhao.taps("看其他的")
    cards += "".join(zhao.heard())
    assert all(words in cards for words in said), "what comes at once is one card that goes through all"


@pytest.mark.faults("WEB15")
async def test_advertising_is_set_aside_and_reports_are_not_kept(world: World, tmp_path: Path) -> None:
    await world.branch()
    zhao = await world.member("赵答", "第一支部", roles=[Role.RESPONDER])
    wang, spammer = world.resident("王阿姨"), world.resident("广告")

    assert "正式渠道" in str(await wang.says("我要实名举报李某某收钱"))
    assert "12388" in wang.heard()[0]
    await wang.sends_voice("我要检举李某某")
    assert await questions.asked(world, wang) == 0
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("bot.db*"))
    assert "李某某".encode() not in kept

    assert "先放在一边" in str(await spammer.says("代开发票，加微信 kp123"))
    assert "先放在一边" in str(await spammer.says("低息贷款 http://dk.top"))
    assert zhao.heard() == []
    assert (await questions.question(world, 1)).state == QuestionState.ASIDE
    async with world.reading() as tx:
        assert await tx.questions.count_by_state(None) == {"aside": 1}
    assert "已记在 Q1 里" in str(await spammer.says("补充 Q1 我是想问公租房怎么申请"))
    assert (await questions.question(world, 1)).state == QuestionState.NEW
    assert "Q1" in "".join(zhao.heard())


async def test_it_goes_where_the_resident_lives(town: World) -> None:
    await town.branch("机关总支", secretary="周总")
    await town.branch("第一支部", secretary="张书记", parent="机关总支")
    await town.branch("第二支部", secretary="李书记", parent="机关总支")
    top = await town.member("总答", "机关总支", roles=[Role.RESPONDER])
    first = await town.member("甲答", "第一支部", roles=[Role.RESPONDER])
    second = await town.member("乙答", "第二支部", roles=[Role.RESPONDER])
    wang, zhang = town.resident("王阿姨"), town.resident("张叔")
    async with town.reading() as tx:
        ids = {branch.name: branch.id for branch in await tx.branches.all()}

    menu = str(await wang.says("楼道漏水没人管"))
    assert "1. 幸福小区\n2. 光明里" in menu
    assert (await questions.question(town, 1)).topic == "物业维修"
    assert "Q1" in "".join(top.heard())
    assert "光明里" in str(await wang.says("２"))
    assert (await questions.question(town, 1)).branch_id == ids["第二支部"]
    assert "Q1" in "".join(second.heard())
    await town.skips(minutes=40)
    assert "幸福小区" not in str(await wang.says("医保怎么办")), "asked once"
    assert (await questions.question(town, 2)).branch_id == ids["第二支部"]
    assert "1. 幸福小区" in str(await wang.says("换小区"))
    assert "没有找到" in str(await wang.says("7"))
    await wang.says("1")
    await town.skips(minutes=40)
    await wang.says("路灯不亮")
    assert (await questions.question(town, 3)).branch_id == ids["第一支部"]

    greeting = str(await zhang.subscribes(scene_of(ids["第一支部"])))
    assert "第一支部" in greeting
    assert "回复数字" not in str(await zhang.says("健身器材坏了"))
    assert (await questions.question(town, 4)).branch_id == ids["第一支部"]
    first.heard()
    await zhang.scans("nonsense")
    await town.skips(minutes=40)
    await zhang.says("再问一句")
    assert (await questions.question(town, 5)).branch_id == ids["第一支部"], "an unknown code changes nothing"
    assert "Q5" in "".join(first.heard())


async def test_a_published_answer_is_offered_when_it_fits(world: World) -> None:
    await world.branch()
    zhao = await world.member("赵答", "第一支部", roles=[Role.RESPONDER])
    li, wang, zhang = world.resident("李姐"), world.resident("王阿姨"), world.resident("张叔")
    await li.says("老年优待证怎么办理，要带什么材料？")
    await questions.answers(world, zhao, 1, "带身份证到社区窗口。")
    assert "没有整理好" in str(await wang.says("常见问题"))
    await questions.publishes(world, 1, "老年优待证怎么办理，要带什么材料？", "带身份证和照片到社区窗口。")

    offer = str(await wang.says("请问老年优待证要带什么材料"))
    assert "带身份证和照片" in offer
    assert "有用请回 1" in offer
    assert "办结" in str(await wang.says("1"))
    assert (await questions.question(world, 2)).state == QuestionState.CLOSED
    assert "带身份证和照片" in str(await zhang.says("老年优待证怎么办理要什么材料"))
    assert "由人来答复" in str(await zhang.says("没用"))
    assert (await questions.question(world, 3)).is_open
    one = await questions.question(world, 1)
    assert (one.helped, one.not_helped) == (1, 1)
    assert "有用" not in str(await world.resident("赵婶").says("食堂的菜太咸了"))
    assert "答：带身份证" in str(await zhang.taps_menu("faq"))
