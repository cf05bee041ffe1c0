"""From the words of 对象 to the members that are meant, inside what the author may reach."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.errors import UserError
from bot.rules.audience import split_audience
from bot.rules.folding import normalise
from bot.rules.words import nearest
from bot.services.access import Speaker
from storage.audiences import Audience
from storage.branches import Branch
from storage.enums import Role
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Chosen:
    """An audience, and the branch in whose name it is addressed."""

    audience: Audience
    branch_id: int


class _Tree:
    """The organisation as far as the author may reach it."""

    def __init__(self, branches: Iterable[Branch], reach: frozenset[int], roots: frozenset[int]) -> None:
        self.all = {branch.id: branch for branch in branches}
        self.reach = reach
        self.roots = roots or reach
        self.names: dict[str, list[int]] = {}
        for branch_id in sorted(reach):
            for name in {self.all[branch_id].name, self.path_name(branch_id)}:
                self.names.setdefault(_key(name), []).append(branch_id)

    def path_name(self, branch_id: int) -> str:
        """`机关总支/第一支部`."""
        return "/".join(self.all[each].name for each in self._line(branch_id))

    def below(self, branch_ids: Iterable[int]) -> frozenset[int]:
        paths = [self.all[branch_id].path for branch_id in branch_ids]
        return frozenset(i for i in self.reach if any(self.all[i].path.startswith(path) for path in paths))

    def common(self, branch_ids: Iterable[int]) -> int | None:
        """The lowest branch that all of these lie in."""
        lines = [self._line(branch_id) for branch_id in branch_ids]
        shared = None
        for level in zip(*lines, strict=False):
            if len(set(level)) > 1:
                break
            shared = level[0]
        return shared

    def _line(self, branch_id: int) -> list[int]:
        return [int(part) for part in self.all[branch_id].path.strip("/").split("/")]


async def default_audience(tx: Transaction, who: Speaker) -> Chosen:
    """The secretary's branches and everything below, the author included."""
    tree = await _tree(tx, who)
    return _chosen(tree, who, Audience(branches=tree.below(tree.roots)), tree.roots)


async def read_audience(tx: Transaction, who: Speaker, words: str, tiers: Iterable[str]) -> Chosen:
    """The audience that the words name. Raises UserError for a word that names nothing, or two people."""
    tree = await _tree(tx, who)
    known_tiers = {_key(tier): tier for tier in tiers}
    wanted = split_audience(words, frozenset({*tree.names, *known_tiers}))
    branches: set[int] = set(tree.roots) if wanted.everybody else set()
    named_tiers: set[str] = set()
    added: set[int] = set()
    addressed: set[int] = set(branches)
    for word in wanted.included:
        if wanted.everybody and split_audience(word).everybody:
            continue
        branch, tier, member = await _meaning(tx, tree, known_tiers, word)
        if branch is not None:
            branches.add(branch)
            addressed.add(branch)
        elif tier is not None:
            named_tiers.add(tier)
        elif member is not None:
            added.add(member[0])
            addressed.add(member[1])
    if (named_tiers or not added) and not branches:
        branches = set(tree.roots)
        addressed |= branches
    audience = Audience(tree.below(branches), frozenset(named_tiers), frozenset(added), words=words.strip())
    return _chosen(tree, who, await _without(tx, tree, known_tiers, audience, wanted.excluded), addressed)


async def _without(
    tx: Transaction, tree: _Tree, tiers: dict[str, str], audience: Audience, excluded: Iterable[str]
) -> Audience:
    for word in excluded:
        branch, tier, member = await _meaning(tx, tree, tiers, word)
        if branch is not None:
            audience = replace(audience, without_branches=audience.without_branches | tree.below([branch]))
        elif tier is not None:
            audience = replace(audience, without_tiers=audience.without_tiers | {tier})
        elif member is not None:
            audience = replace(audience, without=audience.without | {member[0]})
    return audience


async def _meaning(
    tx: Transaction, tree: _Tree, tiers: dict[str, str], word: str
) -> tuple[int | None, str | None, tuple[int, int] | None]:
    """(branch, tier, (member, branch)): one of them is set."""
    key = _key(word)
    found = tree.names.get(key, [])
    if len(found) == 1:
        return found[0], None, None
    if len(found) > 1:
        options = "、".join(tree.path_name(branch_id) for branch_id in found[:6])
        raise UserError("audience.branch_twice", word=word, options=options)
    if key in tiers:
        return None, tiers[key], None
    name, _, at = word.partition("@")
    inside = set(tree.below(tree.names.get(_key(at), []))) if at else set(tree.reach)
    members = await tx.members.named(name.strip(), inside)
    if len(members) == 1:
        return None, None, (members[0].id, members[0].branch_id)
    if len(members) > 1:
        options = "、".join(f"{member.name}@{member.branch}" for member in members[:6])
        raise UserError("audience.name_twice", word=word, options=options)
    meant = nearest(word, [*(tree.all[i].name for i in tree.reach), *tiers.values()])
    raise UserError("audience.near", word=word, meant=meant) if meant else UserError("audience.unknown", word=word)


def _chosen(tree: _Tree, who: Speaker, audience: Audience, addressed: Iterable[int]) -> Chosen:
    common = tree.common(addressed)
    if common is None or common not in tree.reach:
        common = who.branch_id if who.branch_id in tree.reach else min(tree.roots)
    return Chosen(audience, common)


async def _tree(tx: Transaction, who: Speaker) -> _Tree:
    reach = who.branches(Role.SECRETARY)
    granted = who.granted.get(Role.SECRETARY, frozenset())
    if who.administrator and not granted:
        granted = frozenset({who.branch_id})
    return _Tree(await tx.branches.all(), reach, granted)


def _key(word: str) -> str:
    return normalise(word).strip().casefold()
