"""A branch with responders, for stories about residents' questions."""

from datetime import timedelta

from storage.entries import Entry
from storage.enums import Role
from storage.questions import Question
from tests.world import Person, World

UNDO = timedelta(minutes=2, seconds=1)


class Desk:
    """第一支部 with its secretary 张书记 and the responders 王芳 and 李某, under 机关总支."""

    def __init__(self, world: World, secretary: Person, wang: Person, li: Person) -> None:
        self.world, self.secretary, self.wang, self.li = world, secretary, wang, li

    async def after(self, length: timedelta = UNDO) -> None:
        """The clock moves on, and what is due happens."""
        self.world.clock.advance(length)
        await self.world.app.settle()

    async def asked(self, text: str, who: str = "王阿姨") -> int:
        """A resident asks something new; its number."""
        resident = self.world.resident(who)
        await resident.says(text)
        resident.heard()
        async with self.world.reading() as tx:
            newest = (await tx.questions.page(None, states=None, before=None, limit=1))[0]
            return newest.id

    async def question(self, number: int) -> Question:
        async with self.world.reading() as tx:
            return (await tx.questions.many([number]))[number]

    async def thread(self, number: int) -> list[Entry]:
        async with self.world.reading() as tx:
            return list(await tx.entries.of_question(number))

    async def audits(self, number: int) -> list[str]:
        async with self.world.reading() as tx:
            return [row.action for row in await tx.audit.of(f"question:{number}")]


async def open_desk(world: World) -> Desk:
    """The branch, its people, and nothing asked yet."""
    await world.branch("机关总支", secretary="周主任")
    (secretary,) = await world.branch("第一支部", parent="机关总支")
    people = [await world.member(name, "第一支部", roles=[Role.RESPONDER]) for name in ("王芳", "李某")]
    return Desk(world, secretary, *people)
