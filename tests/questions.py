"""The residents' desk in stories: what is stored about a question, and answering one without typing commands."""

from bot.services import clocks, states
from bot.services.arrivals import tell_resident
from bot.services.public_questions import index
from storage.entries import Entry
from storage.enums import EntryKind
from storage.questions import Question
from tests.world import Person, Resident, World


async def question(world: World, number: int) -> Question:
    """The question as it is stored."""
    async with world.reading() as tx:
        found = (await tx.questions.many([number])).get(number)
    assert found is not None
    return found


async def thread(world: World, number: int) -> list[Entry]:
    """Its lines, the oldest first."""
    async with world.reading() as tx:
        return list(await tx.entries.of_question(number))


async def asked(world: World, resident: Resident) -> int:
    """How many questions a resident has."""
    async with world.app.database.transaction() as tx:
        found = await tx.residents.by_token(resident.token)
        return len(await tx.questions.all_of_resident(found.id)) if found else 0


async def answers(world: World, person: Person, number: int, text: str) -> None:
    """A responder's answer leaves now."""
    await _says(world, person, number, text, EntryKind.ANSWER)


async def asks_back(world: World, person: Person, number: int, text: str) -> None:
    """A responder asks the resident; the clock stands still."""
    await _says(world, person, number, text, EntryKind.ASKED_BACK)


async def publishes(world: World, number: int, question: str, answer: str) -> None:
    """It stands on the public page."""
    async with world.app.database.transaction() as tx:
        row = await tx.questions.get(number)
        assert row is not None
        row.public_question, row.public_answer, row.published_at = question, answer, world.clock.now()
        await index(tx, row)


async def _says(world: World, person: Person, number: int, text: str, kind: EntryKind) -> None:
    desk, now = world.app.settings.desk, world.clock.now()
    async with world.app.database.transaction() as tx:
        row = await tx.questions.get(number)
        assert row is not None
        row.owner_id = row.owner_id or person.member_id
        await tell_resident(tx, world.app.settings, row, text, kind=kind, member_id=person.member_id, now=now)
        if kind is EntryKind.ANSWER:
            states.answered(desk, row, now=now)
        else:
            clocks.pause(desk, row, now=now)
    await world.app.settle()
