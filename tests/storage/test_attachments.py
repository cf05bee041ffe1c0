"""Attachments and uploads on each kind of database: taken once, found again, forgotten."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage.attachments import Attachment
from storage.database import Database
from storage.enums import AttachmentState
from storage.file_folder import FileFolder
from storage.items import Item
from storage.members import ROSTER

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


async def author(database: Database) -> tuple[int, int]:
    """(member, item) of a draft."""
    async with database.transaction() as tx:
        branch = await tx.branches.add("第一支部", None)
        member = await tx.members.add(
            name="周慧", branch_id=branch.id, tier=None, phone=None, platform=ROSTER, user_id="zhou", now=NOW
        )
        item = Item(kind="notice", title="会", require="ack", author_id=member.id, branch_id=branch.id, audience="")
        item.created_at = NOW
        tx.items.add(item)
        await tx.flush()
        return member.id, item.id


def noted(author_id: int, item_id: int | None = None) -> Attachment:
    return Attachment(
        author_id=author_id, item_id=item_id, platform="wecom", source="{}", next_at=NOW, tries=0, created_at=NOW
    )


async def test_an_attachment_is_taken_once_and_kept(database: Database, tmp_path: Path) -> None:
    folder = FileFolder(tmp_path / "files")
    member_id, item_id = await author(database)
    async with database.transaction() as tx:
        tx.attachments.add(noted(member_id, item_id))
        tx.attachments.add(noted(member_id))
    async with database.transaction() as tx:
        assert await tx.attachments.any_due(NOW, ["wecom"])
        assert not await tx.attachments.any_due(NOW, ["wecom_bot"])
        first, second = await tx.attachments.claim(NOW, ["wecom"], 5, until=LATER)
        assert await tx.attachments.claim(NOW, ["wecom"], 5, until=LATER) == []
    new = await folder.take(b"%PDF-")
    async with database.transaction() as tx:
        await tx.files.keep(folder, new, type="pdf", now=NOW)
        row = await tx.attachments.get(first.id)
        assert row is not None
        row.digest, row.name, row.state, row.next_at = new.digest, "议程.pdf", AttachmentState.STORED, None
    async with database.transaction() as tx:
        assert [(each.name, each.type, each.size) for each in await tx.attachments.of_item(item_id)] == [
            ("议程.pdf", "pdf", 5)
        ]
        assert [each.id for each in await tx.attachments.pending_of(member_id, "", NOW)] == [second.id]
        assert await tx.attachments.waiting_with(member_id, "", NOW) == []
        assert await tx.attachments.in_use([new.digest, "0" * 64]) == {new.digest}
        await tx.attachments.forget_unused(LATER)
        assert await tx.attachments.pending_of(member_id, "", NOW) == []
        assert len(await tx.attachments.of_item(item_id)) == 1
        await tx.attachments.drop([first.id])
        assert await tx.attachments.of_item(item_id) == []
        await tx.attachments.forget_unused(LATER)
        assert await tx.attachments.in_use([new.digest]) == set()
        assert await tx.files.remove(folder, [new.digest], LATER) == 1


async def test_an_upload_is_wanted_made_and_forgotten(database: Database) -> None:
    async with database.transaction() as tx:
        (content_id,) = (await tx.contents.ids(["{}"])).values()
        for _ in range(2):
            await tx.uploads.want("wecom", content_id, NOW)
        assert await tx.uploads.any_due(NOW, ["wecom"])
        (due,) = await tx.uploads.claim(NOW, ["wecom"], 5, until=LATER)
        await tx.flush()
        assert await tx.uploads.claim(NOW, ["wecom"], 5, until=LATER) == []
        await tx.uploads.later(due, LATER, counted=True)
    async with database.transaction() as tx:
        (due,) = await tx.uploads.claim(LATER, ["wecom"], 5, until=LATER)
        assert due.tries == 1
        await tx.uploads.done(due, "media-1", LATER)
    async with database.transaction() as tx:
        assert await tx.uploads.media_id("wecom", content_id, NOW) == "media-1"
        assert await tx.uploads.media_id("wecom", content_id, LATER) is None
        assert not await tx.uploads.any_due(LATER, ["wecom"])
        assert await tx.uploads.forget("wecom", content_id)
        assert not await tx.uploads.forget("wecom", content_id)
        await tx.uploads.want("wecom", content_id, LATER)
        assert await tx.uploads.any_due(LATER, ["wecom"])
