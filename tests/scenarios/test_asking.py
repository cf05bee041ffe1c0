"""Residents ask: words, pictures and voice, in one question or in several, and it gets to those who answer."""

from storage.enums import EntryKind, Role
from tests.world import Resident, World

TOPICS = [{"name": "物业维修", "keywords": ["电梯", "漏水"]}, {"name": "医保社保", "keywords": ["医保"]}]


async def state_of(world: World, number: int) -> str:
    async with world.reading() as tx:
        question = await tx.questions.get(number)
        assert question is not None
        return question.state


async def thread_of(world: World, number: int) -> list[tuple[str, str]]:
    async with world.reading() as tx:
        return [(entry.kind, entry.text) for entry in await tx.entries.of_question(number)]


async def count(world: World, resident: Resident) -> int:
    async with world.reading() as tx:
        found = await tx.residents.by_token(resident.token)
        return len(await tx.questions.all_of_resident(found.id)) if found else 0


async def test_a_question_gets_a_number_a_time_and_to_those_who_answer(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    answerer = await world.member("赵答", "第一支部", roles=[Role.RESPONDER])
    wang = world.resident()

    answer = await wang.says("三号楼电梯坏了，老人上不去")

    assert answer is not None
    assert "编号 Q1" in answer
    assert "11月24日（周二）10:00前答复您" in answer
    assert "删除我的信息" in answer
    assert "Q1" in answerer.heard()[0]
    assert [button.text for button in answerer.last.buttons] == ["认领", "查看"]
    assert secretary.heard() == li.heard() == []
    assert await thread_of(world, 1) == [(EntryKind.ASKED, "三号楼电梯坏了，老人上不去")]
