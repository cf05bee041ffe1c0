"""`python -m benchmarks`: measures, and prints a table. See README.md."""

import argparse
import asyncio
import platform
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import (
    acknowledging,
    asking,
    comparing,
    instances,
    killing,
    mixing,
    pacing,
    pushing,
    searching,
    soaking,
    starting,
    sweeping,
)
from benchmarks.cores import CLIENT, stay_on
from benchmarks.figures import Figure, Wrong, markdown

RESULTS = Path(__file__).with_name("results.md")

PARTS: dict[str, Callable[[Path, bool], Awaitable[list[Figure]]]] = {
    "acknowledging": lambda folder, _: acknowledging.measure(folder),
    "sweeping": lambda folder, large: sweeping.measure(folder, large=large),
    "pushing": lambda folder, _: pushing.measure(folder),
    "mixing": lambda folder, _: mixing.measure(folder),
    "pacing": lambda folder, _: pacing.measure(folder),
    "killing": lambda folder, _: killing.measure(folder),
    "asking": lambda folder, _: asking.measure(folder),
    "searching": lambda folder, _: searching.measure(folder),
    "instances": lambda folder, _: instances.measure(folder),
    "starting": lambda folder, _: starting.measure(folder),
}
LONG: dict[str, Callable[[Path, float], Awaitable[list[Figure]]]] = {
    "soaking": lambda folder, minutes: soaking.measure(folder, minutes=minutes),
    "comparing": lambda folder, _: comparing.measure(folder),
}
"""Only when they are named."""


async def measure(parts: list[str], *, large: bool, minutes: float) -> list[Figure]:
    figures: list[Figure] = []
    for part in parts:
        started = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="branchbot-") as folder:
            if part in LONG:
                figures += await LONG[part](Path(folder), minutes)
            else:
                figures += await PARTS[part](Path(folder), large)
        sys.stderr.write(f"{part}: {time.perf_counter() - started:.0f} s\n")
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, *LONG, []], help="all but the long ones, unless named")
    parser.add_argument("--large", action="store_true", help="five million deliveries instead of one")
    parser.add_argument("--minutes", type=float, default=soaking.MINUTES, help="how long soaking takes")
    parser.add_argument("--write", action="store_true", help="write the table to results.md too")
    given = parser.parse_args()
    stay_on(CLIENT)
    try:
        figures = asyncio.run(measure(given.parts or list(PARTS), large=given.large, minutes=given.minutes))
    except Wrong as error:
        sys.stderr.write(f"no figures: {error}\n")
        return 2
    table = markdown(figures)
    print(table)
    if given.write:
        host = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
        RESULTS.write_text(
            f"# Results\n\n{datetime.now(UTC):%Y-%m-%d}, {host}, `python -m benchmarks{' --large' * given.large}`."
            f" What each line means stands in [README.md](README.md).\n\n{table}\n"
        )
    return 1 if any(figure.verdict == "below" for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
