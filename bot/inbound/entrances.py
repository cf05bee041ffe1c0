"""Where updates come in, and those who wait there for their answers."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from bot.inbound.waiting import Waiting
from bot.log import get_logger
from bot.update import Update

log = get_logger("inbound.entrances")

PORTION = 64 * 1024
"""Bytes that are opened without letting anybody else have a turn: what a hundred people say, or one long thing."""

Given = TypeVar("Given", contravariant=True)
Answer = TypeVar("Answer", covariant=True)


class Entrance(Protocol[Given, Answer]):
    """Opens what waits together, and answers it together: each step by itself, over all of them, costs a third of what
    it costs when every one takes all steps at its own time."""

    def open(self, given: Sequence[Given]) -> Sequence[Update | Exception]:
        """What is inside each of them. An error is raised to whoever submitted it, and nothing is stored."""
        ...

    def answer(self, said: Sequence[tuple[Update, str | None]]) -> Sequence[Answer]:
        """What whoever submitted each of them gets once it is stored for good, with the words to say inline."""
        ...


class _Open:
    """For updates that nobody has to open, and that need no answer but the words."""

    def open(self, given: Sequence[Update]) -> Sequence[Update]:
        return given

    def answer(self, said: Sequence[tuple[Update, str | None]]) -> Sequence[str | None]:
        return [words for _, words in said]


OPEN: Entrance[Update, str | None] = _Open()


@dataclass(slots=True, eq=False)
class Submitted:
    """Something that came in, and whoever waits for its answer. `size`: bytes that there are to open."""

    entrance: Entrance[Any, Any]
    given: Any
    """None once it is opened: nothing else keeps the request."""
    size: int
    inline_bytes: int
    answer: "asyncio.Future[Any]"
    waiting: Waiting | None = None
    """Once it is opened."""

    @property
    def answered(self) -> bool:
        """Whether nobody waits any more."""
        return self.answer.done()

    def speak_later(self) -> None:
        """Words are not said inline any more: they leave as messages."""
        self.inline_bytes = 0
        if self.waiting is not None:
            self.waiting.inline_bytes = 0

    def give(self, answer: Any) -> None:
        """Its answer; an exception is raised to whoever waits."""
        if self.answer.done():
            return
        if isinstance(answer, Exception):
            self.answer.set_exception(answer)
        else:
            self.answer.set_result(answer)


def portions(batch: Sequence[Submitted]) -> Iterator[list[Submitted]]:
    """Those of one entrance together, as many as may be opened at a time."""
    for entrance in {submitted.entrance: None for submitted in batch}:
        portion, size = list[Submitted](), 0
        for submitted in batch:
            if submitted.entrance is not entrance:
                continue
            if portion and size + submitted.size > PORTION:
                yield portion
                portion, size = [], 0
            portion.append(submitted)
            size += submitted.size
        yield portion


def open_together(portion: Sequence[Submitted]) -> None:
    """Opens those of one entrance. To whoever cannot be read is given why not."""
    for submitted, update in zip(portion, _opened(portion), strict=True):
        if isinstance(update, Exception):
            submitted.give(update)
        else:
            submitted.waiting = Waiting(update, submitted.inline_bytes)
            submitted.given = None


async def answers(batch: Sequence[Submitted], words: Sequence[str | None]) -> list[Any]:
    """What each of those that were opened gets; an exception where there is nothing to give."""
    found: dict[Submitted, Any] = {}
    said = {one: (one.waiting.update, spoken) for one, spoken in zip(batch, words, strict=True) if one.waiting}
    for entrance in {submitted.entrance: None for submitted in batch}:
        its = [submitted for submitted in batch if submitted.entrance is entrance]
        try:
            found.update(zip(its, entrance.answer([said[each] for each in its]), strict=True))
        except Exception:
            found.update((each, _answer_alone(entrance, said[each])) for each in its)
    return [found[submitted] for submitted in batch]


def _opened(portion: Sequence[Submitted]) -> Sequence[Update | Exception]:
    given = [submitted.given for submitted in portion]
    try:
        return portion[0].entrance.open(given)
    except Exception as error:
        if len(portion) == 1:
            log.exception("update.not_opened")
            return [error]
    return [each for submitted in portion for each in _opened([submitted])]


def _answer_alone(entrance: Entrance[Any, Any], said: tuple[Update, str | None]) -> Any:
    try:
        return entrance.answer([said])[0]
    except Exception as error:
        log.exception("update.not_answered")
        return error
