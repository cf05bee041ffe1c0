"""What residents read of published questions, and what the page never shows."""

from datetime import timedelta

import aiohttp
import pytest

from bot.rules.matching import pairs_of
from storage.enums import QuestionState
from storage.questions import Question, new_question
from tests.desk import open_desk
from tests.world import World

ANSWERS = {
    "楼道灯坏了找谁修？": "打物业电话，当天来修。",
    "停车证怎么办？": "带行驶证到居委会办理。",
    "老人体检在哪里报名？": "到一楼服务台报名，带身份证。",
}


async def fetch(world: World, query: str = "") -> tuple[int, str, aiohttp.typedefs.LooseHeaders]:
    url = f"http://127.0.0.1:{world.app.config.server.port}/questions{query}"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.text(), dict(response.headers)


async def published(world: World, words: dict[str, str], *, rated: int | None = None) -> list[int]:
    """Published questions of this month, each answered after two hours."""
    numbers = []
    now = world.clock.now()
    async with world.app.database.transaction() as tx:
        resident = await tx.residents.ensure("r.aaaa", now)
        for question, answer in words.items():
            asked = new_question(
                resident_id=resident.id,
                branch_id=None,
                topic="物业",
                words=question,
                pickup_code=f"{now:%H%M}{question[:4]}",
                now=now,
            )
            await tx.questions.add_all([asked])
            asked.state, asked.answered_at, asked.rating = QuestionState.CLOSED, now + timedelta(hours=2), rated
            asked.due_at = now + timedelta(hours=24)
            asked.public_question, asked.public_answer, asked.published_at = question, answer, now
            await tx.public_questions.index(asked.id, pairs_of(f"{question} {answer}"))
            numbers.append(asked.id)
    return numbers


@pytest.mark.faults("EXP7")
async def test_what_is_published_is_found_and_what_is_taken_off_is_gone(world: World) -> None:
    status, text, headers = await fetch(world)
    assert status == 200
    assert "还没有公开的问答" in text
    assert "Set-Cookie" not in headers
    assert "<script" not in text
    numbers = await published(world, ANSWERS)
    _, text, _ = await fetch(world)
    assert [text.index(f"Q{number}<") for number in reversed(numbers)] == sorted(text.index(f"Q{n}<") for n in numbers)
    assert "r.aaaa" not in text
    for words, expected in {
        "?q=停车证": ["停车证怎么办"],
        "?q=%E8%BA%AB%E4%BB%BD%E8%AF%81 体检": ["老人体检"],
        "?q=我家的灯坏了，应该找谁修": ["楼道灯坏了"],
        "?q=养狗": [],
        "?q=的了吗": [],
        "?q=%3Cscript%3E": [],
    }.items():
        status, text, _ = await fetch(world, words)
        assert status == 200
        assert [question for question in ANSWERS if question in text] == [
            question for question in ANSWERS if any(part in question for part in expected)
        ]
        assert "<script" not in text
    async with world.app.database.transaction() as tx:
        question = await tx.questions.get(numbers[1])
        assert question is not None
        question.published_at = question.public_question = question.public_answer = None
        await tx.public_questions.unindex([numbers[1]])
    assert "停车证怎么办" not in (await fetch(world, "?q=停车证"))[1]
    assert (await fetch(world, "?after=abc"))[0] == 200


async def test_figures_about_fewer_than_five_are_hidden(world: World) -> None:
    await published(world, {f"问题{n}怎么办理{n}": "答" for n in range(4)}, rated=5)
    assert "这几个月的情况" not in (await fetch(world))[1]
    await published(world, {"路灯": "已修"}, rated=None)
    world.clock.advance(timedelta(minutes=11))
    text = (await fetch(world))[1]
    assert "这几个月的情况" in text
    assert "2 小时" in text
    assert "100%" in text
    assert "太少，不显示" in text, "only four were rated"


@pytest.mark.faults("DB20")
async def test_long_lists_come_in_pages(world: World) -> None:
    await published(world, {f"第{n}号路灯坏了": "已修" for n in range(45)})
    seen: list[str] = []
    query = "?q=路灯"
    while query:
        text = (await fetch(world, query))[1]
        seen += [part.split('"')[0] for part in text.split('id="Q')[1:]]
        _, _, more = text.partition('class="more__link" href="questions')
        query = more.split('"')[0].replace("&amp;", "&") if more else ""
    assert seen == [str(n) for n in range(45, 0, -1)]


@pytest.mark.faults("CMD20")
async def test_agreeing_makes_it_findable(world: World) -> None:
    desk = await open_desk(world)
    aunt = world.resident("王阿姨")
    await aunt.scans("branch2")
    await desk.asked("楼道灯坏了找谁？")
    await desk.wang.says("答复 Q1 打物业电话。")
    await desk.after()
    await desk.secretary.says("公开 Q1")
    await desk.secretary.taps("提交")
    assert "楼道灯" not in (await fetch(world))[1]
    await desk.li.taps("同意公开")
    text = (await fetch(world, "?q=楼道灯"))[1]
    assert "打物业电话" in text
    assert "王阿姨" not in text
    await desk.secretary.says("不公开 Q1")
    assert "打物业电话" not in (await fetch(world, "?q=楼道灯"))[1]
    async with world.reading() as tx:
        question: Question = (await tx.questions.many([1]))[1]
    assert question.public_question is None
