"""G5: the same work as frameworks that store nothing: a sealed text message in, a sealed answer out, on one core.

`python -m benchmarks comparing`. The bot does what it always does: it looks the sender up, keeps message, receipt,
counts and answer, and has them on the disk before it answers. The peers (benchmarks/peers) answer the same words.
They are installed into a folder that is removed afterwards; one that cannot be installed or started is left out.
"""

import hashlib
import itertools
import os
import random
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

from benchmarks import acknowledging, load
from benchmarks.callbacks import CORP, Callbacks
from benchmarks.children import child
from benchmarks.cores import SERVER, stay_on
from benchmarks.figures import PAIRS_NEEDED, Figure, Wrong, median, steady
from benchmarks.place import free_port
from benchmarks.servers import WORDS
from bot.platforms.envelope import Envelope
from bot.simulator.markup import document

PEERS = Path(__file__).with_name("peers")
PYTHON_PACKAGES = (
    "werobot",
    "tornado",
    "flask",
    "gunicorn",
    "wechatpy",
    "cryptography",
    "nonebot2[fastapi,httpx]",
    "nonebot-adapter-wxmp",
)
NODE_PACKAGES = ("co-wechat", "koa")
ROUNDS, REQUESTS, WARMING, CONNECTIONS = 5, 2000, 300, 64
START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Peer:
    """`floor` and `aim`: how many times as much the bot should do. `command` runs in the peers' folder."""

    name: str
    floor: float
    aim: float
    command: tuple[str, ...]
    path: str = "/"
    sealed: bool = True
    connections: int = CONNECTIONS
    """Fewer for a server that takes one after the other and lets only a handful wait."""


def peers(python: Path, node: str | None) -> list[Peer]:
    """Those that can run here."""
    gunicorn = ("-m", "gunicorn", "-k", "gthread", "--threads", "8", "--log-level", "error", "flask_wechatpy:app")
    nonebot = f"/wxmp/revice/{CORP.corp_id}"
    found = [
        Peer("WeRoBot on tornado", 2, 2.7, (str(python), "werobot_tornado.py")),
        Peer("WeRoBot as it comes", 5, 8, (str(python), "werobot_default.py"), connections=4),
        Peer("wechatpy in Flask, gunicorn", 3, 4, (str(python), *gunicorn)),
        Peer("NoneBot 2, clear messages", 5, 7, (str(python), "nonebot_wxmp.py"), path=nonebot, sealed=False),
    ]
    return found + ([Peer("co-wechat on Node", 1.3, 1.8, (node, "co_wechat.js"))] if node else [])


