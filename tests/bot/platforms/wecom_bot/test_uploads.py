"""Temporary media in pieces."""

import base64
import hashlib
from datetime import timedelta

import pytest

from bot.errors import SendLater, SendRefused
from tests.bot.platforms.wecom_bot.desk import Desk, desk, paced
from tests.bot.platforms.wecom_bot.far_side import FarSide, call

CONTENT = bytes(range(256)) * 4096 + b"tail"


@pytest.fixture
def storing(far: FarSide) -> FarSide:
    far.bodies = {
        "aibot_upload_media_init": {"upload_id": "up-1"},
        "aibot_upload_media_finish": {"type": "file", "media_id": "media-1", "created_at": "1795741200"},
    }
    return far


async def test_a_file_goes_in_pieces(storing: FarSide) -> None:
    async with desk(storing) as d:
        line = await d.line()
        assert await d.bot.upload("file", "名单.xlsx", CONTENT) == "media-1"
        frames = [await call(line) for _ in range(5)]
    init, *chunks, finish = (frame["body"] for frame in frames)
    assert init == {
        "type": "file",
        "filename": "名单.xlsx",
        "total_size": len(CONTENT),
        "total_chunks": 3,
        "md5": hashlib.md5(CONTENT).hexdigest(),
    }
    assert [(c["upload_id"], c["chunk_index"]) for c in chunks] == [("up-1", 0), ("up-1", 1), ("up-1", 2)]
    pieces = [base64.b64decode(c["base64_data"]) for c in chunks]
    assert b"".join(pieces) == CONTENT
    assert max(map(len, pieces)) <= 512 * 1024
    assert finish == {"upload_id": "up-1"}


async def test_one_lost_ack_is_forgiven(storing: FarSide) -> None:
    storing.codes["aibot_upload_media_chunk"] = [None, 0]
    async with desk(storing, paced(ack=timedelta(milliseconds=100))) as d:
        await d.line()
        assert await d.bot.upload("file", "a.txt", b"1234567") == "media-1"


@pytest.mark.faults("OUT21")
@pytest.mark.parametrize(
    ("kind", "size"), [("voice", 2 * 1024 * 1024 + 1), ("file", 20 * 1024 * 1024 + 1), ("image", 5)]
)
async def test_what_is_too_big_or_empty_is_not_begun(storing: FarSide, kind: str, size: int) -> None:
    async with desk(storing) as d:
        line = await d.line()
        with pytest.raises(SendRefused, match="media_size"):
            await d.bot.upload(kind, "x", bytes(size))
        assert line.calls.empty()


async def test_a_kind_that_the_platform_refuses_is_refused(storing: FarSide) -> None:
    storing.codes["aibot_upload_media_finish"] = [846697]
    async with desk(storing) as d:
        await d.line()
        with pytest.raises(SendRefused, match="846697"):
            await d.bot.upload("file", "x.exe", b"1234567")


async def fails_later(d: Desk) -> SendLater:
    with pytest.raises(SendLater) as caught:
        await d.bot.upload("file", "a.txt", b"1234567")
    return caught.value


async def test_all_else_waits_for_nobody_saw_it(storing: FarSide) -> None:
    storing.codes = {"aibot_upload_media_init": [45009, None, None]}
    storing.subscribe_codes = [None]
    async with desk(storing, paced(ack=timedelta(milliseconds=50))) as d:
        assert (await fails_later(d)).reason == "not_connected"
        await storing.line()
        await d.line()
        assert (await fails_later(d)).after == timedelta(seconds=60)
        assert (await fails_later(d)).reason == "no_answer"
        storing.bodies.clear()
        assert (await fails_later(d)).reason == "no_answer"
