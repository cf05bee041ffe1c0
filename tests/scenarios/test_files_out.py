"""A file on its way out: uploaded first, under an id that is never used when it may be dead."""

from pathlib import Path

import pytest

from bot.message import File
from bot.services.roads import tell
from tests.rooms import tells_bot
from tests.world import Person, World, build

SHEET = b"PK\x03\x04" + bytes(range(256)) * 3000


async def hand_over(world: World, person: Person, name: str, subject: str) -> None:
    """Puts a file into the outbox, as a job would that has just made it."""
    folder = world.app.settings.files.folder
    new = await folder.take(SHEET)
    async with world.app.database.transaction() as tx:
        now = world.clock.now()
        await tx.files.keep(folder, new, type="xlsx", now=now)
        file = File(name, new.digest)
        await tell(tx, world.app.settings.roads, [person.member_id], file, kind="export", subject=subject, now=now)


@pytest.mark.faults("OUT20")
async def test_an_upload_serves_for_days_and_is_renewed_before_it_dies(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    for person, subject in ((secretary, "1"), (li, "2")):
        await hand_over(world, person, "回执名单.xlsx", subject)
        await world.app.settle()
        assert person.files() == [("回执名单.xlsx", SHEET)]
    assert len(world.twin.requests_to("media/upload")) == 1
    await world.skips(days=2, hours=13)
    await hand_over(world, li, "回执名单.xlsx", "3")
    await world.app.settle()
    assert len(world.twin.requests_to("media/upload")) == 2
    assert len(li.files()) == 2
    bodies = {request.body for request in world.twin.requests_to("message/send")}
    assert len(bodies) == 3


@pytest.mark.faults("OUT20")
async def test_what_the_platform_has_lost_is_uploaded_once_more(world: World) -> None:
    (secretary,) = await world.branch()
    await hand_over(world, secretary, "名单.xlsx", "1")
    world.twin.faults.add("message/send", errcode=40007, times=1)
    await world.app.settle()
    assert secretary.files() == [("名单.xlsx", SHEET)]
    assert len(world.twin.requests_to("media/upload")) == 2

    await hand_over(world, secretary, "另一份.xlsx", "2")
    world.twin.faults.add("media/upload", errcode=40004, times=1)
    await world.app.settle()
    assert len(secretary.files()) == 1
    async with world.reading() as tx:
        assert await tx.messages.backlog() == {}


@pytest.mark.faults("OUT20")
async def test_an_upload_that_fails_for_now_is_tried_again(world: World) -> None:
    (secretary,) = await world.branch()
    await hand_over(world, secretary, "名单.xlsx", "1")
    world.twin.faults.add("media/upload", errcode=-1, times=2)
    await world.app.settle()
    assert secretary.files() == []
    await world.passes(minutes=1)
    assert secretary.files() == [("名单.xlsx", SHEET)]


async def test_the_group_bot_uploads_in_pieces(tmp_path: Path) -> None:
    async with build(f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path, bot=True, wecom=None) as world:
        (secretary,) = await world.branch()
        await tells_bot(secretary, "帮助")
        await hand_over(world, secretary, "名单.xlsx", "1")
        await world.app.settle()
        assert secretary.files() == [("名单.xlsx", SHEET)]
        await world.skips(days=3)
        await hand_over(world, secretary, "名单.xlsx", "2")
        await world.app.settle()
        assert len(secretary.files()) == 2
