"""Programs that run beside the measurement, each a process of its own."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent


@contextmanager
def child(module: str, arguments: Sequence[object], *, log: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Runs `python -m module …` while the block does; gives the process and its first line. What it logs is kept."""
    with log.open("a") as errors:
        command = [sys.executable, "-m", module, *map(str, arguments)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            assert process.stdout is not None
            line = process.stdout.readline().strip()
            if not line:
                raise RuntimeError(f"{module} did not start: {log.read_text()[-2000:]}")
            yield process, line
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
