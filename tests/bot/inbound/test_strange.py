"""The callback road under strange input: nothing raises, nothing takes long. `make soak` tries a million."""

import pytest

from tests.strange import rehearse


@pytest.mark.faults("CB8", "CB9", "CB13", "CB14", "CB15", "CB16", "CB17", "CB19")
def test_strange_callbacks_are_taken_or_refused_at_once() -> None:
    counts = rehearse(seed=20261123, cases=1500)
    assert counts["taken"] > 400
    assert counts["refused"] > 250
    assert counts["signed and refused"] < 350, "for a document type, a broken encoding, or too many elements"
