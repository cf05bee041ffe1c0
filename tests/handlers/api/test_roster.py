"""The roster and the tree as another system sees them."""

import pytest

from tests.handlers.api.system import Office


@pytest.mark.faults("WEB12")
async def test_members_come_with_branch_and_roles_and_without_a_phone(office: Office) -> None:
    found = (await office.system.asks("/members")).body["members"]

    assert [member["name"] for member in found] == list(reversed("赵钱孙李周吴"))
    assert found[-1] == {
        "userid": "U-赵",
        "name": "赵",
        "branch": "机关总支",
        "branch_path": "机关总支",
        "tier": "正式",
        "roles": [
            {"role": "responder", "branch": "第一支部", "branch_path": "机关总支/第一支部"},
            {"role": "secretary", "branch": "机关总支", "branch_path": "机关总支"},
        ],
    }
    assert found[0] == {
        "userid": None,
        "name": "吴",
        "branch": "第二支部",
        "branch_path": "机关总支/第二支部",
        "tier": None,
        "roles": [],
    }


async def test_who_left_is_not_listed_and_not_counted(office: Office) -> None:
    async with office.database.transaction() as tx:
        gone = await tx.members.get(office.members["周"])
        assert gone is not None
        gone.status = "left"

    assert "周" not in [m["name"] for m in (await office.system.asks("/members")).body["members"]]
    assert (await office.system.asks("/branches")).body["branches"][0]["members"] == 1


async def test_branches_know_their_place(office: Office) -> None:
    assert (await office.system.asks("/branches")).body == {
        "branches": [
            {"name": "第二支部", "path": "机关总支/第二支部", "parent": "机关总支", "members": 2},
            {"name": "第一支部", "path": "机关总支/第一支部", "parent": "机关总支", "members": 3},
            {"name": "机关总支", "path": "机关总支", "parent": None, "members": 1},
        ],
        "next": None,
    }