async def measure(folder: Path) -> list[Figure]:
    """The figures of G5. Raises Wrong when an answer is not what was asked for."""
    python, node = _install(folder)
    database, chance, callbacks = folder / "comparing.db", random.Random(7), Callbacks()
    wanted = WARMING + ROUNDS * REQUESTS
    await acknowledging.prepare(database, items=-(-wanted // acknowledging.MEMBERS))
    pairs = acknowledging.answering(wanted, chance)
    ours = [callbacks.words(member, f"收到 {item}") for item, member in pairs]
    figures, rates, noisy = [], dict[str, list[float]](), ""
    with ExitStack() as stack:
        port, bare = free_port(), free_port()
        for kind, at in (("bot", port), ("bare", bare)):
            arguments = [kind, "--port", at, "--database", database]
            stack.enter_context(child("benchmarks.servers", arguments, log=folder / f"{kind}.log"))
        running = [(peer, stack.enter_context(_running(peer, folder))) for peer in peers(python, node)]
        messages = {peer.name: _Messages(peer) for peer, at in running if at}
        _ask(port, ours[:WARMING])
        for peer, at in running:
            if at:
                _ask(at, messages[peer.name].make(WARMING), peer.connections)
        steady_rounds = 0
        for number in range(ROUNDS):
            batch = ours[WARMING + number * REQUESTS :][:REQUESTS]
            before = _ask(bare, batch)
            turns = [("bot", port, batch, CONNECTIONS)]
            turns += [
                (peer.name, at, messages[peer.name].make(REQUESTS), peer.connections) for peer, at in running if at
            ]
            chance.shuffle(turns)
            for name, at, requests, connections in turns:
                rates.setdefault(name, []).append(_ask(at, requests, connections))
            steady_rounds += steady(before, _ask(bare, batch))
        if steady_rounds < PAIRS_NEEDED:
            noisy = f"noisy: only {steady_rounds} steady rounds"
    for peer, at in running:
        if at:
            ratios = [mine / theirs for mine, theirs in zip(rates["bot"], rates[peer.name], strict=True)]
            figures.append(Figure("G5", f"the bot ÷ {peer.name}", median(ratios), peer.floor, peer.aim, noisy=noisy))
    if not figures:
        raise Wrong("none of the peers could be installed")
    return figures + [Figure("", f"answers a second, {name}", median(seen)) for name, seen in rates.items()]


def _ask(port: int, requests: list[bytes], connections: int = CONNECTIONS) -> float:
    """Answers a second. Raises Wrong for any answer that is not a 200 with words in it."""
    result = load.run(port, requests, connections=connections, keep=True)
    empty = sum(b"Encrypt" not in body and b"Content" not in body for body in result.bodies.values())
    if result.statuses != {200: len(requests)} or empty not in (0, len(requests)):
        raise Wrong(f"port {port} answered {result.statuses} to {len(requests)} requests, {empty} without words")
    if result.busy > load.BUSIEST:
        raise Wrong(f"the generator was busy for {result.busy:.0%} of its core")
    return result.rate


class _Messages:
    """Text messages as an official account's platform sends them to one peer, each another one."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._envelope = Envelope(CORP.token, CORP.encoding_aes_key, CORP.corp_id)
        self._numbers = itertools.count(7_000_000_000_000_000_000)

    def make(self, many: int) -> list[bytes]:
        return [self._one() for _ in range(many)]

    def _one(self) -> bytes:
        now, number = str(int(datetime.now(UTC).timestamp())), str(next(self._numbers))
        fields = {"ToUserName": "gh_0123456789ab", "FromUserName": f"o{number}", "CreateTime": now, "MsgType": "text"}
        body = document({**fields, "Content": "收到 12", "MsgId": number})
        signature = hashlib.sha1("".join(sorted((CORP.token, now, number))).encode()).hexdigest()
        query = {"signature": signature, "timestamp": now, "nonce": number, "openid": f"o{number}"}
        if self._peer.sealed:
            encrypt = self._envelope.encrypt(body.encode())
            query |= {"encrypt_type": "aes", "msg_signature": self._envelope.sign(now, number, encrypt)}
            body = document({"ToUserName": "gh_0123456789ab", "Encrypt": encrypt})
        head = f"POST {self._peer.path}?{urlencode(query)} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml\r\n"
        return f"{head}Content-Length: {len(body.encode())}\r\n\r\n{body}".encode()


def _install(folder: Path) -> tuple[Path, str | None]:
    """(their Python, Node where there is one), with their packages in `folder`."""
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PYTHON_PACKAGES]
    subprocess.run(install, check=True, stdout=subprocess.DEVNULL)
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        (folder / "package.json").write_text("{}")
        install = [npm, "install", "--no-audit", "--no-fund", "--silent", *NODE_PACKAGES]
        done = subprocess.run(install, cwd=folder, check=False, capture_output=True)
        node = node if done.returncode == 0 else None
    return python, node if npm else None


@contextmanager
def _running(peer: Peer, folder: Path) -> Iterator[int | None]:
    """The port where it answers; None when it does not start, which is said."""
    port = free_port()
    place = folder / f"peer-{port}"
    shutil.copytree(PEERS, place)
    if (folder / "node_modules").exists():
        (place / "node_modules").symlink_to(folder / "node_modules")
    log = (place / "log").open("wb")
    command = [*peer.command, *(["--bind", f"127.0.0.1:{port}"] if "gunicorn" in peer.command else [])]
    process = subprocess.Popen(command, cwd=place, env=_environment(port), stdout=log, stderr=log, preexec_fn=_pinned)
    try:
        if _answers(process, port):
            yield port
        else:
            sys.stderr.write(f"{peer.name} does not start: {(place / 'log').read_text()[-500:]}\n")
            yield None
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _pinned() -> None:
    stay_on(SERVER)


def _environment(port: int) -> Mapping[str, str]:
    account = {"TOKEN": CORP.token, "AES_KEY": CORP.encoding_aes_key, "APP_ID": CORP.corp_id, "WORDS": WORDS}
    return {**os.environ, **account, "PORT": str(port)}


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            urlopen(f"http://127.0.0.1:{port}/", timeout=2).close()
        except OSError as error:
            if hasattr(error, "code"):  # an answer, if not to this
                return True
            time.sleep(0.1)
        else:
            return True
    return False
