"""One list of people laid over the roster: known accounts updated, new ones added, nobody removed."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.roster.branches import Path, name_key, show
from bot.roster.fields import RoleGrant
from bot.roster.problems import Problem, problem
from bot.services.access import ROSTER
from bot.services.branch_book import BranchBook, Placing
from bot.services.roster_changes import ChangedPerson, Changes, Difference, Move, Person
from storage.branches import Branch
from storage.enums import MemberStatus
from storage.members import Account, Member, NewMember
from storage.transaction import Transaction

Grants = set[tuple[str, int]]
"""(role, branch id)."""
Facts = Sequence[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a source says about one person. `row` is where; `path` None leaves a known member where they are."""

    user_id: str
    name: str
    path: Path | None
    row: int | None = None
    tier: str | None = None
    phone: str | None = None
    roles: Sequence[RoleGrant] = ()


@dataclass(frozen=True, slots=True)
class Authority:
    """What a source decides: of `tier`, `phone` and `role` those in `fields`. A blank there means none.

    `directory`: it is the platform's own word, for the spelling of accounts and for who can be reached.
    """

    fields: Collection[str]
    directory: bool = False


class Merge:
    """Used once: `run`, then `changes`."""

    def __init__(self, tx: Transaction, authority: Authority, *, now: datetime, source: str) -> None:
        """`source` is what the audit rows name: `cli`."""
        self._tx, self._authority, self._now, self._source = tx, authority, now, source
        self._problems: list[Problem] = []
        self._added: list[Person] = []
        self._changed: list[ChangedPerson] = []
        self._unchanged = 0
        self._grants: dict[int, Grants] = {}
        self._audits: list[dict[str, object]] = []

    async def run(self, wanted: Sequence[Wanted]) -> Changes:
        """Writes everything and says what it was; with problems the caller undoes what was written."""
        self._members = await self._tx.members.all()
        self._accounts: Mapping[str, Account] = await self._tx.members.accounts(ROSTER)
        self._roles = await self._tx.members.all_roles()
        active = {one.id: one.branch_id for one in self._members.values() if one.status == MemberStatus.ACTIVE}
        self._book = BranchBook(self._tx, await self._tx.branches.all(), active)
        missing = self._missing(wanted)

        branches = await self._settle(wanted)
        grants = self._read_roles(wanted, branches)
        if self._problems:
            return Changes(problems=sorted(self._problems, key=lambda found: found.row or 0))
        await self._write(wanted, branches, grants)
        self._audit_branches()
        await self._tx.flush()
        await self._tx.audit.add_many(self._audits)
        return Changes(
            added=self._added,
            changed=self._changed,
            missing=missing,
            unchanged=self._unchanged,
            branches_added=[self._book.path_of(branch.id) for branch in self._book.created],
            branches_moved=[Move(before, self._book.path_of(branch.id)) for branch, before in self._book.moved],
        )

    def _known(self, one: Wanted) -> Member | None:
        account = self._accounts.get(one.user_id.casefold())
        return self._members[account.member_id] if account is not None else None

    def _missing(self, wanted: Sequence[Wanted]) -> list[Person]:
        named = {member.id for one in wanted if (member := self._known(one)) is not None}
        user_ids = {account.member_id: account.user_id for account in self._accounts.values()}
        return [
            Person(member.name, user_ids.get(member.id, ""), self._book.path_of(member.branch_id))
            for member in self._members.values()
            if member.status == MemberStatus.ACTIVE and member.id not in named
        ]

    async def _settle(self, wanted: Sequence[Wanted]) -> list[Branch | None]:
        """The branch of each person; None only where a problem says why."""
        placings = []
        for one in wanted:
            member = self._known(one)
            home = member.branch_id if member is not None else None
            path = one.path or ((self._book.get(home).name,) if home is not None else ())
            placings.append(Placing(member.id if member is not None else None, home, path))
        self._book.expect([placing for placing, one in zip(placings, wanted, strict=True) if one.path])
        branches: list[Branch | None] = []
        for placing, one in zip(placings, wanted, strict=True):
            found: Branch | Problem
            if one.path is not None:
                found = await self._book.settle(one.path, placing.home)
            elif placing.home is not None:
                found = self._book.get(placing.home)
            else:
                found = problem("no_branch", value=one.user_id)
            if isinstance(found, Problem):
                self._report(found, one)
            branches.append(found if isinstance(found, Branch) else None)
        return branches

    def _read_roles(self, wanted: Sequence[Wanted], branches: Sequence[Branch | None]) -> list[Grants]:
        """Roles are read last: a role never makes a branch, a misspelt one is a problem."""
        read: list[Grants] = []
        for one, branch in zip(wanted, branches, strict=True):
            grants: Grants = set()
            for grant in one.roles if branch is not None else ():
                where: Branch | Problem | None = branch
                if grant.branch is not None:
                    where = self._book.find(grant.branch, branch.id if branch else None)
                if isinstance(where, Branch):
                    grants.add((grant.role, where.id))
                else:
                    self._report(where or problem("role_branch_unknown", value=show(grant.branch or ())), one)
            read.append(grants)
        return read

    def _report(self, found: Problem, one: Wanted) -> None:
        params = {**found.params, "row": one.row} if one.row is not None else found.params
        self._problems.append(Problem(one.row, found.column, found.key, params))

    async def _write(
        self, wanted: Sequence[Wanted], branches: Sequence[Branch | None], grants: Sequence[Grants]
    ) -> None:
        new: list[tuple[Wanted, Branch, Grants]] = []
        for one, branch, held in zip(wanted, branches, grants, strict=True):
            if branch is None:
                continue
            member = self._known(one)
            if member is None:
                new.append((one, branch, held))
            else:
                self._update(member, one, branch, held)
        added = await self._tx.members.add_many(
            [NewMember(one.name, branch.id, one.tier, one.phone, one.user_id) for one, branch, _ in new],
            platform=ROSTER,
            now=self._now,
        )
        for member_id, (one, branch, held) in zip(added, new, strict=True):
            person = Person(one.name, one.user_id, self._book.path_of(branch.id))
            self._added.append(person)
            if held:
                self._grants[member_id] = held
            roles = [(f"role.{role}", self._book.path_of(at)) for role, at in sorted(held)]
            self._audit("roster.add", f"member:{member_id}", None, [("branch", person.branch), *roles])
        if self._grants:
            await self._tx.members.set_roles_of(self._grants)

    def _update(self, member: Member, one: Wanted, branch: Branch, held: Grants) -> None:
        account = self._accounts[one.user_id.casefold()]
        differences = self._apply(member, one, branch, held)
        if self._authority.directory:
            account.user_id = one.user_id
        if differences or self._authority.directory:
            account.unreachable = None
        if not differences:
            self._unchanged += 1
            return
        member.updated_at = self._now
        person = Person(member.name, account.user_id, self._book.path_of(branch.id))
        self._changed.append(ChangedPerson(person, differences))
        shown = [_without_number(each) for each in differences]
        self._audit(
            "roster.change",
            f"member:{member.id}",
            [(each.field, each.before) for each in shown],
            [(each.field, each.after) for each in shown],
        )

    def _apply(self, member: Member, one: Wanted, branch: Branch, held: Grants) -> list[Difference]:
        found: list[Difference] = []
        if name_key(member.name) != name_key(one.name):
            found.append(Difference("name", member.name, one.name))
            member.name = one.name
        if member.branch_id != branch.id:
            found.append(
                Difference("branch", self._book.path_of(member.branch_id), self._book.path_of(branch.id)),
            )
            member.branch_id = branch.id
        if "tier" in self._authority.fields and member.tier != one.tier:
            found.append(Difference("tier", member.tier, one.tier))
            member.tier = one.tier
        if "phone" in self._authority.fields and member.phone != one.phone:
            found.append(Difference("phone", member.phone, one.phone))
            member.phone = one.phone
        if member.status != MemberStatus.ACTIVE:
            found.append(Difference("status", member.status, MemberStatus.ACTIVE))
            member.status = MemberStatus.ACTIVE
        before = self._roles.get(member.id, set())
        if "role" in self._authority.fields and before != held:
            self._grants[member.id] = held
            found += [Difference(f"role.{role}", self._book.path_of(at), None) for role, at in sorted(before - held)]
            found += [Difference(f"role.{role}", None, self._book.path_of(at)) for role, at in sorted(held - before)]
        return found

    def _audit_branches(self) -> None:
        for branch in self._book.created:
            self._audit("branch.add", f"branch:{branch.id}", None, [("path", self._book.path_of(branch.id))])
        for branch, before in self._book.moved:
            after = self._book.path_of(branch.id)
            self._audit("branch.move", f"branch:{branch.id}", [("path", before)], [("path", after)])

    def _audit(self, action: str, subject: str, before: Facts | None, after: Facts) -> None:
        self._audits.append(
            {
                "at": self._now,
                "actor_id": None,
                "source": self._source,
                "action": action,
                "subject": subject,
                "before": _dump(before) if before is not None else None,
                "after": _dump(after),
            }
        )


def _dump(facts: Facts) -> str:
    """JSON; a field that occurs several times (a role for two branches) has all its values."""
    collected: dict[str, list[str]] = {}
    for name, value in facts:
        collected.setdefault(name, []).extend([value] if value is not None else [])
    return json.dumps({name: "; ".join(values) or None for name, values in collected.items()}, ensure_ascii=False)


def _without_number(found: Difference) -> Difference:
    """A phone number is not kept in the audit, only that it changed."""
    if found.field != "phone":
        return found
    return Difference("phone", "***" if found.before else None, "***" if found.after else None)
