"""The app's messages: sent, changed, recalled."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.simulator import cards, contents
from bot.simulator.directory import Person
from bot.simulator.gate import Call
from bot.simulator.refusal import Refusal
from bot.simulator.shown import Content, Json, Sent, Shown

if TYPE_CHECKING:
    from bot.simulator.twin import Twin

MOST_USERS = 1000
MOST_PARTIES = 100
RECALL_WITHIN = timedelta(hours=24)

_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u[0-9a-fA-F]{4}")


@dataclass(slots=True)
class Recipients:
    """Whom a request reaches, and whom it names in vain."""

    reached: list[Person] = field(default_factory=list)
    invalid: list[str] = field(default_factory=list)
    unlicensed: list[str] = field(default_factory=list)
    invalid_parties: list[str] = field(default_factory=list)
    invalid_tags: list[str] = field(default_factory=list)


class Sending:
    """`message/send`, `message/update_template_card`, `message/recall`."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin

    async def send(self, call: Call) -> Json:
        """Shows a message to everybody it reaches. Partial failure is a success with `invaliduser`."""
        twin, now = self.twin, self.twin.clock.now()
        if _ESCAPE.search(call.body):
            raise Refusal(40033)
        body = call.json()
        self._check_agent(body)
        digest = hashlib.sha256(call.body).digest()
        interval = twin.duplicates.interval(body)
        if interval is not None:
            answer = twin.duplicates.answer(digest, interval, now)
            if answer is not None:
                twin.log.write("suppressed", now, msgid=answer["msgid"])
                return answer
        recipients = self._recipients(body, call)
        content = contents.read(body, twin.media, now, self._note_cut)
        if content.task_id:
            twin.task_ids.check(content.task_id, digest)
        if not recipients.reached and not recipients.unlicensed:
            raise Refusal(81013)
        twin.limits.spend(len(recipients.reached), now)
        if content.task_id:
            twin.task_ids.use(content.task_id, digest)
        sent = Sent(f"m{secrets.token_urlsafe(24)}", now)
        if _can_change(content):
            sent.response_code = twin.codes.issue(sent, now)
        self._show(sent, content, recipients.reached, now)
        answer = {
            "invaliduser": "|".join(userid.lower() for userid in recipients.invalid),
            "invalidparty": "|".join(recipients.invalid_parties),
            "invalidtag": "|".join(recipients.invalid_tags),
            "unlicenseduser": "|".join(userid.lower() for userid in recipients.unlicensed),
            "msgid": sent.msgid,
        }
        if sent.response_code:
            answer["response_code"] = sent.response_code
        if interval is not None:
            twin.duplicates.remember(digest, answer, now)
        return answer

    async def update_template_card(self, call: Call) -> Json:
        """Greys a button or replaces the card, for those named who have it. `invaliduser` is a list here."""
        twin, now, body = self.twin, self.twin.clock.now(), call.json()
        self._check_agent(body)
        code = twin.codes.find(str(body.get("response_code", "")), now)
        userids = body.get("userids") or []
        if not isinstance(userids, list) or len(userids) > MOST_USERS:
            raise Refusal(40032)
        if body.get("partyids") or body.get("tagids") or body.get("atall"):
            userids = [*userids, *(code.sent.userids if code.sent else ())]
        if not userids:
            raise Refusal(82001)
        button, card = body.get("button"), body.get("template_card")
        if card is None and not (isinstance(button, dict) and button.get("replace_name")):
            raise Refusal(42027, "button.replace_name")
        checked = cards.check(card, updates=True) if card is not None else None
        code.used = True
        if code.sent is None:
            return {"invaliduser": []}
        invalid = []
        for userid in userids:
            shown = self._card_of(str(userid), code.sent)
            if shown is None:
                invalid.append(str(userid).lower())
            elif checked is not None:
                shown.content = cards.content(checked, self._note_cut, task_id=shown.task_id)
                shown.pressed = None
            elif isinstance(button, dict):
                shown.pressed = (code.key, str(button["replace_name"]))
        twin.log.write("updated", now, msgid=code.sent.msgid, userids=userids, invalid=invalid)
        twin.changed()
        return {"invaliduser": invalid}

    async def recall(self, call: Call) -> Json:
        """Takes a message back from every phone it reached, within a day."""
        twin, now = self.twin, self.twin.clock.now()
        sent = twin.sent.get(str(call.json().get("msgid", "")))
        if sent is None:
            raise Refusal(40058, "msgid")
        if now - sent.at > RECALL_WITHIN:
            raise Refusal(42052)
        sent.recalled = True
        twin.log.write("recalled", now, msgid=sent.msgid)
        twin.changed()
        return {}

    def _show(self, sent: Sent, content: Content, people: list[Person], now: datetime) -> None:
        twin, at = self.twin, now.timestamp()
        dropped = []
        for person in people:
            phone = twin.phone(person.userid)
            if twin.limits.swallows(phone.arrivals, at):
                dropped.append(person.userid)
                continue
            sent.userids.append(person.userid)
            phone.add(content, "app", sent=sent, at=now)
        twin.sent[sent.msgid] = sent
        twin.log.write(
            "shown",
            now,
            msgid=sent.msgid,
            userids=sent.userids,
            kind=content.kind,
            text=content.text,
            task_id=content.task_id,
        )
        if dropped:
            twin.log.write("dropped", now, msgid=sent.msgid, userids=dropped)
        twin.changed()

    def _recipients(self, body: Json, call: Call) -> Recipients:
        users, parties, tags = (_names(body, name) for name in ("touser", "toparty", "totag"))
        if len(users) > MOST_USERS:
            raise Refusal(40032)
        if len(parties) > MOST_PARTIES:
            raise Refusal(82002)
        if len(tags) > MOST_PARTIES:
            raise Refusal(82003)
        if not users and not parties and not tags:
            raise Refusal(82001)
        everybody = "@all" in users
        if everybody or parties or tags:
            self.twin.broadcasts.append(call.recorded)
            self.twin.log.write("broadcast", call.recorded.at, touser=users[:1], toparty=parties, totag=tags)
        found = Recipients()
        people: dict[str, Person | None] = {}
        if everybody:
            people = {person.userid: person for person in self.twin.directory.visible()}
        else:
            people = {userid.casefold(): self.twin.directory.find(userid) for userid in users}
            spelled = {userid.casefold(): userid for userid in users}
            found.invalid = [spelled[key] for key, person in people.items() if person is None or not person.visible]
            for party in parties:
                members = self.twin.directory.of_department(int(party)) if party.isdigit() else []
                people.update({person.userid.casefold(): person for person in members})
                if not members:
                    found.invalid_parties.append(party)
            found.invalid_tags = tags
        for person in people.values():
            if person is None or not person.visible:
                continue
            if person.licensed:
                found.reached.append(person)
            else:
                found.unlicensed.append(person.userid)
        return found

    def _card_of(self, userid: str, sent: Sent) -> Shown | None:
        for shown in reversed(self.twin.phone(userid).messages):
            if shown.sent is sent:
                return shown
        return None

    def _check_agent(self, body: Json) -> None:
        agent_id = body.get("agentid")
        if agent_id is None:
            raise Refusal(41011)
        if isinstance(agent_id, bool) or not isinstance(agent_id, int):
            raise Refusal(40056)
        if agent_id != self.twin.corp.agent_id:
            raise Refusal(301002)

    def _note_cut(self, part: str, size: int, most: int) -> None:
        self.twin.log.write("cut", self.twin.clock.now(), part=part, size=size, most=most)


def _can_change(content: Content) -> bool:
    """Whether the answer carries a response code: interactive cards, and notices with a corner menu."""
    card = content.card
    if content.kind != "card" or card is None:
        return False
    return card["card_type"] in cards.INTERACTIVE or bool(card.get("action_menu"))


def _names(body: Json, field_name: str) -> list[str]:
    names = body.get(field_name) or ""
    if not isinstance(names, str):
        raise Refusal(40031, field_name)
    return [name for name in names.split("|") if name]
