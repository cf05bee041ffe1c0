"""The folder of files: whole or not there, once for equal content, readable by its owner alone."""

import hashlib
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.database import Database
from storage.file_folder import FileFolder
from storage.files import StoredFile

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
WORDS = "第一支部会议记录".encode()
DIGEST = hashlib.sha256(WORDS).hexdigest()


async def test_equal_content_lies_there_once(database: Database, tmp_path: Path) -> None:
    folder = FileFolder(tmp_path / "files")
    for at in (NOW, NOW + timedelta(days=1)):
        new = await folder.take(WORDS)
        assert not folder.path(DIGEST).is_file() or at > NOW
        async with database.transaction() as tx:
            await tx.files.keep(folder, new, type="pdf", now=at)
    assert await folder.read(DIGEST) == WORDS
    path = folder.path(DIGEST)
    assert path.relative_to(folder.root) == Path(DIGEST[:2]) / DIGEST[2:]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert len([each for each in folder.root.rglob("*") if each.is_file()]) == 1
    async with database.reading() as tx:
        stored = await tx.files.get(DIGEST)
        assert stored is not None
        assert (stored.size, stored.type, stored.wanted_at) == (len(WORDS), "pdf", NOW + timedelta(days=1))


@pytest.mark.faults("EXP8")
async def test_what_was_not_kept_is_swept_away(tmp_path: Path) -> None:
    folder = FileFolder(tmp_path / "files")
    new = await folder.take(WORDS)
    os.utime(new.path, (NOW.timestamp(), NOW.timestamp()))
    assert folder.sweep(NOW) == 0
    assert folder.sweep(NOW + timedelta(seconds=1)) == 1
    assert not folder.path(DIGEST).is_file()


@pytest.mark.faults("EXP8")
async def test_only_what_nobody_wants_is_removed(database: Database, tmp_path: Path) -> None:
    folder = FileFolder(tmp_path / "files")
    new = await folder.take(WORDS)
    async with database.transaction() as tx:
        await tx.files.keep(folder, new, type="pdf", now=NOW)
    async with database.transaction() as tx:
        assert await tx.files.remove(folder, [DIGEST], NOW) == 0
        await tx.files.want([DIGEST], NOW + timedelta(days=2))
        assert await tx.files.remove(folder, [DIGEST], NOW + timedelta(days=1)) == 0
        assert folder.path(DIGEST).is_file()
        assert await tx.files.unwanted(NOW + timedelta(days=3), 10) == [DIGEST]
        assert await tx.files.remove(folder, [DIGEST], NOW + timedelta(days=3)) == 1
    assert not folder.path(DIGEST).is_file()
    async with database.reading() as tx:
        assert await tx.files.get(DIGEST) is None


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "a" * 63, "A" * 64, f"{'a' * 62}/b"])
def test_a_name_is_never_made_of_anything_but_a_digest(digest: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="digest"):
        FileFolder(tmp_path).path(digest)


def test_the_table_holds_no_names() -> None:
    assert {column.name for column in StoredFile.__table__.columns} == {"digest", "size", "type", "wanted_at"}
