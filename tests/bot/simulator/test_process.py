import asyncio
import json
import signal
import sys
from pathlib import Path

import aiohttp

from .conftest import Caller


async def test_the_simulator_runs_as_a_process_and_keeps_its_log(
    tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    log = tmp_path / "events.jsonl"
    people = tmp_path / "people.json"
    people.write_text(json.dumps([{"userid": "lisi", "name": "李四"}]), encoding="utf-8")
    arguments = ["--port", "0", "--log", str(log), "--people", str(people), "--members", "2", "--group", "chat-1"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.simulator", *arguments, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        base = (await process.stdout.readline()).decode().strip()
        caller = Caller(base, session)
        await caller.log_in()
        answer = await caller.text("lisi|member0002|member0003")
        assert (answer["errcode"], answer["invaliduser"]) == (0, "member0003")
        async with session.get(f"{base}/control/shown/lisi") as shown:
            assert [row["text"] for row in (await shown.json())["messages"]] == ["周五开会"]
    finally:
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    events = [json.loads(line)["event"] for line in log.read_text(encoding="utf-8").splitlines()]
    assert events == ["request", "answer", "request", "shown", "answer"]
