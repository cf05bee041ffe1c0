"""Who speaks, and what they may see and do. Nobody else writes these checks.

What somebody may not see answers like what does not exist: the same text, the same work.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.errors import UserError
from storage.enums import ItemStatus, Role
from storage.items import Item
from storage.members import ROSTER, Member
from storage.plans import Plan
from storage.questions import Question
from storage.speaking import Person
from storage.transaction import Transaction

__all__ = [
    "ROSTER",
    "Question",
    "Speaker",
    "absent",
    "absent_question",
    "answers_for",
    "draft_of",
    "item_to_enter",
    "item_to_manage",
    "item_to_view",
    "manages",
    "plan_to_manage",
    "question_for",
    "shows_posters_of",
    "speaker",
]


@dataclass(frozen=True, slots=True)
class Speaker:
    """A member of the roster who is talking to the bot. `reach` lists each role's branches, those below included."""

    member_id: int
    name: str
    user_id: str
    branch_id: int
    administrator: bool
    granted: Mapping[Role, frozenset[int]]
    """Where each role was granted, without what lies below."""
    reach: Mapping[Role, frozenset[int]]

    def may(self, *roles: Role) -> bool:
        """Whether they hold one of these roles anywhere."""
        return self.administrator or any(self.reach.get(role) for role in roles)

    def branches(self, *roles: Role) -> frozenset[int]:
        """The branches that they hold one of these roles for."""
        return frozenset().union(*(self.reach.get(role, frozenset()) for role in roles))


async def speaker(tx: Transaction, member: Member | Person, user_id: str, administrators: Collection[str]) -> Speaker:
    """The member with their roles; `administrators` are case-folded user ids and hold every role everywhere."""
    administrator = user_id.casefold() in administrators
    granted = {role: frozenset(branches) for role, branches in (await tx.speaking.roles(member.id)).items()}
    reach: dict[Role, frozenset[int]] = {}
    if administrator:
        everywhere = frozenset(branch.id for branch in await tx.branches.rows())
        reach = dict.fromkeys(Role, everywhere)
    elif granted:
        reach = {role: frozenset(await tx.branches.under(branches)) for role, branches in granted.items()}
    return Speaker(member.id, member.name, user_id, member.branch_id, administrator, granted, reach)


def absent(number: int) -> UserError:
    """What an item that does not exist, or may not be seen, is answered with."""
    return UserError("item.absent", number=number)


async def item_to_manage(tx: Transaction, who: Speaker, number: int) -> Item:
    """The item, if this person may act on it: as its author, or as a secretary of its branch or above."""
    item = await tx.items.get(number)
    if item is None or not who.may(Role.SECRETARY):
        raise absent(number)
    own = item.author_id == who.member_id
    if not (own or who.administrator or item.branch_id in who.branches(Role.SECRETARY)):
        raise absent(number)
    if item.status in (ItemStatus.DRAFT, ItemStatus.SCHEDULED) and not (own or who.administrator):
        raise absent(number)
    return item


async def manages(tx: Transaction, who: Speaker, number: int) -> bool:
    """Whether `item_to_manage` would give them the item."""
    try:
        await item_to_manage(tx, who, number)
    except UserError:
        return False
    return True


async def draft_of(tx: Transaction, who: Speaker, number: int) -> Item:
    """The item, if this person is its author (or an administrator) and still may publish."""
    item = await tx.items.get(number)
    if item is None or not who.may(Role.SECRETARY) or not (item.author_id == who.member_id or who.administrator):
        raise absent(number)
    return item


async def confirmed_of(tx: Transaction, who: Speaker, number: int) -> Item:
    """The item, if this person may take it back before it goes: as its author, or as a secretary of its branch."""
    item = await tx.items.get(number)
    if item is not None and item.status == ItemStatus.SCHEDULED and item.branch_id in who.branches(Role.SECRETARY):
        return item
    return await draft_of(tx, who, number)


def no_plan(number: int) -> UserError:
    """What a plan that does not exist, or may not be seen, is answered with."""
    return UserError("plan.absent", number=number)


