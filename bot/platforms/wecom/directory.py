"""WeCom's directory, as far as the app may see it. https://developer.work.weixin.qq.com/document/path/90208, 90200.

Half a roster is worse than none: whatever fails or looks wrong on the way raises, and nothing is returned.
"""

from collections.abc import Iterable, Sequence

from bot.errors import SendDoubtful
from bot.platforms.base import DirectoryDepartment, DirectoryMember
from bot.platforms.http import Json
from bot.platforms.wecom.client import Client

CONVERTED_AT_ONCE = 1000
_MOST_KEPT = 20_000


class Directory:
    """Departments, members, and plain ids for encrypted ones. Calls raise SendLater, SendRefused, SendDoubtful."""

    def __init__(self, client: Client, agent_id: int) -> None:
        self._client = client
        self._agent_id = agent_id
        self._plain: dict[str, str] = {}

    async def agent(self) -> Json:
        """The app's own settings, by WeCom's names."""
        return await self._client.ask("agent/get", {"agentid": str(self._agent_id)})

    async def departments(self) -> list[DirectoryDepartment]:
        """Every department that the app may see; none where it is visible to single members only."""
        rows = _rows(await self._client.ask("department/list"), "department")
        if not rows and named(await self.agent(), "allow_partys", "partyid"):
            raise SendDoubtful("directory")
        return [_department(row) for row in rows]

    async def members(self) -> list[DirectoryMember]:
        """Everybody in the app's visible range, each once. Never part of them, and never nobody."""
        found: dict[str, DirectoryMember] = {}
        for department in await self.departments():
            answer = await self._client.ask("user/simplelist", {"department_id": str(department.id)})
            _merge(found, (_member(row) for row in _rows(answer, "userlist")))
        # Those who see the app by name, not through their department.
        for row in named(await self.agent(), "allow_userinfos", "user"):
            user_id = row.get("userid") if isinstance(row, dict) else None
            if isinstance(user_id, str) and user_id.casefold() not in found:
                _merge(found, [_member(await self._client.ask("user/get", {"userid": user_id}))])
        if not found:
            raise SendDoubtful("directory")
        return list(found.values())

    async def convert(self, open_user_ids: Sequence[str]) -> dict[str, str]:
        """The plain id for each encrypted one that belongs to somebody the app may see; the others are left out."""
        found = {one: self._plain[one] for one in open_user_ids if one in self._plain}
        wanted = [one for one in dict.fromkeys(open_user_ids) if one and one not in found]
        for start in range(0, len(wanted), CONVERTED_AT_ONCE):
            asked = wanted[start : start + CONVERTED_AT_ONCE]
            answer = await self._client.ask("batch/openuserid_to_userid", payload={"open_userid_list": asked})
            found.update((_word(row, "open_userid"), _word(row, "userid")) for row in _rows(answer, "userid_list"))
        if len(self._plain) > _MOST_KEPT:
            self._plain.clear()
        self._plain.update(found)
        return found


def _merge(found: dict[str, DirectoryMember], members: Iterable[DirectoryMember]) -> None:
    """Somebody of two departments comes twice; ids that differ in case only are the same person."""
    for member in members:
        known = found.get(member.user_id.casefold(), member)
        departments = tuple(dict.fromkeys((*known.departments, *member.departments)))
        found[member.user_id.casefold()] = DirectoryMember(known.user_id, known.name, departments)


def _department(row: Json) -> DirectoryDepartment:
    return DirectoryDepartment(_number(row.get("id")), _word(row, "name"), _number(row.get("parentid")))


def _member(row: Json) -> DirectoryMember:
    departments = row.get("department", [])
    if not isinstance(departments, list):
        raise SendDoubtful("directory")
    return DirectoryMember(_word(row, "userid"), _word(row, "name"), tuple(_number(one) for one in departments))


def _rows(answer: Json, name: str) -> list[Json]:
    rows = answer.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SendDoubtful("directory")
    return rows


def named(agent: Json, group: str, name: str) -> list[object]:
    """Who or what the app's settings list under `group`, e.g. the departments in "allow_partys", "partyid"."""
    inside = agent.get(group)
    names = inside.get(name) if isinstance(inside, dict) else None
    return names if isinstance(names, list) else []


def _word(row: Json, name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise SendDoubtful("directory")
    return value


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise SendDoubtful("directory")
    return value
