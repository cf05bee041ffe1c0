import io

import pytest

from bot import log


class Full(io.StringIO):
    """A file on a disk that has no room."""

    def write(self, _: str) -> int:
        raise OSError(28, "No space left on device")


@pytest.mark.faults("DB5", "DB19")
def test_a_line_that_cannot_be_written_ends_nobody() -> None:
    log.configure(stream=Full())
    try:
        raise ValueError
    except ValueError:
        log.get_logger("tests").exception("tests.failed")


def test_a_line_is_one_line() -> None:
    written = io.StringIO()
    log.configure(stream=written)
    log.get_logger("tests").info("tests.done", count=2)
    assert written.getvalue().count("\n") == 1
    assert '"event": "tests.done"' in written.getvalue()
