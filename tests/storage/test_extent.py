"""How far a leak reaches, asked of both engines."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.database import Database
from storage.persons import OF_MEMBERS, OF_RESIDENTS

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)


@pytest.mark.faults("PRV11")
async def test_who_is_known_and_who_looked(database: Database) -> None:
    async with database.transaction() as tx:
        branch = await tx.branches.add("第一支部", None)
        member = await tx.members.add(
            name="李四", branch_id=branch.id, tier=None, phone="13800000000", platform="wecom", user_id="lisi", now=NOW
        )
        await tx.residents.ensure("token", NOW)
        tx.audit.add(at=NOW, actor_id=member.id, source="wecom", action="item.confirm", subject="item:1")
    async with database.reading() as tx:
        (known,) = await tx.extent.members()
        assert known == (member.id, "李四", "lisi", "第一支部", True, NOW)
        assert (await tx.extent.rows_about(OF_MEMBERS))[member.id] == {"account": 1, "member": 1}
        assert list((await tx.extent.residents()).values()) == [(NOW, [])]
        assert list((await tx.extent.rows_about(OF_RESIDENTS)).values()) == [{"resident": 1}]
        (deed,) = await tx.extent.deeds(NOW)
        assert (deed.name, deed.what, deed.times, deed.last) == ("李四", "item.confirm", 1, NOW)
        assert await tx.extent.deeds(NOW + timedelta(seconds=1)) == []
        assert await tx.extent.looks(None) == []
