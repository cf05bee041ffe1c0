"""The same loop in English, with the English words for everything."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.rooms import Room
from tests.world import World, build

UNDO = timedelta(minutes=2, seconds=1)


@pytest.fixture
async def english(tmp_path: Path) -> AsyncIterator[World]:
    """The app and the group bot, speaking English."""
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    async with build(url, tmp_path, locale="en", bot=True) as world:
        yield world


async def after(world: World, length: timedelta) -> None:
    world.clock.advance(length)
    await world.app.settle()


async def test_the_whole_loop(english: World) -> None:
    people = await english.branch("First branch", secretary="Zhang Wei", members=["Li Si", "Wang Wu"])
    zhang, li, wang = people
    room = Room(english, "group", people)
    assert await room.says(zhang, "bind First branch") == [
        "This group now belongs to “First branch”. Its notices will be posted here as well."
    ]
    assert await zhang.says("/notice") == "What is the title of the notice? Just answer with it, or with “cancel”."
    assert await zhang.says("cancel") == "All right, that is dropped."
    await zhang.says("/notice Meeting on Friday\nto: all\ndue: Friday 3 pm\nrequire: ack\nIn the big room.")
    assert zhang.last.text.splitlines() == [
        "First branch",
        "Preview #1 Meeting on Friday",
        "Confirm by Fri 27 Nov 15:00",
        "In the big room.",
        "About 1 min to read; the first this week",
        "To：First branch, 3 members",
        "Goes：2 min after “Send”",
        "Due：Fri 27 Nov 15:00",
        "Remind：Tue 24 Nov 10:02, 4 in all",
    ]
    assert await zhang.says("confirm 1") == ("#1 Meeting on Friday goes to 3 members in 2 min. To take it back: undo 1")
    assert (await zhang.says("undo 1") or "").startswith("#1 Meeting on Friday is back, nobody saw it.")
    await zhang.taps("Send")
    await after(english, UNDO)
    assert li.heard()[-1].splitlines()[1:3] == ["#1 Meeting on Friday", "Confirm by Fri 27 Nov 15:00"]
    (posted,) = room.heard()
    assert posted.splitlines()[2:5] == ["Confirm by Fri 27 Nov 15:00", "In the big room.", "Open"]

    assert "#1 Meeting on Friday (by Fri 27 Nov 15:00)" in (await li.says("todo") or "")
    await li.taps("Received")
    assert li.cards()[-1].button("Confirmed")
    assert await room.says(wang, "ack 1") == ["#1 Meeting on Friday: confirmed, thank you."]
    assert await li.says("ok") == "Nothing waits for your answer, thank you."
    assert await li.says("What about lunch?") == "Passed on to the author of #1 Meeting on Friday"
    assert (await zhang.says("status 1") or "").splitlines()[2] == "Done 2/3  ▓▓▓▓▓▓▓░░░ 67%"
    assert "Zhang Wei" in (await zhang.says("unread 1") or "")
    assert "Zhang Wei" not in (await room.says(zhang, "unread 1"))[0]
    assert await zhang.says("remind 1") == "#1: 1 open member will be reminded."
    zhang.heard()
    assert await zhang.says("remind 1") == "#1 was reminded a moment ago, again after Mon 23 Nov 10:12."


async def test_reminders_and_the_rest(english: World) -> None:
    zhang, li = await english.branch("First branch", secretary="Zhang Wei", members=["Li Si"])
    await zhang.says("/study Reading\nto: Li Si\nlink: https://example.org/a")
    assert "To：1: Li Si" in zhang.last.text
    await zhang.taps("Send")
    await after(english, UNDO)
    assert li.heard()[0].splitlines()[1:3] == ["#1 Study: Reading", "Read it, tap “I read it”"]
    assert (await li.says("later 1") or "").startswith("All right, the next reminder of #1 comes on Tue 24 Nov")
    assert (await li.says("tomorrow") or "").startswith("All right, the next reminder of #1 comes on Tue 24 Nov 08:00")
    await after(english, timedelta(hours=23))
    reminder = li.heard()[-1]
    assert reminder.splitlines()[1:3] == ["Reminder: #1 Reading", "Read it, tap “I read it”"]
    assert "Again：Tue 24 Nov 09:02" in reminder
    assert await li.says("read 1") == "#1 Reading: noted as read, thank you."
    assert await zhang.says("excuse 1 Li Si away") != await zhang.says("excuse 1 Nobody away")
    assert await zhang.says("close 1") == "#1 is closed already."
    assert (await zhang.says("withdraw 1") or "").startswith("#1 Reading\nWithdrawn")
    assert await zhang.says("list") == "Nothing is open and there are no drafts. To publish something see: help notice"
    assert "notice" in (await zhang.says("help") or "\n".join(zhang.heard()))
    assert (await zhang.says("/statsu 1") or "").startswith("There is no command “statsu”. Did you mean “status”?")
    assert await zhang.says("notice Party\nto: Frist branch") == (
        "There is no “Frist branch”. Did you mean “First branch”? Please answer with the right one."
    )
    await zhang.says("First branch")
    assert "Preview #2 Party" in zhang.last.text
