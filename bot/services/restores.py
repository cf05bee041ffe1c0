"""What has to be true of a restored database before anybody uses it: it is held, and who was forgotten stays so."""

from datetime import datetime

from storage.enums import Held
from storage.instances import ONLY, Instance, Marks
from storage.transaction import Transaction


async def settle_in(
    tx: Transaction, beside: Marks | None, *, fingerprint: str, now: datetime, why: Held = Held.RESTORED
) -> Marks:
    """Nothing is sent before somebody says so; how far the database has come from now on.

    `beside` is what was done here before: a copy put in its place later by hand is noticed all the same.
    """
    instance = await tx.instances.get()
    if instance is None:
        instance = Instance(id=ONLY, generation=0, fingerprint=fingerprint, created_at=now)
        tx.instances.add(instance)
    instance.generation = max(instance.generation, beside.generation if beside is not None else 0) + 1
    instance.fingerprint = fingerprint
    instance.held_at, instance.held_why = now, why
    tx.audit.add(at=now, actor_id=None, source="cli", action="instance.restore", subject="instance")
    await tx.flush()
    return await tx.instances.marks()
