"""What can go wrong is tested, and docs/faults.md says where."""

from tools import faults


def test_no_test_names_a_fault_that_nobody_knows() -> None:
    known = faults.catalogue()
    ids = {fault.id for fault in known.faults}
    assert set(faults.marks()) <= ids
    assert {*known.differs, *known.absent} <= ids


def test_nothing_that_exists_is_listed_as_missing() -> None:
    assert not set(faults.marks()) & set(faults.catalogue().absent)


def test_the_page_says_what_the_marks_say() -> None:
    assert faults.PAGE.read_text(encoding="utf-8") == faults.page(), "run: python tools/faults.py"
