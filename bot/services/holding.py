"""Whether this is the database that was in use here: after a restore, or on another machine, nothing is sent at first.

Who knows what has already gone out? Only a person: `branchbot resume` shows what waits and asks.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from storage.enums import Held
from storage.instances import ONLY, Instance, Marks
from storage.transaction import Transaction


def fingerprint(parts: Mapping[str, str]) -> str:
    """`{"wecom": "corp:1000002"}` → `wecom:9f86d081884c`; what is empty is left out."""
    digests = {name: hashlib.sha256(value.encode()).hexdigest()[:12] for name, value in parts.items() if value}
    return " ".join(f"{name}:{digest}" for name, digest in sorted(digests.items()))


def is_elsewhere(before: str, now: str) -> bool:
    """Whether something that both name has changed; what is new, or gone, says nothing."""
    old, new = (dict(part.split(":", 1) for part in each.split()) for each in (before, now))
    return any(new[name] != digest for name, digest in old.items() if name in new)


async def wake_up(
    tx: Transaction, beside: Marks | None, *, fingerprint: str, alone: bool, now: datetime
) -> tuple[Marks, str | None]:
    """At every start: how far the database has come, and why nothing may be sent, if so (a `Held`).

    `beside` is what the file says; `alone`: it has to be there, for no other process shares the database.
    """
    found, instance = await tx.instances.marks(), await tx.instances.get()
    if instance is None:
        instance = Instance(id=ONLY, generation=0, fingerprint=fingerprint, created_at=now)
        tx.instances.add(instance)
        why = Held.OLDER if beside is not None and beside.is_beyond(found) else None
    elif instance.held_at is not None:
        why = Held(instance.held_why or Held.RESTORED)
    elif beside is not None and beside.is_beyond(found):
        why = Held.OLDER
    elif is_elsewhere(instance.fingerprint, fingerprint):
        why = Held.ELSEWHERE
    else:
        why = Held.COPIED if beside is None and alone else None
    instance.generation = max(found.generation, beside.generation if beside is not None else 0) + 1
    instance.fingerprint = fingerprint
    if why is not None and instance.held_at is None:
        instance.held_at, instance.held_why = now, why
    await tx.flush()
    return await tx.instances.marks(), why
