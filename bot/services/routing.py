"""Which branch a resident's questions go to: by the code they scanned, by the place they chose, else to the top."""

import json
from datetime import datetime, timedelta

from bot.services.settings import Settings
from storage.base import BranchId
from storage.questions import Question
from storage.residents import OFFICIAL_ACCOUNT, Resident
from storage.transaction import Transaction

MENU = "place"
"""The dialogue in which a resident is asked for their place."""
MENU_WAITS = timedelta(days=1)
_SCENE = "branch"


def scene_of(branch_id: int) -> str:
    """What the QR code of a branch carries."""
    return f"{_SCENE}{branch_id}"


async def branch_of_scene(tx: Transaction, scene: str) -> int | None:
    """The branch whose code was scanned; None for any other code."""
    digits = scene.removeprefix(_SCENE)
    if digits == scene or not digits.isascii() or not digits.isdecimal() or len(digits) > 9:
        return None
    branch = await tx.branches.get(BranchId(int(digits)))
    return branch.id if branch is not None else None


async def name_of(tx: Transaction, branch_id: int) -> str:
    """The name of a branch that is known to exist."""
    return await tx.branches.get_name(branch_id)


async def branch_of_place(tx: Transaction, settings: Settings, choice: int) -> tuple[str, int | None] | None:
    """(name, branch) of the place with this number in the menu; None when the menu has no such number.

    A place whose branch is not on the roster belongs to nobody: its questions go to the top.
    """
    places = settings.desk.neighbourhoods
    if not 1 <= choice <= len(places):
        return None
    place = places[choice - 1]
    found = await tx.branches.named(place.branch)
    return place.name, found[0].id if found else None


def wants_menu(settings: Settings, resident: Resident) -> bool:
    """Whether they should be asked for their place."""
    return bool(settings.desk.neighbourhoods) and resident.branch_id is None


async def ask_for_place(tx: Transaction, resident: Resident, question: Question | None, *, now: datetime) -> None:
    """From now on a bare number is a place; the question, if there is one, moves with the choice."""
    state = json.dumps(question.id if question is not None else None)
    await tx.dialogues.put(OFFICIAL_ACCOUNT, _key(resident), "", topic=MENU, state=state, expires_at=now + MENU_WAITS)


async def asked_for_place(tx: Transaction, resident: Resident, *, now: datetime) -> tuple[bool, int | None]:
    """(whether they were asked for their place, the question that waits for it)."""
    found = await tx.dialogues.get(OFFICIAL_ACCOUNT, _key(resident), "", now)
    if found is None or found[0] != MENU:
        return False, None
    return True, json.loads(found[1])


async def end_menu(tx: Transaction, resident: Resident) -> None:
    """The bot does not wait for a place any more."""
    await tx.dialogues.end(OFFICIAL_ACCOUNT, _key(resident), "")


def menu(settings: Settings) -> str:
    """The places with their numbers, one a line."""
    return "\n".join(f"{n}. {place.name}" for n, place in enumerate(settings.desk.neighbourhoods, 1))


def _key(resident: Resident) -> str:
    return (resident.token or "").casefold()
