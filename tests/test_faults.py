"""What can go wrong is tested, and docs/faults.md says where."""

from tools import faults

SELDOM = 0.05
"""At most so many of all faults belong to parts that do not exist."""


def test_no_test_names_a_fault_that_nobody_knows() -> None:
    known = faults.catalogue()
    ids = {fault.id for fault in known.faults}
    assert set(faults.marks()) <= ids
    assert {*known.differs, *known.absent} <= ids


def test_nothing_that_exists_is_listed_as_missing() -> None:
    assert not set(faults.marks()) & set(faults.catalogue().absent)


def test_the_page_says_what_the_marks_say() -> None:
    assert faults.PAGE.read_text(encoding="utf-8") == faults.page(), "run: python tools/faults.py"


def test_every_fault_that_can_happen_has_a_test() -> None:
    known, tests = faults.catalogue(), faults.marks()
    without = [fault.id for fault in known.faults if fault.id not in tests and fault.id not in known.absent]
    assert without == []
    must = [fault.id for fault in known.faults if fault.area in faults.MUST and fault.id not in tests]
    assert must == [], "of these areas nothing may be left to a part that does not exist"
    assert len(known.absent) <= SELDOM * len(known.faults)
