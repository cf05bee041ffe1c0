"""Errors to plain sentences and an exit code."""

import errno
import sqlite3
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.commands.store import Damaged
from bot.errors import (
    BranchbotError,
    ConfigError,
    ConfigProblem,
    SendDoubtful,
    SendLater,
    SendRefused,
    UserError,
    WrongSchema,
)
from bot.texts import Texts
from storage.copies import BadCopy
from storage.lock import Locked

FAILED, WRONG = 1, 2


@dataclass(frozen=True, slots=True)
class Explanation:
    """Lines for stderr, and the exit code."""

    lines: Sequence[str]
    code: int


def explain(error: Exception, texts: Texts) -> Explanation:
    """Says what is wrong and what to do next. What nobody foresaw is named by its place in the program."""
    match error:
        case ConfigError():
            return Explanation([config_line(problem, texts) for problem in error.problems], WRONG)
        case WrongSchema():
            return Explanation([schema_line(error, texts)], WRONG)
        case Locked():
            key = "cli.locked" if error.pid is not None else "cli.locked_unknown"
            return Explanation([texts.say(key, pid=error.pid)], WRONG)
        case Damaged():
            return Explanation([texts.say("cli.damaged", path=error.path, what=error.what)], WRONG)
        case UserError():
            return Explanation([texts.say(error.key, **error.params)], FAILED)
        case SendLater() | SendRefused() | SendDoubtful():
            reason = texts.reason(str(error))
            return Explanation([texts.say("cli.platform", reason=reason)], FAILED)
        case SQLAlchemyError() | sqlite3.Error() | ConnectionError() | TimeoutError():
            return Explanation([texts.say("cli.database", what=_cause(error))], FAILED)
        case BadCopy():
            return Explanation([texts.say(f"cli.backup.bad.{error.why}", path=error.path, what=error.what)], WRONG)
        case FileExistsError():
            return Explanation([texts.say("cli.backup.exists", path=error.filename or "")], WRONG)
        case OSError(errno=errno.EADDRINUSE):
            return Explanation([texts.say("cli.port_taken")], FAILED)
        case OSError():
            return Explanation([texts.say("cli.file", path=error.filename or "", what=error.strerror or "")], FAILED)
        case BranchbotError():
            return Explanation([texts.say("cli.unexpected", what=str(error), place=_place(error))], FAILED)
        case _:
            what = type(error).__name__
            return Explanation([texts.say("cli.unexpected", what=what, place=_place(error))], FAILED)


def config_line(problem: ConfigProblem, texts: Texts) -> str:
    """The key, what was found, what was expected."""
    key = f"config.expected.{problem.expected}"
    expected = texts.say(key, **problem.params) if texts.has(key) else problem.expected
    if problem.found is None:
        return texts.say("config.problem.nothing", name=problem.key, expected=expected)
    return texts.say("config.problem", name=problem.key, found=problem.found, expected=expected)


def schema_line(error: WrongSchema, texts: Texts) -> str:
    """Both versions and the command."""
    from storage.schema import knows

    if error.found is None:
        return texts.say("cli.schema.empty", expected=error.expected)
    key = "cli.schema.old" if knows(error.found) else "cli.schema.new"
    return texts.say(key, found=error.found, expected=error.expected)


def _cause(error: Exception) -> str:
    """SQLite's own words; of other drivers the kind of error only, their words repeat addresses and values."""
    below = getattr(error, "orig", None) or error
    return str(below) if isinstance(below, sqlite3.Error) else type(below).__name__


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
