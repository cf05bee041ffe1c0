"""Other systems hear what happens, signed so that they can tell that it was us."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.config import check
from bot.errors import ConfigError
from tests.world import build

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()


class Receiver:
    """Another system: checks each signature by itself, and answers with the statuses it was told to, then with 200."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[int] = []
        self.tries: list[str] = []
        self.followed = 0

    async def hear(self, request: web.Request) -> web.Response:
        body = await request.text()
        name, at = request.headers["webhook-id"], request.headers["webhook-timestamp"]
        expected = hmac.new(KEY, f"{name}.{at}.{body}".encode(), hashlib.sha256).digest()
        version, _, given = request.headers["webhook-signature"].partition(",")
        assert (version, base64.b64decode(given)) == ("v1", expected)
        assert int(at) > 1_700_000_000
        self.tries.append(name)
        status = self.answers.pop(0) if self.answers else 200
        if status < 300:
            self.heard.append((name, json.loads(body)))
        headers = {"Location": "/elsewhere"} | ({"Retry-After": "30"} if status == 503 else {})
        return web.Response(status=status, text="x" * 100_000, headers=headers)

    async def elsewhere(self, _: web.Request) -> web.Response:
        self.followed += 1
        return web.Response()

    def said(self) -> list[dict[str, Any]]:
        heard, self.heard = [event for _, event in self.heard], []
        return heard


@asynccontextmanager
async def receiving() -> AsyncIterator[tuple[Receiver, str]]:
    receiver, app = Receiver(), web.Application()
    app.router.add_post("/hook", receiver.hear)
    app.router.add_route("*", "/elsewhere", receiver.elsewhere)
    async with TestServer(app) as server:
        yield receiver, str(server.make_url("/hook"))


async def test_what_happens_is_heard_once_and_signed(tmp_path: Path) -> None:
    database = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    async with receiving() as (receiver, url):
        hooks = [{"url": url, "secret": SECRET}]
        sections = {"webhooks": hooks, "access": {"administrators": ["user1"]}}
        async with build(database, tmp_path, **sections) as world:
            secretary, li, wang = await world.branch(members=["李四", "王五"])
            number = await world.published(secretary, "/通知 开会\n三点。")
            assert receiver.said() == [
                {
                    "type": "item.published",
                    "timestamp": "2026-11-23T10:03:00+08:00",
                    "data": {"number": number, "kind": "notice", "title": "开会", "audience": 3},
                }
            ]
            await li.taps("确认收到")
            await secretary.says(f"线下确认 {number} 3")
            await wang.says("收到")
            [first, second] = receiver.said()
            assert first["data"]["receipts"] == [
                {
                    "number": number,
                    "member": {"userid": li.userid, "name": "李四"},
                    "kind": "ack",
                    "source": "card",
                    "at": "2026-11-23T10:03:00+08:00",
                }
            ]
            assert [each["source"] for each in second["data"]["receipts"]] == ["paper"]

            # Not taken: again later, under the same id; a redirect leads nowhere.
            receiver.answers = [500, 302, 429, 500, 500, 503]
            await secretary.says(f"收到 {number}")
            assert receiver.said() == []
            await world.passes(hours=3)
            heard = receiver.said()
            assert [event["type"] for event in heard] == ["receipt.recorded", "item.closed"] or [
                event["type"] for event in heard
            ] == ["item.closed", "receipt.recorded"]
            assert next(e for e in heard if e["type"] == "item.closed")["data"] == {"number": number, "by": "done"}
            assert receiver.followed == 0
            assert len(receiver.tries) > len(set(receiver.tries))

            # Down for hours, and asking for half a minute each time: that does not use up the tries.
            receiver.answers = [503] * 4
            await world.published(secretary, "/通知 值班\n三点。")
            tries = len(receiver.tries)
            await world.passes(minutes=20)
            assert len(receiver.tries) - tries <= 2
            await world.passes(hours=3)
            assert "值班" in [event["data"].get("title") for event in receiver.said()]

            # 410: nothing more goes there, and an administrator hears why.
            receiver.answers = [410]
            secretary.heard()
            await world.published(secretary, "/通知 第二件\n三点。")
            tries = len(receiver.tries)
            await li.says("收到")
            await world.passes(minutes=5)
            assert len(receiver.tries) == tries
            assert any("事件推送" in heard and "410" in heard for heard in secretary.heard())
            async with world.reading() as tx:
                assert await tx.messages.backlog() == {}
                assert not await tx.events.any()


@pytest.mark.parametrize(
    "hook",
    [
        {"url": "http://office.example.com/hook", "secret": SECRET},
        {"url": "ftp://office.example.com", "secret": SECRET},
        {"url": "https://office.example.com", "secret": "not a secret"},
        {"url": "https://office.example.com", "secret": "whsec_c2hvcnQ="},
        {"url": "https://office.example.com", "secret": SECRET, "events": []},
        {"url": "https://office.example.com", "secret": SECRET, "events": ["member.unread"]},
    ],
)
def test_what_cannot_be_configured(hook: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        check({"webhooks": [hook]})
