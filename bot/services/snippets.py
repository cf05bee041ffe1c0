"""Prepared answers: a branch's own and those of the branches above, with blanks that are filled when they are used."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.errors import UserError
from bot.rules.folding import normalise
from bot.rules.spelling import nearest
from bot.rules.text import clean
from bot.services.access import Speaker
from bot.services.settings import Settings
from storage.enums import Role
from storage.questions import Question
from storage.snippets import Snippet
from storage.transaction import Transaction

MOST = 50
NAME_CHARS, TEXT_CHARS = 20, 1500

_BLANK = re.compile(r"[{｛]\s*([^{}｛｝\n]{1,20}?)\s*[}｝]")
_BETWEEN = re.compile(r"[\s,，;；、]+")


async def snippets_of(tx: Transaction, who: Speaker) -> Sequence[Snippet]:
    """What this responder can use, by name."""
    return await tx.snippets.of_branches(await _usable(tx, who), MOST)


async def keep(
    tx: Transaction, who: Speaker, *, name: str, text: str, source: str, now: datetime
) -> tuple[Snippet, bool]:
    """Keeps a prepared answer for the branch that this responder answers for; whether one was replaced."""
    name, text = _name(name), clean(text).strip()
    if not name or not text:
        raise UserError("snippets.example")
    if len(name) > NAME_CHARS or len(text) > TEXT_CHARS:
        raise UserError("snippets.too_long", name=NAME_CHARS, text=TEXT_CHARS)
    branch_id = min(who.granted.get(Role.RESPONDER, frozenset()), default=who.branch_id)
    found = await tx.snippets.named(name, {branch_id})
    before = found[0].text if found else None
    snippet = found[0] if found else Snippet(branch_id=branch_id, name=name)
    snippet.text, snippet.member_id, snippet.created_at = text, who.member_id, now
    if not found:
        if len(await snippets_of(tx, who)) >= MOST:
            raise UserError("snippets.too_many", n=MOST)
        tx.snippets.add(snippet)
    _audit(tx, who, source, "snippet.keep", name, before, text, now)
    return snippet, before is not None


async def drop(tx: Transaction, who: Speaker, name: str, *, source: str, now: datetime) -> Snippet:
    """Removes a prepared answer of a branch that this responder answers for."""
    found = await tx.snippets.named(_name(name), who.branches(Role.RESPONDER))
    if not found:
        raise await _unknown(tx, who, name)
    await tx.snippets.remove(found[0])
    _audit(tx, who, source, "snippet.drop", found[0].name, found[0].text, None, now)
    return found[0]


async def filled(
    tx: Transaction, settings: Settings, who: Speaker, question: Question, words: str, *, now: datetime
) -> str:
    """The text of `路灯 下周三`: the prepared answer 路灯 with its blanks filled, the known ones by themselves.

    Raises UserError for an unknown name, and for a blank that nothing was given for.
    """
    name, _, rest = clean(words).strip().partition(" ")
    found = await tx.snippets.named(_name(name), await _usable(tx, who))
    if not found:
        raise await _unknown(tx, who, name)
    snippet, texts = found[-1], settings.texts
    branch = await tx.branches.get_name(question.branch_id) if question.branch_id is not None else ""
    known = {
        **dict.fromkeys(("编号", "number"), f"Q{question.id}"),
        **dict.fromkeys(("支部", "branch"), branch),
        **dict.fromkeys(("主题", "topic"), question.topic or ""),
        **dict.fromkeys(("日期", "今天", "date", "today"), texts.day(now.astimezone(texts.zone).date())),
    }
    given = [part for part in _BETWEEN.split(rest.strip()) if part]
    blanks = [blank for blank in dict.fromkeys(_BLANK.findall(snippet.text)) if blank not in known]
    if len(blanks) == 1:
        given = [rest.strip()] if rest.strip() else []
    if missing := blanks[len(given) :]:
        raise UserError("snippets.blank", name=snippet.name, blanks=texts.list(missing), number=question.id)
    if len(given) > len(blanks):
        raise UserError("snippets.surplus", name=snippet.name, rest=" ".join(given[len(blanks) :]))
    return _fill(snippet.text, {**known, **dict(zip(blanks, given, strict=True))})


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _BLANK.sub(lambda found: values[found[1]], text)


async def _usable(tx: Transaction, who: Speaker) -> set[int]:
    """Every branch that they answer for, and those above."""
    reach = who.branches(Role.RESPONDER)
    above = {int(p) for b in await tx.branches.all() if b.id in reach for p in b.path.strip("/").split("/")}
    return above | reach


async def _unknown(tx: Transaction, who: Speaker, name: str) -> UserError:
    meant = nearest(_name(name), [snippet.name for snippet in await snippets_of(tx, who)])
    if meant is not None:
        return UserError("snippets.near", name=_name(name), meant=meant)
    return UserError("snippets.unknown", name=_name(name))


def _name(name: str) -> str:
    return normalise(name).lstrip("#").strip('“”"「」 ')


def _audit(
    tx: Transaction,
    who: Speaker,
    source: str,
    action: str,
    name: str,
    before: str | None,
    after: str | None,
    now: datetime,
) -> None:
    tx.audit.add(
        at=now,
        actor_id=who.member_id,
        source=source,
        action=action,
        subject=f"snippet:{name}",
        before=before,
        after=after,
    )
