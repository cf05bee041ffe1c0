"""A million strange callbacks: nothing raises, nothing takes more than 50 ms. `make soak` runs it."""

import os
import random

import pytest

from tests.strange import rehearse

CASES = int(os.environ.get("SOAK_CASES", "1000000"))
AT_ONCE = 10_000


@pytest.mark.timeout(4 * 3600)
def test_a_million_strange_callbacks() -> None:
    done = 0
    while done < CASES:
        seed = random.randrange(2**32)
        number = min(AT_ONCE, CASES - done)
        print(f"seed {seed}", end=" ", flush=True)
        print(rehearse(seed, number), flush=True)
        done += number