async def plan_to_manage(tx: Transaction, who: Speaker, number: int) -> Plan:
    """The plan, if this person may act on it: as its author, or as a secretary of its branch or above."""
    plan = await tx.plans.get(number)
    if plan is None or not who.may(Role.SECRETARY):
        raise no_plan(number)
    if not (plan.author_id == who.member_id or who.administrator or plan.branch_id in who.branches(Role.SECRETARY)):
        raise no_plan(number)
    return plan


async def item_to_view(tx: Transaction, who: Speaker, number: int) -> tuple[Item, frozenset[int] | None]:
    """The item and the branches whose deliveries this person may see (None: all of them).

    Secretaries and supervisors of the item's branch or above, and its author, see all; those of a branch below see
    their own people. What is not published yet is its author's alone.
    """
    item = await tx.items.get(number)
    if item is None:
        raise absent(number)
    return item, await scope_of(tx, who, item)


async def scope_of(tx: Transaction, who: Speaker, item: Item) -> frozenset[int] | None:
    """The same of an item that is there; raises as for one that is not."""
    scope = who.branches(Role.SECRETARY, Role.SUPERVISOR)
    if not who.may(Role.SECRETARY, Role.SUPERVISOR):
        raise absent(item.id)
    own = item.author_id == who.member_id and who.may(Role.SECRETARY)
    if item.status in (ItemStatus.DRAFT, ItemStatus.SCHEDULED) and not (own or who.administrator):
        raise absent(item.id)
    if own or who.administrator or item.branch_id in scope:
        return None
    seen = scope.intersection(await tx.items.tally_by_branch(item.id))
    if not seen:
        raise absent(item.id)
    return frozenset(seen)


async def item_to_enter(tx: Transaction, who: Speaker, number: int) -> tuple[Item, frozenset[int] | None]:
    """The item and the branches for whose members this person may enter receipts (None: all of them).

    As for looking, but supervisors only look: its author and secretaries of its branch or above enter for everybody,
    those of a branch below for their own people.
    """
    item, _ = await item_to_view(tx, who, number)
    if not who.may(Role.SECRETARY):
        raise absent(number)
    scope = who.branches(Role.SECRETARY)
    if item.author_id == who.member_id or who.administrator or item.branch_id in scope:
        return item, None
    own = scope.intersection(await tx.items.tally_by_branch(item.id))
    if not own:
        raise absent(number)
    return item, frozenset(own)


def absent_question(number: int) -> UserError:
    """What a question that does not exist, or may not be seen, is answered with."""
    return UserError("questions.absent", number=number)


async def question_for(tx: Transaction, who: Speaker, number: int, *roles: Role) -> Question:
    """The question, if this person holds one of the roles for its branch; one without a branch is open to each."""
    question = await tx.questions.get(number)
    if question is None or not who.may(*roles):
        raise absent_question(number)
    if question.branch_id is None or who.administrator or question.branch_id in who.branches(*roles):
        return question
    if Role.RESPONDER not in roles or question.branch_id not in await answers_for(tx, who):
        raise absent_question(number)
    return question


def shows_posters_of(who: Speaker) -> tuple[frozenset[int], frozenset[int]]:
    """The branches whose poster this person may have, and those of them that are theirs to begin with.

    They manage the branch or answer for it, there or from above.
    """
    roles = (Role.SECRETARY, Role.RESPONDER)
    own = frozenset().union(*(who.granted.get(role, frozenset()) for role in roles))
    return who.branches(*roles), own or frozenset({who.branch_id})


async def answers_for(tx: Transaction, who: Speaker) -> frozenset[int]:
    """The branches whose questions this responder sees: their own, those below, and those that nobody answers for."""
    reach = who.branches(Role.RESPONDER)
    if not reach:
        return reach
    answered = await tx.branches.under(await tx.holders.branches(Role.RESPONDER))
    return reach | {branch.id for branch in await tx.branches.rows() if branch.id not in answered}
