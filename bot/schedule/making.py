"""Files that somebody asked for and that take a while: taken on, read, made outside of any transaction, handed over."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.clock import Clock
from bot.errors import SendRefused
from bot.log import get_logger
from bot.platforms.base import ScenePlatform
from bot.services import exports, posters
from bot.services.settings import Settings
from storage.database import Database
from storage.file_folder import NewFile
from storage.transaction import Transaction

log = get_logger("schedule.making")

Taken = TypeVar("Taken")


class Maker:
    """Makes one of a sort at a time; what cannot be made is tried again later. `scenes` makes the codes of posters."""

    def __init__(self, database: Database, settings: Settings, clock: Clock, scenes: ScenePlatform | None) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._scenes = scenes

    async def export(self) -> int:
        """The next list of an item's members; how many there were."""

        async def read(tx: Transaction, export_id: int) -> exports.Making | None:
            return await exports.read(tx, self._settings, export_id)

        async def build(making: exports.Making) -> NewFile | None:
            return await exports.build(self._settings, making)

        return await self._make(exports.claim, read, build, exports.hand_over, "export.failed")

    async def draw(self) -> int:
        """The next poster of a branch; how many there were. Without an official account nobody can ask for one."""
        if (scenes := self._scenes) is None:
            return 0

        async def draw(drawing: posters.Drawing) -> NewFile | None:
            try:
                code = await scenes.scene_code(drawing.scene)
            except SendRefused:
                async with self._database.transaction() as tx:
                    await posters.give_up(tx, self._settings, drawing.id, "posters.refused", now=self._clock.now())
                return None
            return await posters.draw(self._settings, drawing, code.url)

        return await self._make(posters.claim, posters.read, draw, posters.hand_over, "poster.failed")

    async def _make(
        self,
        claim: Callable[..., Awaitable[int | None]],
        read: Callable[[Transaction, int], Awaitable[Taken | None]],
        make: Callable[[Taken], Awaitable[NewFile | None]],
        hand_over: Callable[..., Awaitable[None]],
        failed: str,
    ) -> int:
        async with self._database.transaction() as tx:
            asked = await claim(tx, self._settings, now=self._clock.now())
        if asked is None:
            return 1
        try:
            async with self._database.reading() as tx:
                taken = await read(tx, asked)
            new = await make(taken) if taken is not None else None
            if new is not None:
                async with self._database.transaction() as tx:
                    await hand_over(tx, self._settings, taken, new, now=self._clock.now())
        except Exception:
            log.exception(failed, asked=asked)
        return 1
