"""Full paths of the branches of one file."""

import pytest

from bot.roster.branches import BranchTree, Path, read_path
from bot.roster.problems import Problem

Said = tuple[str, str | None]


def tree_of(*said: Said) -> tuple[BranchTree, list[Problem]]:
    """Rows 2, 3, … with a branch and a parent, as written."""
    tree = BranchTree()
    for row, (branch, parent) in enumerate(said, start=2):
        tree.add(row, path(branch), path(parent) if parent else None)
    return tree, tree.settle()


def path(text: str) -> Path:
    found = read_path(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("第一支部", ("第一支部",)),
        ("机关总支/第一支部", ("机关总支", "第一支部")),
        ("机关总支／ 第一支部", ("机关总支", "第一支部")),
        ("第一　支部", ("第一　支部",)),
        ("/第一支部", None),
        ("机关总支//第一支部", None),
        ("第一\n支部", None),
        ("支" * 51, None),
        ("/".join("支" * 11), None),
    ],
)
def test_paths(text: str, expected: Path | None) -> None:
    assert read_path(text) == expected


@pytest.mark.parametrize(
    ("said", "branch", "expected"),
    [
        ([("第一支部", None)], "第一支部", "第一支部"),
        ([("第一支部", "机关总支")], "第一支部", "机关总支/第一支部"),
        ([("第一支部", "机关总支"), ("机关总支", "党委")], "第一支部", "党委/机关总支/第一支部"),
        ([("机关总支/第一支部", "机关总支")], "机关总支/第一支部", "机关总支/第一支部"),
        ([("机关总支/第一支部", "党委/机关总支")], "机关总支/第一支部", "党委/机关总支/第一支部"),
        ([("机关总支/第一支部", "党委")], "机关总支/第一支部", "党委/机关总支/第一支部"),
        ([("党委/机关总支/第一支部", "机关总支")], "党委/机关总支/第一支部", "党委/机关总支/第一支部"),
        ([("第一支部", "党委/机关总支"), ("第一支部", None)], "第一支部", "党委/机关总支/第一支部"),
        ([("机关总支/第一支部", None), ("第一支部", None)], "第一支部", "机关总支/第一支部"),
        ([("党委/机关", None), ("党委", None)], "党委", "党委"),
        ([("第1支部", None), ("第１支部", None)], "第１支部", "第1支部"),
        ([("机关/第1支部", None), ("后勤/第1支部", None)], "后勤/第１支部", "后勤/第1支部"),
        ([], "第二支部", "第二支部"),
    ],
)
def test_places(said: list[Said], branch: str, expected: str) -> None:
    tree, problems = tree_of(*said)
    assert problems == []
    assert tree.place(path(branch)) == path(expected)


def test_the_same_parent_written_in_two_ways_is_no_contradiction() -> None:
    _, problems = tree_of(("第一支部", "机关总支"), ("机关总支", "党委"), ("第一支部", "党委/机关总支"))
    assert problems == []


def test_two_parents_are_named_with_both_rows() -> None:
    _, problems = tree_of(("第一支部", "机关总支"), ("第二支部", "机关总支"), ("第一支部", "后勤总支"))
    assert [(p.key, dict(p.params)) for p in problems] == [
        (
            "roster.problem.parent_conflict",
            {"row": 4, "first": 2, "branch": "第一支部", "parent": "后勤总支", "other": "机关总支"},
        )
    ]


@pytest.mark.faults("IMP4")
@pytest.mark.parametrize(
    ("said", "rows"),
    [
        ([("甲", "甲")], [2]),
        ([("甲", "乙"), ("乙", "甲")], [2, 3]),
        ([("丁", "甲"), ("甲", "乙"), ("乙", "丙"), ("丙", "甲")], [3, 4, 5]),
        ([("甲", "乙/甲")], [2]),
        ([("甲/乙", "甲/乙")], [2]),
    ],
)
def test_loops_are_named_by_row(said: list[Said], rows: list[int]) -> None:
    tree, problems = tree_of(*said)
    assert [(p.key, p.row) for p in problems] == [("roster.problem.branch_loop", row) for row in rows]
    assert tree.place(path(said[0][0])) is None


def test_a_name_that_two_paths_contain_is_ambiguous() -> None:
    tree, _ = tree_of(("机关/第一支部", None), ("后勤/第一支部", None), ("第一支部", None))
    found = tree.place(path("第一支部"))
    assert isinstance(found, Problem)
    assert found.key == "roster.problem.branch_ambiguous"
    assert found.params["candidates"] == "机关/第一支部 / 后勤/第一支部"


def test_a_chain_of_thousands_ends_at_the_level_limit() -> None:
    tree, problems = tree_of(*((f"支部{n}", f"支部{n + 1}") for n in range(5_000)))
    assert problems == []
    found = tree.place(path("支部0"))
    assert isinstance(found, Problem)
    assert found.key == "roster.problem.branch_deep"
