"""`python -m bot.simulator`: the simulator as a process of its own. State is lost at the end, the log stays."""

import argparse
import asyncio
import contextlib
import json
import signal
import sys
from datetime import timedelta
from pathlib import Path

from bot.clock import SystemClock
from bot.simulator.account import AccountKind
from bot.simulator.corp import Corp
from bot.simulator.server import serve
from bot.simulator.twin import Twin


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    corp = Corp()
    parser = argparse.ArgumentParser(prog="python -m bot.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9000, help="0: any free one")
    parser.add_argument("--callback", help="where the app's callbacks go")
    parser.add_argument("--account-callback", help="where the official account's callbacks go")
    parser.add_argument(
        "--account-kind", choices=[kind.value for kind in AccountKind], default=AccountKind.SERVICE.value
    )
    parser.add_argument("--resident", action="append", default=[], metavar="NAME", help="a resident on the page")
    parser.add_argument("--residents", type=int, default=0, help="so many residents who have just written")
    parser.add_argument("--public-url", help="where the bot's pages are")
    parser.add_argument("--log", type=Path, help="append every event to this file, one JSON object a line")
    parser.add_argument("--people", type=Path, help='JSON: [{"userid", "name", "department"?, "visible"?}, …]')
    parser.add_argument("--members", type=int, default=0, help="add so many people, member0001 and on")
    parser.add_argument("--group", action="append", default=[], metavar="ID", help="a group with the bot in it")
    parser.add_argument("--latency", type=float, default=0, help="seconds that every answer takes")
    parser.add_argument("--calls-a-second", type=int, help="of message/send; more are refused for a second")
    parser.add_argument(
        "--foreign-codes", default="", metavar="PREFIX", help="clicks with such codes are made elsewhere"
    )
    parser.add_argument("--retry-pause", type=float, default=0, help="seconds between the tries of a callback")
    parser.add_argument("--corp-id", default=corp.corp_id)
    parser.add_argument("--agent-id", type=int, default=corp.agent_id)
    parser.add_argument("--secret", default=corp.secret)
    parser.add_argument("--token", default=corp.token)
    parser.add_argument("--aes-key", default=corp.encoding_aes_key)
    parser.add_argument("--bot-id", default=corp.bot_id)
    parser.add_argument("--bot-secret", default=corp.bot_secret)
    return parser


def build_twin(given: argparse.Namespace) -> Twin:
    """The twin that the command line describes."""
    corp = Corp(
        corp_id=given.corp_id,
        agent_id=given.agent_id,
        secret=given.secret,
        token=given.token,
        encoding_aes_key=given.aes_key,
        bot_id=given.bot_id,
        bot_secret=given.bot_secret,
    )
    twin = Twin(SystemClock(), corp, callback_url=given.callback, log=given.log, public_url=given.public_url)
    twin.account.callback_url, twin.account.kind = given.account_callback, AccountKind(given.account_kind)
    twin.codes.foreign = given.foreign_codes
    twin.latency = timedelta(seconds=given.latency)
    if given.calls_a_second:
        twin.limits.limit("message/send", given.calls_a_second, timedelta(seconds=1))
    twin.app.pause_between = timedelta(seconds=given.retry_pause)
    for number in range(1, given.members + 1):
        twin.directory.add(f"member{number:04}", f"党员{number:04}")
    if given.people:
        for person in json.loads(given.people.read_text(encoding="utf-8")):
            twin.directory.add(**person)
    for name in given.resident:
        twin.show_resident_on_page(name, "群众")
    twin.account.crowd(given.residents)
    for chat_id in given.group:
        twin.group(chat_id)
    return twin


async def run(given: argparse.Namespace) -> None:
    """Serves until SIGINT or SIGTERM; the first line of output is the base address."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(name, stopped.set)
    twin = build_twin(given)
    async with serve(twin, given.host, given.port) as address:
        twin.account.base = f"{address}/mp"
        sys.stdout.write(address + "\n")
        sys.stdout.flush()
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(run(arguments().parse_args()))
