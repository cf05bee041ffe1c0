"""A running twin, a caller that speaks plain HTTP to it, and a receiver of its callbacks."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType, web

from bot.clock import ManualClock
from bot.simulator.groups import Group
from bot.simulator.server import serve
from bot.simulator.twin import Twin

Connect = Callable[[], Awaitable["Line"]]
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Caller:
    """Calls the simulated servers as an app would, with hand-made bodies."""

    def __init__(self, base: str, session: aiohttp.ClientSession) -> None:
        self.base = base
        self.session = session
        self.token = ""

    async def log_in(self, **query: str) -> Any:
        query = {"corpid": "ww00branchbot00", "corpsecret": "simulated-app-secret", **query}
        answer = await self.get("gettoken", **query)
        self.token = answer.get("access_token", "")
        return answer

    async def get(self, api: str, **query: str) -> Any:
        if self.token:
            query = {"access_token": self.token, **query}
        async with self.session.get(f"{self.base}/cgi-bin/{api}", params=query) as answer:
            return await answer.json()

    async def post(self, api: str, body: object) -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        url = f"{self.base}/cgi-bin/{api}"
        async with self.session.post(url, params={"access_token": self.token}, data=data) as answer:
            return await answer.json()

    async def text(self, users: str, words: str = "周五开会", **more: object) -> Any:
        body = {"touser": users, "agentid": 1000002, "msgtype": "text", "text": {"content": words}, **more}
        return await self.post("message/send", body)

    async def card(self, users: str, card: dict[str, Any], **more: object) -> Any:
        body = {"touser": users, "agentid": 1000002, "msgtype": "template_card", "template_card": card, **more}
        return await self.post("message/send", body)


class Line:
    """One connection of a hand-made bot."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.asked = 0

    async def hear(self) -> Any:
        message = await self.socket.receive(timeout=20)
        assert message.type is WSMsgType.TEXT, message
        return json.loads(message.data)

    async def send(self, cmd: str, body: object = None, req_id: str = "") -> str:
        self.asked += 1
        req_id = req_id or f"r{self.asked}"
        frame = {"cmd": cmd, "headers": {"req_id": req_id}, **({"body": body} if body is not None else {})}
        await self.socket.send_str(json.dumps(frame, ensure_ascii=False))
        return req_id

    async def ask(self, cmd: str, body: object = None, req_id: str = "") -> Any:
        req_id = await self.send(cmd, body, req_id)
        answer = await self.hear()
        assert answer["headers"]["req_id"] == req_id
        assert "cmd" not in answer
        return answer

    async def subscribe(self, secret: str = "simulated-bot-secret") -> Any:
        return await self.ask("aibot_subscribe", {"bot_id": "simulated-bot", "secret": secret})

    async def code(self, cmd: str, body: object = None, req_id: str = "") -> int:
        answer = await self.ask(cmd, body, req_id)
        return int(answer["errcode"])


class Receiver:
    """A bot that only listens: `answer` may be replaced, `requests` has the (query, body) pairs."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.answer: Answer = self._empty

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((dict(request.query), await request.read()))
        return await self.answer(request)

    async def _empty(self, _: web.Request) -> web.StreamResponse:
        return web.Response()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 23, 1, 0, tzinfo=UTC))


@pytest.fixture
def twin(clock: ManualClock) -> Twin:
    twin = Twin(clock)
    twin.directory.add("ZhangSan", "张三")
    twin.directory.add("lisi", "李四")
    twin.directory.add("wangwu", "王五")
    return twin


@pytest.fixture
async def base(twin: Twin) -> AsyncIterator[str]:
    async with serve(twin) as address:
        yield address


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def caller(base: str, session: aiohttp.ClientSession) -> Caller:
    caller = Caller(base, session)
    await caller.log_in()
    return caller


@pytest.fixture
async def receiver(twin: Twin) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/callback", receiver.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    receiver.url = twin.callback_url = f"http://{host}:{port}/callback"
    yield receiver
    await runner.cleanup()


@pytest.fixture
def button_card() -> dict[str, Any]:
    return {
        "card_type": "button_interaction",
        "task_id": "n12-7f3a-1",
        "source": {"desc": "第一支部", "desc_color": 0},
        "main_title": {"title": "#12 关于召开支部大会的通知", "desc": "请于 11月30日 18:00 前确认"},
        "horizontal_content_list": [{"keyname": "地点", "value": "三楼会议室"}],
        "card_action": {"type": 1, "url": "https://bot.example.org/i/abc"},
        "button_list": [
            {"text": "确认收到", "style": 1, "key": "ack:12"},
            {"text": "查看全文", "style": 2, "type": 1, "url": "https://bot.example.org/i/abc"},
        ],
    }


@pytest.fixture
async def connect(base: str, session: aiohttp.ClientSession) -> AsyncIterator[Connect]:
    lines: list[Line] = []

    async def connected() -> Line:
        lines.append(Line(await session.ws_connect(base + "/ws", max_msg_size=0)))
        return lines[-1]

    yield connected
    for line in lines:
        await line.socket.close()


@pytest.fixture
async def line(connect: Connect) -> Line:
    line = await connect()
    assert (await line.subscribe())["errcode"] == 0
    return line


@pytest.fixture
def group(twin: Twin) -> Group:
    return twin.group("chat-1", "第一支部群", ["ZhangSan", "lisi"])


def markdown(words: str) -> dict[str, Any]:
    return {"msgtype": "markdown", "markdown": {"content": words}}


def push(chat_id: str, words: str, chat_type: int = 2) -> dict[str, Any]:
    return {"chatid": chat_id, "chat_type": chat_type, **markdown(words)}


def stream(words: str, *, finish: bool = True, stream_id: str = "s1") -> dict[str, Any]:
    return {"msgtype": "stream", "stream": {"id": stream_id, "finish": finish, "content": words}}
