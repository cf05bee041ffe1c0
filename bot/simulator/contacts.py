"""The directory's calls, as the app's token sees them: its visible range only."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING

from bot.simulator.directory import Department, Person
from bot.simulator.gate import Call
from bot.simulator.refusal import Refusal
from bot.simulator.shown import Json

if TYPE_CHECKING:
    from bot.simulator.twin import Twin

OPEN_PREFIX = "woAAAA"
"""How encrypted userids begin."""


def open_userid(userid: str) -> str:
    """The encrypted spelling of a userid."""
    digest = hashlib.sha256(userid.casefold().encode()).digest()
    return OPEN_PREFIX + urlsafe_b64encode(digest)[:26].decode()


class Contacts:
    """`department/*`, `user/*`, `agent/get`, `batch/openuserid_to_userid`, `getcallbackip`."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin

    async def department_list(self, call: Call) -> Json:
        """The department named by `id` (default: the root) and all below it."""
        rows = [
            {
                "id": department.id,
                "name": department.name,
                "parentid": department.parent_id,
                "order": department.id,
                "department_leader": [],
            }
            for department in self._departments(call)
        ]
        return {"department": rows}

    async def department_simplelist(self, call: Call) -> Json:
        """As the list, ids only."""
        rows = [
            {"id": department.id, "parentid": department.parent_id, "order": department.id}
            for department in self._departments(call)
        ]
        return {"department_id": rows}

    async def user_simplelist(self, call: Call) -> Json:
        """The members of one department, without those below it."""
        department_id = self._department_id(call.query.get("department_id", ""))
        return {
            "userlist": [
                {
                    "userid": person.userid,
                    "name": person.name,
                    "department": list(person.departments),
                    "open_userid": open_userid(person.userid),
                }
                for person in self.twin.directory.of_department(department_id)
            ]
        }

    async def user_get(self, call: Call) -> Json:
        """One member: no mobile, mail or avatar, as for every new app."""
        person = self.twin.directory.find(call.query.get("userid", ""))
        if person is None:
            raise Refusal(60111)
        if not person.visible:
            raise Refusal(60021)
        return _details(person)

    async def agent_get(self, call: Call) -> Json:
        """The app's own settings and whom it is visible to."""
        corp = self.twin.corp
        agent_id = call.query.get("agentid", "")
        if not agent_id.isdigit():
            raise Refusal(40056)
        if int(agent_id) != corp.agent_id:
            raise Refusal(301002)
        return {
            "agentid": corp.agent_id,
            "name": corp.app_name,
            "square_logo_url": "",
            "description": "",
            "allow_userinfos": {"user": [{"userid": person.userid} for person in self.twin.directory.visible()]},
            "allow_partys": {"partyid": []},
            "allow_tags": {"tagid": []},
            "close": 0,
            "redirect_domain": (self.twin.public_url or "").partition("://")[2],
            "report_location_flag": 0,
            "isreportenter": 1,
            "home_url": "",
        }

    async def openuserid_to_userid(self, call: Call) -> Json:
        """Plain userids for encrypted ones, at most a thousand."""
        asked = call.json().get("open_userid_list")
        if not isinstance(asked, list) or not asked:
            raise Refusal(40035, "open_userid_list")
        if len(asked) > 1000:
            raise Refusal(40032)
        known = {open_userid(person.userid): person.userid for person in self.twin.directory.visible()}
        return {
            "userid_list": [{"open_userid": one, "userid": known[one]} for one in asked if one in known],
            "invalid_open_userid_list": [one for one in asked if one not in known],
        }

    async def callback_ip(self, call: Call) -> Json:
        """Where callbacks come from."""
        return {"ip_list": ["127.0.0.1"]}

    def _departments(self, call: Call) -> list[Department]:
        return self.twin.directory.below(self._department_id(call.query.get("id") or "1"))

    def _department_id(self, text: str) -> int:
        if not text.isdigit():
            raise Refusal(40035, "department id")
        if int(text) not in self.twin.directory.departments:
            raise Refusal(60003)
        return int(text)


def _details(person: Person) -> Json:
    return {
        "userid": person.userid,
        "name": person.name,
        "department": list(person.departments),
        "main_department": person.departments[0],
        "position": "",
        "status": 1,
        "isleader": 0,
        "is_leader_in_dept": [0 for _ in person.departments],
        "direct_leader": [],
        "alias": "",
        "extattr": {"attrs": []},
    }
