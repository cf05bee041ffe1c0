"""Residents and the official account: what comes in is stored once, what leaves is sealed, nobody sees an id."""

from pathlib import Path

from bot.message import Text, dump
from bot.services.roads import RESIDENTS
from storage.enums import Priority
from storage.messages import NewMessage
from tests.world import Resident, World


async def written(world: World, resident: Resident, words: str, subject: str) -> None:
    """Queues a later word to a resident and lets it leave."""
    async with world.app.database.transaction() as tx:
        message = NewMessage("said", subject, RESIDENTS, resident.token, dump(Text(words)), Priority.URGENT)
        await tx.messages.queue([message], world.clock.now())
    await world.app.settle()


async def test_nothing_that_is_kept_holds_a_residents_id(world: World, tmp_path: Path) -> None:
    wang = world.resident("王阿姨")
    await wang.subscribes("branch1")
    await wang.says("医保怎么转移？")
    await wang.sends_voice("医保")
    await wang.taps_menu("ask")
    await written(world, wang, "您好", "1")

    assert wang.heard()[-1] == "您好"
    sent = world.twin.account.push.sent
    assert [each.statuses for each in sent] == [[200]] * 4
    assert [error for each in sent for error in each.errors] == []
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("bot.db*"))
    assert wang.phone.openid.encode() not in kept
    assert b'"touser":"r.' in kept
