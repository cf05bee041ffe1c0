"""Publishing an item from another system."""

import json
from datetime import timedelta

import pytest

from storage.enums import ItemStatus
from tests.handlers.api.system import READ, WRITE, Office

DUE = "2026-11-30T18:00:00+08:00"


@pytest.mark.faults("WEB17")
async def test_an_item_is_published_once_for_each_key(office: Office) -> None:
    wanted = {"author": "U-赵", "title": "周五开会", "body": "三楼会议室", "to": ["第一支部"], "due_at": DUE}

    first = await office.system.publishes("key-1", **wanted)

    assert first.status == 201
    item = first.body
    assert (item["number"], item["kind"], item["status"], item["require"]) == (1, "notice", "scheduled", "ack")
    assert (item["title"], item["body"], item["branch"]) == ("周五开会", "三楼会议室", "第一支部")
    assert item["due_at"] == DUE
    assert item["publish_at"] == "2026-11-23T10:02:00+08:00"
    assert item["counts"]["audience"] == 3
    assert len(office.commits) == 1

    again = await office.system.publishes("key-1", **dict(reversed(wanted.items())))
    assert (again.status, again.body) == (201, item)
    other = await office.system.publishes("key-1", **{**wanted, "title": "周六开会"})
    assert (other.status, other.code) == (422, "key_reused")
    assert (await office.system.publishes("key-2", **{**wanted, "title": "周六开会"})).body["number"] == 2

    # The author hears of it, and may take it back; a day later the key is still known.
    async with office.database.reading() as tx:
        told = await tx.messages.ids("submission", [f"item:1:{office.members['赵']}"])
        assert len(told) == 1
        assert [row.source for row in await tx.audit.of("item:1")] == ["api"]
    office.clock.advance(timedelta(days=1))
    async with office.database.transaction() as tx:
        await tx.idempotency.forget(office.clock.now() - timedelta(days=2))
    assert (await office.system.publishes("key-1", **wanted)).body["number"] == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"author": "U-nobody"}, "no_author"),
        ({"author": "U-钱"}, "author_may_not"),
        ({"to": ["外单位"]}, ""),
        ({"due_at": "2026-11-01T18:00:00+08:00"}, ""),
        ({"due_at": "2026-11-30 18:00"}, "unprocessable"),
        ({"due_at": "0001-01-01T00:00:00+14:00"}, "unprocessable"),
        ({"at": DUE, "due_at": DUE}, "due_before_at"),
        ({"title": "请XX同志开会"}, "placeholder"),
        ({"title": "长" * 61}, "title_long"),
        ({"title": "  "}, "notice"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"remind": ["soon"]}, "unprocessable"),
        ({"require": "quiz"}, "unprocessable"),
        ({"kind": "poll"}, "unprocessable"),
        ({"surprise": 1}, "unprocessable"),
        ({"body": 7}, "unprocessable"),
    ],
)
async def test_what_a_chat_would_refuse_is_refused(office: Office, fields: dict[str, object], code: str) -> None:
    answer = await office.system.publishes("k", **{"author": "U-赵", "title": "开会", **fields})

    assert answer.status == 422
    assert code in ("", answer.code)
    assert (await office.system.asks("/items")).body["items"] == []
    assert (await office.system.publishes("k", author="U-赵", title="开会")).status == 201


@pytest.mark.faults("WEB17")
async def test_who_may_ask_and_how(office: Office) -> None:
    body = json.dumps({"author": "U-赵", "title": "开会"}).encode()
    key = {"Idempotency-Key": "k"}
    read = await office.system.asks("/items", method="POST", body=body, headers=key)
    nobody = await office.system.asks("/items", method="POST", authorization=None, body=body, headers=key)
    assert (read.status, nobody.status) == (403, 401)
    assert READ != WRITE
    assert (await office.system.publishes(None, author="U-赵", title="开会")).status == 400
    assert (await office.system.publishes("k" * 256, author="U-赵", title="开会")).status == 400
    for broken in (b"", b"[]", b"{", b'"\\ud800"', b"[" * 100_000):
        answer = await office.system.asks(
            "/items", method="POST", authorization=f"Bearer {WRITE}", body=broken, headers=key
        )
        assert answer.status == 422
    large = await office.system.publishes("k", author="U-赵", title="开会", body="大" * 40_000)
    assert large.status in (413, 422)
    async with office.database.reading() as tx:
        assert await tx.items.page(statuses=list(ItemStatus), limit=1) == []
