"""A member moves the next reminder of an item; the deadline stays."""

from datetime import datetime, time, timedelta

from bot.errors import UserError
from bot.rules.reminding import day_of, shift
from bot.rules.wall_clock import instant_of
from bot.services.access import absent
from bot.services.settings import Settings
from storage.enums import ItemStatus
from storage.lists import OpenItem
from storage.transaction import Transaction

LATER = timedelta(hours=3)
MORNING = time(8)
"""When the day begins where there are no quiet hours."""


async def the_open_item(tx: Transaction, member_id: int, number: int | None, *, command: str) -> OpenItem:
    """The member's open item of that number, or the only one; raises UserError with what to say instead.

    `command` is the word for the example in it.
    """
    options = (await tx.lists.open_of_members([member_id])).get(member_id, [])
    if number is not None:
        found = next((option for option in options if option.item_id == number), None)
        if found is None:
            item = await tx.items.get(number)
            delivery = await tx.deliveries.get(number, member_id) if item else None
            if item is None or delivery is None or item.status not in (ItemStatus.PUBLISHED, ItemStatus.CLOSED):
                raise absent(number)
            raise UserError("snooze.not_open", number=number)
        return found
    if not options:
        raise UserError("snooze.nothing")
    if len(options) > 1:
        numbers = "、".join(f"#{o.item_id}" for o in options[:8])
        raise UserError("snooze.which", numbers=numbers, command=command, example=options[0].item_id)
    return options[0]


async def snooze(
    tx: Transaction, settings: Settings, member_id: int, option: OpenItem, *, until_morning: bool, now: datetime
) -> datetime:
    """Moves the next reminder by three hours, or to the next morning; when it will come."""
    waiting = (await tx.reminders.open_of([option.delivery_id])).get(option.delivery_id)
    rules = settings.reminding
    later = max(waiting.due_at if waiting else now, now) + LATER
    wanted = next_morning(settings, now) if until_morning else later
    goes_at = shift(wanted, quiet=rules.quiet, workdays=rules.workdays, due_at=None, now=now) or wanted
    if waiting is not None:
        await tx.reminders.postpone([waiting.id], goes_at)
    else:
        last = (await tx.reminders.last_rounds([option.delivery_id])).get(option.delivery_id, 0)
        await tx.reminders.next_rounds([(option.delivery_id, last + 1, goes_at, goes_at)])
    return goes_at


def next_morning(settings: Settings, now: datetime) -> datetime:
    """The end of the next night's quiet hours."""
    quiet = settings.reminding.quiet
    if quiet.is_quiet(now):
        return quiet.end_of_quiet(now)
    today = day_of(now, quiet.zone)
    first = instant_of(today, quiet.end or MORNING, quiet.zone)
    return first if first > now else instant_of(today + timedelta(days=1), quiet.end or MORNING, quiet.zone)
