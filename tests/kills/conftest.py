"""One nursery for all lives of a run."""

from collections.abc import Iterator

import pytest

from tests.kills.lives import Nursery


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    found = Nursery()
    yield found
    found.close()
