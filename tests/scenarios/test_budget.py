"""The app's day: pushes keep to what WeCom takes, answers always have room."""

from pathlib import Path

import pytest

from tests.world import build


@pytest.mark.faults("OUT10")
async def test_a_push_that_passes_the_day_is_refused_whole_and_answers_go_on(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    async with build(url, tmp_path, wecom={"account_limit": 1}) as world:
        people = await world.branch(members=["李四", "王五", "赵六"])
        secretary, li = people[0], people[1]
        now = world.clock.now()
        async with world.app.database.transaction() as tx:
            admin_account = {"platform": "wecom", "user_id": "admin"}
            await tx.members.add(name="管理员", branch_id=1, tier=None, phone=None, now=now, **admin_account)
        world.twin.directory.add("admin", "管理员")
        day = world.clock.now().astimezone(world.app.settings.texts.zone).date()
        async with world.app.database.transaction() as tx:
            await tx.budgets.use("wecom", day, 158, world.clock.now())
        await world.published(secretary, "/通知 开会\n对象：李四，王五")
        admin = world.twin.phone("admin")
        assert sum("快到全天的 200 人次了" in shown.text for shown in admin.messages) == 1
        async with world.app.database.transaction() as tx:
            await tx.budgets.use("wecom", day, 18, world.clock.now())

        answer = await secretary.says("/通知 大会\n对象：第一支部")
        assert answer is not None
        assert answer.startswith("这条要发给 5 人，今天应用还能发 ")
        assert "先不发" in answer
        assert "明天" in answer
        await secretary.says("/通知 大会\n对象：第一支部\n定时：明天 9:00")
        assert "预览" in secretary.last.text, "tomorrow is another day"

        async with world.app.database.transaction() as tx:
            await tx.budgets.use("wecom", day, 200, world.clock.now())
        await secretary.says("催办 1")
        await world.skips(minutes=20)
        assert [shown for shown in li.phone.messages if "提醒" in shown.text] == [], "reminders wait for tomorrow"
        await li.says("请问在哪里开会")
        await world.skips(minutes=1)
        assert any("请问在哪里开会" in words for words in secretary.heard()), "what people say does not wait"
        await world.skips(hours=23)
        assert len([shown for shown in li.phone.messages if "提醒" in shown.text]) == 1
